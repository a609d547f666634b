"""The books that an inventory is judged on: scenes, vectors and headings, and what its glyphs make of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.next_scene.books import Work, read_works, without_copies
from scenesign.schemas.records import Block, Book
from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.scenes.segment import books_at
from scenesign.transforms.signs.inventory import Inventory

ROOT = Path(__file__).resolve().parents[2]
# What codes of a composed glyph are made of, see `letters`.
LETTERS = ("lead", "vowel", "tail")
LETTER_VALUES = 16


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

    @property
    def scenes(self) -> int:
        return len(self.work.texts)


@dataclass(frozen=True, eq=False)
class Column:
    """One thing that codes say of every scene: its topic, or a letter of a glyph. values: int [n], below `size`."""

    name: str
    values: np.ndarray
    size: int


@dataclass(frozen=True, eq=False)
class Coded:
    """A book as an inventory sees it. neutral: float32 [scenes, D], unit length. codes: int32 [scenes, levels]."""

    language: str
    neutral: np.ndarray
    codes: np.ndarray


def build(folder: Path, output: Path) -> Path:
    """The dataset of all books of a folder, with scene vectors. Books that an earlier call finished are not read again.

    Raises subprocess.CalledProcessError when the build fails; it has said why.
    """
    if not (output / "manifest.json").exists():
        command = [sys.executable, "-m", "scenesign", "build", str(folder), "-o", str(output)]
        subprocess.run([*command, "--concepts", "float32"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return output


def read_shelf(dataset: Path, folder: Path) -> list[ShelfBook]:
    """The books of a dataset, one copy of each work. folder: what it was built from, for the headings."""
    works, _ = without_copies(read_works(dataset))
    opened = Dataset(dataset)
    embedder = opened.inventory.info.embedder
    blocks = {item.book_id: item.blocks for item in books_at(str(folder), None, embedder) if isinstance(item, Book)}
    authors = {book.book_id: book.author for book in opened}
    return [
        ShelfBook(work, authors[work.book_id], scene_starts(work.texts), blocks.get(work.book_id, ()))
        for work in works
    ]


def scene_starts(texts: Sequence[str]) -> np.ndarray:
    """Where each of some texts begins when they are joined: int64 [texts]."""
    return np.cumsum([0, *map(len, texts)], dtype=np.int64)[:-1]


def code(inventory: Inventory, books: Sequence[ShelfBook]) -> list[Coded]:
    """Neutral vectors and codes of books, each encoded whole."""
    return [code_vectors(inventory, book.work.vectors, book.language) for book in books]


def code_vectors(inventory: Inventory, vectors: np.ndarray, language: str) -> Coded:
    """The same of scene vectors of one whole book, float32 [scenes, D]."""
    neutral = inventory.neutraliser(vectors, language)
    return Coded(language, neutral, inventory.quantiser.assign(neutral)[0])


def coordinates(inventory: Inventory, codes: np.ndarray, levels: int) -> np.ndarray:
    """Where codes stand in the space in which neighbours are alike, by the first levels: float32 [n, m]."""
    quantiser = inventory.quantiser
    place = getattr(quantiser, "coordinates", quantiser.decode)
    return np.asarray(place(codes, levels=levels))


def letters(inventory: Inventory, codes: np.ndarray) -> list[Column]:
    """What codes int [n, levels] say, column by column: the topic, then the letters of each composed glyph.

    A level whose glyphs are not composed is a column of its own.
    """
    sizes = inventory.info.sizes
    columns = [Column("topic", codes[:, 0], sizes[0])]
    for level in range(1, len(sizes)):
        if inventory.info.quantiser != "composite":
            columns.append(Column(f"level {level + 1}", codes[:, level], sizes[level]))
            continue
        for place, name in enumerate(LETTERS):
            weight = LETTER_VALUES ** (len(LETTERS) - 1 - place)
            values = codes[:, level] // weight % LETTER_VALUES
            columns.append(Column(f"{name} of glyph {level + 1}", values, LETTER_VALUES))
    return columns
