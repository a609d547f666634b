"""Scenes as a model reads them: rows of pieces or places of vectors, and casts; batch by batch or book by book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from scenesign.pipeline.train.pieces import Pieces
from scenesign.transforms.dataset.read import Dataset, DatasetBook
from scenesign.transforms.dataset.scene_batches import SceneBatch
from scenesign.transforms.parts.format import matrix_of


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
        """A book from its first scene to its last."""
        levels = len(self.pieces.levels)
        signs = np.array(book.signs, dtype=np.int64).reshape(-1, book.levels)[:, :levels]
        cast = np.zeros((len(signs), max(1, self.members)), dtype=np.int64)
        for row, ids in zip(cast, book.scene_cast, strict=False):
            kept = ids[: self.members]
            row[: len(kept)] = kept
        if self.places is None:
            seen = torch.from_numpy(self.pieces.split(signs))
        else:
            seen = torch.from_numpy(self.places[book.book_id].astype(np.float32))
        return ConceptBook(book.book_id, book.language, book.author, seen, torch.from_numpy(cast), signs[:, 0])


def places_of(dataset: Dataset) -> dict[str, np.ndarray]:
    """Where the scenes of each book lie in the space in which neighbours are alike, float16 [n, M] by book id.

    Raises ValueError when the dataset has no vectors.
    """
    if not dataset.has_concepts:
        raise ValueError(f"{dataset.folder} has no vectors of scenes; build it with --concepts float16")
    inventory = dataset.inventory
    found = {}
    for _, table in dataset.tables("concepts", ("book_id", "language", "scene_vectors")):
        for row in range(table.num_rows):
            vectors = matrix_of(table["scene_vectors"], row).astype(np.float32)
            neutral = inventory.neutraliser(vectors, table["language"][row].as_py())
            found[table["book_id"][row].as_py()] = inventory.quantiser.place(neutral).astype(np.float16)
    return found
