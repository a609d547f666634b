"""Products in integers: exact at the ends of what bytes hold, and near the product of floats."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scenesign.transforms.embedders.integers import WEIGHT_LIMIT, FineProduct, IntegerProduct
from tests.conftest import ROOT


@pytest.mark.parametrize("inputs", [1, 2, 3, 256, 1280])
def test_no_sum_saturates(inputs: int) -> None:
    rows = np.full((3, inputs), 255, np.uint8)
    rows[1, ::2] = 0
    weights = np.full((inputs, 4), WEIGHT_LIMIT, np.int8)
    weights[:, 1] = -64
    weights[1::2, 2] *= -1
    found = IntegerProduct(weights)(rows)
    assert found.dtype == np.int32
    assert found.tolist() == (rows.astype(np.int64) @ weights.astype(np.int64)).tolist()


def test_any_bytes_multiply_exactly() -> None:
    numbers = np.random.default_rng(0)
    rows = numbers.integers(0, 256, (50, 700), dtype=np.uint8)
    weights = numbers.integers(-64, 64, (700, 33), dtype=np.int8)
    assert np.array_equal(IntegerProduct(weights)(rows), rows.astype(np.int64) @ weights.astype(np.int64))


def test_a_fine_product_is_near_that_of_floats() -> None:
    numbers = np.random.default_rng(0)
    rows = numbers.standard_normal((40, 300)) * np.exp(numbers.standard_normal((40, 1)) * 3)
    weights = numbers.standard_normal((300, 20))
    error = np.abs(FineProduct(weights)(rows) - rows @ weights)
    scale = np.linalg.norm(rows, axis=1, keepdims=True) * np.linalg.norm(weights, axis=0)
    assert (error / scale).max() < 2e-4


def test_a_fine_product_is_that_of_its_rounded_factors() -> None:
    numbers = np.random.default_rng(1)
    rows = numbers.integers(-(2**14) + 1, 2**14, (9, 50))
    weights = numbers.integers(-8127, 8128, (50, 7))
    rows[:, 0], weights[0] = 2**14 - 1, 8127  # the largest: a step is 1 then
    assert FineProduct(weights.astype(np.float64))(rows.astype(np.float64)).tolist() == (rows @ weights).tolist()


def test_rows_and_columns_of_nothing_give_nothing() -> None:
    rows, weights = np.ones((2, 3)), np.ones((3, 2))
    rows[1] = weights[:, 1] = 0.0
    assert FineProduct(weights)(rows)[[1, 1, 0], [0, 1, 1]].tolist() == [0.0, 0.0, 0.0]


def test_nothing_is_written_or_sent_about_our_use(tmp_path: Path) -> None:
    code = (
        "import numpy\n"
        "from scenesign.transforms.embedders.integers import IntegerProduct\n"
        "IntegerProduct(numpy.ones((2, 2), numpy.int8))(numpy.ones((1, 2), numpy.uint8))\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ORT_", "XDG_"))}
    environment |= {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert list(tmp_path.iterdir()) == []
