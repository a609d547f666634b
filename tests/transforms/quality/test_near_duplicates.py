"""Near-duplicates: which books share text, which are named, which are dropped; in any order the same."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenesign.schemas.parts import BookEntry, NearDuplicate, ShingleSample
from scenesign.transforms.dataset.splits import split_books
from scenesign.transforms.quality.near_duplicates import (
    NearDuplicates,
    groups_of,
    overlaps,
    settle_near_duplicates,
)
from scenesign.transforms.quality.shingles import shingle_sample
from tests.builders import entry, row
from tests.conftest import LIBRARY

DRAW = random.Random(7)
PAGES = ["".join(DRAW.choices("abcdefghijklmnopqrstuvwxyz ", k=2_000)) for _ in range(60)]
BLANK = entry(row())


def book(name: str, *pages: int) -> tuple[BookEntry, ShingleSample]:
    """A book of some of the pages, with a two-letter name for an id."""
    text = "".join(PAGES[page] for page in pages)
    made = replace(BLANK, book_id=name, source=f"{name}.txt", characters=len(text), bytes=len(text))
    return made, shingle_sample(name, text, "en")


def settle(
    shelf: Sequence[tuple[BookEntry, ShingleSample]], mode: NearDuplicates = "flag"
) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Which books each names, and why others are dropped."""
    kept, dropped = settle_near_duplicates([one for one, _ in shelf], [sample for _, sample in shelf], mode)
    return {one.book_id: [near.book_id for near in one.near_duplicates] for one in kept}, {
        reject.book_id: reject.detail for reject in dropped
    }


def test_a_story_names_the_collection_it_is_in_and_others_name_nothing() -> None:
    shelf = [book("co", *range(10)), book("st", 3), book("ot", 40, 41)]
    assert settle(shelf) == ({"co": [], "st": ["co"], "ot": []}, {})
    (found,) = overlaps(*zip(*shelf, strict=True))
    assert (found.longer, found.shorter) == ("co", "st")
    assert found.share > 0.98


def test_a_text_said_to_be_in_two_languages_is_compared_by_one_of_them_in_any_order() -> None:
    (whole, sample), (part, piece) = book("wh", *range(10)), book("pa", *range(8))
    other = shingle_sample("wh", "".join(PAGES[:10]), "zh")
    in_vain = replace(sample, hashes=b"")
    first = overlaps([whole, part], [sample, other, piece, in_vain])
    assert first == overlaps([whole, part], [in_vain, piece, other, sample])


@pytest.mark.parametrize(("shared", "is_named", "is_dropped"), [(1, False, False), (5, True, False), (9, True, True)])
def test_how_much_must_be_shared(shared: int, is_named: bool, is_dropped: bool) -> None:
    shelf = [book("lo", *range(12)), book("sh", *range(shared), *range(30, 40 - shared))]
    assert settle(shelf)[0]["sh"] == (["lo"] if is_named else [])
    assert ("sh" in settle(shelf, "drop")[1]) == is_dropped


def test_the_longest_is_kept_and_of_equals_the_first() -> None:
    shelf = [book("bb", 0, 1, 2), book("aa", 0, 1, 2), book("cc", 0, 1, 2, 3)]
    kept, dropped = settle(shelf, "drop")
    assert kept == {"cc": []}
    assert dropped == dict.fromkeys(("aa", "bb"), "100 % of its text is in cc.txt, which was kept")
    kept, dropped = settle(shelf[:2], "drop")
    assert kept == {"aa": []}
    assert dropped == {"bb": "100 % of its text is in aa.txt, which was kept"}


def test_what_is_like_a_dropped_book_alone_is_kept() -> None:
    # the middle one is in the long one, the short one in the part of the middle one that the long one lacks
    shelf = [book("lo", *range(20)), book("mi", *range(8), 30, 31), book("sh", 30, 31)]
    kept, dropped = settle(shelf, "drop")
    assert sorted(kept) == ["lo", "sh"]
    assert sorted(dropped) == ["mi"]
    assert settle(shelf)[0] == {"lo": [], "mi": ["lo"], "sh": ["mi"]}


def test_off_looks_at_nothing() -> None:
    assert settle([book("aa", 0, 1), book("bb", 0, 1)], "off") == ({"aa": [], "bb": []}, {})


def test_empty_books_and_one_word_are_like_nothing() -> None:
    nothing = [(replace(BLANK, book_id=name), shingle_sample(name, "word", "en")) for name in ("aa", "bb")]
    assert settle([*nothing, book("cc", 1)], "drop") == ({"aa": [], "bb": [], "cc": []}, {})
    assert settle([], "drop") == ({}, {})
    assert settle_near_duplicates([BLANK], [], "drop") == ([BLANK], [])


def test_a_thousand_copies_are_named_in_a_line_each() -> None:
    _, sample = book("aa", *range(3))
    shelf = [
        (replace(BLANK, book_id=f"{n:04}", characters=6_000), replace(sample, book_id=f"{n:04}")) for n in range(1_000)
    ]
    kept, _ = settle_near_duplicates([one for one, _ in shelf], [sample for _, sample in shelf], "flag")
    assert sum(len(one.near_duplicates) for one in kept) == 999
    assert [len(group) for group in groups_of(kept)] == [1_000]
    assert len(settle(shelf, "drop")[0]) == 1


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.sets(st.integers(0, 11), min_size=1, max_size=6), min_size=2, max_size=12).flatmap(
        lambda shelf: st.tuples(st.just(shelf), st.permutations(range(len(shelf))))
    ),
    st.sampled_from(["flag", "drop"]),
)
def test_the_order_of_books_says_nothing_and_groups_share_a_split(
    drawn: tuple[list[set[int]], list[int]], mode: NearDuplicates
) -> None:
    contents, order = drawn
    shelf = [book(f"{n:02}", *sorted(pages)) for n, pages in enumerate(contents)]
    shuffled = [shelf[n] for n in order]
    kept, dropped = settle_near_duplicates([one for one, _ in shelf], [sample for _, sample in shelf], mode)
    again = settle_near_duplicates([one for one, _ in shuffled], [sample for _, sample in shuffled], mode)
    assert sorted(again[0], key=lambda one: one.book_id) == kept
    assert again[1] == dropped
    assert len(kept) + len(dropped) == len(shelf)
    splits = split_books(kept, (("train", 0.5), ("test", 0.5)), 0)
    there = {one.book_id for one in kept}
    for pair in overlaps(*zip(*shelf, strict=True)):
        if {pair.longer, pair.shorter} <= there:
            assert splits[pair.longer] == splits[pair.shorter]


def test_books_that_share_text_take_their_authors_books_along() -> None:
    books = [replace(BLANK, book_id=f"{n:032x}", author=f"Author {n // 2}") for n in range(200)]
    books[151] = replace(books[151], near_duplicates=(NearDuplicate(books[0].book_id, 0.9),))
    splits = split_books(books, (("train", 0.5), ("test", 0.5)), 0)
    assert len({splits[books[n].book_id] for n in (0, 1, 150, 151)}) == 1


def test_translations_are_no_near_duplicates() -> None:
    shelf = []
    for path in sorted(LIBRARY.glob("*/*.txt")):
        text, name = path.read_text(encoding="utf-8"), f"{path.parent.name}-{path.stem}"
        shelf.append((replace(BLANK, book_id=name, characters=len(text)), shingle_sample(name, text, path.parent.name)))
    assert len(shelf) == 12
    assert overlaps(*zip(*shelf, strict=True)) == []
