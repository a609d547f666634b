"""The stages of a run: each input leaves at one of them, and sizes are counted by hand."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenesign.schemas.manifest import Counts
from scenesign.schemas.parts import PartBook
from scenesign.schemas.records import Reject
from scenesign.transforms.quality.stages import count_stages, spread_of
from tests.builders import entry, row

BOOK = entry(row())


def test_a_spread_by_hand() -> None:
    found = spread_of([3, 1, 2, 10])
    assert found
    assert (found.count, found.sum, found.mean, found.deviation, found.least, found.most) == (4, 16, 4.0, 3.5, 1, 10)
    assert found.quantiles == {"0.05": 1, "0.25": 2, "0.5": 3, "0.75": 10, "0.95": 10}
    assert spread_of([]) is None


def accounts(inputs: int, books: int, duplicates: int, rejects: int) -> Counts:
    return Counts(inputs, books, duplicates, rejects, 0, {}, {})


def test_each_input_leaves_where_it_was_refused() -> None:
    entries = [replace(BOOK, book_id=f"{n}", notes=("mended",) * (n % 2), characters=100 + n) for n in range(6)]
    rejects = [
        Reject("a.png", "ListInputs", "unsupported-type", ""),
        Reject("b.txt", "ReadBooks", "empty", ""),
        Reject("c.txt", "ReadBooks", "empty", ""),
        Reject("0", "EmbedSentences", "unexpected", "", "0"),
        Reject("1", "ResolveBooks", "near-duplicate", "", "1"),
    ]
    books = entries[3:]
    counts = accounts(9, 3, 1, 5)
    parts = [PartBook(book.book_id, "en", 0, 2, 9) for book in books]
    stages = {stage.stage: stage for stage in count_stages(counts, entries, books, rejects, parts, castless=1)}
    assert [(s.came_in, s.went_out, dict(s.refused)) for s in stages.values()] == [
        (9, 8, {"unsupported-type": 1}),
        (8, 6, {"empty": 2}),
        (6, 5, {"duplicate": 1}),
        (5, 5, {}),
        (5, 4, {"unexpected": 1}),
        (4, 4, {}),
        (4, 4, {}),
        (4, 3, {"near-duplicate": 1}),
        (3, 3, {}),
        (3, 3, {}),
    ]
    assert (stages["ReadBooks"].noted, stages["FindCast"].noted) == (3, 1)
    assert stages["ReadBooks"].sizes["characters"].sum == 615
    assert {unit: spread.sum for unit, spread in stages["WriteDataset"].sizes.items()} == {
        "characters": 312,
        "sentences": 27,
        "scenes": 6,
    }
    assert "FindCast" not in {stage.stage for stage in count_stages(counts, entries, books, rejects, parts)}


def test_a_book_that_is_lost_on_the_way_is_a_defect() -> None:
    with pytest.raises(RuntimeError, match="2 books came through all stages, but 1 are in the dataset"):
        count_stages(accounts(2, 1, 0, 1), [BOOK, BOOK], [BOOK], [], [])


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.sampled_from(["ListInputs", "ReadBooks", "SplitSentences", "FindScenes", "WriteParts", "ResolveBooks"]),
        max_size=20,
    ),
    st.integers(0, 5),
    st.integers(1, 5),
)
def test_what_one_stage_lets_out_the_next_takes_in(refused: list[str], duplicates: int, books: int) -> None:
    reasons = {"ResolveBooks": "near-duplicate"}
    unread = ("ListInputs", "ReadBooks")
    rejects = [
        Reject(f"{n}", stage, reasons.get(stage, "empty"), "", "" if stage in unread else f"{n}")
        for n, stage in enumerate(refused)
    ]
    counts = accounts(len(rejects) + duplicates + books, books, duplicates, len(rejects))
    shelf = [replace(BOOK, book_id=f"book {n}") for n in range(books)]
    stages = count_stages(counts, shelf, shelf, rejects, [])
    assert stages[0].came_in == counts.inputs
    assert stages[-1].went_out == counts.books
    for before, after in itertools.pairwise(stages):
        assert before.went_out == after.came_in
    for stage in stages:
        assert stage.came_in == stage.went_out + sum(stage.refused.values())
    assert Counter(reject.reason for reject in rejects) + Counter({"duplicate": duplicates}) == sum(
        (Counter(stage.refused) for stage in stages), Counter()
    )
