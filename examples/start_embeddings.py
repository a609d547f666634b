"""Starts the token embeddings of a model from the vectors of the signs, where the model is narrower than they are."""

from __future__ import annotations

import numpy as np
import torch


def start_from(table: torch.nn.Parameter, vectors: np.ndarray) -> None:
    """Sets the rows of a model's embeddings from vectors of its tokens, at the spread they have.

    table: [tokens, width]; vectors: float32 [tokens, D]. Tokens whose vector is zero keep the row they have.
    """
    rows = fit_to_width(vectors, table.shape[1], float(table.detach().std()))
    known = torch.from_numpy(np.abs(rows).sum(axis=1) > 0)
    with torch.no_grad():
        table[known] = torch.from_numpy(rows)[known]


def fit_to_width(vectors: np.ndarray, width: int, spread: float) -> np.ndarray:
    """Vectors on their main axes, about their mean, with standard deviation `spread`.

    vectors: float32 [tokens, D]. Returns float32 [tokens, width]: near vectors stay near. Axes beyond those the vectors
    span are zero, and so are the rows of zeros, the tokens that have none.
    """
    known = np.abs(vectors).sum(axis=1) > 0
    started = np.zeros((len(vectors), width), np.float32)
    if not known.any():
        return started
    rows = vectors[known] - vectors[known].mean(axis=0)
    axes = np.linalg.svd(rows, full_matrices=False)[2][:width]
    # the sign of an axis is arbitrary: make its largest part positive
    axes *= np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]
    moved = np.zeros((len(rows), width), np.float32)
    moved[:, : len(axes)] = rows @ axes.T
    started[known] = moved * (spread / max(float(moved.std()), 1e-9))
    return started
