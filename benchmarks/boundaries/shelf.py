"""Books as the boundary scorer sees them: vectors, cues, and where their authors opened a chapter or a scene.

No annotation is needed. Headings and scene breaks are taken out, so that a chapter opening looks like any other
sentence; the starts of all other paragraphs are what it must be told from.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.library import books_of, unpack_works
from scenesign.schemas.records import BlockKind, Book, Sentence
from scenesign.transforms.embedders.registry import kept_embedder
from scenesign.transforms.embedders.texts import VECTOR_STEP, embed_texts
from scenesign.transforms.scenes.cues import cues
from scenesign.transforms.scenes.sentences import split_sentences

NOTHING, CHAPTER, BREAK = 0, 1, 2  # what starts at a sentence
_CHAPTER, _SCENE = 15, 5  # sentences: shorter ones are contents, notes or verse taken for headings, or verses set apart
_FEWEST = 3  # openings of a book that has something to teach


@dataclass(frozen=True)
class ShelfBook:
    """A book to learn from.

    vectors: int16 [n, D], in steps of `VECTOR_STEP`, not centred; table: float32 [n, cues]; starts: int8 [n], NOTHING,
    CHAPTER or BREAK.
    """

    name: str
    language: str
    author: str
    vectors: np.ndarray
    table: np.ndarray
    starts: np.ndarray

    @property
    def dev(self) -> bool:
        """Kept out of training to see how well it went: every eighth author, by a digest of the name."""
        return int(hashlib.sha256(self.author.encode()).hexdigest(), 16) % 8 == 0

    def centred(self) -> np.ndarray:
        """float32 [n, D]: the vectors less their mean, as real numbers."""
        vectors = self.vectors.astype(np.float32) * np.float32(VECTOR_STEP)
        return vectors - vectors.mean(axis=0)


def openings(sentences: tuple[Sentence, ...]) -> np.ndarray:
    """int8 [sentences of prose]: which of them open a chapter or follow a scene break, where the piece that they open
    is long enough to be one."""
    found, last = [], NOTHING
    for sentence in sentences:
        if sentence.kind is BlockKind.PARAGRAPH:
            found.append(last)
            last = NOTHING
        elif sentence.kind is BlockKind.HEADING:
            last = CHAPTER
        elif last == NOTHING:
            last = BREAK
    starts = np.array(found, dtype=np.int8)
    edges = [*np.flatnonzero(starts).tolist(), len(starts)]
    for start, end in itertools.pairwise(edges):
        if end - start < (_SCENE if starts[start] == BREAK else _CHAPTER):
            starts[start] = NOTHING
    return starts


def shelf_book(book: Book, name: str, author: str, embedder: str) -> ShelfBook:
    """A book with its vectors and cues, as FindScenes would see them."""
    sentences = split_sentences(book.text, book.blocks, book.language)
    prose = [sentence for sentence in sentences if sentence.kind is BlockKind.PARAGRAPH]
    vectors = embed_texts(kept_embedder(embedder), [book.text[s.start : s.end] for s in prose])
    return ShelfBook(
        name,
        book.language,
        author,
        np.rint(vectors / VECTOR_STEP).astype(np.int16),
        cues(book.text, prose, book.blocks, book.language),
        openings(tuple(sentences)),
    )


def read_shelf(library: Path, folders: Path | None, embedder: str, kept: Path) -> Iterator[ShelfBook]:
    """Every book of a library of archives (`manifest.tsv` names language, file and author) and of a folder of texts per
    language whose names begin with the author. Books come by name; each is kept in the folder `kept` once embedded.

    Raises KeyError when the manifest names a file that its archive lacks.
    """
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="shelf-") as unpacked:
        yield from _read(_listed(library, folders, Path(unpacked)), embedder, kept)


def _read(listed: Iterable[tuple[str, str, str, Path]], embedder: str, kept: Path) -> Iterator[ShelfBook]:
    for language, author, name, path in sorted(listed, key=lambda row: row[2]):
        cache = kept / f"{language}_{name}.npz"
        if not cache.exists():
            books = books_of(path, language)
            rows = [shelf_book(book, name, author, embedder) for book in books]
            if len(rows) != 1:
                print(f"{name}: {len(rows)} books in one file, so left out", flush=True)
                continue
            np.savez(cache, vectors=rows[0].vectors, table=rows[0].table, starts=rows[0].starts)
        with np.load(cache, allow_pickle=False) as file:
            book = ShelfBook(name, language, author, file["vectors"], file["table"], file["starts"])
        if np.count_nonzero(book.starts) >= _FEWEST:
            yield book


def _listed(library: Path, folders: Path | None, unpacked: Path) -> Iterator[tuple[str, str, str, Path]]:
    with (library / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for language in sorted({row["language"] for row in rows}):
        authors = {row["file"]: row["author"] for row in rows if row["language"] == language}
        for name, path in unpack_works(library / f"{language}.zip", authors, unpacked / language).items():
            yield language, authors[name], path.stem, path
    if folders is None:
        return
    for language in ("en", "ru", "zh"):
        for path in sorted((folders / language).glob("*.txt")):
            yield language, path.stem.split("_")[0], path.stem, path
