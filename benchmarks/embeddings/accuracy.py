"""How far vectors in integers lie from those in floats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.embeddings.floats import float_vectors
from scenesign.transforms.embedders.registry import load_embedder
from scenesign.transforms.embedders.texts import embed_texts


def accuracy_table(languages: Mapping[str, Sequence[str]]) -> list[str]:
    """Markdown: cosines by language."""
    model = load_embedder()
    lines = ["| language | sentences | mean cosine | 1 in 100 below | 1 in 1,000 below | least | below .999 |"]
    lines += ["|---|---:|---:|---:|---:|---:|---:|"]
    for language, texts in languages.items():
        floats = np.concatenate([float_vectors(texts[i : i + 1000]) for i in range(0, len(texts), 1000)])
        cosines = cosines_of(embed_texts(model, texts), floats)
        lowest = " | ".join(f"{np.quantile(cosines, share):.4f}" for share in (0.01, 0.001, 0.0))
        below = float((cosines < 0.999).mean())
        lines.append(f"| {language} | {len(texts):,} | {cosines.mean():.5f} | {lowest} | {below:.2%} |")
    return lines


def cosines_of(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """float64 [texts]; both float [texts, D]."""
    a, b = ours.astype(np.float64), theirs.astype(np.float64)
    return np.asarray((a * b).sum(axis=1) / np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1)))
