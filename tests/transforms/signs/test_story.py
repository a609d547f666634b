"""Stories: how a string of glyphs is cut into scenes, and what is told of each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scenesign.schemas.inventory import InventoryInfo
from scenesign.transforms.signs.glosses.glossary import Exemplar, LetterEntry, SignEntry
from scenesign.transforms.signs.glyphs import COMPOSED_SIGNS, code_of, glyph
from scenesign.transforms.signs.story import keywords_in, tell_scenes, words_in, written_scenes

TOPICS = 3
SIZES = (TOPICS, COMPOSED_SIGNS, COMPOSED_SIGNS)
INFO = InventoryInfo("e", "1", 4, SIZES, {"en": 1}, 8.0, 1.0, 0, 1, 1, {}, script="scenesign-script-1")


def example(book: str, scene: int, language: str = "en", distance: float = 0.1) -> Exemplar:
    return Exemplar(book, scene, language, f"{book}{scene}", distance)


def topic(sign: int, *examples: Exemplar) -> SignEntry:
    words = {"en": (f"word{sign}",), "ru": (f"слово{sign}",)}
    return SignEntry(sign, glyph(sign, SIZES), 1, 0.1, 1, {"en": 1}, words, 0.1, (), examples, f"name{sign}")


def letter(level: int, place: int, value: int, *examples: Exemplar) -> LetterEntry:
    return LetterEntry(level, place, value, 1, 0.1, 1, {"en": 1}, {"en": (f"l{level}{place}{value}",)}, examples)


LETTERS = [letter(level, place, value) for level in (2, 3) for place in range(3) for value in range(16)]


def second(*letters: int) -> str:
    return glyph(TOPICS + code_of(*letters), SIZES)


def third(*letters: int) -> str:
    return glyph(TOPICS + COMPOSED_SIGNS + code_of(*letters), SIZES)


def test_a_topic_opens_a_scene_however_many_glyphs_follow() -> None:
    text = (
        glyph(0, SIZES) + second(1, 2, 3) + " " + glyph(2, SIZES) + glyph(1, SIZES) + second(0, 0, 0) + third(9, 9, 9)
    )
    scenes, notes = written_scenes(text, INFO)
    assert [len(scene.signs) for scene in scenes] == [2, 1, 3]
    assert "".join(scene.glyphs for scene in scenes) == text.replace(" ", "")
    assert [scene.signs[0] for scene in scenes] == [0, 2, 1]
    assert notes == []


def test_what_is_no_scene_is_left_out_and_said() -> None:
    scenes, notes = written_scenes(second(1, 1, 1) + "Q" + glyph(0, SIZES) + third(0, 0, 0) + "\u9fff", INFO)
    assert [scene.signs for scene in scenes] == [(0,)]
    assert len(notes) == 3
    assert "2 characters of no sign of scenesign-script-1, left out: Q \u9fff" in notes[0]
    assert f"starts in the middle of a scene: 1 glyph before the first topic left out: {second(1, 1, 1)}" in notes[1]
    assert f"1 glyph out of turn in a scene, left out: {third(0, 0, 0)}" in notes[2]
    scenes, notes = written_scenes("é" * 1_000, replace(INFO, script=""))
    assert scenes == []
    assert len(notes[0]) < 200
    assert written_scenes("", INFO) == ([], [])


def test_letters_are_those_of_the_glyphs_and_what_changed_is_new() -> None:
    text = glyph(0, SIZES) + second(1, 2, 3) + glyph(0, SIZES) + second(1, 5, 3) + third(1, 2, 3) + glyph(1, SIZES)
    scenes, _ = written_scenes(text, INFO)
    told = list(tell_scenes(scenes, INFO, [topic(i) for i in range(TOPICS)], LETTERS, [("w",)] * len(scenes), "en"))
    found = [[(e.level, e.letter, e.value) for e in scene.letters] for scene in told]
    assert found[0] == [(2, 0, 1), (2, 1, 2), (2, 2, 3)]
    assert found[1] == [(2, 0, 1), (2, 1, 5), (2, 2, 3), (3, 0, 1), (3, 1, 2), (3, 2, 3)]
    assert found[2] == []
    changed = [[(e.level, e.letter, e.value) for e in scene.changed] for scene in told]
    assert changed == [[], [(2, 1, 5), (3, 0, 1), (3, 1, 2), (3, 2, 3)], []]
    assert [scene.topic.name for scene in told] == ["name0", "name0", "name1"]
    assert told[0].keywords("ru") == ("слово0",)
    assert told[0].keywords("de") == ()
    assert told[2].words == ("w",)


def test_examples_are_the_topics_in_the_readers_language_and_what_more_glyphs_share_first() -> None:
    shared = example("a", 5, distance=0.9)
    russian = example("r", 1, "ru")
    entry = topic(0, example("a", 1), shared, russian)
    letters = list(LETTERS)
    letters[1] = letter(2, 0, 1, shared, example("z", 9, distance=0.0))
    scenes, _ = written_scenes(glyph(0, SIZES) + second(1, 2, 3), INFO)
    (told,) = tell_scenes(scenes, INFO, [entry], letters, [()], "en")
    assert [e.text for e in told.examples] == ["a5", "a1", "z9"]
    (told,) = tell_scenes(scenes, INFO, [entry], letters, [()], "ru")
    assert [e.text for e in told.examples] == ["r1"]
    (told,) = tell_scenes(scenes, INFO, [entry], letters, [()], "de")
    assert told.examples[0].text == "a5"


def test_an_example_that_opens_with_what_is_told_comes_first() -> None:
    entry = topic(0, example("a", 1, distance=0.0), Exemplar("b", 2, "en", "They hoisted sails.", 0.5))
    scenes, _ = written_scenes(glyph(0, SIZES), INFO)
    (told,) = tell_scenes(scenes, INFO, [entry], LETTERS, [("sail",)], "en")
    assert [e.scene for e in told.examples] == [2, 1]
    (told,) = tell_scenes(scenes, INFO, [entry], LETTERS, [("moon",)], "en")
    assert [e.scene for e in told.examples] == [1, 2]


@pytest.mark.parametrize(
    ("name", "language", "expected"),
    [
        ("sea, ship", "en", "sea, ship"),
        ("ship, mast", "en", "ship, mast"),
        ("sea, ship", "ru", "море, парус"),
        ("sea, ship", "de", "See"),
        ("sea, ship", "ja", ""),
        ("", "ja", ""),
        ("", "en", "sea, ship"),
    ],
)
def test_a_topic_is_called_by_words_of_the_readers_language(name: str, language: str, expected: str) -> None:
    words = {"en": ("sea", "ship", "mast"), "ru": ("море", "парус", "волна"), "de": ("See",)}
    scenes, _ = written_scenes(glyph(0, SIZES), INFO)
    (told,) = tell_scenes(scenes, INFO, [replace(topic(0), keywords=words, name=name)], LETTERS, [()], language)
    assert told.name(language) == expected


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("The SHORES were near", ("shore", "hore", "near"), ("shore", "near")),
        ("Она открыла дверь", ("открыть", "рыть", "окно"), ("открыть",)),
        ("大船到了", ("大船", "船", "小船"), ("大船", "船")),
        ("a.b", ("a+b", "a.c"), ()),
        ("", ("sea",), ()),
    ],
)
def test_words_are_found_in_their_forms(text: str, words: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert words_in(text, words) == expected


@pytest.mark.parametrize(
    ("keywords", "language", "expected"),
    [
        ({"en": ("a", "b", "c"), "ru": ("г",)}, "ru", ("г",)),
        ({"en": ("a", "b", "c"), "ru": ("г",)}, "zh", ("a", "b")),
        ({"zh": ("甲",), "ru": ("г",), "en": ()}, "de", ("г",)),
        ({}, "en", ()),
    ],
)
def test_words_fall_back_to_english_then_to_any(
    keywords: dict[str, tuple[str, ...]], language: str, expected: tuple[str, ...]
) -> None:
    assert keywords_in(keywords, language, 2) == expected
