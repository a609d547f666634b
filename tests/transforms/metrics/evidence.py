"""Evidence of a few books for the tests of metrics."""

from __future__ import annotations

import numpy as np

from scenesign.transforms.metrics.metric import BookSigns, Evidence
from scenesign.transforms.signs.quantisers.residual import ResidualQuantiser


def evidence(*books: list[list[int]], sizes: tuple[int, ...] = (2,), languages: str = "") -> Evidence:
    """Books of these signs, [scenes, levels] each; languages: a letter for each, all in one by default."""
    spoken = languages or "e" * len(books)
    scenes = sum(map(len, books))
    sample = np.eye(2, dtype=np.float32)
    return Evidence(
        books=[BookSigns(str(i), spoken[i], np.array(signs)) for i, signs in enumerate(books)],
        sizes=sizes,
        distances=np.linspace(0, 1, scenes, dtype=np.float32),
        novel=np.linspace(0, 1, scenes) > 0.9,
        characters=100 * scenes,
        sample=sample,
        quantiser=ResidualQuantiser((sample,) * len(sizes)),
    )
