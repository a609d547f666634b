"""Which of 32 scenes comes next? Untrained: the one most like the last scene that was read."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.meanings.codes import coordinates, glyphs
from benchmarks.meanings.intervals import ALL, Estimate, Figure, estimate
from benchmarks.meanings.shelf import Shelf
from benchmarks.next_scene.books import Work
from benchmarks.next_scene.likeness import like_the_last
from benchmarks.next_scene.questions import KINDS, Question, ask, hit
from scenesign.transforms.signs.inventory import Inventory

# Questions per language and kind.
QUESTIONS = 160


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


def judge(shelf: Shelf, seeds: Sequence[int]) -> Iterator[Figure]:
    """Is the next scene told from 31 others of its book by likeness to the last?"""
    works = [book.work for book in shelf.books]
    sets = [ask(works, QUESTIONS, seed) for seed in seeds]
    if not sets or not sets[0]:
        return
    questions = list(itertools.chain(*sets))
    neutral = [coded.neutral for coded in shelf.coded]
    ways = [("raw vectors", [work.vectors for work in works]), ("vectors", neutral)]
    ways += [
        (glyphs(n), [coordinates(shelf.inventory, coded.codes, n) for coded in shelf.coded])
        for n in range(1, shelf.levels + 1)
    ]
    orders = shuffled(works, seeds[0])
    last = ways[-1][1]
    ways.append(("vectors, scenes shuffled", [rows[order] for rows, order in zip(neutral, orders, strict=True)]))
    ways.append(
        (f"{glyphs(shelf.levels)}, scenes shuffled", [rows[order] for rows, order in zip(last, orders, strict=True)])
    )
    found = [(name, hits(points, questions), questions) for name, points in ways]
    so_far = hits_so_far(shelf.inventory, works, sets[0])
    found.insert(2, ("vectors, mean of the scenes so far", so_far, sets[0]))
    for name, values, asked in found:
        for language in (ALL, *sorted({question.language for question in asked})):
            shares = by_kind(values, asked, None if language == ALL else language)
            for kind in KINDS:
                yield Figure("c", kind, name, language, shares[kind])
