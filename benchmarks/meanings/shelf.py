"""The books that an inventory is judged on: scenes, vectors and headings, and what the inventory makes of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from benchmarks.meanings.codes import Coded, code_vectors
from benchmarks.meanings.translations import Pairs, find_pairs
from benchmarks.next_scene.books import Work, read_works, without_copies
from scenesign.schemas.records import Block, Book
from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.scenes.segment import books_at
from scenesign.transforms.signs.inventory import Inventory, scripts
from scenesign.transforms.signs.neutralise import unit

ROOT = Path(__file__).resolve().parents[2]
# In place of an inventory: that which is fitted on the books.
FIT = "fit"


@dataclass(frozen=True, eq=False)
class ShelfBook:
    """A book to judge on.

    starts: where each scene begins in the clean text, int64 [scenes]. blocks: of the clean text; none where the folder
    doesn't hold the book any more.
    """

    work: Work
    author: str
    starts: np.ndarray
    blocks: tuple[Block, ...]

    @property
    def language(self) -> str:
        return self.work.language

    @cached_property
    def text(self) -> str:
        """The clean text."""
        return "".join(self.work.texts)

    @property
    def scenes(self) -> int:
        return len(self.work.texts)


def build(folder: Path, output: Path, inventory: str) -> Path:
    """The dataset of all books of a folder, with scene vectors. Books that an earlier call finished are not read again.

    inventory: what it is written with: FIT, the name of a script, or a folder. Raises subprocess.CalledProcessError
    when the build fails; it has said why.
    """
    dataset = output / ("fitted" if inventory == FIT else "encoded")
    if not (dataset / "manifest.json").exists():
        command = [sys.executable, "-m", "scenesign", "build", str(folder), "-o", str(dataset)]
        command += ["--concepts", "float32", "--parts", str(output / "parts")]
        # without a script that ships, every build fits its own
        command += ["--inventory", inventory] if inventory != FIT or scripts() else []
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return dataset


def read_shelf(dataset: Path, folder: Path) -> list[ShelfBook]:
    """The books of a dataset, one copy of each work. folder: what it was built from, for the headings."""
    works, _ = without_copies(read_works(dataset))
    opened = Dataset(dataset)
    embedder = opened.inventory.info.embedder
    blocks = {item.book_id: item.blocks for item in books_at(str(folder), None, embedder) if isinstance(item, Book)}
    authors = {book.book_id: book.author for book in opened}
    return [
        ShelfBook(work, authors[work.book_id], scene_starts(work.texts), blocks.get(work.book_id, ())) for work in works
    ]


def scene_starts(texts: Sequence[str]) -> np.ndarray:
    """Where each of some texts begins when they are joined: int64 [texts]."""
    return np.cumsum([0, *map(len, texts)], dtype=np.int64)[:-1]


@dataclass(frozen=True, eq=False)
class Shelf:
    """Books and the inventory that is judged on them. works: see `find_pairs`."""

    books: Sequence[ShelfBook]
    inventory: Inventory
    works: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def coded(self) -> list[Coded]:
        """What the inventory makes of each book."""
        return [code_vectors(self.inventory, book.work.vectors, book.language) for book in self.books]

    @cached_property
    def pairs(self) -> list[Pairs]:
        """Scenes of translations."""
        return find_pairs([book.work for book in self.books], self.coded, self.works)

    @property
    def levels(self) -> int:
        return len(self.inventory.info.sizes)

    @cached_property
    def owners(self) -> np.ndarray:
        """The book of every scene, int64 [scenes of all books]."""
        return np.repeat(np.arange(len(self.books)), [book.scenes for book in self.books])

    @cached_property
    def languages(self) -> np.ndarray:
        """The language of every scene."""
        return np.asarray([book.language for book in self.books])[self.owners]

    @cached_property
    def firsts(self) -> np.ndarray:
        """Which scene of all is the first of each book."""
        return np.cumsum([0, *(book.scenes for book in self.books)])

    def coordinates(self, levels: int) -> np.ndarray:
        """Where glyphs put all scenes among their like, unit length: float32 [scenes of all books, width]."""
        codes = np.concatenate([coded.codes for coded in self.coded])
        return unit(self.inventory.quantiser.coordinates(codes, levels=levels))

    def rebuilt(self, levels: int) -> np.ndarray:
        """Neutral vectors of all scenes as glyphs keep them, unit length: float32 [scenes of all books, D]."""
        codes = np.concatenate([coded.codes for coded in self.coded])
        return unit(self.inventory.quantiser.decode(codes, levels=levels))
