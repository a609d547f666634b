"""Writes a dataset as plain text for any trainer of language models: a line per book, a token per glyph.

    python examples/glyph_corpus.py out/demo out/corpus

OUT gets a file for each split and the tokenizer, which `transformers` loads: its ids are the signs. Splits are by
author, so none of an author's books is on both sides. A line that is longer than the trainer's context is for the
trainer to cut.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import scenesign

TOKENIZER = ("tokenizer.json", "tokenizer_config.json")


def write_corpus(folder: str, output: Path) -> dict[str, int]:
    """Writes the files; gives the number of glyphs in each split."""
    dataset = scenesign.Dataset(folder)
    output.mkdir(parents=True, exist_ok=True)
    counts = {}
    for split in dataset.splits:
        books = [book.glyphs for book in dataset.books(split=split)]
        (output / f"{split}.txt").write_text("".join(f"{glyphs}\n" for glyphs in books), encoding="utf-8")
        counts[split] = sum(map(len, books))
    for name in TOKENIZER:
        shutil.copyfile(Path(folder) / "inventory" / name, output / name)
    return counts


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    for split, count in write_corpus(sys.argv[1], Path(sys.argv[2])).items():
        print(f"{split}: {count:,} glyphs")
