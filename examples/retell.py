"""Retells the books of a dataset by the names of their topics, a line per chapter.

    python examples/retell.py out/demo en

The second argument is the language of the reader (ISO 639-1), whatever that of the books. Only topics that words tell
have a name; the others are left out. It is a list of kinds of scenes and no summary: a glyph keeps the gist of a scene
alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import pairwise

import scenesign


def chapters(book: scenesign.DatasetBook) -> Iterator[str]:
    """The glyphs of each chapter; of the whole book, where it has no headings."""
    starts = sorted({0, *book.chapters, len(book)})
    for first, last in pairwise(starts):
        yield book.glyphs[first * book.levels : last * book.levels]


def retold(dataset: scenesign.Dataset, language: str) -> Iterator[str]:
    """A line per book, and one per chapter of it."""
    encoder = scenesign.SignEncoder(dataset.folder)
    for book in dataset:
        yield f"{book.title or book.source} ({book.language})"
        for number, glyphs in enumerate(chapters(book), 1):
            names = (scene.name(language) for scene in encoder.decode(glyphs, language))
            yield f"  {number}. {'; '.join(filter(None, names))}"


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for line in retold(scenesign.Dataset(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "en"):
        print(line)
