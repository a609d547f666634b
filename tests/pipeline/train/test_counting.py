"""Bits that counting needs, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scenesign.pipeline.train.counting import counted_bits

EVEN = [np.array([0, 1, 2, 3] * 6)]


def test_even_topics_cost_the_same_each() -> None:
    found = counted_bits(EVEN, [np.array([0, 1, 1]), np.array([2])], 4)
    assert found["uniform"] == [4.0, 0.0]  # from the second scene on
    assert found["unigram"] == pytest.approx([4.0, 0.0])


def test_what_is_frequent_costs_less() -> None:
    known = [np.array([0] * 90 + [1] * 10)]
    usual, rare = counted_bits(known, [np.array([0, 0]), np.array([0, 1])], 2)["unigram"]
    assert usual == pytest.approx(-math.log2(0.9), abs=0.02)
    assert rare == pytest.approx(-math.log2(0.1), abs=0.1)


def test_what_follows_costs_less_where_it_followed() -> None:
    usual, other = counted_bits(EVEN, [np.array([0, 1]), np.array([1, 0])], 4)["bigram"]
    assert usual < 0.5 < 2 < other


def test_the_cache_mixes_in_what_the_book_had() -> None:
    """.8 of the even share, .2 of what the book had so far, each scene counting .9 of the one after it."""
    (found,) = counted_bits(EVEN, [np.array([0, 0, 1, 0])], 4)["cache"]
    so_far = [1.0, 0.0, (0.81 + 0.9) / (0.81 + 0.9 + 1)]
    assert found == pytest.approx(-sum(math.log2(0.8 * 0.25 + 0.2 * share) for share in so_far), abs=1e-6)


def test_a_topic_that_training_never_had_costs_something_finite() -> None:
    for bits in counted_bits([np.array([0, 0, 0])], [np.array([0, 3, 3])], 4).values():
        assert 0 < bits[0] < 100
