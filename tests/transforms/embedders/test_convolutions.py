"""Convolutions in bytes: those of numpy's integers bit for bit, and near those of floats."""

from __future__ import annotations

import numpy as np
import pytest

from scenesign.transforms.embedders.convolutions import CHANNELS, WINDOWS, Branch, Layer, in_integers

ROWS = 60


def layer(seed: int, tokens: int, entering: np.ndarray | None = None) -> Layer:
    """Random weights, ranges of random width or of what enters."""
    numbers = np.random.default_rng(seed)
    weights = numbers.standard_normal((tokens * CHANNELS, CHANNELS)).astype(np.float32) / np.float32(16 * tokens)
    spans = np.exp(numbers.standard_normal(CHANNELS)).astype(np.float32)
    low, high = (-spans, spans) if entering is None else (entering.min(axis=0), entering.max(axis=0))
    return Layer(weights, numbers.standard_normal(CHANNELS).astype(np.float32) / 8, low, high)


def case(tokens: int, left: int) -> tuple[Layer, Layer, np.ndarray, np.ndarray]:
    """Two layers, rows that enter, and windows over them that end at row 20 and at the last."""
    first = layer(1, tokens)
    rows = np.random.default_rng(3).uniform(-1, 1, (ROWS, CHANNELS)).astype(np.float32) * first.high
    seen = np.arange(ROWS)[:, None] + np.arange(-left, tokens - left)
    begin, end = np.where(np.arange(ROWS) < 20, 0, 20), np.where(np.arange(ROWS) < 20, 20, ROWS)
    inside = (seen >= begin[:, None]) & (seen < end[:, None])
    windows = np.where(inside, seen, ROWS)
    return first, layer(2, tokens, in_floats(first, rows, windows)), rows, windows


def in_floats(one: Layer, rows: np.ndarray, windows: np.ndarray) -> np.ndarray:
    padded = np.vstack([rows, np.zeros((1, CHANNELS), np.float32)])
    return np.maximum(padded[windows].reshape(len(rows), -1) @ one.weights + one.bias, 0) + rows


@pytest.mark.parametrize(("tokens", "left"), WINDOWS)
def test_near_floats(tokens: int, left: int) -> None:
    first, second, rows, windows = case(tokens, left)
    branch = Branch(first, second)
    entering = np.vstack([branch.entering(rows), branch.nothing[None]])
    found, floats = branch(entering, windows), in_floats(second, in_floats(first, rows, windows), windows)
    assert found.shape == (ROWS, CHANNELS)
    assert found.dtype == np.float32
    assert np.abs(found - floats).mean() < 0.03 * np.abs(floats).mean()


@pytest.mark.parametrize(("tokens", "left"), WINDOWS)
def test_the_bits_of_numpys_integers(tokens: int, left: int) -> None:
    first, second, rows, windows = case(tokens, left)
    branch = Branch(first, second)
    one, two = branch.first, branch.second
    entering = np.vstack([branch.entering(rows), branch.nothing[None]])

    def convolved(whole: np.ndarray, weights: np.ndarray, scale: np.ndarray, bias: np.ndarray) -> np.ndarray:
        sums = whole[windows].reshape(ROWS, -1).astype(np.int64) @ weights.astype(np.int64)
        return np.maximum(sums.astype(np.float32) * scale + bias, np.float32(0))

    half = np.float32(0.5)
    ratio = one.step / two.step
    kept = entering[:-1].astype(np.float32) * (ratio / 64).astype(np.float32)
    kept = kept + (two.zero + half - (one.zero + np.float32(128) + half) * ratio)
    enters = np.clip(entering.astype(np.int64) // 64 - 128, 0, 255)
    between = convolved(enters, one.weights, one.scale / two.step, one.bias / two.step) + kept
    whole = np.vstack([np.clip(between, 0, 255).astype(np.uint8), two.zero.astype(np.uint8)[None]])
    expected = convolved(whole, two.weights, two.scale, two.bias) + (between - (two.zero + half)) * two.step
    assert branch(entering, windows).tobytes() == expected.astype(np.float32).tobytes()


def test_weights_keep_to_what_two_products_can_hold() -> None:
    whole = in_integers(layer(4, 5))
    assert np.abs(whole.weights.astype(int)).max() == 63
    assert whole.zero.min() >= 0
    assert whole.zero.max() <= 255


def test_a_loud_channel_takes_longer_steps() -> None:
    one = layer(5, 3)
    one.low[7], one.high[7] = -90.0, 90.0
    steps = in_integers(one).step
    assert steps.argmax() == 7


def test_a_channel_of_nothing_does_no_harm() -> None:
    one = layer(6, 2)
    one.low[3] = one.high[3] = 0.0
    one.weights[:, 9] = 0.0
    whole = in_integers(one)
    assert all(np.isfinite(a).all() for a in (whole.step, whole.scale, whole.bias))
    assert whole.weights[:, 9].tolist() == [0] * len(whole.weights)
