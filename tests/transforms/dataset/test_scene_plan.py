"""Windows and their order: every scene once, whoever asks, and the same again for the same numbers."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenesign.transforms.dataset.scene_plan import EpochPlan, plan_epoch

counts_of_books = st.lists(st.integers(0, 40), max_size=30)
seeds = st.one_of(st.none(), st.integers(0, 2**40))


@st.composite
def plans(draw: st.DrawFn) -> EpochPlan:
    counts = draw(counts_of_books)
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(counts) - 1)), max_size=5))) if len(counts) > 1 else []
    blocks = [b - a for a, b in pairwise([0, *cuts, len(counts)])]
    context, pool = draw(st.integers(1, 50)), draw(st.integers(1, 400))
    return plan_epoch(np.array(counts), blocks, context, pool, draw(seeds), draw(st.integers(0, 2**33)))


def every_window(plan: EpochPlan) -> list[tuple[int, int, int]]:
    """(book, first scene, scenes) in order."""
    found = []
    for pool in range(len(plan.pools)):
        windows = plan.windows_of(pool)
        found += zip(windows.book.tolist(), windows.first.tolist(), windows.scenes.tolist(), strict=True)
    return found


@given(plans())
def test_every_scene_is_in_one_window_and_none_is_too_long(plan: EpochPlan) -> None:
    windows = every_window(plan)
    assert len(windows) == plan.total
    assert all(1 <= scenes <= plan.context for _, _, scenes in windows)
    seen = Counter((book, first + i) for book, first, scenes in windows for i in range(scenes))
    assert seen == Counter((book, i) for book, count in enumerate(plan.counts.tolist()) for i in range(count))


@given(plans())
def test_a_book_is_cut_at_its_ends_only(plan: EpochPlan) -> None:
    """But for the first and the last, its windows are full; one that fits in a window is whole."""
    by_book: dict[int, list[tuple[int, int]]] = {}
    for book, first, scenes in sorted(every_window(plan)):
        by_book.setdefault(book, []).append((first, scenes))
    for book, windows in by_book.items():
        assert all(scenes == plan.context for _, scenes in windows[1:-1])
        assert len(windows) == 1 or plan.counts[book] > plan.context


@given(plans(), st.integers(1, 9), st.integers(1, 5))
def test_ranks_share_the_windows_out_and_have_as_many_batches(plan: EpochPlan, batch: int, world: int) -> None:
    steps = plan.batches(batch, world)
    taken: list[int] = []
    for number in range(steps):
        own = [plan.places(number, batch, rank, world).tolist() for rank in range(world)]
        sizes = [len(places) for places in own]
        assert max(sizes) - min(sizes) <= 1
        assert number == steps - 1 or set(sizes) == {batch}
        taken += sorted(place for places in own for place in places)
    assert taken == list(range(plan.total))


def test_a_batch_of_all_ranks_holds_the_same_windows_for_any_number_of_them() -> None:
    plan = plan_epoch(np.full(50, 30), [50], 8, 10_000, 1, 0)
    alone = [plan.places(number, 12, 0, 1).tolist() for number in range(plan.batches(12, 1))]
    for world in (2, 3, 4):
        several = [
            sorted(place for rank in range(world) for place in plan.places(number, 12 // world, rank, world).tolist())
            for number in range(plan.batches(12 // world, world))
        ]
        assert several == alone


def test_without_a_seed_books_come_as_they_lie_cut_at_multiples() -> None:
    plan = plan_epoch(np.array([5, 0, 2, 9]), [1, 3], 4, 6, None, 7)
    assert every_window(plan) == [(0, 0, 4), (0, 4, 1), (2, 0, 2), (3, 0, 4), (3, 4, 4), (3, 8, 1)]
    assert plan.ends.tolist() == [6]


def test_pools_are_whole_blocks_and_windows_stay_in_theirs() -> None:
    counts = np.array([30, 30, 10, 10, 10, 50, 1])
    plan = plan_epoch(counts, [2, 3, 1, 1], 8, 40, 3, 0)
    blocks = {0: {0, 1}, 2: {2, 3, 4}, 5: {5}, 6: {6}}
    assert sorted(book for pool in plan.pools for book in pool.tolist()) == list(range(7))
    for at, pool in enumerate(plan.pools):
        books = set(pool.tolist())
        assert all(own <= books for first, own in blocks.items() if first in books)
        assert set(plan.windows_of(at).book.tolist()) == books
        assert counts[pool].sum() >= 40 or at == len(plan.pools) - 1


def test_order_and_cuts_are_of_seed_and_epoch() -> None:
    def order(seed: int, epoch: int) -> list[tuple[int, int, int]]:
        return every_window(plan_epoch(np.full(40, 30), [10] * 4, 8, 250, seed, epoch))

    assert order(0, 0) == order(0, 0)
    different = [order(seed, epoch) for seed, epoch in ((0, 0), (0, 1), (1, 0), (1, 1), (2**32, 0), (0, 2**32))]
    assert all(different[a] != different[b] for a in range(6) for b in range(a))
    # not only turned round: also other windows
    assert len({frozenset(windows) for windows in different}) == 6


def test_cuts_fall_everywhere_in_the_long_run() -> None:
    firsts = Counter(
        int(lead) for epoch in range(50) for lead in plan_epoch(np.full(40, 30), [40], 8, 100, 0, epoch).leads
    )
    assert set(firsts) == set(range(1, 9))
    assert max(firsts.values()) < 1.5 * min(firsts.values())


def test_windows_of_a_pool_are_mixed_evenly() -> None:
    """Where a book's windows end up, on average over epochs, is the middle, wherever it lies."""
    at = np.zeros((60, 2))
    for epoch in range(100):
        for place, (book, _, _) in enumerate(every_window(plan_epoch(np.full(60, 4), [20] * 3, 8, 10_000, 0, epoch))):
            at[book] += place, 1
    means = at[:, 0] / at[:, 1]
    assert np.abs(means - 29.5).max() < 4 * 60 / np.sqrt(12) / 10  # four standard errors


def test_a_split_without_scenes_has_no_batch() -> None:
    for counts, blocks in (([], []), ([0, 0], [2]), ([], [0])):
        plan = plan_epoch(np.array(counts, dtype=np.int64), blocks, 4, 10, 0, 0)
        assert (plan.total, plan.batches(3, 2), every_window(plan)) == (0, 0, [])
