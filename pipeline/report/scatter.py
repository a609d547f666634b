"""Scenes on the map of the page: as many as it has room for, thinned where they are dense."""

from __future__ import annotations

import base64
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scenesign.pipeline.report.cut import first_words
from scenesign.pipeline.report.files import ReportError
from scenesign.schemas.manifest import Manifest
from scenesign.schemas.tables import ATLAS_SCENES_FILE
from scenesign.transforms.support import storage
from scenesign.transforms.support.inside import file_inside

if TYPE_CHECKING:
    from scenesign.pipeline.report.strips import BookStrip

MOST_POINTS = 20_000
# Texts of all points together; each gets about as much.
_TEXT_BUDGET = 1_200_000
_MOST_TEXT, _LEAST_TEXT = 160, 36
_CHAPTER_BYTES, _MOST_CHAPTERS = 60, 6_000
_CELLS = 192
# What places are rounded to; the map lies within a frame of this share of it, as scenes may lie beyond their topics.
_GRID, _FRAME = 65_535, 0.25


@dataclass(frozen=True, eq=False)
class Scatter:
    """Some scenes of a dataset, in its order.

    places: float64 [n, 2], as in the atlas. topics, books, scenes: int64 [n]; books are indices of `titles`, which has
    title, author, language of each. chapters: of each the heading that it stands under. all_scenes: of the dataset.
    """

    places: np.ndarray
    topics: np.ndarray
    books: np.ndarray
    scenes: np.ndarray
    titles: tuple[tuple[str, str, str], ...]
    texts: tuple[str, ...]
    chapters: tuple[str, ...]
    all_scenes: int


def thin(places: np.ndarray, most: int) -> np.ndarray:
    """Rows of at most `most` places, float [n, 2] in any frame, ascending: the cells of a grid keep equally many.

    A cell that has fewer keeps them all. In each, those taken are evenly spread over its rows.
    """
    if len(places) <= most:
        return np.arange(len(places))
    low = places.min(axis=0)
    cells = np.minimum((places - low) / max(np.ptp(places, axis=0).max(), 1e-12) * _CELLS, _CELLS - 1).astype(np.int64)
    cell = cells[:, 0] * _CELLS + cells[:, 1]
    order = np.argsort(cell, kind="stable")
    counts = np.bincount(cell)
    counts = counts[counts > 0]
    # the most that every cell may keep
    kept = bisect_right(range(1, int(counts.max()) + 1), most, key=lambda n: int(np.minimum(counts, n).sum()))
    if not kept:  # more cells than there is room for
        return np.sort(order[np.linspace(0, len(order) - 1, most).astype(np.int64)])
    firsts = np.cumsum(counts) - counts
    shares = np.minimum(counts, kept)
    fuller = np.flatnonzero(counts > kept)
    more = np.linspace(0, len(fuller) - 1, most - int(shares.sum())).astype(np.int64)
    shares[fuller[more]] += 1
    rows = [
        first + np.linspace(0, count - 1, share).astype(np.int64)
        for first, count, share in zip(firsts, counts, shares, strict=True)
    ]
    return np.sort(order[np.concatenate(rows)])


def read_scatter(folder: str, manifest: Manifest, most: int = MOST_POINTS) -> Scatter | None:
    """The scenes to show of a dataset; None where it has no atlas.

    Raises ReportError naming the file when it can't be read.
    """
    if all(entry.path != ATLAS_SCENES_FILE for entry in manifest.files):
        return None
    try:
        return _read(file_inside(folder, ATLAS_SCENES_FILE), most)
    except (OSError, KeyError, ValueError) as error:
        raise ReportError(
            f"{folder}/{ATLAS_SCENES_FILE} can't be read ({str(error).splitlines()[0]}); build the dataset again"
        ) from error


_TEXTS = ["title", "author", "language", "text", "chapter", "sign", "book_id", "scene"]


def _read(uri: str, most: int) -> Scatter:
    with storage.parquet_reader(uri) as reader:
        groups = [reader.read_row_group(n, columns=["x", "y"], use_threads=False) for n in range(reader.num_row_groups)]
        places = np.concatenate(
            [np.stack([group[axis].to_numpy() for axis in ("x", "y")], axis=1) for group in groups]
        ).astype(np.float64)
        chosen = thin(places, most)
        room = max(_LEAST_TEXT, min(_MOST_TEXT, _TEXT_BUDGET // max(1, len(chosen))))
        rows: list[dict[str, object]] = []
        first = 0
        for number, group in enumerate(groups):
            begin, end = np.searchsorted(chosen, [first, first + group.num_rows])
            if begin < end:
                table = reader.read_row_group(number, columns=_TEXTS, use_threads=False)
                rows += table.take(chosen[begin:end] - first).to_pylist()
            first += group.num_rows
    titles: dict[str, int] = {}
    told: list[tuple[str, str, str]] = []
    for row in rows:
        if row["book_id"] not in titles:
            titles[str(row["book_id"])] = len(told)
            told.append((str(row["title"]), str(row["author"]), str(row["language"])))
    return Scatter(
        places=places[chosen],
        topics=np.array([row["sign"] for row in rows], np.int64),
        books=np.array([titles[str(row["book_id"])] for row in rows], np.int64),
        scenes=np.array([row["scene"] for row in rows], np.int64),
        titles=tuple(told),
        texts=tuple(first_words(str(row["text"]), room) for row in rows),
        chapters=tuple(first_words(str(row["chapter"]), _CHAPTER_BYTES) for row in rows),
        all_scenes=len(places),
    )


def scatter_data(scatter: Scatter, strips: Sequence[BookStrip]) -> dict[str, object]:
    """What `scatter.js` draws from: numbers packed, texts only where no strip has them."""
    named = Counter([*scatter.titles, *((strip.title, strip.author, strip.language) for strip in strips)])
    shown = {
        told: (n, len(strip.openings))
        for n, strip in enumerate(strips)
        if named[told := (strip.title, strip.author, strip.language)] == 2  # else it can't be told which
    }
    books = [[*told, shown.get(told, (-1, 0))[0]] for told in scatter.titles]
    held = [shown.get(told, (-1, 0))[1] for told in scatter.titles]
    elsewhere = [scene < held[book] for book, scene in zip(scatter.books, scatter.scenes, strict=True)]
    chapters: dict[str, int] = {"": 0}
    numbers = [
        chapters.setdefault(chapter, len(chapters)) if chapter in chapters or len(chapters) < _MOST_CHAPTERS else 0
        for chapter in scatter.chapters
    ]
    framed = (np.clip(scatter.places, -_FRAME, 1 + _FRAME) + _FRAME) / (1 + 2 * _FRAME) * _GRID
    return {
        "all": scatter.all_scenes,
        "frame": _FRAME,
        "x": _packed(framed[:, 0], "<u2"),
        "y": _packed(_GRID - framed[:, 1], "<u2"),
        "topic": _packed(scatter.topics, "<u2"),
        "book": _packed(scatter.books, "<u4"),
        "scene": _packed(scatter.scenes, "<u4"),
        "chapter": _packed(np.array(numbers), "<u2"),
        "chapters": list(chapters),
        "books": books,
        "texts": ["" if has else text for has, text in zip(elsewhere, scatter.texts, strict=True)],
    }


def _packed(values: np.ndarray, kind: str) -> str:
    return base64.b64encode(np.rint(values).astype(kind).tobytes()).decode()
