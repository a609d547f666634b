"""Spread of signs: values by hand."""

from __future__ import annotations

import pytest

from scenesign.transforms.metrics.spread import sign_spread
from tests.transforms.metrics.evidence import evidence


def test_signs_that_nobody_carries_do_not_count() -> None:
    books = ([[0], [0], [1]], [[0], [2]], [[2]])
    found = sign_spread(evidence(*books, sizes=(5,), languages="err"))
    # sign 0: two books, two languages; 1: one book; 2: two books, one language
    assert found["books_per_sign"] == pytest.approx(5 / 3, abs=0.01)
    assert found["languages_per_sign"] == pytest.approx(4 / 3, abs=0.01)
    assert found["signs_of_one_book"] == pytest.approx(1 / 3, abs=1e-4)
