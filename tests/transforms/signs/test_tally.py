"""The glossary: keywords without names and stop words, examples that take turns."""

from __future__ import annotations

import numpy as np
import pytest
import spacy

from scenesign.transforms.signs.tally import KeywordCounts, SceneRef, SignTally, content_words, opening, shown_examples


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "The storm struck Anna and the boat, 12 times.", {"storm", "struck", "boat", "times"}),
        ("ru", "Буря ударила в лодку, и Анна закричала.", {"ударила", "лодку", "закричала"}),
        ("zh", "暴风雨打翻了小船", {"暴风雨", "打翻", "小船"}),
    ],
)
def test_content_words(language: str, text: str, expected: set[str]) -> None:
    assert set(content_words(text, language)) == expected


@pytest.mark.parametrize("language", ["en", "ru", "de"])
def test_kept_pieces_give_the_words_of_the_whole_text(language: str) -> None:
    """Also the second time, when every piece is kept, and in the order of the text."""
    text = "“Don't!” she cried—and mother-in-law, o'clock, didn't. Дом, кто-то; Häuser/Boote storm’s (sail) sail."
    doc = spacy.blank(language).make_doc(text)
    stops = spacy.blank(language).Defaults.stop_words
    words = [t.text for t in doc if len(t.text) > 2 and t.text.isalpha() and t.text.lower() not in stops]
    expected = [w.lower() for w in words if w.islower() or language == "de"]
    assert list(content_words(text, language)) == expected
    assert list(content_words(text, language)) == expected
    assert expected.count("sail") == 2


def test_keywords_by_hand() -> None:
    """`storm` sets sign 0 apart in both books; `day` is as common everywhere; `sail` is in a single scene."""
    counts = KeywordCounts()
    counts.add(0, "a", {"storm", "day", "sail"})
    counts.add(0, "b", {"storm", "day", "mast"})
    counts.add(1, "a", {"coin", "day", "gold"})
    counts.add(1, "b", {"coin", "day", "mast"})
    counts.add(1, "b", {"day", "gold"})
    best = counts.keywords()
    # storm: 2 x 2 ln(1 / (2/5)); a mast is in 1 of 2 scenes here, of 5 in 2 everywhere: 1 x 1 ln(.5 / .4)
    assert best[0] == ["storm", "mast"]
    # coin: 2 x 2 ln(2/3 / (2/5)) = gold, which is in two books too; then by the alphabet
    assert best[1] == ["coin", "gold"]


def test_a_single_sign_still_has_words() -> None:
    counts = KeywordCounts()
    counts.add(0, "a", {"storm", "sail"})
    counts.add(0, "a", {"storm"})
    assert counts.keywords()[0] == ["storm", "sail"]


def test_what_counts_things_is_no_chinese_keyword() -> None:
    assert "一个" not in list(content_words("他看见一个老人和两只羊。", "zh"))


def test_examples_take_turns_over_languages_and_prefer_new_books() -> None:
    exemplars = {
        "en": [SceneRef(0.1, "a", 0, "en"), SceneRef(0.2, "a", 1, "en"), SceneRef(0.3, "b", 0, "en")],
        "ru": [SceneRef(0.5, "c", 4, "ru")],
    }
    shown = [(ref.book_id, ref.scene) for ref in shown_examples(exemplars)]
    assert shown == [("a", 0), ("c", 4), ("b", 0), ("a", 1)]


def test_tally_counts_scenes_books_and_languages() -> None:
    tally = SignTally(3)
    tally.add("a", "en", np.array([[0], [0], [2]]), np.array([0.3, 0.1, 0.2]))
    tally.add("b", "ru", np.array([[0]]), np.array([0.4]))
    assert tally.counts.tolist() == [3, 0, 1]
    assert tally.books.tolist() == [2, 0, 1]
    assert tally.by_language["en"].tolist() == [2, 0, 1]
    assert [ref.scene for ref in tally.exemplars(0)["en"]] == [1, 0]
    assert tally.exemplars(1) == {}


def test_opening_is_one_line_of_limited_length() -> None:
    assert opening("a\n\n b") == "a b"
    assert len(opening("word " * 200)) <= 240
    assert opening("word " * 200).endswith("…")
