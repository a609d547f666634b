"""Between which values nearly all lies that enters the convolutions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.embeddings.floats import entering

_OUTSIDE = 1e-4  # share of values beyond either end


def fit_ranges(languages: Mapping[str, Sequence[str]]) -> dict[str, np.ndarray]:
    """`xn.low`, `xn.high`, `hn.low`, `hn.high` for the branch of n tokens: float32 [256], 0 always among them.

    The ends are means over languages of each language's own, so that each has a say, however many sentences it has.
    """
    found = [_ranges(texts) for texts in languages.values()]
    return {name: np.mean([one[name] for one in found], axis=0, dtype=np.float32) for name in found[0]}


def _ranges(texts: Sequence[str]) -> dict[str, np.ndarray]:
    ends = {}
    for name, rows in entering(texts).items():
        low, high = np.quantile(rows, (_OUTSIDE, 1.0 - _OUTSIDE), axis=0)
        ends[f"{name}.low"] = np.minimum(low, 0.0).astype(np.float32)
        ends[f"{name}.high"] = np.maximum(high, 0.0).astype(np.float32)
    return ends
