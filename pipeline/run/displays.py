"""What shows a run while it goes: one row that changes in place for terminals, now and then a line for logs."""

from __future__ import annotations

import math

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from scenesign.pipeline.run.progress import STAGES, Display, RunState
from scenesign.pipeline.wording import counted, human_bytes

_PLAIN_SECONDS = 15.0  # between two plain lines of one stage
_BAR, _WIDE = 20, 104  # columns, of a bar and of a terminal that has room for one
_NAME = max(len(stage.name) for stage in STAGES)


class PlainDisplay:
    """A line per stage, one every quarter of a minute, and in the end one with the final figures: for logs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._stage = -1
        self._next = -math.inf
        self._settled = False

    def show(self, state: RunState, now: float) -> None:
        """Prints a line when one is due."""
        if self._stage < 0:
            self._console.print(size_line(state), markup=False)
        due = now >= self._next or state.stage != self._stage
        if not due and state.settled == self._settled:
            return
        facts = ", ".join(words for _, words in state.facts(now))
        self._console.print(f"progress: {STAGES[state.stage].name}: {facts}", markup=False)
        self._stage, self._settled, self._next = state.stage, state.settled, now + _PLAIN_SECONDS

    def close(self) -> None:
        """Nothing is left to do."""


class LiveDisplay:
    """A row that changes in place: for terminals."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, transient=True, auto_refresh=False)
        self._ascii = console.options.ascii_only
        self._spinner = Spinner("line" if self._ascii else "dots")
        self._told_size = self._closed = False
        self._live.start()

    def begin(self, words: str) -> None:
        """Shows what is done before there is a state."""
        row = Table.grid(padding=(0, 1))
        row.add_row(self._spinner, Text(words, no_wrap=True, overflow="ellipsis"))
        self._live.update(row, refresh=True)

    def show(self, state: RunState, now: float) -> None:
        """Draws the row anew."""
        if self._closed:  # a run that was left alone goes on showing
            return
        if not self._told_size:
            self._told_size = True
            self._console.print(size_line(state), markup=False)
        self._live.update(self.row(state, now), refresh=True)

    def row(self, state: RunState, now: float) -> Table:
        """The stage at work and what there is to say of it, as far as there is room; on a wide terminal a bar too."""
        wide = self._console.width >= _WIDE
        name = f"{STAGES[state.stage].name:{_NAME if wide else 0}}"
        cells: list[RenderableType] = [self._spinner, Text(name, style="bold", no_wrap=True)]
        room = self._console.width - len(name) - 4
        if wide:
            cells.append(ProgressBar(total=1.0, completed=state.share, width=_BAR))
            room -= _BAR + 1
        grid = Table.grid(padding=(0, 1))
        grid.add_row(*cells, Text(fitting(state.facts(now), room), no_wrap=True, overflow="ellipsis"))
        return grid

    def close(self) -> None:
        """Takes the row away; the summary follows."""
        self._closed = True
        self._live.stop()


def size_line(state: RunState) -> str:
    """What was listed: `reading 3 files, 722.8 kB`."""
    size = f", {human_bytes(state.bytes)}" if state.bytes else ""
    refused = f"; {state.refused:,} more refused unread" if state.refused else ""
    return f"scenesign: reading {counted(state.sources, 'file')}{size}{refused}"


def fitting(facts: list[tuple[int, str]], room: int) -> str:
    """Facts in a row of so many columns; those with the highest ranks go first, but for the first one of all."""
    for most in sorted({rank for rank, _ in facts}, reverse=True):
        said = ", ".join(words for rank, words in facts if rank <= most)
        if cell_len(said) <= room:
            return said
    return next((words for rank, words in facts if rank == 0), "")


def make_display(console: Console, quiet: bool) -> Display | None:
    """The display that suits a console: none when asked for quiet, plain lines where nothing can be redrawn."""
    if quiet:
        return None
    if console.is_terminal and not console.no_color and not console.is_dumb_terminal:
        return LiveDisplay(console)
    return PlainDisplay(console)
