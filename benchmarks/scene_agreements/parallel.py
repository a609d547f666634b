"""Books in several languages whose parts are known to correspond."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.scene_agreements.information import characters_of_information
from benchmarks.scene_agreements.matching import Side
from scenesign.schemas.records import Block, BlockKind, Book, text_digest
from scenesign.transforms.embedders.registry import DEFAULT_EMBEDDER, kept_embedder
from scenesign.transforms.embedders.texts import embed_texts, prose_texts
from scenesign.transforms.scenes.find import SceneOptions, find_scenes
from scenesign.transforms.scenes.segment import books_at
from scenesign.transforms.scenes.sentences import split_book

LANGUAGES = ("en", "ru", "zh")
_SPACELESS = frozenset({"zh", "ja"})


@dataclass(frozen=True)
class Edition:
    """A book in one language. units: where each aligned unit starts in the text, ascending."""

    book: Book
    units: tuple[int, ...]


@dataclass(frozen=True)
class Parallel:
    """One book in several languages; each edition has as many units."""

    name: str
    editions: Mapping[str, Edition]


@dataclass(frozen=True, eq=False)
class Cut:
    """The sentences of prose of an edition, and its scenes.

    units: of each sentence, that it starts in. hard, starts: as of `Side`. vectors: float32 [n, D], unit length.
    sizes: characters of information of each, float64 [n].
    """

    units: tuple[int, ...]
    hard: frozenset[int]
    starts: tuple[int, ...]
    vectors: np.ndarray = field(repr=False)
    sizes: np.ndarray = field(repr=False)

    def side(self, at: tuple[int, ...] | None = None) -> Side:
        """With sentences placed by their unit, or as given."""
        return Side(self.units if at is None else at, self.hard, self.starts)


def compose(language: str, blocks: Iterable[tuple[BlockKind, Sequence[str]]]) -> tuple[Book, list[list[int]]]:
    """A book of blocks that are made of pieces, and where the pieces of each block start in its text."""
    joint = "" if language in _SPACELESS else " "
    text, found, places = "", [], []
    for kind, pieces in blocks:
        text += "\n\n" if text else ""
        start = len(text)
        ends = itertools.accumulate(len(piece) + len(joint) for piece in pieces)
        places.append([start, *(start + end for end in ends)][:-1])
        text += joint.join(pieces)
        found.append(Block(start, len(text), kind))
    return Book(text_digest(text), "", language, text, tuple(found), "benchmark"), places


def cut_edition(edition: Edition, embedder: str, options: SceneOptions) -> Cut:
    """Scenes found in one language by itself."""
    segmented = split_book(edition.book)
    texts = prose_texts(segmented)
    segmented = segmented.with_fields(vectors=embed_texts(kept_embedder(embedder), texts))
    prose = [i for i, sentence in enumerate(segmented.sentences) if sentence.kind is BlockKind.PARAGRAPH]
    offsets = [segmented.sentences[i].start for i in prose]
    units = np.searchsorted(edition.units, offsets, side="right") - 1
    assert segmented.vectors is not None
    return Cut(
        units=tuple(int(unit) for unit in units),
        hard=frozenset(row for row, (a, b) in enumerate(itertools.pairwise([-1, *prose])) if b - a > 1),
        # a scene may start with the headings before its prose
        starts=tuple(int(row) for row in np.searchsorted(prose, find_scenes(segmented, options, embedder))),
        vectors=segmented.vectors,
        sizes=np.array([characters_of_information(text) for text in texts], dtype=np.float64),
    )


def read_stories(folder: Path, headings: bool) -> list[Parallel]:
    """Books of one name in folders by language, read as `build` reads them.

    Units are paragraphs. Without headings nothing is left of a story but its paragraphs. A story whose languages differ
    in the order of their paragraphs, headings and breaks is left out, and a line says so.
    """
    stories = []
    for name in sorted({path.name for path in folder.glob("*/*") if path.is_file()}):
        books = {
            path.parent.name: next(books_at(str(path), path.parent.name, DEFAULT_EMBEDDER))
            for path in sorted(folder.glob(f"*/{name}"))
        }
        kinds = {tuple(b.kind for b in book.blocks) if isinstance(book, Book) else None for book in books.values()}
        if len(kinds) == 1 and None not in kinds and len(books) > 1:
            editions = {lang: _of_story(book, headings) for lang, book in books.items() if isinstance(book, Book)}
            stories.append(Parallel(name, editions))
        else:
            print(f"{folder}: {name} left out, for it has not the same blocks in {', '.join(books)}")
    return stories


def _of_story(book: Book, headings: bool) -> Edition:
    if not headings:
        return only_paragraphs(book)
    return Edition(book, tuple(block.start for block in book.blocks if block.kind is BlockKind.PARAGRAPH))


def only_paragraphs(book: Book) -> Edition:
    """A book without its headings and breaks. Units are paragraphs."""
    paragraphs = [block for block in book.blocks if block.kind is BlockKind.PARAGRAPH]
    alone, places = compose(book.language, [(block.kind, [book.text[block.start : block.end]]) for block in paragraphs])
    return Edition(alone, tuple(place[0] for place in places))


def read_verses(path: Path, headings: bool, each: bool = False) -> list[Parallel]:
    """Books of a table of verses: tabs, `book`, `chapter` and a column per language, whose name starts with it.

    Units are verses; those that a language lacks are left out. With headings a chapter is a heading and a paragraph;
    without, the whole book is one paragraph. each: every verse is a paragraph.
    Raises ValueError naming the columns that are missing.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    header = list(rows[0]) if rows else []
    columns = {language: next((c for c in header if c.startswith(f"{language}_")), "") for language in LANGUAGES}
    missing = [*{"book", "chapter"}.difference(header), *(language for language in LANGUAGES if not columns[language])]
    if missing:
        raise ValueError(f"{path}: no column {', '.join(missing)} among {', '.join(header) or 'none'}")
    rows = [row for row in rows if all((row[column] or "").strip() for column in columns.values())]
    books = []
    for name, verses in itertools.groupby(rows, key=lambda row: row["book"]):
        chapters = [(key, list(group)) for key, group in itertools.groupby(verses, key=lambda row: row["chapter"])]
        editions = {}
        for language, column in columns.items():
            texts = [(key, [row[column].strip() for row in group]) for key, group in chapters]
            editions[language] = _of_verses(language, texts, headings, each)
        books.append(Parallel(name, editions))
    return books


def _of_verses(language: str, chapters: Sequence[tuple[str, Sequence[str]]], headings: bool, each: bool) -> Edition:
    blocks: list[tuple[BlockKind, Sequence[str]]] = []
    for name, verses in chapters:
        blocks += [(BlockKind.HEADING, [name])] * headings
        blocks += [(BlockKind.PARAGRAPH, [verse]) for verse in verses] if each else [(BlockKind.PARAGRAPH, verses)]
    if not headings and not each:
        blocks = [(BlockKind.PARAGRAPH, [verse for _, verses in chapters for verse in verses])]
    book, places = compose(language, blocks)
    kinds = [kind for kind, _ in blocks]
    units = [place for kind, block in zip(kinds, places, strict=True) if kind is BlockKind.PARAGRAPH for place in block]
    return Edition(book, tuple(units))


def read_chapters(path: Path, headings: bool) -> list[Parallel]:
    """The parts of a novel from lines of JSON: `part`, `chapter`, and for each of two languages a list of paragraphs.

    Units are chapters. Without headings nothing but the end of a paragraph marks one.
    """
    with path.open(encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    return [
        Parallel(f"part {part}", dict(_parts(list(chapters), headings)))
        for part, chapters in itertools.groupby(rows, key=lambda row: row["part"])
    ]


def _parts(chapters: Sequence[Mapping[str, list[str]]], headings: bool) -> Iterator[tuple[str, Edition]]:
    for language in (key for key, value in chapters[0].items() if isinstance(value, list)):
        blocks: list[tuple[BlockKind, Sequence[str]]] = []
        firsts = []
        for number, chapter in enumerate(chapters, 1):
            blocks += [(BlockKind.HEADING, [str(number)])] * headings
            firsts.append(len(blocks))
            blocks += [(BlockKind.PARAGRAPH, [paragraph]) for paragraph in chapter[language]]
        book, places = compose(language, blocks)
        yield language, Edition(book, tuple(places[first][0] for first in firsts))
