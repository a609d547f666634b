"""Small datasets that a concept model can learn from: an inventory of known codewords, and books that go in rounds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch

from scenesign.pipeline.train.books import ConceptBook
from scenesign.pipeline.train.pieces import Pieces
from scenesign.schemas.inventory import InventoryInfo
from scenesign.schemas.parts import FileEntry
from scenesign.transforms.embedders.registry import DEFAULT_EMBEDDER, embedder_version
from scenesign.transforms.signs.inventory import Inventory, save_inventory
from scenesign.transforms.signs.neutralise import Neutraliser, unit
from scenesign.transforms.signs.quantisers.residual import ResidualQuantiser
from tests.transforms.dataset.shelves import DIMENSIONS, ShelfBook, write_shelf

TOPICS, SECONDS = 6, 4
PIECES = Pieces((TOPICS, SECONDS), (False, False))
# Those on stage in turn: who has been away longest comes next. An untrained model expects who was there last.
ROUND = ((1,), (2, 3), (4,), (5,), (6, 7), (8,))


def codewords(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Of both levels, float32 [signs, DIMENSIONS]."""
    draw = np.random.default_rng(seed)
    first, second = (unit(draw.normal(size=(size, DIMENSIONS)).astype(np.float32)) for size in (TOPICS, SECONDS))
    return first, second


def small_inventory(folder: Path) -> Inventory:
    """An inventory on disk in which a neutral vector is the vector itself, but for its book's mean."""
    nothing = np.zeros(DIMENSIONS, np.float32)
    info = InventoryInfo(
        DEFAULT_EMBEDDER, embedder_version(DEFAULT_EMBEDDER), DIMENSIONS, (TOPICS, SECONDS), {"en": 1}, 8.0, 1.0, 0,
        1, 1, {}, quantiser="residual",
    )  # fmt: skip
    inventory = Inventory(info, ResidualQuantiser(codewords()), Neutraliser({"en": nothing}, nothing, 8.0, {}))
    return save_inventory(str(folder), inventory)


def rounds(counts: Sequence[int], first: int = 0, seed: int = 0) -> list[ShelfBook]:
    """Books of so many scenes in which the members come on stage in turn; what happens is drawn by chance.

    first: number of the first book, which makes its id.
    """
    books = []
    for number, count in enumerate(counts, start=first):
        draw = np.random.default_rng([seed, number])
        topics = draw.integers(0, TOPICS, count)
        signs = np.stack([topics, TOPICS + draw.integers(0, SECONDS, count)], axis=1)
        turn = int(draw.integers(0, len(ROUND)))
        cast = tuple(ROUND[(turn + scene) % len(ROUND)] for scene in range(count))
        vectors = codewords()[0][topics] + 0.1 * draw.normal(size=(count, DIMENSIONS))
        books.append(ShelfBook(f"{number:032x}", signs, cast, unit(vectors.astype(np.float32)).astype(np.float16)))
    return books


def write_stories(
    folder: Path, splits: Mapping[str, Sequence[ShelfBook]], *, cast: int | None = 3, concepts: bool = False
) -> Path:
    """A dataset of these books with the small inventory. cast: None for one of a time before there were casts."""
    write_shelf(folder, splits, cast=cast, concepts=concepts)
    small_inventory(folder / "inventory")
    change_manifest(folder, protocol="scene-signs/2.0.0" if cast is None else "scene-signs/2.1.0")
    if cast is not None:
        entry = FileEntry("cast/split=train/train-00000-of-00001.parquet", "cast", "train", 0, 0, 0, "")
        change_manifest(folder, files=[*_manifest(folder)["files"], asdict(entry)])  # type: ignore[misc]
    return folder


def change_manifest(folder: Path, **keys: object) -> None:
    """Other values for some of its keys."""
    (folder / "manifest.json").write_text(json.dumps(_manifest(folder) | keys), encoding="utf-8")


def _manifest(folder: Path) -> dict[str, object]:
    return dict(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))


def usual_stories(folder: Path, **options: object) -> Path:
    """A shelf of eight books to learn from, three to stop by, and three to be judged on."""
    splits = {"train": rounds([40] * 8), "validation": rounds([42] * 3, 8), "test": rounds([90] * 3, 11)}
    return write_stories(folder, splits, **options)  # type: ignore[arg-type]


def in_memory(books: Sequence[ShelfBook]) -> list[ConceptBook]:
    """The same as a model reads them."""
    found = []
    for book in books:
        cast = torch.zeros(len(book.signs), 3, dtype=torch.int64)
        for row, ids in enumerate(book.cast):
            cast[row, : len(ids)] = torch.tensor(ids, dtype=torch.int64)
        seen = torch.from_numpy(PIECES.split(book.signs))
        found.append(ConceptBook(book.book_id, "en", "", seen, cast, book.signs[:, 0]))
    return found


def with_cast(book: ShelfBook, cast: Sequence[Sequence[int]]) -> ShelfBook:
    """The same book with another cast."""
    return replace(book, cast=tuple(map(tuple, cast)))
