"""Codewords as starting embeddings of a model that is narrower than they are."""

from __future__ import annotations

import numpy as np


def fit_to_width(codewords: np.ndarray, width: int, spread: float) -> np.ndarray:
    """Codewords on their main axes, about their mean, with standard deviation `spread`.

    codewords: float32 [tokens, D]. Returns float32 [tokens, width]: near codewords stay near. Axes beyond those the
    codewords span are zero, and so are rows of zeros, the tokens that have no codeword.
    """
    known = np.abs(codewords).sum(axis=1) > 0
    started = np.zeros((len(codewords), width), np.float32)
    if not known.any():
        return started
    rows = codewords[known] - codewords[known].mean(axis=0)
    axes = np.linalg.svd(rows, full_matrices=False)[2][:width]
    # the sign of an axis is arbitrary: make its largest part positive
    axes *= np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]
    moved = np.zeros((len(rows), width), np.float32)
    moved[:, : len(axes)] = rows @ axes.T
    started[known] = moved * (spread / max(float(moved.std()), 1e-9))
    return started
