"""How files are shared out: as many processes as are worth it, and each about as much."""

from __future__ import annotations

import os
import random

import pytest

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.run import shares
from scenesign.pipeline.run.shares import (
    BYTES_PER_PROCESS,
    BYTES_VARIABLE,
    dealt,
    few_processes,
    processes_for,
    usual_processes,
)
from scenesign.schemas.records import Source


def files(*sizes: int) -> list[Source]:
    return [Source(f"/{i}.txt", f"{i}.txt", size) for i, size in enumerate(sizes)]


@pytest.mark.parametrize(
    ("sizes", "most", "expected"),
    [
        ((1_000,) * 40, 8, 1),
        ((BYTES_PER_PROCESS, BYTES_PER_PROCESS - 1), 8, 1),
        ((BYTES_PER_PROCESS, BYTES_PER_PROCESS), 8, 2),
        ((100 * BYTES_PER_PROCESS,), 8, 1),  # a file is read by one process
        ((BYTES_PER_PROCESS,) * 30, 8, 8),
        ((1_000, 0, 1_000), 2, 1),  # one is empty
        ((0, 0, 0), 2, 2),  # nobody knows how large
    ],
)
def test_processes_that_are_worth_their_start(sizes: tuple[int, ...], most: int, expected: int) -> None:
    assert processes_for(files(*sizes), most) == expected


def test_who_asks_for_more_processes_than_are_worth_it_is_told_why() -> None:
    assert few_processes(1, 8, files(600_000, 200_000)) == (
        "--workers 8 is a limit: 1 process for 800.0 kB in 2 files, as more would cost more than they save"
    )


def test_who_knows_better_says_what_is_worth_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BYTES_VARIABLE, "10")
    assert processes_for(files(10, 10, 9), 8) == 2


@pytest.mark.parametrize("given", ["0", "-1", "1e6", "8 MB", "²"])
def test_no_number_is_wrong_use(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BYTES_VARIABLE, given)
    with pytest.raises(UsageError, match=f"{BYTES_VARIABLE}: '{given}'"):
        processes_for(files(1), 8)


@pytest.mark.parametrize(
    ("cores", "memory", "most"), [(8, 64 * 10**9, 8), (8, 8 * 10**9, 4), (2, 10**9, 1), (64, 32 * 10**9, 16)]
)
def test_nobody_starts_more_than_memory_holds(
    cores: int, memory: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares, "cores", lambda: cores)
    monkeypatch.setattr(shares, "_memory", lambda: memory)
    assert usual_processes() == most


@pytest.mark.skipif(not hasattr(os, "sysconf"), reason="this system doesn't tell its memory")
def test_a_machine_knows_its_memory() -> None:
    assert 10**8 < shares._memory() <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def test_hands_are_even() -> None:
    numbers = random.Random(0)
    for processes in (2, 3, 8):
        sources = files(*(int(numbers.lognormvariate(12, 1)) for _ in range(100)))
        order = dealt(sources, processes)
        assert sorted(order, key=lambda source: source.uri) == sorted(sources, key=lambda source: source.uri)
        hands = [sum(source.bytes for source in order[k::processes]) for k in range(processes)]
        assert max(hands) < 1.15 * min(hands)


def test_the_order_hangs_on_the_files_alone() -> None:
    sources = files(5, 9, 5, 1, 9)
    assert dealt(sources, 2) == dealt(sources[::-1], 2)
    assert [source.bytes for source in dealt(sources, 2)] == [9, 9, 5, 5, 1]
