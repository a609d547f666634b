"""The yardstick: given a book's scenes so far, which of some scenes comes next?

Only scenes still to come are offered, so nobody gains by knowing what was read already. `near` offers the true next
scene and the 31 that follow it; `far` offers it among 31 drawn from all that follow; `chapter`, as ChapterBreak does,
the scene that opens the next chapter among five that open later ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.next_scene.books import Work

CHOICES = 32
CHANCE = 1.0 / CHOICES
KINDS = ("far", "near")
CHAPTER = "chapter"
CHAPTERS = 6
# Scenes that have been read before the first question of a book.
READ = 8


@dataclass(frozen=True)
class Question:
    """book: index into the works asked about. next: the true next scene. choices: scenes of the book, it first."""

    kind: str
    language: str
    book: int
    next: int
    choices: tuple[int, ...]


def ask(
    works: Sequence[Work], per_language: int, seed: int = 0, choices: int = CHOICES, read: int = READ
) -> list[Question]:
    """Up to `per_language` positions of each language, evenly spread over its books, each asked in both kinds."""
    questions = []
    for language in sorted({work.language for work in works}):
        places = [
            (book, scene)
            for book, work in enumerate(works)
            if work.language == language
            for scene in range(read, len(work.texts) - choices + 1)
        ]
        count = min(per_language, len(places))
        for book, scene in (places[len(places) * i // count] for i in range(count)):
            later = np.arange(scene + 1, len(works[book].texts))
            draw = np.random.default_rng([seed, book, scene]).permutation(later)[: choices - 1]
            for kind, others in zip(KINDS, (np.sort(draw), later[: choices - 1]), strict=True):
                questions.append(Question(kind, language, book, scene, (scene, *map(int, others))))
    return questions


def ask_chapters(works: Sequence[Work], per_language: int, seed: int = 0) -> list[Question]:
    """Up to `per_language` breaks between chapters of each language, evenly spread over its books."""
    questions = []
    for language in sorted({work.language for work in works}):
        places = [
            (book, sorted(work.chapters), i)
            for book, work in enumerate(works)
            if work.language == language
            for i, scene in enumerate(sorted(work.chapters)[: 1 - CHAPTERS])
            if scene >= READ
        ]
        count = min(per_language, len(places))
        for book, chapters, i in (places[len(places) * j // count] for j in range(count)):
            draw = np.random.default_rng([seed, book, i]).permutation(chapters[i + 1 :])[: CHAPTERS - 1]
            choices = (chapters[i], *map(int, np.sort(draw)))
            questions.append(Question(CHAPTER, language, book, chapters[i], choices))
    return questions


def hit(scores: np.ndarray) -> float:
    """Chance of naming the first of the choices when ties are broken evenly: float [choices] -> 0..1.

    Scores within a billionth of each other are tied: the same scene written twice must not win by rounding.
    """
    best = scores >= scores.max() - 1e-9
    return float(best[0] / best.sum())


def reciprocal_rank(scores: np.ndarray) -> float:
    """Expected 1 / rank of the first of the choices when ties are broken evenly."""
    above = int((scores > scores[0] + 1e-9).sum())
    tied = int((np.abs(scores - scores[0]) <= 1e-9).sum())
    return float(np.mean(1.0 / np.arange(above + 1, above + tied + 1)))
