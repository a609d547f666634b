"""How well the scenes of translations agree, and how well sentences are projected from one into another."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from benchmarks.meanings.intervals import ALL, Estimate, estimate
from benchmarks.scene_agreements.matching import (
    Matches,
    aligned,
    averaged,
    by_share,
    compare,
    cosine_rows,
    misplaced,
    projected,
)
from benchmarks.scene_agreements.parallel import Cut

UNITS, SENTENCES = (0, 1), (1, 3)  # places of a strict and of a near match

Editions = Mapping[str, Cut]
Compare = Callable[[Cut, Cut], list[Matches]]
Project = Callable[[Cut, Cut, slice, slice], list[int]]


@dataclass(frozen=True)
class Row:
    """F1 of two languages on one source. random, even, both_even: of near matches by chance."""

    source: str
    languages: str
    left: int
    right: int
    strict: Estimate
    strict_random: Estimate
    near: Estimate
    random: Estimate
    even: Estimate
    both_even: Estimate


def row(source: str, languages: str, matches: Sequence[Matches], groups: Sequence[int] | None = None) -> Row:
    """Sums matches up. groups: what is drawn together for the intervals, a number for each; else each by itself."""
    weights = [m.left + m.right for m in matches]
    drawn = range(len(matches)) if groups is None else groups

    def f1(of: Callable[[Matches], float]) -> Estimate:
        kept = [i for i, weight in enumerate(weights) if weight]
        values = [2 * of(matches[i]) for i in kept]
        return estimate(values, [drawn[i] for i in kept], [weights[i] for i in kept], count=sum(weights))

    return Row(
        source,
        languages,
        sum(m.left for m in matches),
        sum(m.right for m in matches),
        strict=f1(lambda m: m.found[0]),
        strict_random=f1(lambda m: m.random[0]),
        near=f1(lambda m: m.found[1]),
        random=f1(lambda m: m.random[1]),
        even=f1(lambda m: m.even[1]),
        both_even=f1(lambda m: m.both_even[1]),
    )


@dataclass(frozen=True)
class Projection:
    """Where a way to project puts the sentences that open a unit. exact, within1, within3: share in their place."""

    way: str
    source: str
    languages: str
    sentences: int
    exact: float
    within1: float
    within3: float


def compare_units(ours: Cut, theirs: Cut) -> list[Matches]:
    """By the units that boundaries lie in."""
    return compare(ours.side(), theirs.side(), UNITS)


def project_warped(ours: Cut, theirs: Cut, left: slice, right: slice) -> list[int]:
    """Along the vectors, by dynamic time warping."""
    return aligned(cosine_rows(ours.vectors[left], theirs.vectors[right]))


def project_by_share(ours: Cut, theirs: Cut, left: slice, right: slice) -> list[int]:
    """By share of the characters of information."""
    return by_share(ours.sizes[left], theirs.sizes[right])


PROJECT: Mapping[str, Project] = {"warped": project_warped, "by share": project_by_share}


def compare_sentences(ours: Cut, theirs: Cut, project: Project) -> list[Matches]:
    """By sentences, projected unit by unit, there and back."""
    there, back = (
        compare(a.side(_at(a, b, project)), b.side(tuple(range(len(b.units)))), SENTENCES)
        for a, b in ((ours, theirs), (theirs, ours))
    )
    return [averaged(one, other) for one, other in zip(there, back, strict=True)]


def _at(ours: Cut, theirs: Cut, project: Project) -> tuple[int, ...]:
    return projected(ours.units, theirs.units, lambda left, right: project(ours, theirs, left, right))


def agreement(source: str, books: Sequence[Editions], compare_by: Compare) -> Iterator[Row]:
    """A row for each pair of languages, and one for all together, where a book is drawn with all its pairs."""
    every: list[Matches] = []
    groups: list[int] = []
    pairs = list(_pairs(books))
    for languages, both in pairs:
        found = [(i, matches) for i, ours, theirs in both for matches in compare_by(ours, theirs)]
        every += [matches for _, matches in found]
        groups += [i for i, _ in found]
        yield row(source, languages, [matches for _, matches in found])
    if len(pairs) > 1:
        yield row(source, ALL, every, groups)


def projections(source: str, books: Sequence[Editions]) -> Iterator[Projection]:
    """How right each way to project is about sentences that open a unit, where it has a whole book to go by."""
    for way, project in PROJECT.items():
        for languages, both in _pairs(books):
            off: list[int] = []
            for _, a, b in both:
                at = project(a, b, slice(0, len(a.units)), slice(0, len(b.units)))
                off += misplaced(a.units, b.units, at)
            exact, within1, within3 = (mean(by <= most for by in off) for most in (0, 1, 3))
            yield Projection(way, source, languages, len(off), exact, within1, within3)


def _pairs(books: Sequence[Editions]) -> Iterator[tuple[str, list[tuple[int, Cut, Cut]]]]:
    """Every pair of languages, and its books with their numbers."""
    for ours, theirs in dict.fromkeys(pair for book in books for pair in itertools.combinations(book, 2)):
        both = [(i, book[ours], book[theirs]) for i, book in enumerate(books) if ours in book and theirs in book]
        yield f"{ours}-{theirs}", both
