"""How many signs a level has, and how evenly they are used."""

from __future__ import annotations

import math

import numpy as np

from scenesign.transforms.metrics.metric import Evidence, Metric, MetricValue
from scenesign.transforms.signs.numbering import first_signs


def perplexity(counts: np.ndarray) -> float:
    """2 to the entropy of a distribution of counts: how many signs an even use would need for the same variety."""
    shares = counts[counts > 0] / max(1, counts.sum())
    return float(2.0 ** -(shares * np.log2(shares)).sum()) if len(shares) else 0.0


def sign_usage(evidence: Evidence) -> dict[str, MetricValue]:
    """Size, use and perplexity of every level."""
    signs = np.concatenate([book.signs for book in evidence.books])
    found: dict[str, MetricValue] = {}
    levels = zip(evidence.sizes, first_signs(evidence.sizes), strict=True)
    for level, (size, first) in enumerate(levels, start=1):
        counts = np.bincount(signs[:, level - 1] - first, minlength=size)
        found[f"level{level}/signs"] = int(size)
        found[f"level{level}/used"] = int((counts > 0).sum())
        found[f"level{level}/perplexity"] = round(perplexity(counts), 4)
    return found


METRICS = (
    Metric("levelL/signs", "signs of a level", "signs", 1, math.inf, "", sign_usage),
    Metric("levelL/used", "signs of a level that some scene carries", "signs", 0, math.inf, "higher", sign_usage),
    Metric(
        "levelL/perplexity",
        "signs that an even use would need for the variety there is",
        "signs",
        0,
        math.inf,
        "higher",
        sign_usage,
    ),
)
