"""Which of 32 scenes comes next? Untrained: the one most like the last scene that was read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.meanings.intervals import Estimate, estimate
from benchmarks.next_scene.baselines import like_the_last
from benchmarks.next_scene.books import Work
from benchmarks.next_scene.questions import KINDS, Question, hit
from scenesign.transforms.signs.inventory import Inventory


def hits(points: Sequence[np.ndarray], questions: Sequence[Question]) -> np.ndarray:
    """Chance of naming the true next scene, question by question. points: of each book, float [scenes, m]."""
    score = like_the_last(points)
    return np.asarray([hit(score(question)) for question in questions])


def by_kind(values: np.ndarray, questions: Sequence[Question], language: str | None = None) -> dict[str, Estimate]:
    """Shares of hits by kind of question, with intervals over books; of one language or all."""
    found = {}
    for kind in KINDS:
        mine = [i for i, q in enumerate(questions) if q.kind == kind and language in (None, q.language)]
        found[kind] = estimate(values[mine], [questions[i].book for i in mine])
    return found


def shuffled(works: Sequence[Work], seed: int) -> list[np.ndarray]:
    """An order of the scenes of each book that says nothing."""
    return [np.random.default_rng([seed, i]).permutation(len(work.texts)) for i, work in enumerate(works)]


def hits_so_far(inventory: Inventory, works: Sequence[Work], questions: Sequence[Question]) -> np.ndarray:
    """The same by neutral vectors whose book mean is that of the scenes read so far, not of the whole book."""
    found = []
    for question in questions:
        work = works[question.book]
        rows = work.vectors[[question.next - 1, *question.choices]]
        mean = work.vectors[: question.next].mean(axis=0)
        neutral = inventory.neutraliser.neutral(rows, work.language, mean, question.next)
        found.append(hit(neutral[1:].astype(np.float64) @ neutral[0]))
    return np.asarray(found)
