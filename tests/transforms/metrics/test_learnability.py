"""Bits per sign: probabilities that are probabilities, values by hand, and what each model can and can't know."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scenesign.transforms.metrics.learnability import (
    bigram_shares,
    folds_of,
    held_out_bits,
    mean_with_error,
    unigram_shares,
)


def test_folds_keep_kin_together_and_leave_none_empty() -> None:
    keys = ["a", "b", "a", "c", "d", "e", "b", "f"]
    folds = folds_of(keys)
    assert folds[0] == folds[2]
    assert folds[1] == folds[6]
    assert sorted(set(folds.tolist())) == [0, 1, 2, 3, 4]


def test_unigram_shares_by_hand() -> None:
    # counts 3, 1, 0: one sign seen once, none twice, so d = 1, kept to .9
    shares = unigram_shares(np.array([0, 0, 0, 1]), 3)
    left = 0.9 * 2 / 4 / 3
    assert shares == pytest.approx([2.1 / 4 + left, 0.1 / 4 + left, left])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_bigram_shares_sum_to_one_after_every_sign_seen_or_not(seed: int) -> None:
    rng = np.random.default_rng(seed)
    signs = 7
    before, after = rng.integers(0, signs - 1, 40), rng.integers(0, signs, 40)
    for context in range(signs + 1):
        asked = bigram_shares(before, after, signs, np.full(signs, context), np.arange(signs))
        assert asked.sum() == pytest.approx(1.0)
        assert (asked > 0).all()


def test_bigram_shares_by_hand() -> None:
    # pairs 0>1 twice, 0>2 once, 1>0 once: once = 2, twice = 1, d = 2 / 4
    before, after = np.array([0, 0, 0, 1]), np.array([1, 1, 2, 0])
    follows = np.array([1.0, 1.0, 1.0])  # each sign follows one other: all seen once, so d = .9 of them
    base = (follows - 0.9) / 3 + 0.9 * 3 / 3 / 3
    asked = bigram_shares(before, after, 3, np.array([0, 0, 2]), np.array([1, 0, 1]))
    assert asked == pytest.approx([(2 - 0.5) / 3 + 0.5 * 2 / 3 * base[1], 0.5 * 2 / 3 * base[0], base[1]])


def test_a_cycle_is_foretold_by_the_sign_before_and_by_nothing_else() -> None:
    books = [[(start + i) % 8 for i in range(64)] for start in range(6)]
    bits = held_out_bits(books, np.arange(6), 8)
    assert bits is not None
    assert bits.uniform == 3.0
    assert bits.unigram == pytest.approx(3.0, abs=0.01)
    assert bits.bigram < 0.2
    assert bits.saved == pytest.approx(min(bits.uniform, bits.unigram) - bits.bigram)
    assert 0 <= bits.saved_error < 0.1


def test_signs_of_one_book_cost_more_than_guessing() -> None:
    """Each book keeps to signs of its own: what other books say about the shares is misleading."""
    bits = held_out_bits([[book] * 50 for book in range(4)], np.arange(4), 4)
    assert bits is not None
    assert bits.unigram > bits.uniform + 2.0
    assert bits.saved == pytest.approx(bits.uniform - bits.bigram)


def test_the_error_of_a_mean_by_hand() -> None:
    # mean 2; lots are off by (0-2)+(2-2) = -2 and by 4-2 = 2: sqrt(2/1 * (4+4)) / 3
    mean, error = mean_with_error(np.array([0.0, 2.0, 4.0]), np.array([0, 0, 1]))
    assert (mean, error) == pytest.approx((2.0, 4 / 3))
    assert mean_with_error(np.array([1.0, 3.0]), np.array([0, 0])) == (2.0, math.inf)


def test_kin_books_count_as_one_for_the_error() -> None:
    """Twice the same book is no more evidence than once."""
    rng = np.random.default_rng(0)
    books = [rng.integers(0, 4, 30).tolist() for _ in range(6)]
    twice = held_out_bits(books * 2, np.tile(np.arange(6), 2), 4, lots=list("abcdef") * 2)
    own = held_out_bits(books * 2, np.tile(np.arange(6), 2), 4)
    assert twice is not None
    assert own is not None
    assert twice.saved_error > 1.3 * own.saved_error


def test_one_group_of_books_cannot_be_held_out() -> None:
    assert held_out_bits([[0, 1], [1, 0]], np.array([3, 3]), 2) is None
