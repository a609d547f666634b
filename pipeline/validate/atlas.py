"""Checks of the atlas: a row for every scene, with neighbours that exist, and a place for every topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from scenesign.pipeline.validate.books import BookFacts, SignSpace
from scenesign.pipeline.validate.tables import check_plain_table, check_table, read_batches
from scenesign.schemas.parts import FileEntry
from scenesign.schemas.rules import Findings
from scenesign.schemas.tables import ATLAS, ATLAS_SCENES_FILE, ATLAS_TOPICS, ATLAS_TOPICS_FILE


def check_atlas(
    folder: str,
    whole: Sequence[FileEntry],
    books: Mapping[str, BookFacts],
    space: SignSpace | None,
    findings: Findings,
) -> None:
    """Checks both tables. whole: files of the dataset that are as listed; books: with their scenes read."""
    for entry in whole:
        if entry.config == "atlas" and entry.path != ATLAS_SCENES_FILE:
            findings.add("files.name", entry.path, f"{ATLAS_SCENES_FILE} expected")
        elif entry.config == "atlas":
            _check_scenes(folder, entry, books, findings)
        elif entry.path == ATLAS_TOPICS_FILE:
            _check_topics(folder, entry, space, findings)


def _check_scenes(folder: str, entry: FileEntry, books: Mapping[str, BookFacts], findings: Findings) -> None:
    if not check_table(folder, entry, ATLAS, findings):
        return
    seen: dict[str, int] = {}
    sizes: set[int] = set()
    for first, batch in read_batches(folder, entry.path, ATLAS, findings, rows=4_096, strings=("text", "title")):
        columns = {name: batch.column(name).to_pylist() for name in ("book_id", "scene", "split", "language", "sign")}
        for i, (book_id, scene, split, language, sign) in enumerate(zip(*columns.values(), strict=True)):
            wrong = _wrong(books.get(book_id), seen.get(book_id, 0), scene, split, language, sign)
            if wrong:
                findings.add("atlas.scenes", entry.path, f"book {book_id}, scene {scene}: {wrong}", first + i)
            seen[book_id] = scene + 1
        _check_numbers(entry, first, batch, sizes, findings)
    short = [book for book in books.values() if book.seen and seen.get(book.book_id, 0) != len(book.ends)]
    for book in short:
        detail = f"book {book.book_id} has {len(book.ends)} scenes, and {seen.get(book.book_id, 0)} here"
        findings.add("atlas.scenes", entry.path, detail)


def _wrong(book: BookFacts | None, expected: int, scene: int, split: str, language: str, sign: int) -> str:
    if book is None:
        return "no such book in `sequences`"
    if scene != expected:
        return f"scene {expected} expected"
    if (split, language) != (book.split, book.language):
        return f"the book is of split {book.split} and language {book.language}"
    if scene < len(book.scene_signs) and book.scene_signs[scene][0] != sign:
        return f"topic {sign}, in `scenes` {book.scene_signs[scene][0]}"
    return ""


def _check_numbers(entry: FileEntry, first: int, batch: pa.RecordBatch, sizes: set[int], findings: Findings) -> None:
    """Places and neighbours of some rows. sizes: how many neighbours rows had so far."""
    places = np.stack([batch.column(name).to_numpy() for name in ("x", "y")])
    lost = np.flatnonzero(~np.isfinite(places).all(axis=0))
    if len(lost):
        findings.add("atlas.scenes", entry.path, "it has no place", first + int(lost[0]))
    neighbours = batch.column("neighbors")
    ids, distances = (neighbours.field(i) for i in range(2))
    counts = [column.value_lengths().to_numpy(zero_copy_only=False) for column in (ids, distances)]
    sizes.update(*(set(found.tolist()) for found in counts))
    if len(sizes) > 1:
        findings.add("atlas.neighbors", entry.path, f"rows have {min(sizes)} to {max(sizes)} neighbours", first)
        return
    width = min(sizes, default=0)
    if not width:
        return
    near = ids.flatten().to_numpy().reshape(-1, width)
    far = distances.flatten().to_numpy().reshape(-1, width)
    own = first + np.arange(len(near))[:, None]
    bad = ((near < 0) | (near >= entry.rows) | (near == own)).any(axis=1)
    bad |= (np.sort(near, axis=1)[:, 1:] == np.sort(near, axis=1)[:, :-1]).any(axis=1)
    bad |= ~((far >= 0) & (far <= 2)).all(axis=1) | (np.diff(far, axis=1) < 0).any(axis=1)
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        findings.add("atlas.neighbors", entry.path, "not other rows, each once, by growing distance", first + at)


def _check_topics(folder: str, entry: FileEntry, space: SignSpace | None, findings: Findings) -> None:
    rows: list[dict[str, Any]] = [
        row for batch in check_plain_table(folder, entry, ATLAS_TOPICS, findings) for row in batch.to_pylist()
    ]
    if space and rows and [row["sign"] for row in rows] != list(range(space.sizes[0])):
        findings.add("atlas.topics", entry.path, f"{len(rows)} rows; one for each of {space.sizes[0]} topics expected")
    for number, row in enumerate(rows):
        if not np.isfinite([row["x"], row["y"]]).all():
            findings.add("atlas.topics", entry.path, f"topic {row['sign']} has no place", number)
