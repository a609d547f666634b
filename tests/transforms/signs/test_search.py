"""Search by meaning: how queries are cut, what is taken off them, and how signs are ranked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scenesign.transforms.signs.glossary import SignEntry
from scenesign.transforms.signs.inventory import Inventory
from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.signs.search import (
    LONGEST_QUERY,
    SAMPLED_KEYWORDS,
    Query,
    common_to_short_texts,
    parse_query,
    query_vector,
    sample_keywords,
    search,
)


def entry(sign: int, **keywords: list[str]) -> SignEntry:
    words = {language: tuple(found) for language, found in keywords.items()}
    return SignEntry(sign, "一", 1, 0.1, 1, {"en": 1}, words, 0.1, (), ())


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


def test_sampled_keywords_are_distinct_and_spread_over_the_alphabet() -> None:
    words = [f"w{i:04}" for i in range(1000)]
    sampled = sample_keywords([entry(0, en=words[:600], ru=["б"]), entry(1, en=words[400:], ru=["а", "б"])])
    assert sampled["ru"] == ["а", "б"]
    assert len(set(sampled["en"])) == SAMPLED_KEYWORDS
    assert (sampled["en"][0], sampled["en"][-1]) == ("w0000", "w0999")


def test_without_keywords_nothing_is_common() -> None:
    assert common_to_short_texts(None, [entry(0)], 4).tolist() == [0, 0, 0, 0]


@pytest.fixture(scope="module")
def inventory(demo: Path) -> Inventory:
    return Inventory.load(demo)


def test_sentences_move_a_query_from_the_mean_of_phrases_to_that_of_scenes(inventory: Inventory) -> None:
    """A text of many sentences is treated as a scene is; a phrase loses what phrases share."""
    rng = np.random.default_rng(0)
    vectors = unit(rng.normal(size=(1, inventory.info.dimensions)).astype(np.float32))
    common = unit(rng.normal(size=(1, inventory.info.dimensions)).astype(np.float32))[0]
    as_scene = inventory.neutraliser(vectors, "en")[0]
    likeness = []
    for sentences in (0, 1, 5, 10_000):
        vector = query_vector(inventory, Query(("x",), "en", sentences), vectors, common)
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
        likeness.append(float(vector @ as_scene))
    assert likeness == sorted(likeness)
    assert likeness[-1] == pytest.approx(1, abs=1e-4)
    shared = query_vector(inventory, Query(("x",), "en", 0), vectors, vectors[0] * 0)
    assert not np.allclose(shared, query_vector(inventory, Query(("x",), "en", 0), vectors, common))


def test_a_language_without_a_mean_gets_that_of_all(inventory: Inventory) -> None:
    vectors = unit(np.ones((1, inventory.info.dimensions), dtype=np.float32))
    common = np.zeros(inventory.info.dimensions, dtype=np.float32)
    vector = query_vector(inventory, Query(("x",), "sw", 3), vectors, common)
    assert np.isfinite(vector).all()


def test_a_search_ranks_all_signs_of_level_one_and_cuts_at_top(demo: Path) -> None:
    everything = search(demo, "a storm at sea", top=None)
    assert sorted(match.sign for match in everything) == list(range(12))
    similarities = [match.similarity for match in everything]
    assert similarities == sorted(similarities, reverse=True)
    assert (everything.language, everything.notes, everything.query) == ("en", (), "a storm at sea")
    few = search(demo / "inventory", "a storm at sea", language="en", top=3)
    assert list(few) == list(everything)[:3]
    assert few[0].glyph == few[0].entry.glyph
    assert few[0].keywords["en"]


def test_a_search_says_why_to_trust_it_less(demo: Path) -> None:
    assert "no mean for 'fr' (it knows en, ru, zh)" in search(demo, "une tempête en mer", language="fr").notes[0]
    doubts = search(demo, "qwxz vvkp zzrt", language="sw").notes
    assert "was not trained on 'sw'" in doubts[0]
    assert "no sign is much like this" in doubts[1]
    with pytest.raises(ValueError, match="top: 0 is no number of signs"):
        search(demo, "a storm", top=0)
    with pytest.raises(FileNotFoundError, match="is not an inventory"):
        search(demo / "report", "a storm")
