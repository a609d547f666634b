"""Small finished books and parts for the tests of the later steps."""

from __future__ import annotations

import numpy as np

from scenesign.schemas.parts import BookEntry, PartEntry
from scenesign.schemas.records import text_digest
from scenesign.transforms.parts.format import PartRow, write_part
from scenesign.transforms.signs.neutralise import unit

DIMENSIONS = 8


def row(text: str = "One. Two. Three.", language: str = "en", scenes: int = 3, seed: int = 0) -> PartRow:
    """A finished book of evenly cut scenes with random vectors."""
    rng = np.random.default_rng([seed, len(text)])
    cuts = [len(text) * i // scenes for i in range(scenes)]
    return PartRow(
        book_id=text_digest(text),
        language=language,
        text=text,
        scene_start=tuple(cuts),
        scene_sentences=(1,) * scenes,
        chapters=(0,),
        scene_vectors=unit(rng.normal(size=(scenes, DIMENSIONS))),
    )


def entry(of: PartRow, source: str = "a.txt", author: str = "") -> BookEntry:
    """The index entry of a finished book."""
    return BookEntry(
        book_id=of.book_id,
        source=source,
        title="",
        author=author,
        language=of.language,
        characters=len(of.text),
        utf8_bytes=len(of.text.encode()),
        encoding="utf-8",
    )


def part(folder: object, *rows: PartRow) -> PartEntry:
    """A part on disk."""
    return write_part(str(folder), rows)
