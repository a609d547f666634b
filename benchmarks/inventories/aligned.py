"""Verses aligned across languages: do translations of one passage get one sign?"""

from __future__ import annotations

import csv
import hashlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.inventories.methods import OUTLIER, BookVectors, Method
from scenesign.transforms.embedders.registry import embedder_version, load_embedder
from scenesign.transforms.embedders.texts import embed_texts
from scenesign.transforms.metrics.usage import perplexity
from scenesign.transforms.signs.neutralise import cosine, unit

VERSES = 8
LANGUAGES = ("en", "ru", "zh")


@dataclass(frozen=True, eq=False)
class Aligned:
    """Blocks of verses as scenes.

    books: int [blocks], which book a block is of. vectors: per language float32 [blocks, D], unit length.
    """

    books: np.ndarray
    vectors: dict[str, np.ndarray]

    def part(self, chosen: np.ndarray) -> Aligned:
        """The blocks of some books."""
        keep = np.isin(self.books, chosen)
        return Aligned(self.books[keep], {language: v[keep] for language, v in self.vectors.items()})

    def as_books(self) -> list[BookVectors]:
        """Every book in every language."""
        return [
            BookVectors(f"{book}-{language}", language, str(book), vectors[self.books == book])
            for language, vectors in self.vectors.items()
            for book in np.unique(self.books)
        ]


def read_blocks(path: Path) -> list[tuple[int, dict[str, list[str]]]]:
    """(book, verses by language) of every block of 8 verses that follow each other in one book.

    A table with tabs and a header: `book_id`, then among others a column per language, whose name starts with it.
    Verses that a translation lacks are left out of its block; blocks that lack a language altogether are dropped.
    Raises ValueError naming what is missing.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    header = list(rows[0]) if rows else []
    columns = {language: next((c for c in header if c.casefold().startswith(language)), None) for language in LANGUAGES}
    missing = [language for language, column in columns.items() if column is None]
    if missing or "book_id" not in header:
        raise ValueError(f"{path}: no column {', '.join(missing or ['book_id'])} among {', '.join(header) or 'none'}")
    blocks = []
    for number, (_, group) in enumerate(itertools.groupby(rows, key=lambda row: row["book_id"])):
        verses = list(group)
        for i in range(0, len(verses) - VERSES + 1, VERSES):
            block = {
                language: [
                    row[str(column)].strip() for row in verses[i : i + VERSES] if (row[str(column)] or "").strip()
                ]
                for language, column in columns.items()
            }
            if all(block.values()):
                blocks.append((number, block))
    return blocks


def embed_blocks(path: Path, embedder: str, cache: Path) -> Aligned:
    """Vectors of all blocks; kept in `cache` by the digest of the file and the embedder's version."""
    key = hashlib.sha256(path.read_bytes() + f"{embedder} {embedder_version(embedder)} {VERSES}".encode()).hexdigest()
    kept = cache / f"aligned-{key[:16]}.npz"
    if not kept.exists():
        blocks = read_blocks(path)
        if not blocks:
            raise ValueError(f"{path}: not one block of {VERSES} verses in {', '.join(LANGUAGES)}")
        model = load_embedder(embedder)
        arrays = {"books": np.array([book for book, _ in blocks])}
        for language in LANGUAGES:
            verses = [block[language] for _, block in blocks]
            every = embed_texts(model, [verse for block in verses for verse in block])
            ends = np.cumsum([len(block) for block in verses])
            arrays[language] = unit(np.stack([v.mean(axis=0) for v in np.split(every, ends[:-1])]))
        cache.mkdir(parents=True, exist_ok=True)
        np.savez(kept, **arrays)
    loaded = np.load(kept, allow_pickle=False)
    return Aligned(loaded["books"], {language: loaded[language] for language in LANGUAGES})


@dataclass(frozen=True)
class Agreement:
    """How alike aligned blocks are.

    same: share with one sign. chance: what the signs' shares would give by chance. perplexity: of the signs of both
    sides. cosine: mean over the blocks, of what the signs are to rebuild.
    """

    same: float
    chance: float
    perplexity: float
    cosine: float


@dataclass(frozen=True, eq=False)
class Sides:
    """Both sides of the blocks: codes int [blocks] each, and the cosines of their vectors, float32 [blocks]."""

    left: np.ndarray
    right: np.ndarray
    cosines: np.ndarray


def agreement(method: Method, aligned: Aligned) -> dict[tuple[str, str], Sides]:
    """Signs of both sides by pair of languages. Every book is encoded by itself."""
    codes = {language: np.full(len(aligned.books), OUTLIER) for language in aligned.vectors}
    targets = {language: np.empty_like(vectors) for language, vectors in aligned.vectors.items()}
    for language, vectors in aligned.vectors.items():
        for book in np.unique(aligned.books):
            mine = aligned.books == book
            found = method.encode(vectors[mine], language)
            codes[language][mine], targets[language][mine] = found.codes, found.targets
    return {
        (a, b): Sides(codes[a], codes[b], cosine(targets[a], targets[b])) for a, b in itertools.combinations(codes, 2)
    }


def agree(folds: Sequence[Sides], signs: int) -> Agreement:
    """Agreement over the blocks of all folds, whose inventories have at most so many signs each.

    A scene without a sign agrees with nothing.
    """
    same = np.concatenate([(sides.left == sides.right) & (sides.left != OUTLIER) for sides in folds])
    chances, spreads = [], []
    for sides in folds:
        left, right = (np.bincount(c[c != OUTLIER], minlength=signs) / len(c) for c in (sides.left, sides.right))
        chances.append(float(left @ right))
        both = np.concatenate([sides.left, sides.right])
        spreads.append(perplexity(np.bincount(both[both != OUTLIER], minlength=signs)))
    alike = float(np.concatenate([sides.cosines for sides in folds]).mean())
    return Agreement(float(same.mean()), float(np.mean(chances)), float(np.mean(spreads)), alike)


def halves(aligned: Aligned) -> Iterator[tuple[Aligned, Aligned]]:
    """(fitted on, asked about): books with odd and with even numbers, both ways."""
    every = np.unique(aligned.books)
    for odd in (1, 0):
        yield aligned.part(every[every % 2 == odd]), aligned.part(every[every % 2 != odd])
