"""Books' lives as the page shows them: which books, and of each its scenes with glyphs, openings, chapters and cast."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from scenesign.pipeline.report.cast import StripMember, strip_cast
from scenesign.pipeline.report.chapters import split_title
from scenesign.pipeline.report.cut import first_words
from scenesign.pipeline.report.files import ReportError, small_table
from scenesign.schemas.manifest import Manifest
from scenesign.schemas.tables import CAST
from scenesign.schemas.version import has_cast
from scenesign.transforms.dataset.works import works_of
from scenesign.transforms.support import storage
from scenesign.transforms.support.inside import file_inside

# What the page may carry. Texts are counted in bytes, so that every script gets about as much said.
OPENING_BYTES = 160
MOST_SCENES = 10_000
MOST_SCENES_OF_A_BOOK = 2_500
MOST_BOOKS = 300
SAMPLE_CHARACTERS = 200_000


@dataclass(frozen=True)
class BookStrip:
    """A book's life: what is shown of its scenes.

    work: the same for translations of one work. scenes: of the whole book; the sequences below may stop before.
    signs: `levels` per scene, as glyphs too. lengths: characters. openings: first words, without titles. novel,
    chapters: indices of scenes. titles: of those chapters, empty where one has none. cast: those in most scenes.
    """

    title: str
    author: str
    language: str
    source: str
    work: str
    scenes: int
    signs: tuple[int, ...]
    glyphs: str
    lengths: tuple[int, ...]
    openings: tuple[str, ...]
    novel: tuple[int, ...]
    chapters: tuple[int, ...]
    titles: tuple[str, ...] = ()
    cast: tuple[StripMember, ...] = ()


def choose_books(books: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The books whose strips are shown, of rows with `book_id`, `source`, `language` and `scenes`.

    Translations of one work first, side by side; then the languages take turns, until the page is full.
    """
    work = works_of((book["book_id"], book["language"], book["source"]) for book in books)
    works: dict[str, list[Mapping[str, Any]]] = {}
    for book in sorted(books, key=lambda b: (b["language"], b["source"])):
        works.setdefault(work[book["book_id"]], []).append(book)
    translated = {name for name, found in works.items() if name and len({b["language"] for b in found}) > 1}
    order = [book for name in sorted(translated) for book in works[name]]
    turns: dict[str, int] = {}
    others = []
    for book in sorted(books, key=lambda b: b["source"]):
        if work[book["book_id"]] not in translated:
            turns[book["language"]] = turns.get(book["language"], 0) + 1
            others.append((turns[book["language"]], book["language"], book["source"], book))
    order += [book for *_, book in sorted(others, key=lambda o: o[:3])]
    chosen, room = [], MOST_SCENES
    for book in order[:MOST_BOOKS]:
        needs = min(book["scenes"], MOST_SCENES_OF_A_BOOK)
        if needs <= room:
            chosen.append(book)
            room -= needs
    return chosen


def read_strips(
    folder: str, manifest: Manifest, books: Sequence[Mapping[str, Any]], sequences: pa.Table, trimmed: list[str]
) -> tuple[tuple[BookStrip, ...], dict[str, tuple[str, ...]]]:
    """The strips of the chosen books, and a sample of text by language taken from them.

    books: with `row`, where each is in the table of sequences.
    """
    chosen = choose_books(books)
    if len(chosen) < len(books):
        trimmed.append(f"the strips of {len(chosen):,} of {len(books):,} books")
    if any(book["scenes"] > MOST_SCENES_OF_A_BOOK for book in chosen):
        trimmed.append(f"the first {MOST_SCENES_OF_A_BOOK:,} scenes of longer books")
    trimmed.append(f"openings of scenes cut at {OPENING_BYTES} bytes")
    works = works_of((book["book_id"], book["language"], book["source"]) for book in books)
    found = dict(_scenes_of(folder, manifest, {book["book_id"] for book in chosen}))
    members = _members(folder, manifest, {book["book_id"] for book in chosen})
    samples: dict[str, list[str]] = {}
    sizes: dict[str, int] = {}
    strips = []
    for book in chosen:
        scenes = found.get(book["book_id"])
        if scenes is None:
            raise ReportError(
                f"{folder}: book {book['book_id']} of sequences/ has no rows in scenes/; build the dataset again"
            )
        language = book["language"]
        for text in scenes["text"].to_pylist():
            if sizes.get(language, 0) >= SAMPLE_CHARACTERS:
                break
            samples.setdefault(language, []).append(text)
            sizes[language] = sizes.get(language, 0) + len(text)
        shown = scenes.slice(0, MOST_SCENES_OF_A_BOOK)
        (whole,) = sequences.slice(book["row"], 1).to_pylist()
        strips.append(_strip(whole, works[book["book_id"]], shown, members.get(book["book_id"], [])))
    return tuple(strips), {language: tuple(texts) for language, texts in sorted(samples.items())}


def _members(folder: str, manifest: Manifest, wanted: Collection[str]) -> dict[str, list[Mapping[str, Any]]]:
    """Rows of the table of casts by book; none where the dataset has no casts."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for entry in manifest.files:
        if entry.config == "cast" and has_cast(manifest.protocol):
            table = small_table(folder, entry.path, CAST)
            for row in table.filter(pc.is_in(table["book_id"], value_set=pa.array(sorted(wanted)))).to_pylist():
                found.setdefault(row["book_id"], []).append(row)
    return found


def _strip(book: Mapping[str, Any], work: str, scenes: pa.Table, members: Sequence[Mapping[str, Any]]) -> BookStrip:
    chapters = tuple(i for i in book["chapters"] if i < scenes.num_rows)
    texts = scenes["text"].to_pylist()
    titles = []
    for i in chapters:
        title, texts[i] = split_title(texts[i], book["title"], book["author"])
        titles.append(title)
    return BookStrip(
        title=book["title"],
        author=book["author"],
        language=book["language"],
        source=book["source"],
        work=work,
        scenes=book["scenes"],
        signs=tuple(book["signs"][: scenes.num_rows * book["levels"]]),
        glyphs=book["glyphs"][: scenes.num_rows * book["levels"]],
        lengths=tuple(pc.subtract(scenes["end"], scenes["start"]).to_pylist()),
        openings=tuple(first_words(text, OPENING_BYTES) for text in texts),
        novel=tuple(i for i, novel in enumerate(scenes["novel"].to_pylist()) if novel),
        chapters=chapters,
        titles=tuple(titles),
        cast=strip_cast(members, book.get("cast", ())[: scenes.num_rows]),
    )


_SCENE_COLUMNS = ["book_id", "scene", "start", "end", "text", "novel"]


def _scenes_of(folder: str, manifest: Manifest, wanted: set[str]) -> Iterator[tuple[str, pa.Table]]:
    """The scenes of each wanted book, in order, as (book_id, table); a row group at a time, skipping those without."""
    pieces: dict[str, list[pa.Table]] = {}
    for entry in manifest.files:
        if entry.config != "scenes":
            continue
        try:
            with storage.parquet_reader(file_inside(folder, entry.path)) as reader:
                for group in range(reader.num_row_groups):
                    ids = reader.read_row_group(group, columns=["book_id"], use_threads=False)["book_id"]
                    mine = [book for book in ids.unique().to_pylist() if book in wanted]
                    if mine:
                        table = reader.read_row_group(group, columns=_SCENE_COLUMNS, use_threads=False)
                        for book in mine:
                            pieces.setdefault(book, []).append(table.filter(pc.equal(table["book_id"], book)))
        except (OSError, KeyError, ValueError) as error:
            raise ReportError(
                f"{folder}/{entry.path} can't be read ({str(error).splitlines()[0]}); build the dataset again"
            ) from error
    for book, tables in pieces.items():
        yield book, pa.concat_tables(tables).sort_by("scene")
