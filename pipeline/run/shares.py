"""How the files of a local run are shared out among worker processes."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Sequence

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.wording import counted, human_bytes
from scenesign.schemas.records import Source
from scenesign.transforms.support.threads import cores

# In the environment: how many bytes of input a process is started for, where somebody knows better.
BYTES_VARIABLE = "SCENESIGN_BYTES_PER_PROCESS"

# Of memory that a process is started for where nobody says how many: libraries, weights, and the book it is at.
MEMORY_PER_PROCESS = 2_000_000_000

# Of input that a process is started for. It costs some seconds of a core before it does anything. What it then brings
# is that reading, splitting and searching go on beside each other, as embedding does in one process as well.
BYTES_PER_PROCESS = 8_000_000


def usual_processes() -> int:
    """Processes at most where nobody says how many: one for each core, as far as this machine's memory reaches."""
    return max(1, min(cores(), _memory() // MEMORY_PER_PROCESS))


def _memory() -> int:
    """Bytes of this machine, or of the container that this process is in; on Windows as if there were always enough."""
    if sys.platform == "win32":
        return sys.maxsize
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        with open("/sys/fs/cgroup/memory.max", encoding="ascii") as limit:
            return min(whole, int(limit.read()))
    except (OSError, ValueError):  # no container, or `max`: as much as there is
        return whole


def processes_for(sources: Sequence[Source], most: int) -> int:
    """Processes that are worth their start: at most `most`, and one for each file; all where no size is known.

    Raises UsageError where the environment says no number.
    """
    share, known = _bytes_per_process(), sum(source.bytes for source in sources)
    worth = known // share if known else most
    return max(1, min(most, len(sources), worth))


def few_processes(processes: int, asked: int, sources: Sequence[Source]) -> str:
    """Why there are fewer worker processes than were asked for."""
    size = human_bytes(sum(source.bytes for source in sources))
    return (
        f"--workers {asked} is a limit: {counted(processes, 'process', 'processes')} for {size} in "
        f"{counted(len(sources), 'file')}, as more would cost more than they save"
    )


def _bytes_per_process() -> int:
    given = os.environ.get(BYTES_VARIABLE) or str(BYTES_PER_PROCESS)
    if not (given.isascii() and given.isdigit() and int(given)):
        raise UsageError(f"{BYTES_VARIABLE}: '{given}' is no whole number above 0; it is bytes of input per process")
    return int(given)


def dealt(sources: Sequence[Source], processes: int) -> tuple[Source, ...]:
    """The files in an order in which every process gets as much as the others, as far as can be.

    Beam's local runner deals them out like cards. So hands are made up first, as many files to each as it will get: the
    largest file goes to whoever has least, and so on (Graham, Bounds on multiprocessing timing anomalies, 1969).
    """
    hands: list[list[Source]] = [[] for _ in range(processes)]
    held = [0] * processes
    for source in sorted(sources, key=lambda source: (-source.bytes, source.uri)):
        room = (k for k, hand in enumerate(hands) if len(hand) < len(range(k, len(sources), processes)))
        least = min(room, key=held.__getitem__)
        hands[least].append(source)
        held[least] += source.bytes
    return tuple(source for turn in itertools.zip_longest(*hands) for source in turn if source)
