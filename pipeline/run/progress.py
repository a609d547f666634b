"""How far a run is: counts that the workers send, and what they say of the time left.

Watching never slows or breaks a run: counts come as datagrams that get lost when nobody reads them. At the end of the
run Beam's own counters take their place, so the display ends with the figures of the summary and of `manifest.json`.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

from scenesign.pipeline.run.time_left import Countdown, Throughput
from scenesign.pipeline.wording import counted, duration
from scenesign.schemas.records import Source
from scenesign.transforms.support.counting import SOCKET_VARIABLE, open_mailbox


@dataclass(frozen=True)
class RunStage:
    """One after another they are the run.

    sign: the count that shows that it has begun. cost: what a byte takes in it, where reading and embedding take 1.
    alone: one process works in it, however many there are.
    """

    name: str
    sign: str
    cost: float
    alone: bool = False


READ, FIT, ASSIGN, WRITE, MEASURE, PAGE = range(6)
# Costs as measured on 10 and on 48 books; the time that a run takes to embed says how fast its machine is.
STAGES = (
    RunStage("read and embed", "", 1.0),
    RunStage("fit the inventory", "parts/sampled", 0.05, alone=True),
    RunStage("assign signs", "parts/assigned", 0.15),
    RunStage("write the dataset", "scenes/written", 0.02, alone=True),
    RunStage("measure the signs", "summary/begun", 0.1, alone=True),
    RunStage("make the page", "", 0.03, alone=True),
)
# Of the work that a book is until it is in a part: finding its scenes comes after embedding.
_CUTTING = 0.3
_FEWEST_SEEN = 0.02  # share of the bytes that the first estimate needs to have seen
# Sources that are done before it shows by what factor contents are larger than their files.
_FEWEST_SWOLLEN = 3
_MOST_OPENED = 20  # archives that are looked into for their size, at most
_MOST_SWELLING = 1000  # of an archive, times its own size: what unpacks to more is not read on
# A port that other machines reach gets what anybody sends: no datagram may break the display, or fill the memory.
_KINDS = 1000  # of counts
_MOST = 2**50  # in one datagram, either way


@dataclass
class RunState:
    """What is known of a run under way.

    sources, bytes: of all files and datasets that are read. refused: how many more were refused unread.
    contents: bytes of what is in them; None where that is not known. processes: that work beside each other.
    settled: the counts are final. Times are in seconds of one clock, that of the caller.
    """

    sources: int
    bytes: int
    refused: int = 0
    contents: int | None = None
    processes: int = 1
    counts: Counter[str] = field(default_factory=Counter)
    began: list[float] = field(default_factory=list)
    settled: bool = False
    _work: Throughput = field(default_factory=Throughput)
    _sentences: Throughput = field(default_factory=Throughput)
    _countdown: Countdown = field(default_factory=Countdown)
    _share: float = 0.0
    _pace: float | None = None

    def add(self, key: str, by: int, now: float) -> None:
        """Takes a count at a time; one that starts a later stage ends those before it."""
        self.counts[key] += by
        # a count may come before the one of an earlier stage, or without it: stages only go forward
        self._reach(next((i for i, stage in enumerate(STAGES) if stage.sign == key), 0), now)

    def _reach(self, stage: int, now: float) -> None:
        self.began += [now] * (stage + 1 - len(self.began))

    def settle(self, counters: Mapping[str, int], now: float) -> None:
        """Takes the counters of a finished run in place of all counts; only the page is left to make."""
        self.counts = Counter(counters)
        self.counts["sentences/batch"] = self.counts["sentences/embedded"]
        self._reach(PAGE, now)
        self.settled = True

    @property
    def stage(self) -> int:
        """Index of the stage at work."""
        return max(0, len(self.began) - 1)

    @property
    def books(self) -> int:
        """Books that are done with, whether in this run or an earlier one."""
        counts = self.counts
        return counts["books/written"] if self.settled else counts["books/embedded"] + counts["books/reused"]

    def _fresh(self) -> float:
        """Bytes of books that this run has embedded and cut, a book under way in part."""
        counts = self.counts
        begun, cut = counts["bytes/begun"], counts["bytes/cut"]
        embedded = min(1.0, counts["sentences/batch"] / max(1, counts["sentences/begun"]))
        return (1 - _CUTTING) * begun * embedded + _CUTTING * cut

    def _whole(self) -> float | None:
        """Bytes of all books; None where that can't be told yet."""
        counts = self.counts
        if self.contents is not None:
            return self.contents
        if counts["sources/done"] < _FEWEST_SWOLLEN or counts["bytes/done"] <= 0:
            return None
        seen = counts["bytes/begun"] + self._passed()
        return self.bytes * max(1.0, seen / counts["bytes/done"])

    def _passed(self) -> int:
        """Bytes that took hardly any time."""
        return self.counts["bytes/reused"] + self.counts["bytes/refused"]

    def _in_stage(self, now: float) -> float:
        """How far the stage at work is, from 0 to 1."""
        counts, stage = self.counts, self.stage
        if stage == READ:
            whole = self._whole()
            files = counts["sources/done"] / max(1, self.sources)
            return min(1.0, (self._fresh() + self._passed()) / whole) if whole else files
        of = {ASSIGN: ("parts/assigned", "parts/sampled"), WRITE: ("scenes/written", "scenes/found")}.get(stage)
        if of and counts[of[1]]:
            return min(1.0, counts[of[0]] / counts[of[1]])
        takes = self._takes(stage)
        return min(0.95, (now - self.began[stage]) / takes) if takes and self.began else 0.0

    def _takes(self, stage: int) -> float | None:
        """Seconds that a stage takes in all; None before there is a pace."""
        whole = self._whole()
        if not self._pace or not whole:
            return None
        return self._weight(stage) * whole / self._pace

    def _weight(self, stage: int) -> float:
        return STAGES[stage].cost * (self.processes if STAGES[stage].alone else 1)

    def look(self, now: float) -> None:
        """Takes note of how far the run is; called a few times a second."""
        if self.stage == READ and self.counts["bytes/begun"]:
            done = self._fresh()
            self._work.add(done, now)
            self._sentences.add(self.counts["sentences/batch"], now)
            self._pace = self._work.per_second(done, now)
        left = self._estimate(now)
        seen = (self._fresh() + self._passed()) / (self._whole() or float("inf"))
        if self.stage > READ or seen >= _FEWEST_SEEN:
            self._countdown.show(left, now)
        done = sum(map(self._weight, range(self.stage))) + self._weight(self.stage) * self._in_stage(now)
        self._share = max(self._share, done / sum(map(self._weight, range(len(STAGES)))))

    def _estimate(self, now: float) -> float | None:
        """Seconds left of this stage and those after it; None where there is no ground for a figure."""
        takes = [self._takes(stage) for stage in range(self.stage, len(STAGES))]
        known = [seconds for seconds in takes if seconds is not None]
        if len(known) < len(takes):
            return None
        if self.stage == READ:
            rest = max(0.0, (self._whole() or 0) - self._passed() - self._fresh()) / (self._pace or 1)
        else:
            rest = known[0] * (1 - self._in_stage(now))
        return rest + sum(known[1:])

    @property
    def share(self) -> float:
        """How much of the run's work is done, from 0 to 1; never falls."""
        return self._share

    def seconds_left(self) -> float | None:
        """As it is to be shown; None where that can't be told yet."""
        return self._countdown.left

    def sentences_per_second(self, now: float) -> float | None:
        """Over the last minute; None where it is too early to tell, or none was embedded."""
        return self._sentences.per_second(self.counts["sentences/batch"], now)

    def facts(self, now: float) -> list[tuple[int, str]]:
        """What there is to say of the stage at work, in order; those with the highest ranks are the first to go."""
        counts = self.counts
        said = [] if self.stage == PAGE else [(0, f"{100 * self.share:.0f} %")]
        if self.stage in (READ, PAGE):
            said.append(
                (2, f"{self.refused + counts['sources/done']:,} of {counted(self.refused + self.sources, 'file')}")
            )
            said.append((3, counted(self.books, "book")))
            if self.stage == READ and counts["books/reused"]:
                said.append((4, f"{counts['books/reused']:,} of them reused"))
            if counts["sentences/batch"]:
                said.append((7, counted(counts["sentences/batch"], "sentence")))
        if self.stage == READ:
            rejects = sum(
                by for key, by in counts.items() if key.startswith("rejected/") and key != "rejected/duplicate"
            )
            if rejects:
                said.append((5, counted(rejects, "reject")))
            if rate := self.sentences_per_second(now):
                said.append((6, f"{rounded(rate):,.0f} sentences/s"))
        elif self.stage == FIT and counts["scenes/sampled"]:
            said.append((2, f"on {counted(counts['scenes/sampled'], 'scene')}"))
        elif self.stage == ASSIGN:
            noun = "part" if (counts["parts/sampled"] or counts["parts/assigned"]) == 1 else "parts"
            of = f" of {counts['parts/sampled']:,}" if counts["parts/sampled"] else ""  # none where nothing is fitted
            said.append((2, f"{counts['parts/assigned']:,}{of} {noun}"))
        elif self.stage in (WRITE, MEASURE, PAGE):
            said.append((2, counted(counts["scenes/written"], "scene")))
        if self.stage < PAGE and (left := self.seconds_left()) is not None:
            said.append((1, time_left(left)))
        return said


def time_left(seconds: float) -> str:
    """`2 min left`; no finer than anybody can know."""
    if seconds < 5:
        return "seconds left"
    step = 5 if seconds < 90 else 1
    return f"{duration(step * round(seconds / step))} left"


def rounded(rate: float) -> float:
    """To two figures: the third one changes at every look."""
    return float(f"{rate:.2g}")


class Display(Protocol):
    """What shows a run while it goes: `make_display` gives one that suits a console."""

    def show(self, state: RunState, now: float) -> None:
        """Called after every few counts, and a few times a second."""

    def close(self) -> None:
        """The run is over."""


@contextmanager
def watching(
    sources: Iterable[Source], refused: int, display: Display | None, far: bool = False, processes: int = 1
) -> Iterator[dict[str, int]]:
    """Shows what workers count while the block runs. refused: files that were not even read. far: of other machines.
    processes: that work beside each other. The display stays open: there is more to come.

    Gives a dict for the counters of the run, which the block fills when all has gone well.
    """
    counters: dict[str, int] = {}
    if display is None:
        yield counters
        return
    listed = list(sources)
    size = sum(source.bytes for source in listed)
    state = RunState(len(listed), size, refused, contents(listed), processes)
    with ExitStack() as stack:
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
            _show(display, state)


def _show(display: Display, state: RunState) -> None:
    """Shows a state as it is now; where that can't be written, on a full disk say, the run goes on all the same."""
    now = time.monotonic()
    state.look(now)
    with suppress(OSError, ValueError):  # the second of a stream that is closed
        display.show(state, now)


def _listen(receiver: socket.socket, state: RunState, display: Display, over: threading.Event) -> None:
    started = time.monotonic()
    state.add("run/started", 1, started)
    shown = 0.0
    while True:
        now = time.monotonic()
        if now - shown >= 0.25:
            _show(display, state)
            shown = now
        try:
            for key, by in counts_in(receiver.recv(1 << 16)).items():
                if key in state.counts or len(state.counts) < _KINDS:
                    state.add(key, by, time.monotonic())
        except OSError:  # no datagram for a while; or the socket is closed, since strangers never let it rest
            if over.is_set():
                break


def contents(sources: Sequence[Source]) -> int | None:
    """Bytes of what is in files, where archives are few enough to look into; None where that is not known."""
    from scenesign.transforms.read.paths import local_path  # their libraries take a while, and a display needs none
    from scenesign.transforms.read.reader import Holds
    from scenesign.transforms.read.registry import READERS

    swelling = tuple(suffix for reader in READERS if reader.holds is Holds.FILES for suffix in reader.suffixes)
    whole, opened = 0, 0
    for source in sources:
        name = source.name.casefold()
        if not source.bytes or name.endswith(".parquet"):
            return None
        if not name.endswith(swelling):
            whole += source.bytes
            continue
        path, opened = local_path(source.uri), opened + 1
        if not name.endswith(".zip") or not path or opened > _MOST_OPENED:
            return None
        try:
            with zipfile.ZipFile(path) as archive:
                said = sum(member.file_size for member in archive.infolist())
            whole += min(said, _MOST_SWELLING * source.bytes)  # an archive may say what it likes
        except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):  # its reader says what is wrong with it
            whole += source.bytes
    return whole


def counts_in(datagram: bytes) -> dict[str, int]:
    """What a datagram counts; nothing of one that a stranger sent."""
    try:
        found = json.loads(datagram)
    except (ValueError, RecursionError):
        return {}
    counts = found if isinstance(found, dict) else {}
    return {key: by for key, by in counts.items() if type(by) is int and abs(by) <= _MOST}
