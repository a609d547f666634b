"""Neutrality: what is known of a sign that gives everything away, or nothing."""

from __future__ import annotations

import numpy as np
import pytest

from scenesign.transforms.metrics import neutrality
from scenesign.transforms.metrics.neutrality import adjusted_information, sign_neutrality
from tests.transforms.metrics.evidence import evidence


def test_information_is_one_when_signs_are_book_numbers_and_none_when_they_are_noise() -> None:
    owners = [i for i in range(10) for _ in range(40)]
    assert adjusted_information(owners, owners) == pytest.approx(1.0)
    noise = np.random.default_rng(0).integers(0, 10, len(owners)).tolist()
    assert abs(adjusted_information(noise, owners) or 0.0) < 0.02


def test_signs_may_tell_the_language_and_not_the_book() -> None:
    rng = np.random.default_rng(1)
    english, russian = ([[int(sign)] for sign in rng.integers(first, first + 2, 60)] for first in (0, 2))
    books = (english[:30], english[30:], russian[:30], russian[30:])
    found = sign_neutrality(evidence(*books, sizes=(4,), languages="eerr"))
    assert found["ami/sign_language"] == pytest.approx(2 / 3, abs=0.03)  # 2 ln 2 / (ln 2 + ln 4)
    assert found["ami/sign_book"] == pytest.approx(0.5, abs=0.05)  # half of what there is to tell of the book
    assert sign_neutrality(evidence(english, sizes=(4,)))["ami/sign_book"] == 0.0


def test_what_would_cost_too_much_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neutrality, "_MOST_AMI_CELLS", 3)
    assert adjusted_information([0, 1, 0], [0, 1, 1]) is None
