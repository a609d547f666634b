"""The search is exact: nothing cheaper exists, limits hold, and ruptures agrees."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from scenesign.transforms.scenes import change_points as scene_search
from scenesign.transforms.scenes.change_points import best_starts, scene_costs


def cost(
    vectors: np.ndarray,
    starts: tuple[int, ...],
    penalty: float,
    bonus: np.ndarray,
    pull: float = 0.0,
    by_length: np.ndarray | None = None,
    sizes: np.ndarray | None = None,
    by_size: np.ndarray | None = None,
) -> float:
    """The objective, from its definition: squared deviation from the best centre, and the price of each scene."""
    total = 0.0
    for start, end in itertools.pairwise([*starts, len(vectors)]):
        scene = vectors[start:end].astype(np.float64)
        centre = scene.sum(axis=0) / (len(scene) + pull)
        total += float(((scene - centre) ** 2).sum() + pull * (centre**2).sum()) + penalty - bonus[start]
        total += 0.0 if by_length is None else float(by_length[len(scene) - 1])
        if sizes is not None and by_size is not None:
            total += float(by_size[min(int(sizes[start:end].sum()), len(by_size) - 1)])
    return total


@st.composite
def problems(draw: st.DrawFn) -> dict[str, object]:
    n = draw(st.integers(1, 10))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    least = draw(st.integers(1, 4))
    most = draw(st.integers(least, 7))
    hard = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n))) & (rng.random(n) < 0.5)
    return {
        "vectors": rng.normal(size=(n, 3)).astype(np.float32),
        "penalty": draw(st.floats(0, 4)),
        "least": least,
        "most": most,
        "hard": hard,
        "bonus": rng.normal(size=n) * draw(st.sampled_from([0.0, 1.0])),
        "pull": draw(st.sampled_from([0.0, 2.5])),
        "by_length": rng.random(most) * draw(st.sampled_from([0.0, 1.0])),
        "sizes": rng.integers(0, 5, n),
        "by_size": rng.random(draw(st.integers(1, 12))) * draw(st.sampled_from([0.0, 3.0])),
    }


def allowed(n: int, least: int, most: int, hard: np.ndarray) -> list[tuple[int, ...]]:
    """Every way to cut a book that keeps the limits, with `least` lowered in a stretch that needs it."""
    edges = [*sorted({0, *np.flatnonzero(hard).tolist()}), n]
    stretches = []
    for begin, end in itertools.pairwise(edges):
        for shortest in range(least, 0, -1):
            ways = []
            for inner in range(end - begin):
                for cuts in itertools.combinations(range(begin + 1, end), inner):
                    lengths = np.diff([begin, *cuts, end])
                    if lengths.min() >= shortest and lengths.max() <= most:
                        ways.append((begin, *cuts))
            if ways:
                break
        stretches.append(ways)
    return [tuple(itertools.chain(*choice)) for choice in itertools.product(*stretches)]


@settings(max_examples=150, deadline=None)
@given(problems())
def test_nothing_allowed_is_cheaper(problem: dict) -> None:
    vectors, hard = problem["vectors"], problem["hard"]
    found = best_starts(**problem)
    ways = allowed(len(vectors), problem["least"], problem["most"], hard)
    assert found in ways
    rest = (
        problem["penalty"],
        problem["bonus"],
        problem["pull"],
        problem["by_length"],
        problem["sizes"],
        problem["by_size"],
    )
    cheapest = min(cost(vectors, way, *rest) for way in ways)
    assert cost(vectors, found, *rest) == pytest.approx(cheapest, abs=1e-4)


@pytest.mark.parametrize("least", [1, 3])
@pytest.mark.parametrize("penalty", [0.5, 4.0, 20.0])
def test_ruptures_agrees(least: int, penalty: float) -> None:
    ruptures = pytest.importorskip("ruptures")
    rng = np.random.default_rng(3)
    centres = np.repeat(rng.normal(size=(6, 4)) * 2, [9, 14, 5, 11, 8, 13], axis=0)
    vectors = (centres + rng.normal(size=centres.shape)).astype(np.float32)
    exact = ruptures.Pelt(model="l2", min_size=least, jump=1).fit(vectors.astype(np.float64)).predict(pen=penalty)
    assert best_starts(vectors, penalty, least, len(vectors)) == (0, *exact[:-1])


def test_costs_are_those_of_the_definition() -> None:
    vectors = np.array([[1, 0], [0, 2], [-1, 1]], dtype=np.float32)
    expected = [[-1, -(1 + 4) / 2, -9 / 3], [-4, -(1 + 9) / 2, np.inf], [-2, np.inf, np.inf]]
    np.testing.assert_allclose(scene_costs(vectors, 3), expected)
    np.testing.assert_allclose(scene_costs(vectors, 3, pull=1.0)[0], [-1 / 2, -5 / 3, -9 / 4])


def test_chunks_and_blocks_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    vectors, sizes = rng.normal(size=(200, 5)).astype(np.float32), rng.integers(1, 9, 200)

    def search() -> tuple[int, ...]:
        return best_starts(vectors, 3.0, 2, 20, sizes=sizes, by_size=np.abs(np.arange(100.0) - 40) / 20)

    whole = search()
    monkeypatch.setattr(scene_search, "_CHUNK", 7)
    monkeypatch.setattr(scene_search, "_ROWS", 5)
    assert search() == whole
    assert len(whole) > 5


@settings(max_examples=60, deadline=None)
@given(problems())
def test_costs_that_are_known_are_not_needed_again(problem: dict) -> None:
    known = scene_costs(problem["vectors"], problem["most"], problem["pull"])
    kept = known.copy()
    assert best_starts(**problem, costs=known) == best_starts(**problem)
    np.testing.assert_array_equal(known, kept)


def test_sizes_are_what_a_scene_is_measured_by() -> None:
    vectors = np.zeros((6, 2), dtype=np.float32)
    likes_four = np.array([9.0, 9, 9, 9, 0, 9])
    assert best_starts(vectors, 1.0, 1, 6, sizes=np.array([2, 2, 1, 3, 4, 4]), by_size=likes_four) == (0, 2, 4, 5)
    assert best_starts(vectors, 1.0, 1, 6, sizes=np.full(6, 100), by_size=np.array([0.0, 5])) == (0,)


def test_a_topic_change_is_found_and_a_bonus_moves_it() -> None:
    vectors = np.repeat(np.eye(2, dtype=np.float32), 10, axis=0)
    assert best_starts(vectors, 1.0, 2, 20) == (0, 10)
    assert best_starts(vectors, 100.0, 2, 20) == (0,)
    bonus = np.zeros(20)
    bonus[5] = 2.0
    assert best_starts(vectors, 1.0, 2, 20, bonus=bonus) == (0, 5, 10)


def test_most_holds_where_it_costs() -> None:
    starts = best_starts(np.zeros((50, 3), dtype=np.float32), 1.0, 3, 12)
    assert max(np.diff([*starts, 50])) <= 12
    assert len(starts) == 5


def test_hard_boundaries_win_over_least() -> None:
    hard = np.array([False, True, True, False, False, False])
    assert best_starts(np.ones((6, 2), dtype=np.float32), 1.0, 3, 10, hard) == (0, 1, 2)


def test_least_gives_way_where_most_leaves_no_room() -> None:
    # nine sentences can't be cut into scenes of five to seven: 4 + 5 is the nearest
    assert best_starts(np.ones((9, 2), dtype=np.float32), 1.0, 5, 7) in ((0, 4), (0, 5))


def test_no_sentences_no_scenes() -> None:
    assert best_starts(np.zeros((0, 4), dtype=np.float32), 1.0, 3, 9) == ()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"least": 0}, "least=0"),
        ({"least": 9, "most": 8}, "most=8"),
        ({"pull": -1.0}, "pull"),
        ({"penalty": float("nan")}, "finite"),
        ({"hard": np.zeros(3, dtype=bool)}, r"hard must be \[4\]"),
        ({"bonus": np.zeros(5)}, r"bonus must be \[4\]"),
        ({"by_length": np.zeros(3)}, r"by_length must be \[5\]"),
        ({"vectors": np.zeros(4)}, r"\[n, d\]"),
        ({"sizes": np.zeros(4, dtype=int)}, "go together"),
        ({"by_size": np.zeros(4)}, "go together"),
        ({"sizes": np.zeros(4, dtype=int), "by_size": np.zeros(0)}, "go together"),
        ({"sizes": np.zeros(3, dtype=int), "by_size": np.zeros(2)}, r"sizes must be \[4\]"),
        ({"sizes": np.array([1, -1, 0, 0]), "by_size": np.zeros(2)}, "integers, 0 or more"),
        ({"sizes": np.ones(4), "by_size": np.zeros(2)}, "integers, 0 or more"),
        ({"sizes": np.ones(4, dtype=int), "by_size": np.array([np.inf])}, "finite"),
        ({"costs": np.zeros((4, 5))}, r"costs must be \[4, 4\]"),
    ],
)
def test_nonsense_is_refused(arguments: dict, message: str) -> None:
    good = {"vectors": np.zeros((4, 2)), "penalty": 1.0, "least": 1, "most": 5}
    with pytest.raises(ValueError, match=message):
        best_starts(**{**good, **arguments})


def test_threads_change_nothing() -> None:
    vectors = np.random.default_rng(1).normal(size=(3000, 64)).astype(np.float32)
    answers = set()
    for threads in (1, 2, 4):
        with threadpool_limits(threads):
            answers.add(best_starts(vectors, 30.0, 3, 60))
    assert len(answers) == 1


def test_work_is_linear() -> None:
    vectors = np.random.default_rng(1).normal(size=(40_000, 32)).astype(np.float32)

    def seconds(n: int) -> float:
        times = []
        for _ in range(3):
            began = time.process_time()
            best_starts(vectors[:n], 10.0, 3, 40)
            times.append(time.process_time() - began)
        return min(times)

    # quadratic work would take 64 times as long
    assert seconds(40_000) < 24 * seconds(5_000)
