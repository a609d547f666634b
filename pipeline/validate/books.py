"""Checks across tables: scenes tile their book, sequences are the signs of the scenes, concepts agree with both.

One pass over each table, row group by row group. What is remembered of a book is a few numbers and its signs.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from scenesign.pipeline.validate.tables import by_split, rows_of
from scenesign.schemas.inventory import InventoryInfo
from scenesign.schemas.parts import FileEntry
from scenesign.schemas.rules import Findings
from scenesign.transforms.signs.glyphs import glyphs
from scenesign.transforms.signs.inventory import Inventory
from scenesign.transforms.signs.neutralise import cosine, unit
from scenesign.transforms.signs.numbering import first_signs, letter_count, letter_ids
from scenesign.transforms.signs.quantisers.registry import quantiser_kind
from scenesign.transforms.signs.sketch import sketch_size
from scenesign.transforms.text.authors import author_key

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_BOOK_ID = re.compile(r"[0-9a-f]{32}")
# How far figures computed again may be off: from float16 vectors, and from float32 ones.
_HALF_SLACK, _FULL_SLACK = 5e-3, 1e-4
# Vectors tried in place of one that float16 may have rounded across an edge, and how many roundings away they lie.
_TRIES, _TRIED = 256, 4.0


@dataclass(frozen=True)
class SignSpace:
    """What an inventory says of the scenes that are written with it.

    sizes: signs per level that is written. novel_distance: beyond which a scene is novel. by_frequency: whether topics
    are numbered so. dimensions: of scene vectors.
    """

    sizes: tuple[int, ...]
    novel_distance: float
    dimensions: int
    by_frequency: bool = True

    @classmethod
    def of(cls, info: InventoryInfo, levels: int) -> SignSpace:
        """That of a dataset of so many levels and a described inventory, whose quantiser is a known one."""
        by_frequency = quantiser_kind(info.quantiser).by_frequency
        return cls(info.sizes[:levels], info.novel_distance, info.dimensions, by_frequency)

    @property
    def firsts(self) -> np.ndarray:
        """First id of each level, int64 [levels]."""
        return first_signs(self.sizes)

    @property
    def signs(self) -> int:
        """Ids of all levels."""
        return sum(self.sizes)

    def outside(self, signs: np.ndarray) -> int | None:
        """The first scene of int32 [scenes, levels] with a sign that is not of its level."""
        wrong = (signs < self.firsts) | (signs >= self.firsts + np.asarray(self.sizes))
        rows = np.flatnonzero(wrong.any(axis=1))
        return int(rows[0]) if len(rows) else None


@dataclass(frozen=True, eq=False)
class CastLists:
    """Whom each scene of a book names: int32 ids of all scenes in order, and int64 [scenes], how many are of each."""

    ids: np.ndarray
    sizes: np.ndarray

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> CastLists:
        """The same, packed."""
        flat = list(itertools.chain.from_iterable(lists))
        return cls(np.asarray(flat, np.int32), np.asarray([len(ids) for ids in lists], np.int64))

    @property
    def scenes(self) -> np.ndarray:
        """The scene that each id is of, int64 [ids]."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    def same_as(self, other: CastLists) -> bool:
        """Whether both say the same."""
        return np.array_equal(self.ids, other.ids) and np.array_equal(self.sizes, other.sizes)


@dataclass
class BookFacts:
    """What a dataset says of a book, and what its scenes turned out to be.

    signs, cast: as `sequences` states them. ends, scene_signs, distances, scene_cast: one entry (or row) per scene,
    once its scenes were read; scene_signs is empty where signs were malformed.
    """

    book_id: str
    file: str
    row: int
    split: str
    title: str
    author: str
    language: str
    source: str
    license: str
    scenes: int
    sentences: int
    characters: int
    utf8_bytes: int
    novel_scenes: int
    signs: np.ndarray
    cast: CastLists
    seen: bool = False
    ends: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    scene_signs: np.ndarray = field(default_factory=lambda: np.zeros((0, 1), np.int32))
    distances: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    scene_cast: CastLists = field(default_factory=lambda: CastLists.of(()))


@dataclass
class Totals:
    """What all scenes add up to.

    sign_counts: scenes per sign by language, int64 [signs] each. sign_books, letter_books: books per sign and letter.
    named: scenes that name a member of their book's cast. members: of all books.
    """

    scenes: int = 0
    named: int = 0
    members: int = 0
    novel: int = 0
    distance: float = 0.0
    by_language: dict[str, int] = field(default_factory=dict)
    sentences: dict[str, int] = field(default_factory=dict)
    sign_counts: dict[str, np.ndarray] = field(default_factory=dict)
    sign_books: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    letter_books: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    def counts(self, space: SignSpace) -> np.ndarray:
        """Scenes per sign, int64 [signs]."""
        return np.asarray(np.sum([np.zeros(space.signs, np.int64), *self.sign_counts.values()], axis=0))


def read_sequences(
    folder: str, entries: Iterable[FileEntry], schema: pa.Schema, space: SignSpace | None, findings: Findings
) -> dict[str, BookFacts]:
    """Checks every row of `sequences` on its own, and gathers the books.

    schema: of the table in the dataset's version of the protocol.
    """
    books: dict[str, BookFacts] = {}
    authors: dict[str, str] = {}
    for split, files in by_split(entries):
        last = ""
        for path, row, record in rows_of(folder, files, schema, findings):
            book = _facts(path, row, split, record)
            _check_sequence(book, record, space, findings)
            if book.book_id < last:
                findings.add("books.order", path, f"{book.book_id} comes after {last}", row)
            last = book.book_id
            earlier = books.get(book.book_id)
            if earlier and earlier.split != split:
                findings.add("splits.disjoint", path, f"book {book.book_id} is in {earlier.split} as well", row)
            elif earlier:
                findings.add("books.unique", path, f"book {book.book_id} has an earlier row {earlier.row}", row)
            books.setdefault(book.book_id, book)
            author = author_key(book.author)
            if author and authors.setdefault(author, split) != split:
                findings.add("splits.author", path, f"'{book.author}' has books in {authors[author]} as well", row)
    return books


def _facts(path: str, row: int, split: str, record: Mapping[str, Any]) -> BookFacts:
    same = ("book_id", "title", "author", "language", "source", "license")
    counts = ("scenes", "sentences", "characters", "utf8_bytes", "novel_scenes")
    return BookFacts(
        file=path,
        row=row,
        split=split,
        signs=np.asarray(record["signs"], dtype=np.int32),
        cast=CastLists.of(record.get("cast", ())),
        **{name: record[name] for name in (*same, *counts)},
    )


def _check_sequence(book: BookFacts, record: Mapping[str, Any], space: SignSpace | None, findings: Findings) -> None:
    def wrong(rule: str, detail: str) -> None:
        findings.add(rule, book.file, f"book {book.book_id}: {detail}", book.row)

    if not _BOOK_ID.fullmatch(book.book_id):
        findings.add("books.id", book.file, f"'{book.book_id}'", book.row)
    chapters = record["chapters"]
    if any(b <= a for a, b in itertools.pairwise(chapters)) or any(
        not 0 <= chapter < book.scenes for chapter in chapters
    ):
        wrong("books.chapters", f"not ascending indices below {book.scenes}")
    if space is None:
        return
    levels = len(space.sizes)
    if record["levels"] != levels:
        wrong("signs.levels", f"{record['levels']} levels, the manifest says {levels}")
    elif len(book.signs) != book.scenes * levels:
        wrong("signs.range", f"{len(book.signs)} signs of {levels} levels for {book.scenes} scenes")
    elif (scene := space.outside(book.signs.reshape(-1, levels))) is not None:
        wrong("signs.range", f"scene {scene} has a sign outside its level")
    elif record["glyphs"] != glyphs(book.signs.tolist(), space.sizes):
        wrong("signs.glyphs", "the glyphs are not the characters of the signs")


def read_scenes(
    folder: str,
    entries: Iterable[FileEntry],
    schema: pa.Schema,
    books: dict[str, BookFacts],
    space: SignSpace | None,
    findings: Findings,
    taken_over: bool = False,
) -> Totals:
    """Checks the scenes of every book against it, and fills in what was found.

    schema: as for `read_sequences`. taken_over: the signs were numbered by other books.
    """
    totals = Totals()
    if space:
        totals.sign_books = np.zeros(space.signs, np.int64)
        totals.letter_books = np.zeros(letter_count(len(space.sizes)), np.int64)
    for split, files in by_split(entries):
        walk: _BookWalk | None = None
        last = ""
        for path, row, record in rows_of(folder, files, schema, findings, ("text",)):
            book_id = record["book_id"]
            if walk is None or walk.book_id != book_id:
                if walk:
                    walk.close(totals, findings)
                if book_id < last:
                    findings.add("books.order", path, f"scenes of {book_id} come after those of {last}", row)
                last = max(last, book_id)
                walk = _BookWalk(book_id, split, books.get(book_id), space)
                walk.open(path, row, findings)
            walk.add(path, row, record, findings)
        if walk:
            walk.close(totals, findings)
    for book in books.values():
        if not book.seen:
            findings.add("books.same", book.file, f"book {book.book_id} has no scenes", book.row)
    if space and space.by_frequency and not taken_over:
        _check_frequency(totals.counts(space), space, findings)
    return totals


def _check_frequency(counts: np.ndarray, space: SignSpace, findings: Findings) -> None:
    rising = np.flatnonzero(np.diff(counts[: space.sizes[0]]) > 0)
    if len(rising):
        sign = int(rising[0])
        detail = f"topic {sign + 1} stands for {counts[sign + 1]} scenes, topic {sign} for {counts[sign]}"
        findings.add("signs.frequency", "scenes", detail)


class _BookWalk:
    """The scenes of one book as they come by."""

    def __init__(self, book_id: str, split: str, book: BookFacts | None, space: SignSpace | None) -> None:
        self.book_id, self.split, self.book, self.space = book_id, split, book, space
        self.digest = hashlib.blake2b(digest_size=16)
        self.position = self.sentences = self.utf8_bytes = self.novel = 0
        self.ends: list[int] = []
        self.signs: list[list[int]] = []
        self.distances: list[float] = []
        self.cast: list[list[int]] = []
        self.language = ""
        self.place = ("", 0)

    def open(self, path: str, row: int, findings: Findings) -> None:
        if self.book is None or self.book.split != self.split:
            findings.add("books.same", path, f"book {self.book_id} is not in `sequences` of split {self.split}", row)
        elif self.book.seen:
            findings.add("books.unique", path, f"the scenes of book {self.book_id} don't stand together", row)

    def add(self, path: str, row: int, record: Mapping[str, Any], findings: Findings) -> None:
        def wrong(rule: str, detail: str) -> None:
            findings.add(rule, path, f"book {self.book_id}, scene {record['scene']}: {detail}", row)

        text, start, end = record["text"], record["start"], record["end"]
        self.place, self.language = (path, row), record["language"]
        if record["scene"] != len(self.ends):
            wrong("scenes.order", f"scene {len(self.ends)} expected")
        if start != self.position or end <= start or len(text) != end - start:
            wrong(
                "scenes.tiling", f"[{start}, {end}) with {len(text)} characters, but it should start at {self.position}"
            )
        if self.book and self.language != self.book.language:
            wrong("scenes.language", f"'{self.language}', but the book is in '{self.book.language}'")
        if not unicodedata.is_normalized("NFC", text) or _CONTROL.search(text):
            wrong("text.form", "not in form NFC, or with control characters")
        if record["sentences"] < 1:
            wrong("books.counts", "no sentence")
        self.digest.update(text.encode("utf-8", "surrogatepass"))
        self.position = end
        self.utf8_bytes += len(text.encode("utf-8", "surrogatepass"))
        self.sentences += record["sentences"]
        self.ends.append(end)
        self.distances.append(record["distance"])
        self.novel += record["novel"]
        self.cast.append(record.get("cast", []))
        self._check_signs(record, wrong)

    def _check_signs(self, record: Mapping[str, Any], wrong: Callable[[str, str], None]) -> None:
        distance = np.float32(record["distance"])
        if not -1e-5 <= distance <= 2.0 + 1e-5:  # false for NaN as well
            wrong("scenes.distance", f"distance {distance}")
        strangeness = np.float32(record["strangeness"])
        if not -1e-5 <= strangeness <= 2.0 + 1e-5:
            wrong("scenes.novel", f"strangeness {strangeness}")
        if self.space is None:
            return
        if len(record["sketch"]) != sketch_size(self.space.dimensions):
            wrong("scenes.sketch", f"{len(record['sketch'])} bytes for {self.space.dimensions} dimensions")
        if record["novel"] != bool(strangeness > np.float32(self.space.novel_distance)):
            wrong("scenes.novel", f"novel is {record['novel']}, at {strangeness} of {self.space.novel_distance}")
        signs = record["signs"]
        if len(signs) != len(self.space.sizes) or self.space.outside(np.asarray([signs], dtype=np.int64)) is not None:
            wrong("signs.range", f"signs {signs[:8]}")
            return
        self.signs.append(signs)
        if record["glyphs"] != glyphs(signs, self.space.sizes):
            wrong("signs.glyphs", f"'{record['glyphs']}' for signs {signs}")

    def close(self, totals: Totals, findings: Findings) -> None:
        """Compares the book's scenes, now complete, with its row in `sequences`."""
        path, row = self.place
        if self.digest.hexdigest() != self.book_id:
            findings.add(
                "scenes.text", path, f"book {self.book_id}: its texts have digest {self.digest.hexdigest()}", row
            )
        scenes = len(self.ends)
        levels = len(self.space.sizes) if self.space else 1
        signs = np.asarray(self.signs, dtype=np.int32).reshape(-1, levels)
        self._total(totals, signs)
        book = self.book
        if book is None or book.seen:
            return
        book.seen = True
        if self.space and len(self.signs) == scenes:
            book.scene_signs = signs
            if not np.array_equal(book.signs, signs.reshape(-1)):
                findings.add("signs.sequence", book.file, f"book {book.book_id}: not the signs of its scenes", book.row)
        book.ends = np.asarray(self.ends, np.int64)
        book.distances = np.asarray(self.distances, np.float32)
        book.scene_cast = CastLists.of(self.cast)
        if self.position != book.characters:
            detail = f"book {book.book_id}: scenes end at {self.position}, the book at {book.characters}"
            findings.add("scenes.tiling", path, detail, row)
        found = {
            "scenes": scenes,
            "sentences": self.sentences,
            "utf8_bytes": self.utf8_bytes,
            "novel_scenes": self.novel,
        }
        for name, value in found.items():
            if getattr(book, name) != value:
                detail = f"book {book.book_id}: {name} is {getattr(book, name)}, its scenes say {value}"
                findings.add("books.counts", book.file, detail, book.row)

    def _total(self, totals: Totals, signs: np.ndarray) -> None:
        totals.scenes += len(self.ends)
        totals.novel += self.novel
        totals.named += sum(map(bool, self.cast))
        totals.distance += float(np.sum(self.distances))
        totals.by_language[self.language] = totals.by_language.get(self.language, 0) + len(self.ends)
        totals.sentences[self.language] = totals.sentences.get(self.language, 0) + self.sentences
        if self.space and signs.size:
            counts = np.bincount(signs.reshape(-1), minlength=self.space.signs)
            previous = totals.sign_counts.get(self.language)
            totals.sign_counts[self.language] = counts if previous is None else previous + counts
            totals.sign_books += counts > 0
            letters = letter_ids(signs - self.space.firsts)
            totals.letter_books += np.bincount(letters.reshape(-1), minlength=len(totals.letter_books)) > 0


def check_concepts(
    folder: str,
    entries: Iterable[FileEntry],
    schema: pa.Schema,
    books: Mapping[str, BookFacts],
    inventory: Inventory | None,
    findings: Findings,
) -> None:
    """Checks `concepts` against the books, and its vectors against their signs."""
    in_split: dict[str, list[str]] = {}
    for facts in books.values():
        in_split.setdefault(facts.split, []).append(facts.book_id)
    found: dict[str, list[str]] = {}
    place = {}
    for split, files in by_split(entries):
        for path, row, record in rows_of(folder, files, schema, findings, ("text_scenes.list.element",), rows=4):
            book_id = record["book_id"]
            found.setdefault(split, []).append(book_id)
            place[split] = (path, row)
            book = books.get(book_id)
            if book and book.split == split:
                _check_concept(path, row, record, schema, book, inventory, findings)
    for split in sorted({*found, *in_split}):
        if found.get(split, []) != sorted(in_split.get(split, [])):
            path, row = place.get(split, (f"concepts/split={split}", 0))
            detail = f"split {split} has {len(found.get(split, []))} rows for {len(in_split.get(split, []))} books"
            findings.add("concepts.books", path, f"{detail}, or in another order", row)


def _check_concept(
    path: str,
    row: int,
    record: Mapping[str, Any],
    schema: pa.Schema,
    book: BookFacts,
    inventory: Inventory | None,
    findings: Findings,
) -> None:
    def wrong(rule: str, detail: str) -> None:
        findings.add(rule, path, f"book {book.book_id}: {detail}", row)

    texts, kind = record["text_scenes"], schema.field("scene_vectors").type.value_type
    numbers = record["scene_vectors"].values.flatten().to_numpy(zero_copy_only=False)
    vectors = numbers.reshape(-1, kind.list_size).astype(np.float32)
    if not len(texts) == len(vectors) == len(book.ends):
        wrong("concepts.lists", f"{len(texts)} texts and {len(vectors)} vectors for {len(book.ends)} scenes")
        return
    digest = hashlib.blake2b(digest_size=16)
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass"))
    ends = np.cumsum([len(text) for text in texts])
    if digest.hexdigest() != book.book_id or not np.array_equal(ends, book.ends):
        wrong("concepts.text", "its texts are not those of its scenes")
    slack = _HALF_SLACK if pa.types.is_float16(kind.value_type) else _FULL_SLACK
    norms = np.linalg.norm(vectors, axis=1)
    if not np.isfinite(vectors).all() or np.abs(norms - 1.0).max(initial=0.0) > slack:
        wrong("concepts.vectors", "not finite, or not of unit length")
    elif inventory and len(book.scene_signs) == len(vectors):
        off = misfit(inventory, vectors, book, slack)
        if off:
            wrong("concepts.signs", off)


def misfit(inventory: Inventory, vectors: np.ndarray, book: BookFacts, slack: float) -> str | None:
    """Why the vectors of a book can't have been given its signs and distances; None when they can.

    slack: how far rounding may have moved the vectors.
    """
    levels = book.scene_signs.shape[1]
    codes = book.scene_signs - first_signs(inventory.info.sizes[:levels])
    neutral = inventory.neutraliser(vectors, book.language)
    wrong = inventory.quantiser.misfit(neutral, codes, slack)
    if wrong:
        scene, level = wrong
        return f"scene {scene}: sign {book.scene_signs[scene, level]} is not the nearest of level {level + 1}"
    # distances are by all levels, also those that the dataset isn't written in
    whole, _ = inventory.quantiser.assign(neutral)
    whole[:, :levels] = codes
    distances = 1.0 - cosine(neutral, inventory.quantiser.decode(whole))
    for scene in np.flatnonzero(np.abs(distances - book.distances) > slack).tolist():
        if levels == len(inventory.info.sizes) or not _rounded_across(inventory, neutral[scene], book, scene, slack):
            return f"scene {scene}: distance {book.distances[scene]:.4f}, its vector gives {distances[scene]:.4f}"
    return None


def _rounded_across(inventory: Inventory, neutral: np.ndarray, book: BookFacts, scene: int, slack: float) -> bool:
    """Whether a vector that is as good as a scene's neutral one has its signs and distance.

    At a level that isn't written another codeword may have been as near, and what follows hangs on which one it was.
    """
    if slack < _HALF_SLACK:
        return False
    noise = np.random.default_rng(0).uniform(-_TRIED, _TRIED, (_TRIES, len(neutral)))
    near = unit((neutral + noise * np.spacing(neutral.astype(np.float16)) / 2).astype(np.float32))
    codes, distances = inventory.quantiser.assign(near)
    levels = book.scene_signs.shape[1]
    written = (codes[:, :levels] + first_signs(inventory.info.sizes[:levels]) == book.scene_signs[scene]).all(axis=1)
    return bool((written & (np.abs(distances - book.distances[scene]) <= slack)).any())
