"""Queries: how they are cut, what is taken off them, and what they are weighed against."""

from __future__ import annotations

import numpy as np
import pytest

from scenesign.transforms.signs.glosses.glossary import Exemplar, SignEntry
from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.signs.query import (
    LONGEST_QUERY,
    NULLS,
    SAMPLED_PHRASES,
    chance,
    closeness,
    is_gibberish,
    less_common,
    meaningless,
    parse_query,
    query_language,
    sample_phrases,
)


def entry(sign: int, example: str = "", **keywords: list[str]) -> SignEntry:
    words = {language: tuple(found) for language, found in keywords.items()}
    examples = (Exemplar("b", 0, "en", example, 0.1),) if example else ()
    return SignEntry(sign, "一", 1, 0.1, 1, {"en": 1}, words, 0.1, (), examples)


@pytest.mark.parametrize(
    ("text", "language", "pieces", "sentences"),
    [
        ("a storm at sea", "en", 1, 0),
        ("The sail tore.\nThe mast fell!", "en", 2, 2),
        ("“Stop.” A storm at sea", "en", 2, 1),
        ("船沉了。风停了", "zh", 2, 1),
    ],
)
def test_a_query_is_cut_into_sentences(text: str, language: str, pieces: int, sentences: int) -> None:
    query = parse_query(text, language)
    assert len(query.pieces) == pieces
    assert query.sentences == sentences
    assert "".join("".join(query.pieces).split()) == "".join(text.split())


@pytest.mark.parametrize("text", ["", " \n", "123 !?", "\x00"])
def test_a_query_without_a_word_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no word in the query"):
        parse_query(text, "en")


def test_a_text_of_scene_length_is_sent_to_encode() -> None:
    parse_query("a" * LONGEST_QUERY, "en")
    with pytest.raises(ValueError, match="scenesign encode"):
        parse_query("a" * (LONGEST_QUERY + 1), "en")


def test_phrases_are_first_keywords_spread_over_the_topics() -> None:
    glossary = [entry(i, en=[f"w{i}", "x", "y", "z"], **({"ru": ["б"]} if i == 7 else {})) for i in range(500)]
    sampled = sample_phrases(glossary)
    assert sampled["ru"] == ["б"]
    assert len(sampled["en"]) == SAMPLED_PHRASES
    assert (sampled["en"][0], sampled["en"][-1]) == ("w0 x y", "w499 x y")


def test_a_topic_without_keywords_lends_words_of_an_example() -> None:
    assert sample_phrases([entry(0, "One two three four five six seven eight.")]) == {"en": ["five six seven"]}
    assert sample_phrases([entry(0, "一二三四五六七八九十")]) == {"en": ["六七八九十"]}
    assert sample_phrases([entry(0, "One two three four five six seven.", en=["boat"])]) == {"en": ["boat"]}
    assert sample_phrases([entry(0)]) == {}


def test_meaningless_phrases_are_many_different_and_always_the_same() -> None:
    assert meaningless() == meaningless()
    assert len(set(meaningless())) == NULLS
    assert all(is_gibberish(phrase, "de") for phrase in meaningless()[:20])


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("qwxz vvkp zzrt", "en", True),
        ("qwxz vvkp storms", "en", False),
        ("Буря", "ru", False),
        ("Sturm", "de", False),
        ("海上", "zh", False),
        ("123", "en", False),
    ],
)
def test_gibberish_is_a_text_without_a_word_of_the_dictionary(text: str, language: str, expected: bool) -> None:
    assert is_gibberish(text, language) is expected


def test_sentences_move_a_query_from_the_mean_of_phrases_to_that_of_scenes() -> None:
    rng = np.random.default_rng(0)
    vector, mean, common = unit(rng.normal(size=(3, 16)))
    as_scene, as_phrase = unit(vector - mean), unit(vector - common)
    likeness = []
    for sentences in (0, 1, 5, 10_000):
        found = less_common(3 * vector, sentences, mean, common)
        assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)
        likeness.append(float(found @ as_scene))
    assert likeness == sorted(likeness)
    assert likeness[-1] == pytest.approx(1, abs=1e-3)
    assert less_common(vector, 0, mean, common) == pytest.approx(as_phrase, abs=1e-6)


def test_chance_is_the_share_of_nulls_at_least_as_close() -> None:
    best, spread = np.array([0.4, 0.5, 0.4, 0.1, 0.4]), np.array([0.1, 0.1, 0.1, 0.9, 0.05])
    assert chance(closeness(best, spread)) == pytest.approx(3 / 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("funeral", "en"),  # by its letters alone, French
        ("a wedding in the village", "en"),
        ("буря на море", "ru"),
        ("千里鏡", "zh"),
        ("1812", ""),
    ],
)
def test_a_word_or_two_are_of_a_language_that_knows_them(text: str, expected: str) -> None:
    assert query_language(text, {"en": 40, "fr": 17, "ru": 34, "zh": 17}) == expected


def test_a_text_that_no_language_knows_is_of_the_likeliest() -> None:
    assert query_language("xqzt vbrrk", {"en": 1, "ru": 2}) == "en"
