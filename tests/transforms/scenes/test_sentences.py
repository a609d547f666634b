"""Sentences: exact values in three languages, and what holds for any text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from scenesign.schemas.records import Block, BlockKind
from scenesign.transforms.scenes.sentences import SentenceOptions, _is_stop, split_sentences


def sentences(text: str, language: str, **options: int) -> list[str]:
    block = Block(0, len(text))
    return [text[s.start : s.end] for s in split_sentences(text, [block], language, SentenceOptions(**options))]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "It rained. We left at once!", ["It rained.", "We left at once!"]),
        ("en", "Mr. Weber paid 3.14 crowns. He left.", ["Mr. Weber paid 3.14 crowns.", "He left."]),
        ("en", "“Stay!” she said. “Why?” He left.", ["“Stay!” she said.", "“Why?”", "He left."]),
        ("en", '"Stop!" he cried. "Now." "No."', ['"Stop!" he cried.', '"Now."', '"No."']),
        ("en", "‘Eight crowns.’ She laughed.", ["‘Eight crowns.’", "She laughed."]),
        ("en", "He waited... and waited. Nothing.", ["He waited... and waited.", "Nothing."]),
        ("en", "See example.org or No.5 today. Then go.", ["See example.org or No.5 today.", "Then go."]),
        ("ru", "— Что? — спросил он. — Ничего.", ["— Что? — спросил он.", "— Ничего."]),
        ("ru", "«Стой!» Он встал. „Пора“, — сказал.", ["«Стой!»", "Он встал.", "„Пора“, — сказал."]),
        ("ru", "Он жил на ул. Садовой в 1890 г. и умер.", ["Он жил на ул. Садовой в 1890 г. и умер."]),
        ("zh", "天亮了。他走了！真的？", ["天亮了。", "他走了！", "真的？"]),
        ("zh", "“走吧。”他说。她没动。", ["“走吧。”他说。", "她没动。"]),
        ("zh", "「好。」他笑道：「走！」雨停了。", ["「好。」", "他笑道：「走！」", "雨停了。"]),
        ("zh", "第一句．第二句．", ["第一句．", "第二句．"]),
    ],
)
def test_exact_sentences(language: str, text: str, expected: list[str]) -> None:
    assert sentences(text, language) == expected


def test_headings_and_breaks_are_one_sentence_and_keep_their_kind() -> None:
    text = "Chapter 1. The End. Really\n\nIt was so. It is.\n\n* * *"
    blocks = [Block(0, 26, BlockKind.HEADING), Block(28, 45), Block(47, 52, BlockKind.BREAK)]
    found = split_sentences(text, blocks, "en")
    assert [s.kind.value for s in found] == ["heading", "paragraph", "paragraph", "break"]
    assert text[found[0].start : found[0].end] == "Chapter 1. The End. Really"


def test_a_long_sentence_is_cut_after_its_last_comma_in_reach() -> None:
    text = "aaaa, " * 30 + "end."
    pieces = sentences(text, "en", longest=50)
    assert max(map(len, pieces)) <= 50
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")
    assert pieces[0].endswith(",")


def test_a_language_spacy_has_no_rules_for_still_works() -> None:
    assert sentences("One. Two.", "qq") == ["One.", "Two."]


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet="aB 。！.?!”“\"'»«—-…\n我г,：说1", max_size=120),
    st.sampled_from(["en", "ru", "zh", "xx"]),
)
def test_sentences_tile_the_text_up_to_white_space(text: str, language: str) -> None:
    found = split_sentences(text, [Block(0, len(text))], language, SentenceOptions(longest=40))
    position = 0
    for sentence in found:
        assert text[position : sentence.start].strip() == ""
        assert 0 < sentence.end - sentence.start <= 40
        position = sentence.end
    assert text[position:].strip() == ""


@pytest.mark.parametrize("language", ["en", "ru", "zh"])
def test_full_stops_are_those_that_a_tokenizer_of_the_whole_text_finds(language: str, library: Path) -> None:
    """Words are tokenized one at a time; that must not change where sentences may end."""
    nlp = spacy.blank(language)
    for path in sorted((library / language).glob("*.txt")):
        text = path.read_text()
        text += " Mr. Pratt paid $3.14 (approx.) to A.B.C. Co. in No.5 etc. и т.д. В 1905 г. был... ok.\n"
        whole = {token.idx for token in nlp.make_doc(text) if token.text == "."}
        single = [match.start() for match in re.finditer(r"(?<![.])[.](?![.])", text)]
        found = {at for at in single if _is_stop(text, at, language)}
        assert found == whole.intersection(single)
        assert found
