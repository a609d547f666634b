"""A sketch: a scene vector less the mean of its language in two bits a number, for search by meaning.

A scene's glyphs say what kind of scene it is; a search asks for one scene among all, and needs more. Whole vectors are
16 times as large as sketches, and find hardly more: what matters is that the query itself isn't rounded.
"""

from __future__ import annotations

import numpy as np

from scenesign.transforms.signs.neutralise import unit

# Numbers to a byte.
_PER_BYTE = 4
# What the numbers of a random unit vector of D dimensions are best rounded to, in units of D ** -0.5, and the bounds
# between them (Max 1960, for normal variables).
LEVELS = np.array([-1.510, -0.4528, 0.4528, 1.510], dtype=np.float32)
_BOUNDS = np.array([-0.9816, 0.0, 0.9816], dtype=np.float32)
# The four numbers that each byte holds, the first in its lowest bits: float32 [256, 4].
_UNPACKED = LEVELS[(np.arange(256)[:, None] >> (2 * np.arange(_PER_BYTE))) & 3]


def sketch_size(dimensions: int) -> int:
    """Bytes of a sketch of so many dimensions."""
    return -(-dimensions // _PER_BYTE)


def sketches(vectors: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Sketches of scene vectors, float32 [n, D] -> uint8 [n, D / 4, rounded up].

    mean: of their language, float32 [D].
    """
    count, dimensions = vectors.shape
    scaled = unit(vectors - mean) * np.float32(dimensions**0.5)
    codes = np.zeros((count, sketch_size(dimensions) * _PER_BYTE), dtype=np.uint8)
    codes[:, :dimensions] = np.searchsorted(_BOUNDS, scaled, side="right")
    parts = codes.reshape(count, sketch_size(dimensions), _PER_BYTE) << (2 * np.arange(_PER_BYTE, dtype=np.uint8))
    return np.asarray(np.bitwise_or.reduce(parts, axis=2), dtype=np.uint8)


def sketched_vectors(packed: np.ndarray, dimensions: int) -> np.ndarray:
    """What sketches hold of their vectors, uint8 [n, D / 4] -> float32 [n, D] of unit length."""
    return unit(unpacked(packed, dimensions))


def unpacked(packed: np.ndarray, dimensions: int) -> np.ndarray:
    """The numbers that the codes of sketches stand for, uint8 [n, D / 4] -> float32 [n, D], whatever their length."""
    return _UNPACKED[packed].reshape(len(packed), packed.shape[1] * _PER_BYTE)[:, :dimensions]
