"""Makes examples/alignment/library.tsv from the three translations of each story.

The blocks of a story (title, headings, scene breaks, paragraphs; a blank line between two) correspond one to
one over the languages, so that block i of one is the translation of block i of the others. Run it after
editing a story:

    python examples/make_alignment.py
"""

from __future__ import annotations

import re
from pathlib import Path

LIBRARY = Path(__file__).parent / "library"
TABLE = Path(__file__).parent / "alignment" / "library.tsv"
LANGUAGES = ("en", "ru", "zh")
HEADING = re.compile(r"(?i:chapter)\b.*|[IVX]+")


def blocks(path: Path) -> list[str]:
    """The blocks of a story as they stand. Raises ValueError for one that would not fit in a cell."""
    text = path.read_text(encoding="utf-8").strip()
    found = re.split(r"\n[ \t]*\n", text)
    for block in found:
        if "\t" in block or "\n" in block:
            raise ValueError(f"{path}: a block holds a tab or a line break: {block[:40]!r}")
    return found


def kind(index: int, english: str) -> str:
    """What a block is, told from its English version."""
    if index == 0:
        return "title"
    if HEADING.fullmatch(english):
        return "heading"
    return "paragraph" if any(c.isalnum() for c in english) else "break"


def alignment(library: Path = LIBRARY) -> str:
    """The table as text: a header line, then a line per block. Raises ValueError where stories don't
    correspond.
    """
    lines = ["\t".join(("story", "block", "kind", *LANGUAGES))]
    for english in sorted((library / "en").glob("*.txt")):
        versions = [blocks(library / language / english.name) for language in LANGUAGES]
        if len({len(v) for v in versions}) != 1:
            counts = ", ".join(f"{lang} {len(v)}" for lang, v in zip(LANGUAGES, versions, strict=True))
            raise ValueError(f"{english.name}: the translations differ in blocks ({counts})")
        lines += [
            "\t".join((english.stem, str(i), kind(i, row[0]), *row))
            for i, row in enumerate(zip(*versions, strict=True))
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TABLE.write_text(alignment(), encoding="utf-8", newline="\n")
