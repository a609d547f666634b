"""The measures of the segmentation benchmark, against cases worked out by hand."""

from __future__ import annotations

import random

import pytest

from benchmarks.segmentations.scores import METRICS, boundary_similarity, lsx, score


def drawn(seed: int) -> tuple[list[int], list[int]]:
    """Two segmentations of thirty sentences."""
    chance = random.Random(seed)
    first, second = (sorted(chance.sample(range(1, 30), chance.randint(0, 12))) for _ in range(2))
    return first, second


def test_pk_and_windowdiff_by_hand() -> None:
    pytest.importorskip("nltk")
    # twelve sentences, segments of four: windows reach two sentences on, from each of the first ten.
    # gold parts pairs that straddle 4 or 8: (2,4) (3,5) (6,8) (7,9). Found parts those that straddle 5: (3,5) (4,6).
    # They disagree on (2,4), (4,6), (6,8) and (7,9).
    result = score((0, 4, 8), (0, 5), 12)
    assert result["pk"] == pytest.approx(4 / 10)
    assert result["windowdiff"] == pytest.approx(4 / 10)
    # two found boundaries next to the true one: WindowDiff counts them, Pk sees only that a pair is parted.
    # gold parts (2,4) (3,5) of the six pairs two apart; found, with starts at 4 and 5, parts (2,4) (3,5) (4,6).
    result = score((0, 4), (0, 4, 5), 8)
    window = 2
    assert result["pk"] == pytest.approx(1 / (8 - window))
    assert result["windowdiff"] == pytest.approx(2 / (8 - window))


def test_perfect_and_empty_answers() -> None:
    pytest.importorskip("nltk")
    perfect = score((0, 4, 8), (0, 4, 8), 12)
    assert set(METRICS) | {"found", "gold"} == set(perfect)
    assert (perfect["pk"], perfect["windowdiff"]) == (0, 0)
    assert [perfect[name] for name in ("f0", "f3", "f_lsx", "similarity")] == [1, 1, 1, 1]
    nothing = score((0, 4, 8), (0,), 12)
    assert (nothing["pk"], nothing["recall3"], nothing["f3"]) == (pytest.approx(0.4), 0, 0)
    assert (nothing["f_lsx"], nothing["similarity"]) == (0, 0)


def test_f1_by_hand() -> None:
    pytest.importorskip("nltk")
    result = score((0, 10, 20, 30), (0, 12, 30), 40)
    assert (result["precision3"], result["recall3"]) == (1, pytest.approx(2 / 3))
    assert result["f3"] == pytest.approx(0.8)
    assert result["f0"] == pytest.approx(2 * (1 / 2) * (1 / 3) / (1 / 2 + 1 / 3))
    # gold 10 sees 7 to 12, which holds 12; gold 20 sees 17 to 22, nothing; 30 itself. Found 12 sees 9 to 14, with 10
    assert (result["precision_lsx"], result["recall_lsx"]) == (1, pytest.approx(2 / 3))
    assert result["f_lsx"] == pytest.approx(0.8)


def test_the_published_window_is_lopsided() -> None:
    # seen from 10 (7 to 12), 7 is met; seen from 7 (4 to 9), 10 is not: a hit and a mistake at once
    assert lsx([10], [7]) == (1 / 2, 1)
    # seen from 10 (7 to 12), 13 is not met; seen from 13 (10 to 15), 10 is: neither a hit nor a mistake
    assert lsx([10], [13]) == (0, 0)
    assert lsx([10], [12]) == (1, 1)
    assert lsx([10], [6]) == lsx([10], [14]) == (0, 0)


def test_the_published_window_matches_nothing_one_to_one() -> None:
    # 8 to 12: each of the three sees 10, and 10 sees them: one hit, no mistake
    assert lsx([10], [9, 10, 12]) == (1, 1)
    # one found boundary meets both
    assert lsx([10, 12], [11]) == (1, 1)
    # 10 is met, 20 and 30 not; 25 and 40 are wrong
    assert lsx([10, 20, 30], [10, 25, 40]) == (1 / 3, 1 / 3)


def test_the_published_window_without_boundaries() -> None:
    assert lsx([], []) == (1, 1)
    assert lsx([], [5]) == (0, 1)
    assert lsx([5], []) == (0, 0)


def test_boundary_similarity_by_hand() -> None:
    # one match, one to be added: 1 - 1 / 2
    assert boundary_similarity([2, 5], [5]) == pytest.approx(1 / 2)
    # two matches, one to be deleted: 1 - 1 / 3
    assert boundary_similarity([2, 5], [2, 5, 8]) == pytest.approx(2 / 3)
    # one match, one near miss that costs a half: 1 - .5 / 2
    assert boundary_similarity([2, 5], [2, 4]) == pytest.approx(3 / 4)
    # two matches, two to be deleted: what is matched is no part of a near miss
    assert boundary_similarity([2, 5], [1, 2, 5, 6]) == pytest.approx(1 / 2)
    # 5 and 6 are a near miss, which leaves 4: 1 - (1 + .5) / 2; 4 and 5 come first, from the left
    assert boundary_similarity([4, 6], [5]) == pytest.approx(1 / 4)
    # two apart is no near miss among two places, but among three it costs 2 / 3
    assert boundary_similarity([4], [6]) == 0
    assert boundary_similarity([4], [6], span=3) == pytest.approx(1 / 3)
    # the closest first: 5 with 6, which leaves 4
    assert boundary_similarity([4, 5], [6], span=3) == pytest.approx(1 - (1 + 1 / 3) / 2)


def test_boundary_similarity_of_nothing() -> None:
    assert boundary_similarity([], []) == 1
    assert boundary_similarity([3], []) == 0
    assert boundary_similarity([], [3, 4]) == 0


@pytest.mark.parametrize("seed", range(40))
def test_boundary_similarity_is_symmetric_and_one_for_equals_alone(seed: int) -> None:
    first, second = drawn(seed)
    assert first != second
    value = boundary_similarity(first, second)
    assert boundary_similarity(second, first) == value
    assert 0 <= value < 1
    assert boundary_similarity(first, first) == boundary_similarity(second, second) == 1
    # the same distances elsewhere count the same
    assert boundary_similarity([i + 7 for i in first], [i + 7 for i in second]) == value
    # boundaries that are nowhere near each other have nothing in common
    assert boundary_similarity([3 * i for i in range(1, 9)], [3 * i + 40 for i in first]) == 0
