"""Tables for the terminal and for docs/install.md."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table as RichTable

from benchmarks.demo import ROOT, cell, renew

INSTALL = ROOT / "docs" / "install.md"


@dataclass(frozen=True)
class Table:
    """rows: as many cells each as there are columns. The first `words` columns hold words, the others numbers."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1

    def markdown(self) -> str:
        """As documents carry it."""
        rules = ["---" if n < self.words else "---:" for n in range(len(self.columns))]
        lines = [f"| {' | '.join(self.columns)} |", f"|{'|'.join(rules)}|"]
        lines += [f"| {' | '.join(map(cell, row))} |" for row in self.rows]
        return "\n".join(lines)

    def rich(self) -> RichTable:
        """As a terminal shows it."""
        shown = RichTable()
        for n, column in enumerate(self.columns):
            shown.add_column(column, justify="left" if n < self.words else "right")
        for row in self.rows:
            shown.add_row(*row)
        return shown


def put(text: str, name: str, block: str) -> str:
    """A document with the block of this name replaced. Raises ValueError where it has no marks for it."""
    marks = re.compile(rf"(<!-- ({name}) -->\n)(.*?)(<!-- end of {name} -->)", re.S)
    if not marks.search(text):
        raise ValueError(
            f"there are no marks <!-- {name} --> and <!-- end of {name} -->; put them where the table goes"
        )
    return renew(text, {name: block}, marks)


def write(name: str, block: str, document: Path = INSTALL) -> None:
    """Puts a block into a document. Raises ValueError where it has no marks for it."""
    try:
        renewed = put(document.read_text(encoding="utf-8"), name, block)
    except ValueError as error:
        raise ValueError(f"{document}: {error}") from None
    document.write_text(renewed, encoding="utf-8", newline="\n")
