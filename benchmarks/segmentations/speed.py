"""How fast scenes are found, next to how fast sentences are embedded."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.segmentations.passages import as_book
from scenesign.transforms.embedders.texts import settled
from scenesign.transforms.scenes.boundaries import boundary_scorer
from scenesign.transforms.scenes.change_points import best_starts
from scenesign.transforms.scenes.cues import cues
from scenesign.transforms.scenes.find import SceneOptions, find_scenes, scene_sizes
from scenesign.transforms.scenes.pace import asked_pace

SENTENCES = 50_000


@dataclass(frozen=True)
class Speed:
    """Sentences per second. scored: None where the embedder has no boundary scorer."""

    embedded: float
    searched: float
    scored: float | None
    found: float

    def lines(self) -> list[str]:
        """In words, one line each."""
        parts = {"the search alone": self.searched, "the boundary scorer alone": self.scored, "find_scenes": self.found}
        return [f"embedding {self.embedded:,.0f} sentences/s"] + [
            f"{name} {rate:,.0f} sentences/s, {self.embedded / rate:.2%} of the time that embedding takes"
            for name, rate in parts.items()
            if rate is not None
        ]


def speed(
    texts: Sequence[str], vectors: np.ndarray, embedded: float, embedder: str, sentences: int = SENTENCES
) -> Speed:
    """Measured on one long book without chapters, made of these texts over and over.

    texts: at least one; vectors: float32 [texts, D]; embedded: sentences per second.
    """
    options = SceneOptions()
    many = [texts[i % len(texts)] for i in range(sentences)]
    book = as_book(many).with_fields(vectors=np.resize(vectors, (sentences, vectors.shape[1])))
    assert book.vectors is not None
    every = book.vectors
    relative, sizes = every - settled(every.mean(axis=0, dtype=np.float64)), scene_sizes(many)
    by_size = asked_pace(options.size).by_size(1.0)

    def search() -> None:
        least, most = options.min_sentences, options.max_sentences
        best_starts(relative, 1.0, least, most, pull=options.pull, sizes=sizes, by_size=by_size)

    scorer, scored = boundary_scorer(embedder), None
    if scorer is not None:
        table = cues(book.book.text, book.sentences, book.book.blocks, book.book.language)
        scored = sentences / _seconds(lambda: scorer.score(every, table))
    searched = sentences / _seconds(search)
    return Speed(embedded, searched, scored, sentences / _seconds(lambda: find_scenes(book, options, embedder)))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
