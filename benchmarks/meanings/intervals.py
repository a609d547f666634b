"""Figures with intervals over the books that they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SAMPLES = 1_000
# Figures of all languages together.
ALL = "all"


@dataclass(frozen=True)
class Estimate:
    """A mean, and the middle 95 % of it over samples of the books with replacement. count: what it is the mean of."""

    mean: float
    low: float
    high: float
    count: int

    def show(self, form: str = "{:.3f}") -> str:
        """`.123 (.101-.145)`, `.123` without an interval; `-` where there was nothing to count."""
        if not self.count:
            return "-"
        mean, low, high = (_bare(form.format(value)) for value in (self.mean, self.low, self.high))
        return mean if low == high else f"{mean} ({low}-{high})"


def _bare(number: str) -> str:
    """`.5` for `0.5`."""
    return number.replace("0.", ".", 1) if number.lstrip("-").startswith("0.") else number


NOTHING = Estimate(0.0, 0.0, 0.0, 0)


def draws(groups: int, samples: int = SAMPLES) -> np.ndarray:
    """How often each group is drawn in each sample with replacement: int64 [samples, groups]."""
    drawn = np.random.default_rng(0).integers(groups, size=(samples, groups))
    return np.stack([np.bincount(row, minlength=groups) for row in drawn])


def estimate(
    values: Sequence[float] | np.ndarray,
    groups: Sequence[int] | np.ndarray,
    weights: Sequence[float] | np.ndarray | None = None,
    count: int | None = None,
    samples: int = SAMPLES,
) -> Estimate:
    """The sum of values over the sum of weights (1 each), with an interval over groups (books), all of which are drawn.

    values, groups, weights: of one length, in any order. count: what the figure is the mean of, if not the values.
    With a single group low and high are the mean.
    """
    values = np.asarray(values, dtype=np.float64)
    share = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
    if not len(values) or not share.any():
        return NOTHING
    _, place = np.unique(np.asarray(groups), return_inverse=True)
    sums, totals = np.bincount(place, values), np.bincount(place, share)
    times = draws(len(sums), samples)
    below = times @ totals
    low, high = np.percentile((times @ sums)[below > 0] / below[below > 0], [2.5, 97.5])
    mean = float(values.sum() / share.sum())
    return Estimate(mean, float(low), float(high), len(values) if count is None else count)


@dataclass(frozen=True)
class Figure:
    """One figure of the table. part: a to e. way: by what; measure: what was measured; language: or ALL."""

    part: str
    measure: str
    way: str
    language: str
    value: Estimate


def jackknife(value: float, without: Sequence[float], count: int) -> Estimate:
    """A figure that is no mean, with what it is without each book in turn: 1.96 standard errors to either side.

    For figures that samples with replacement would bend, because what makes them needs many different books.
    """
    left = np.asarray(without, dtype=np.float64)
    wide = 0.0
    if len(left) > 1:
        wide = 1.96 * float(np.sqrt((len(left) - 1) / len(left) * ((left - left.mean()) ** 2).sum()))
    return Estimate(value, value - wide, value + wide, count)


def spread(values: Sequence[float]) -> Estimate:
    """The mean of one figure made several times, as with other seeds, with the lowest and the highest."""
    return Estimate(float(np.mean(values)), float(min(values)), float(max(values)), len(values)) if values else NOTHING
