"""How far a run is: counts that the workers send, as a live display or as plain lines.

Watching never slows or breaks a run: counts come as datagrams that get lost when nobody reads them. At the end of the
run Beam's own counters take their place, so the display ends with the figures of the summary and of `manifest.json`.
"""

from __future__ import annotations

import json
import math
import os
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from scenesign.schemas.records import Source
from scenesign.transforms.support.counting import SOCKET_VARIABLE, open_mailbox

# Stages in order, each with the count that shows it has begun.
STAGES = (
    ("read and embed books", ""),
    ("fit the inventory", "parts/sampled"),
    ("assign signs", "parts/assigned"),
    ("write the dataset", "scenes/written"),
)
_RATE_SECONDS = 30.0  # over which sentences per second are averaged
_PLAIN_SECONDS = 15.0  # between two plain lines of one stage
# A port that other machines reach gets what anybody sends: no datagram may break the display, or fill the memory.
_KINDS = 1000  # of counts
_MOST = 2**50  # in one datagram, either way


@dataclass
class RunState:
    """What is known of a run under way.

    sources, bytes: of all files and datasets that are read. refused: how many more were refused unread.
    settled: the counts are final. Times are in seconds of one clock, that of the caller.
    """

    sources: int
    bytes: int
    refused: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    began: list[float] = field(default_factory=list)
    settled: bool = False
    _pace: deque[tuple[float, int]] = field(default_factory=deque)
    _embedding_since: float | None = None

    def add(self, key: str, by: int, now: float) -> None:
        """Takes a count at a time; one that starts a later stage ends those before it."""
        self.counts[key] += by
        # a count may come before the one of an earlier stage, or without it: stages only go forward
        reached = next((i for i, (_, sign) in enumerate(STAGES) if sign == key), 0)
        while len(self.began) <= reached:
            self.began.append(now)
        if key == "sentences/batch":
            if self._embedding_since is None:
                self._embedding_since = now
            self._pace.append((now, by))
            while self._pace[0][0] < now - _RATE_SECONDS:
                self._pace.popleft()

    def settle(self, counters: Mapping[str, int], now: float) -> None:
        """Takes the counters of a finished run in place of all counts."""
        self.counts = Counter(counters)
        self.counts["sentences/batch"] = self.counts["sentences/embedded"]
        self.began += [now] * (len(STAGES) - len(self.began))
        self.settled = True

    @property
    def stage(self) -> int:
        """Index of the stage at work."""
        return max(0, len(self.began) - 1)

    def sentences_per_second(self, now: float) -> float:
        """Over the last half minute; 0 where nothing was embedded in it."""
        recent = [(at, by) for at, by in self._pace if at >= now - _RATE_SECONDS]
        # the first count in sight only says when the clock started
        span = now - recent[0][0] if recent else 0.0
        return sum(by for _, by in recent[1:]) / span if span > 0 else 0.0

    def seconds_left(self, now: float) -> float | None:
        """Of reading and embedding, from the bytes done so far; None where that can't be told yet."""
        fresh = self.counts["bytes/done"] - self.counts["bytes/reused"]
        left = self.bytes - self.counts["bytes/done"]
        if self._embedding_since is None or fresh <= 0 or left < 0:
            return None
        return left * (now - self._embedding_since) / fresh

    def detail(self, stage: int, now: float) -> str:
        """What there is to say of a stage."""
        counts = self.counts
        if stage == 1:
            return f"on {counts['scenes/sampled']:,} scenes" if counts["scenes/sampled"] else ""
        if stage == 2:
            of = f" of {counts['parts/sampled']:,}" if counts["parts/sampled"] else ""  # none where nothing is fitted
            return f"{counts['parts/assigned']:,}{of} parts"
        if stage == 3:
            return f"{counts['scenes/written']:,} scenes"
        said = [
            f"{self.refused + counts['sources/done']:,} of {self.refused + self.sources:,} files",
            f"{counts['books/read']:,} books",
            f"{counts['sentences/batch']:,} sentences",
        ]
        duplicates = counts["rejected/duplicate"]
        rejects = sum(by for key, by in counts.items() if key.startswith("rejected/")) - duplicates
        if counts["books/reused"]:
            said.append(f"{counts['books/reused']:,} reused")
        if rejects:
            said.append(f"{rejects:,} rejects")
        if duplicates:
            said.append(f"{duplicates:,} duplicates")
        if self.stage == 0:
            if rate := self.sentences_per_second(now):
                said.append(f"{rate:,.0f} sentences a second")
            if (left := self.seconds_left(now)) is not None:
                said.append(f"about {duration(left)} left")
        return ", ".join(said)


def duration(seconds: float) -> str:
    """`45 s`, `12 min`, `3 h 20 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


class Display(Protocol):
    """What shows a run while it goes: `make_display` gives one that suits a console."""

    def show(self, state: RunState, now: float) -> None:
        """Called after every few counts, and a few times a second."""

    def close(self) -> None:
        """The run is over."""


class PlainDisplay:
    """A line per stage, one every quarter of a minute, and in the end those that have changed: for logs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._stage = 0
        self._next = -math.inf
        self._said = [""] * len(STAGES)

    def show(self, state: RunState, now: float) -> None:
        """Prints a line when one is due."""
        if state.stage == self._stage and now < self._next and not state.settled:
            return
        for stage in range(0 if state.settled else self._stage, state.stage + 1):
            detail = state.detail(stage, now)
            line = f"progress: {STAGES[stage][0]}" + (f": {detail}" if detail else "")
            if line != self._said[stage]:
                self._console.print(line, markup=False)
            self._said[stage] = line
        self._stage, self._next = state.stage, now + _PLAIN_SECONDS

    def close(self) -> None:
        """Nothing is left to do."""


class LiveDisplay:
    """A table that changes in place: for terminals."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, transient=True, auto_refresh=False)
        self._ascii = console.options.ascii_only
        self._spinner = Spinner("line" if self._ascii else "dots")
        self._live.start()

    def show(self, state: RunState, now: float) -> None:
        """Draws the table anew."""
        self._live.update(self.table(state, now), refresh=True)

    def table(self, state: RunState, now: float) -> Table:
        """A row per stage."""
        grid = Table.grid(padding=(0, 1))
        for stage, (name, _) in enumerate(STAGES):
            if stage > state.stage:
                grid.add_row("", Text(name, style="dim"), "", "")
                continue
            ended = state.began[stage + 1] if stage < state.stage else now
            took = duration(ended - state.began[stage]) if state.began else ""
            mark = self._spinner if stage == state.stage else Text("+" if self._ascii else "✓", style="green")
            grid.add_row(mark, name, Text(took, justify="right"), Text(state.detail(stage, now)))
        return grid

    def close(self) -> None:
        """Takes the table away; the summary follows."""
        self._live.stop()


def make_display(console: Console, quiet: bool) -> Display | None:
    """The display that suits a console: none when asked for quiet, plain lines where nothing can be redrawn."""
    if quiet:
        return None
    if console.is_terminal and not console.no_color and not console.is_dumb_terminal:
        return LiveDisplay(console)
    return PlainDisplay(console)


@contextmanager
def watching(
    sources: Iterable[Source], refused: int, display: Display | None, far: bool = False
) -> Iterator[dict[str, int]]:
    """Shows what workers count while the block runs. refused: files that were not even read. far: of other machines.

    Gives a dict for the counters of the run, which the block fills when all has gone well.
    """
    counters: dict[str, int] = {}
    if display is None:
        yield counters
        return
    listed = list(sources)
    state = RunState(len(listed), sum(source.bytes for source in listed), refused)
    with ExitStack() as stack:
        stack.callback(display.close)
        receiver, address = open_mailbox(stack, far)
        receiver.settimeout(0.2)
        over = threading.Event()
        listener = threading.Thread(target=_listen, args=(receiver, state, display, over), daemon=True)
        os.environ[SOCKET_VARIABLE] = address
        listener.start()
        try:
            yield counters
        finally:
            os.environ.pop(SOCKET_VARIABLE, None)
            over.set()
            listener.join(timeout=5)
            if counters:
                state.settle(counters, time.monotonic())
            display.show(state, time.monotonic())


def _listen(receiver: socket.socket, state: RunState, display: Display, over: threading.Event) -> None:
    started = time.monotonic()
    state.add("run/started", 1, started)
    shown = 0.0
    while True:
        now = time.monotonic()
        if now - shown >= 0.25:
            display.show(state, now)
            shown = now
        try:
            for key, by in counts_in(receiver.recv(1 << 16)).items():
                if key in state.counts or len(state.counts) < _KINDS:
                    state.add(key, by, time.monotonic())
        except OSError:  # no datagram for a while; or the socket is closed, since strangers never let it rest
            if over.is_set():
                break


def counts_in(datagram: bytes) -> dict[str, int]:
    """What a datagram counts; nothing of one that a stranger sent."""
    try:
        found = json.loads(datagram)
    except (ValueError, RecursionError):
        return {}
    counts = found if isinstance(found, dict) else {}
    return {key: by for key, by in counts.items() if type(by) is int and abs(by) <= _MOST}
