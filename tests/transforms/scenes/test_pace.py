"""What lengths cost: the size asked for, and the book's own."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scenesign.transforms.scenes.pace import STEP, Pace, asked_pace, own_pace
from scenesign.transforms.scenes.sizes import SCENE_SIZES


def test_the_middle_costs_nothing_and_both_sides_alike() -> None:
    middle = 128
    costs = Pace(math.log(STEP * middle)).by_size(1.0)
    assert costs[middle] == pytest.approx(0, abs=1e-12)
    for times in (2, 4, 8):
        assert costs[middle * times] == pytest.approx(costs[middle // times])
        assert costs[middle * times] == pytest.approx(0.2 / (2 * 0.8**2) * math.log(times) ** 2)
    assert np.array_equal(Pace(math.log(STEP * middle)).by_size(0.0), np.zeros(len(costs)))
    assert np.isfinite(costs).all()


def test_sizes_ask_for_longer_and_longer_scenes() -> None:
    fine, medium, coarse = (asked_pace(size).middle for size in SCENE_SIZES)
    assert fine < medium < coarse


def test_the_books_own_lengths_join_what_was_asked_for() -> None:
    asked = Pace(math.log(2000))
    sizes = np.array([10, 15, 25, 50])
    pace = own_pace(asked, (0, 2, 3), sizes)  # scenes of 25, 25 and 50 steps, of 2, 1 and 1 sentences
    found = math.log(25 * STEP) * 2 + math.log(50 * STEP)
    assert pace.middle == pytest.approx((60 * asked.middle + found) / 63)
    assert pace.sentences == pytest.approx(math.log(2) / 3)
    variance = math.log(2) ** 2 * (1 / 3 - 1 / 9)
    assert pace.spread == pytest.approx(math.sqrt(variance + 0.2**2))
    assert own_pace(asked, (), sizes[:0]) == asked


def test_lengths_in_sentences_follow_the_log_normal_once_any_are_known() -> None:
    assert np.array_equal(Pace(7.0).by_length(1.0, 5), np.zeros(5))
    costs = Pace(7.0, sentences=math.log(8), spread=0.5).by_length(1.0, 40)
    density = [math.exp(-((math.log(k / 8)) ** 2) / (2 * 0.25)) / (0.5 * k) for k in range(1, 41)]
    assert costs == pytest.approx([-0.05 * math.log(p) for p in density])
    assert Pace(7.0, math.log(8), 0.5).by_length(0.0, 3) == pytest.approx([0, 0, 0])
