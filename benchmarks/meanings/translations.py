"""Which books are translations of each other, and which of their scenes: found by vectors, in order."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from benchmarks.meanings.codes import Coded
from benchmarks.next_scene.books import Work
from scenesign.transforms.dataset.works import works_of

# Books are translations when the scenes of one that each scene of the other is most like come in the same order: a rank
# correlation of so much, and so improbable by chance that not one pair in a library of hundreds is taken for one.
_LEAST_ORDER = 0.5
_MOST_CHANCE = 1e-7
_LEAST_SCENES = 12
# The same of books whose files have one name.
_MOST_CHANCE_NAMED = 0.01
_LEAST_SCENES_NAMED = 4
# Scenes are a pair when they are more alike than those of other places by so many standard deviations.
_LEAST_LIKENESS = 2.0


@dataclass(frozen=True, eq=False)
class Pairs:
    """Scenes of two books that tell the same. left, right: books; scenes: int64 [n, 2], both columns ascending."""

    left: int
    right: int
    scenes: np.ndarray


def order(alike: np.ndarray) -> tuple[float, float]:
    """Rank correlation of scenes and the scenes of another book that they are most like, and its chance.

    alike: cosines, float [a, b]. (0, 1) where there is nothing to rank.
    """
    nearest = alike.argmax(axis=1)
    if len(nearest) < 3 or nearest.min() == nearest.max():
        return 0.0, 1.0
    found = spearmanr(np.arange(len(nearest)), nearest)
    return float(found.statistic), float(found.pvalue)


def are_translations(alike: np.ndarray, named: bool = False) -> bool:
    """Whether one of two books, whose scenes have these cosines, float [a, b], tells what the other does in order.

    named: whether their files have one name, so that less proof is enough.
    """
    least, most = (_LEAST_SCENES_NAMED, _MOST_CHANCE_NAMED) if named else (_LEAST_SCENES, _MOST_CHANCE)
    sides = (side for side in (alike, alike.T) if len(side) >= least)
    return any(rho >= _LEAST_ORDER and chance <= most for rho, chance in map(order, sides))


def align(alike: np.ndarray) -> np.ndarray:
    """Pairs of scenes in order, int64 [n, 2], that have the most likeness in all. alike: float [a, b].

    Each pair counts by what it is more alike than chance, scenes without a partner count nothing. Exact, by dynamic
    programming (Needleman and Wunsch 1970).
    """
    gain = alike.astype(np.float64) - (alike.mean() + _LEAST_LIKENESS * alike.std())
    best = np.zeros((gain.shape[0] + 1, gain.shape[1] + 1))
    for i, row in enumerate(gain):
        best[i + 1, 1:] = np.maximum(best[i, 1:], best[i, :-1] + row)
        np.maximum.accumulate(best[i + 1], out=best[i + 1])
    pairs = []
    i, j = gain.shape
    while i and j:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return np.asarray(pairs[::-1], dtype=np.int64).reshape(-1, 2)


def find_pairs(works: Sequence[Work], coded: Sequence[Coded], stated: Mapping[str, str]) -> list[Pairs]:
    """Pairs of scenes of all books of one work in two languages.

    stated: the work of books by the end of their source; where it names both books, it alone says whether they are of
    one work.
    """
    files = works_of((work.book_id, work.language, work.source) for work in works)
    names = [next((name for end, name in stated.items() if work.source.endswith(end)), "") for work in works]
    found = []
    for a, b in itertools.combinations(range(len(works)), 2):
        if works[a].language == works[b].language:
            continue
        alike = coded[a].neutral @ coded[b].neutral.T
        named = files[works[a].book_id] == files[works[b].book_id] != ""
        if names[a] == names[b] if names[a] and names[b] else are_translations(alike, named):
            pairs = Pairs(a, b, align(alike))
            if len(pairs.scenes):
                found.append(pairs)
    return found


def read_works_table(path: Path) -> dict[str, str]:
    """Works by the end of a book's source, from a table with tabs and the columns `file` and `work`.

    Raises ValueError naming the columns that are missing.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    missing = {"file", "work"} - set(rows[0] if rows else ())
    if missing:
        raise ValueError(f"{path}: no column {', '.join(sorted(missing))}; it needs `file` and `work`")
    return {row["file"]: row["work"] for row in rows if row["file"] and row["work"]}
