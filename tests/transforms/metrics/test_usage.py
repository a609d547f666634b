"""Use of signs: values by hand."""

from __future__ import annotations

import numpy as np
import pytest

from scenesign.transforms.metrics.usage import perplexity, sign_usage
from tests.transforms.metrics.evidence import evidence


def test_perplexity_by_hand() -> None:
    assert perplexity(np.array([5, 5, 5, 5, 0])) == pytest.approx(4.0)
    assert perplexity(np.array([7])) == pytest.approx(1.0)
    assert perplexity(np.array([1, 1, 2])) == pytest.approx(2**1.5)
    assert perplexity(np.array([0, 0])) == 0.0


def test_every_level_is_counted_from_its_own_first_sign() -> None:
    found = sign_usage(evidence([[0, 2], [1, 3]], [[0, 2]], sizes=(2, 3)))
    assert found == {
        "level1/signs": 2, "level1/used": 2, "level1/perplexity": 1.8899,
        "level2/signs": 3, "level2/used": 2, "level2/perplexity": 1.8899,
    }  # fmt: skip
