"""The shelf of the experiment: works to train on, to choose by and to ask about, with their glyphs and casts."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.next_scene.books import Work, read_works
from benchmarks.next_scene.library import Built
from scenesign.transforms.cast.find import find_cast
from scenesign.transforms.signs.inventory import Inventory, load_inventory

# Ids of a scene's cast that models and comparisons are told, as `scenesign build` writes them.
CAST = 4


@dataclass(frozen=True, eq=False)
class Told:
    """A book as a model of scenes is told it.

    codes: per level, from 0, int32 [scenes, levels]. vectors: where the scene's own vector is among its like, float32
    [scenes, M]. cast: ids of who is on stage, most present first, 0 for nobody, int64 [scenes, CAST].
    """

    book_id: str
    language: str
    codes: np.ndarray
    vectors: np.ndarray
    cast: np.ndarray

    @property
    def scenes(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, eq=False)
class Side:
    """Works of one side, and what is told of each."""

    works: tuple[Work, ...]
    told: tuple[Told, ...]

    def first(self, count: int) -> Side:
        return Side(self.works[:count], self.told[:count])

    @property
    def scenes(self) -> int:
        return sum(told.scenes for told in self.told)

    @property
    def characters(self) -> int:
        return sum(work.characters for work in self.works)


@dataclass(frozen=True, eq=False)
class Shelf:
    """train: in the order in which smaller shelves take from it."""

    train: Side
    validation: Side
    test: Side
    inventory: Inventory


def read_shelf(built: Built) -> Shelf:
    """The shelf of two datasets. Works that a build left out as copies of others are not there."""
    inventory = load_inventory(str(built.fitted / "inventory"))
    known: dict[str, Work] = {}
    for dataset, names in ((built.fitted, built.of_fitted), (built.held_out, built.of_held_out)):
        known |= {names[work.source]: work for work in read_works(dataset)}

    def side(keys: Sequence[str]) -> Side:
        works = tuple(known[key] for key in keys if key in known)
        return Side(works, tuple(tell(work, inventory) for work in works))

    return Shelf(side(built.plan.train), side(built.plan.validation), side(built.plan.test), inventory)


def tell(work: Work, inventory: Inventory) -> Told:
    """What an inventory and the cast make of a book."""
    neutral = inventory.neutraliser(work.vectors, work.language)
    codes = inventory.quantiser.assign(neutral)[0]
    starts = np.cumsum([0, *map(len, work.texts)])[:-1].tolist()
    cast = np.zeros((len(work.texts), CAST), np.int64)
    for row, ids in zip(cast, find_cast("".join(work.texts), starts, work.language).scenes, strict=True):
        row[: len(ids[:CAST])] = ids[:CAST]
    return Told(work.book_id, work.language, codes, inventory.quantiser.place(neutral), cast)


_ARRAYS = ("codes", "vectors", "cast")


def save_told(sides: Sequence[Side], path: Path) -> None:
    """Writes what is told of the books of some sides as plain arrays, the same bytes each time."""
    told = [book for side in sides for book in side.told]
    np.savez(
        path,
        sides=np.asarray([len(side.told) for side in sides]),
        books=np.asarray([book.book_id for book in told]),
        languages=np.asarray([book.language for book in told]),
        scenes=np.asarray([book.scenes for book in told]),
        **{name: np.concatenate([getattr(book, name) for book in told]) for name in _ARRAYS},
    )


def load_told(path: Path) -> list[tuple[Told, ...]]:
    """Reads what `save_told` wrote, side by side."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}
    ends = np.cumsum(arrays["scenes"])
    books = [
        Told(str(book), str(language), *(arrays[name][end - count : end] for name in _ARRAYS))
        for book, language, count, end in zip(arrays["books"], arrays["languages"], arrays["scenes"], ends, strict=True)
    ]
    firsts = np.cumsum([0, *arrays["sides"]])
    return [tuple(books[a:b]) for a, b in itertools.pairwise(firsts)]
