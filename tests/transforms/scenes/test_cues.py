"""Cues in the text: each fires where it should, in all three languages, and only there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenesign.schemas.records import Block, BlockKind, Sentence
from scenesign.transforms.scenes.cues import FEATURES, UNTRAINED, boundary_evidence, cues


def table(sentences: list[str], language: str = "en", blocks: list[Block] | None = None) -> np.ndarray:
    spans, at = [], 0
    for sentence in sentences:
        spans.append(Sentence(at, at + len(sentence)))
        at += len(sentence) + 1
    text = " ".join(sentences)
    return cues(text, spans, [Block(0, len(text))] if blocks is None else blocks, language)


def column(name: str, sentences: list[str], language: str = "en", blocks: list[Block] | None = None) -> list[float]:
    return table(sentences, language, blocks)[:, FEATURES.index(name)].tolist()


@pytest.mark.parametrize(
    ("language", "name", "fires", "silent"),
    [
        ("en", "time", "The next morning he rose early.", "He rose and washed his face."),
        ("en", "time", "“At ten o'clock,” she said.", "“At last,” she said."),
        ("en", "when", "Meanwhile the ship sailed on.", "The ship sailed on."),
        ("en", "place", "In the garden stood a statue.", "A statue stood."),
        ("en", "formula", "Once upon a time a king lived.", "A king lived."),
        ("en", "there", "There was a house by the sea.", "A house was by the sea."),
        ("en", "came", "A stranger arrived at the inn.", "A stranger sat at the inn."),
        ("en", "went", "The doctor left.", "The doctor wrote."),
        ("en", "goes_on", "But he did not answer.", "Butter was dear that year."),
        ("ru", "time", "На другой день он встал рано.", "Он встал и умылся."),
        ("ru", "when", "Между тем корабль плыл.", "Корабль плыл."),
        ("ru", "place", "В саду стояла статуя.", "Статуя стояла."),
        ("ru", "formula", "Жил-был старик.", "Старик молчал."),
        ("ru", "came", "Вечером приехал гость.", "Гость молчал."),
        ("ru", "goes_on", "Но он не ответил.", "Новый дом стоял пустой."),
        ("zh", "time", "次日，众人都来了。", "众人都来了。"),
        ("zh", "when", "忽见一人走来。", "一人走来。"),
        ("zh", "formula", "却说玄德引兵前进。", "玄德引兵前进。"),
        ("zh", "formula", "話說天下大勢。", "天下大勢。"),
        ("zh", "goes_on", "他不肯去。", "玄德不肯去。"),
    ],
)
def test_opening_words(language: str, name: str, fires: str, silent: str) -> None:
    assert column(name, [fires, silent], language) == [1.0, 0.0]


def test_a_farewell_speaks_for_the_sentences_after_it() -> None:
    sentences = ["They talked.", "He said good-bye and went home.", "Rain fell.", "It stopped.", "The sun shone."]
    assert column("closed", sentences) == [0, 0, 1, 1, 0]


@pytest.mark.parametrize(
    ("language", "sentences", "spoken"),
    [
        ("en", ["He rose.", "“Come in.", "Sit down.”", "They sat."], [0, 1, 1, 0]),
        ("en", ["He rose.", '"Come in.', 'Sit down."', "They sat."], [0, 1, 1, 0]),
        ("ru", ["Он встал.", "— Войдите!", "«Иду»,— сказал он.", "Они сели."], [0, 1, 1, 0]),
        ("zh", ["他起身。", "“请进。", "坐。”", "众人坐下。"], [0, 1, 1, 0]),
        ("zh", ["他起身。", "「請進。", "坐。」", "眾人坐下。"], [0, 1, 1, 0]),
    ],
)
def test_who_speaks(language: str, sentences: list[str], spoken: list[int]) -> None:
    assert column("speech", sentences, language) == spoken


def test_a_forgotten_quotation_mark_ends_with_its_paragraph() -> None:
    sentences = ['"Come in.', "He sat.", "Rain fell."]
    text = " ".join(sentences)
    blocks = [Block(0, 17), Block(18, len(text))]
    assert blocks[1].start == text.index("Rain")
    assert column("speech", sentences, blocks=blocks) == [1, 1, 0]


@pytest.mark.parametrize(
    ("language", "old", "new"),
    [
        ("en", "Then Anna met Boris there.", "Then Clara met David there."),
        ("ru", "Тогда Анна увидела там Бориса.", "Тогда Клара увидела там Давида."),
        ("zh", "张飞道：去。", "曹操道：来。"),
    ],
)
def test_a_change_of_cast(language: str, old: str, new: str) -> None:
    changed = table([old] * 12 + [new] * 12, language)
    assert changed[12, FEATURES.index("cast_new")] == 1
    assert changed[12, FEATURES.index("cast_gone")] == 1
    assert changed[5, FEATURES.index("cast_new")] == 0
    assert changed[20, FEATURES.index("cast_new")] == 0


@pytest.mark.parametrize("heading", ["CHAPTER IV.", "Chapter 2 The Storm", "XII.", "Глава 3", "第四回 官封弼马"])
def test_unmarked_headings(heading: str) -> None:
    assert column("heading", ["Rain fell.", heading, "I went home.", "Mild."]) == [0, 1, 0, 0]


def test_paragraphs_count_only_where_the_book_marks_them() -> None:
    sentences = ["One.", "Two.", "Three."]
    blocks = [Block(0, 9), Block(10, 16)]
    assert column("paragraph", sentences, blocks=blocks) == [1, 0, 1]
    assert column("inside", sentences, blocks=blocks) == [0, 1, 0]
    assert column("inside", ["One."] * 30) == [0] * 30


def test_evidence_is_for_scene_openings() -> None:
    for language, opening, told, said in (
        ("en", "The next morning Anna arrived at the house.", "Rain fell on the roof.", "“He knows it,” she said."),
        ("ru", "На другой день Анна приехала в дом.", "Дождь стучал по крыше.", "— Он знает это,— сказала она."),
        ("zh", "却说次日曹操引兵来到江边。", "大雨落在江上。", "“他不知道。”"),
    ):
        sentences = [told, said, said, said, said, said, opening, told, told, said, said, said]
        evidence = boundary_evidence(table(sentences, language))
        assert evidence[6] > 1
        assert evidence[6] == max(evidence[1:])
        assert max(evidence[[2, 3, 4, 9, 10]]) < 0


def test_a_sentence_inside_a_paragraph_is_held_back() -> None:
    features = np.zeros((2, len(FEATURES)), dtype=np.float32)
    features[1, FEATURES.index("inside")] = 1
    held = boundary_evidence(features)
    assert held[1] < held[0] - 2


def test_shipped_weights_cover_every_trained_feature() -> None:
    base = boundary_evidence(np.zeros((1, len(FEATURES)), dtype=np.float32))[0]
    expected = {"time": 1, "formula": 1, "there": 1, "goes_on": -1, "speech_after": -1, "named": 1}
    assert not UNTRAINED & expected.keys()
    for name, sign in expected.items():
        one = np.zeros((1, len(FEATURES)), dtype=np.float32)
        one[0, FEATURES.index(name)] = 1
        assert np.sign(boundary_evidence(one)[0] - base) == sign, name


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text(alphabet='aA "“”«»—-—.!第回曰道他I7\n', max_size=30), max_size=12),
    st.sampled_from(["en", "ru", "zh", "fr"]),
)
def test_any_text_has_finite_cues(sentences: list[str], language: str) -> None:
    found = table(sentences, language)
    assert found.shape == (len(sentences), len(FEATURES))
    assert np.isfinite(found).all()
    evidence = boundary_evidence(found)
    assert ((evidence >= -3) & (evidence <= 4)).all()


def test_a_language_without_expressions_keeps_the_other_cues() -> None:
    found = table(["„Komm!“", "Er ging nach Hause und schlief."], "de")
    assert found[:, FEATURES.index("time")].sum() == 0
    assert found[0, FEATURES.index("speech")] == 1


@pytest.mark.timeout(120)  # quadratic work would take hours
def test_hostile_sentences_take_no_time() -> None:
    for hostile in ("a " * 50_000, "I" * 100_000, '"' * 100_000, "第" * 100_000, "Chapter " * 10_000, "一" * 100_000):
        for language in ("en", "ru", "zh"):
            table([hostile, hostile], language, [Block(0, 1, BlockKind.PARAGRAPH)])
