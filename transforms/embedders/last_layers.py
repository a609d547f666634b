"""The last layers of Universal Sentence Encoder: from the sum over a text's tokens to its vector."""

from __future__ import annotations

import numpy as np

from scenesign.transforms.embedders.integers import FineProduct
from scenesign.transforms.embedders.weights import Weights
from scenesign.transforms.support.steady import steady_tanh, steady_unit


class LastLayers:
    """From the sum over a text's tokens to its vector."""

    def __init__(self, weights: Weights) -> None:
        self._gain, self._bias = weights["ln_g"], weights["ln_b"]
        self._project = FineProduct(weights["cnn_W"])
        self._project_bias = weights["cnn_b"]
        self._first = FineProduct(np.concatenate([weights["d0"], weights["p1"]], axis=1))
        self._second = FineProduct(weights["d1"])
        self._third = FineProduct(np.concatenate([weights["d2"], weights["p3"]], axis=1))
        self._fourth = FineProduct(weights["d3"])
        self._edges = weights["d0"].shape[1], weights["d2"].shape[1]
        products = (self._project, self._first, self._second, self._third, self._fourth)
        self.weights = sum(product.size for product in products)

    def __call__(self, sums: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """sums: float32 [texts, 1280]; lengths: int64 [texts], of tokens. Returns float32 [texts, 512]."""
        tokens = lengths.astype(np.float64)[:, None]
        normed = sums * self._gain.astype(np.float64) + tokens * self._bias
        text = (self._project(normed) + tokens * self._project_bias) / np.sqrt(tokens)
        first = self._first(text)
        split, third_split = self._edges
        y = np.maximum(first[:, split:] + self._second(np.maximum(first[:, :split], 0.0)), 0.0)
        third = self._third(y)
        z = third[:, third_split:] + self._fourth(np.maximum(third[:, :third_split], 0.0))
        return steady_unit(steady_tanh(z)).astype(np.float32)
