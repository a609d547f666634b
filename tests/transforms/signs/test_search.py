"""Search for topics: how they are ranked, and what is said of what is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenesign.transforms.signs.search import search_topics


def test_a_search_ranks_all_topics_and_cuts_at_top(demo: Path) -> None:
    everything = search_topics(demo, "a storm at sea", top=None)
    assert sorted(match.sign for match in everything) == list(range(len(everything)))
    similarities = [match.similarity for match in everything]
    assert similarities == sorted(similarities, reverse=True)
    assert all(-1 <= similarity <= 1 for similarity in similarities)
    assert (everything.language, everything.query) == ("en", "a storm at sea")
    few = search_topics(demo / "inventory", "a storm at sea", language="en", top=3)
    assert list(few) == list(everything)[:3]
    assert few[0].glyph == few[0].entry.glyph


def test_a_search_says_why_to_trust_it_less(demo: Path) -> None:
    assert "no mean for 'fr' (it knows en, ru, zh)" in search_topics(demo, "une tempête", language="fr").notes[0]
    assert "was not trained on 'sw'" in search_topics(demo, "qwxz vvkp zzrt", language="sw").notes[0]
    assert "no word of this is in the dictionary of 'en'" in search_topics(demo, "qwxz vvkp", language="en").notes[0]
    with pytest.raises(ValueError, match="top: 0 is no number of results"):
        search_topics(demo, "a storm", top=0)
    with pytest.raises(FileNotFoundError, match="is not an inventory"):
        search_topics(demo / "report", "a storm")
