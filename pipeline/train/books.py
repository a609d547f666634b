"""Scenes as a model reads them: rows of pieces or places of vectors, and casts; batch by batch or book by book."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from scenesign.pipeline.train.pieces import Pieces
from scenesign.transforms.cast.cast import MOST_MEMBERS
from scenesign.transforms.dataset.read import Dataset, DatasetBook
from scenesign.transforms.dataset.scene_batches import SceneBatch
from scenesign.transforms.parts.format import matrix_of
from scenesign.transforms.signs.numbering import first_signs
from scenesign.transforms.support import storage


@dataclass(frozen=True, eq=False)
class ConceptBook:
    """A book as a model reads it.

    seen: rows of pieces int64 [n, P], or places of vectors float32 [n, M]. cast: int64 [n, N], 0 for nobody. topics:
    int64 [n]. language: ISO 639-1.
    """

    book_id: str
    language: str
    author: str
    seen: torch.Tensor
    cast: torch.Tensor
    topics: np.ndarray

    def __len__(self) -> int:
        return len(self.seen)


@dataclass(frozen=True, eq=False)
class SceneReader:
    """Turns batches of the loader into what a model reads.

    members: ids of a scene that are read, at most. places: where the scenes of each book lie, float16 [n, M] by
    book id, for a model of vectors; None for one of glyphs.
    """

    pieces: Pieces
    members: int
    places: Mapping[str, np.ndarray] | None = None

    def seen(self, batch: SceneBatch) -> torch.Tensor:
        """Rows of pieces int64 [B, T, P], or places float32 [B, T, M]; padding is each piece's first value, or 0."""
        if self.places is None:
            rows = self.pieces.split(batch.signs[..., : len(self.pieces.levels)].numpy())
            padding = np.array(self.pieces.firsts, dtype=np.int64)
            return torch.from_numpy(np.where(batch.mask.numpy()[..., None], rows, padding))
        width = next(iter(self.places.values())).shape[1]
        found = torch.zeros(*batch.mask.shape, width)
        for row, (book, first) in enumerate(zip(batch.books, batch.first.tolist(), strict=True)):
            count = int(batch.mask[row].sum())
            if count:
                found[row, :count] = torch.from_numpy(self.places[book][first : first + count].astype(np.float32))
        return found

    def cast(self, batch: SceneBatch) -> torch.Tensor:
        """Ids int64 [B, T, N]; N is at least 1."""
        kept = batch.cast[..., : self.members]
        return kept if kept.shape[-1] else torch.zeros(*batch.mask.shape, 1, dtype=torch.int64)

    def whole(self, book: DatasetBook) -> ConceptBook:
        """A book from its first scene to its last.

        Raises ValueError naming the table when its signs, cast or vectors can't be right.
        """
        levels = len(self.pieces.levels)
        signs = np.array(book.signs, dtype=np.int64).reshape(-1, book.levels)[:, :levels]
        cast = np.zeros((len(signs), max(1, self.members)), dtype=np.int64)
        first = first_signs(self.pieces.levels)
        if ((signs < first) | (signs >= first + np.array(self.pieces.levels))).any():
            raise _damaged(book, "sequences", f"a sign that is none of its inventory's at that level")
        for row, ids in zip(cast, _cast_of(book), strict=True):
            kept = ids[: self.members]
            row[: len(kept)] = kept
        if self.places is None:
            seen = torch.from_numpy(self.pieces.split(signs))
        else:
            places = self.places.get(book.book_id)
            if places is None or len(places) != len(signs) or not np.isfinite(places).all():
                raise _damaged(book, "concepts", f"not a vector of numbers for each of its {len(signs)} scenes")
            seen = torch.from_numpy(places.astype(np.float32))
        return ConceptBook(book.book_id, book.language, book.author, seen, torch.from_numpy(cast), signs[:, 0])


def _cast_of(book: DatasetBook) -> tuple[tuple[int, ...], ...]:
    """Ids of each scene; none of any where the dataset has no casts."""
    if not book.scene_cast:
        return ((),) * len(book)
    if len(book.scene_cast) != len(book):
        raise _damaged(book, "sequences", f"casts of {len(book.scene_cast)} scenes for {len(book)}")
    for number in itertools.chain.from_iterable(book.scene_cast):
        if number is None or not 1 <= number <= MOST_MEMBERS:
            raise _damaged(book, "sequences", f"a member {number} in its cast, whose ids go from 1 to {MOST_MEMBERS}")
    return book.scene_cast


def _damaged(book: DatasetBook, table: str, has: str) -> ValueError:
    folder = book.dataset.folder
    return ValueError(
        f"{storage.join(folder, table)}: book {book.book_id} has {has}; "
        f"`scenesign validate {folder}` says what else is wrong"
    )


def places_of(dataset: Dataset) -> dict[str, np.ndarray]:
    """Where the scenes of each book lie in the space in which neighbours are alike, float16 [n, M] by book id.

    Raises ValueError when the dataset has no vectors, and naming the file when they are not the inventory's.
    """
    if not dataset.has_concepts:
        raise ValueError(f"{dataset.folder} has no vectors of scenes; build it with --concepts float16")
    inventory = dataset.inventory
    found = {}
    width = inventory.info.dimensions
    for file, table in dataset.tables("concepts", ("book_id", "language", "scene_vectors")):
        for row in range(table.num_rows):
            vectors = matrix_of(table["scene_vectors"], row).astype(np.float32)
            if vectors.ndim != 2 or vectors.shape[1] != width or not np.isfinite(vectors).all():
                raise ValueError(
                    f"{file} has vectors that are not of {width} numbers, as the inventory's are; "
                    f"`scenesign validate {dataset.folder}` says what else is wrong"
                )
            neutral = inventory.neutraliser(vectors, table["language"][row].as_py())
            found[table["book_id"][row].as_py()] = inventory.quantiser.place(neutral).astype(np.float16)
    return found
