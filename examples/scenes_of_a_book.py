"""The scenes of a book as JSON Lines, without building a dataset.

    python examples/scenes_of_a_book.py examples/library/en/the-ferrymans-debt.txt > scenes.jsonl

A line per scene: its place in the clean text in characters, the heading that it stands under, and its text.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import scenesign


def lines(path: Path) -> Iterator[str]:
    """A JSON object per scene. Raises ValueError for a file that is no book."""
    for scene in scenesign.scenes(path):
        row = {"start": scene.start, "end": scene.end, "chapter": scene.chapter, "text": scene.text}
        yield json.dumps(row, ensure_ascii=False)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for line in lines(Path(sys.argv[1])):
        print(line)
