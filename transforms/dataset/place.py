"""Where in a dataset a string of glyphs stands, and so who is in its scenes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from scenesign.transforms.dataset.read import Dataset, DatasetBook
from scenesign.transforms.signs.story import ToldScene


def find_place(dataset: Dataset, glyphs: str) -> tuple[DatasetBook, int] | None:
    """The book and the index of the scene at which these glyphs begin; None where they stand nowhere, or in several
    places, which tell nothing of who is there."""
    found = [(book, scene) for book in dataset for scene in _places(book, glyphs)]
    return found[0] if len(found) == 1 else None


def _places(book: DatasetBook, glyphs: str) -> Iterator[int]:
    at = book.glyphs.find(glyphs) if glyphs else -1
    while at >= 0:
        # a topic's glyph is of a block of its own: what begins with one begins a scene
        yield at // book.levels
        at = book.glyphs.find(glyphs, at + 1)


def with_cast(scenes: Sequence[ToldScene], dataset: Dataset) -> tuple[ToldScene, ...]:
    """Told scenes with their cast, where the dataset has them in one place, one after the other."""
    place = find_place(dataset, "".join(scene.glyphs for scene in scenes)) if dataset.has_cast else None
    if place is None:
        return tuple(scenes)
    book, first = place
    members = {member.id: member for member in book.cast}
    named = book.scene_cast[first : first + len(scenes)]
    casts = (tuple(members[number] for number in ids if number in members) for ids in named)
    return tuple(replace(scene, cast=cast) for scene, cast in zip(scenes, casts, strict=False))
