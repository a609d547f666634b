"""Tables for the terminal and for docs/install.md."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table as RichTable

from benchmarks.demo import ROOT, cell, renew

# Of what is no terminal, so that no cell is cut.
WIDE = 200
LINE = 120
_NUMBER = re.compile(r"[\d.,]*")
INSTALL = ROOT / "docs" / "install.md"


@dataclass(frozen=True)
class Table:
    """rows: as many cells each as there are columns; an empty cell says that there is nothing to tell."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def numbers(self) -> list[bool]:
        """Which columns hold numbers alone; these end at the right."""
        return [all(_NUMBER.fullmatch(row[n]) for row in self.rows) for n in range(len(self.columns))]

    def markdown(self) -> str:
        """As documents carry it."""
        rules = ["---:" if number else "---" for number in self.numbers()]
        lines = [f"| {' | '.join(self.columns)} |", f"|{'|'.join(rules)}|"]
        lines += [f"| {' | '.join(map(cell, row))} |" for row in self.rows]
        return "\n".join(lines)

    def rich(self) -> RichTable:
        """As a terminal shows it."""
        shown = RichTable()
        for column, number in zip(self.columns, self.numbers(), strict=True):
            shown.add_column(column, justify="right" if number else "left")
        for row in self.rows:
            shown.add_row(*row)
        return shown


def show(*parts: Table | str) -> None:
    """Prints tables, and lines between them."""
    console = Console()
    if not console.is_terminal:
        console.width = WIDE
    for part in parts:
        console.print(part.rich() if isinstance(part, Table) else part, markup=False, highlight=False)


def put(text: str, name: str, block: str) -> str:
    """A document with the block of this name replaced. Raises ValueError where it has no marks for it."""
    marks = re.compile(rf"(<!-- ({name}) -->\n)(.*?)(<!-- end of {name} -->)", re.S)
    if not marks.search(text):
        raise ValueError(
            f"there are no marks <!-- {name} --> and <!-- end of {name} -->; put them where the table goes"
        )
    return renew(text, {name: block}, marks)


def in_document(*parts: Table | str) -> str:
    """Tables and paragraphs as a document carries them."""
    return "\n\n".join(part.markdown() if isinstance(part, Table) else wrapped(part) for part in parts)


def wrapped(paragraph: str) -> str:
    """In lines of a document's length; no word is broken."""
    return textwrap.fill(cell(paragraph), LINE, break_long_words=False, break_on_hyphens=False)


def look_for_marks(name: str, document: Path = INSTALL) -> None:
    """Asks, before minutes of work, whether a block can be written. Raises click.ClickException where it can't."""
    try:
        put(document.read_text(encoding="utf-8"), name, "")
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{document}: {error}") from None


def write(name: str, block: str, document: Path = INSTALL) -> None:
    """Puts a block into a document. Raises ValueError where it has no marks for it."""
    document.write_text(put(document.read_text(encoding="utf-8"), name, block), encoding="utf-8", newline="\n")
