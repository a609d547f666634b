"""Trouble on one of several hosts: the command names the host, in one line, and then goes on to the same bytes."""

from __future__ import annotations

import signal
import time

import psutil
import pytest

from tests.hosts.fleet import SLOW, Fleet, digests_below, left_in, parts_below, reused_by, wait_for
from tests.hosts.network import Program
from tests.runs import STOPS, Unbroken

pytestmark = pytest.mark.slow

PAIR = ("alder", "birch")
GOES_ON = "the same command goes on from there"
# The promise: seconds until a host that has fallen silent is missed.
SILENT = 60.0


def error_line(run: Program, seconds: float = SLOW) -> str:
    """What a run that breaks has to say, after the line that says what it does."""
    assert run.code(seconds) == 1, run.said()
    first, *rest = run.said().splitlines()
    assert first.startswith("scenesign: building")
    assert len(rest) == 1, run.said()
    assert rest[0].startswith("error: ")
    return rest[0]


def workers_of(pool: Program) -> list[psutil.Process]:
    """Processes that a pool has started."""
    return pool.process.children(recursive=True)


def wait_for_part(run: Program, output: str) -> None:
    """Waits until books are finished."""
    wait_for(lambda: run.over or parts_below(output), "a part")
    assert not run.over, run.said()


def assert_it_goes_on(fleet: Fleet, books: str, home: str, unbroken: Unbroken) -> None:
    """The same command takes up what is finished and ends well, with the bytes of a local run."""
    run = fleet.build(books, f"{home}/out", *PAIR)
    assert run.code(SLOW) == 0, run.said()
    assert digests_below(f"{home}/out") == unbroken.digests
    assert left_in(home) == set()
    assert fleet.temporary() == []


def test_after_a_worker_was_killed(fleet: Fleet, books: str, home: str, unbroken: Unbroken) -> None:
    output = f"{home}/out"
    pools = fleet.start_pools(*PAIR)
    run = fleet.build(books, output, *PAIR)
    wait_for_part(run, output)
    for process in workers_of(pools["birch"]):
        process.kill()
    line = error_line(run, STOPS)
    assert "birch" in line
    assert "alder" not in line
    assert line.endswith(GOES_ON)
    wait_for(lambda: not workers_of(pools["alder"]), "the end of the other worker")
    assert digests_below(output) == {}
    assert_it_goes_on(fleet, books, home, unbroken)
    assert reused_by(output) > 0


def test_a_host_that_is_cut_off_is_missed(fleet: Fleet, books: str, home: str) -> None:
    output = f"{home}/out"
    pools = fleet.start_pools(*PAIR)
    run = fleet.build(books, output, *PAIR)
    wait_for_part(run, output)
    fleet.hosts["birch"].cut()
    since = time.monotonic()
    line = error_line(run)
    assert time.monotonic() - since < SILENT
    assert "birch" in line
    assert "alder" not in line
    assert line.endswith(GOES_ON)
    # nobody can tell its worker that the run is over; it must find out
    wait_for(lambda: not workers_of(pools["birch"]), "the end of the worker that was cut off")


def test_a_host_that_is_frozen_is_missed(fleet: Fleet, books: str, home: str) -> None:
    """Its system still takes what is sent, as one short of memory does whose programs stand still."""
    output = f"{home}/out"
    pools = fleet.start_pools(*PAIR)
    run = fleet.build(books, output, *PAIR)
    wait_for_part(run, output)
    frozen = [pools["birch"].process, *workers_of(pools["birch"])]
    for process in frozen:
        process.suspend()
    try:
        since = time.monotonic()
        line = error_line(run)
        assert time.monotonic() - since < SILENT
    finally:
        for process in frozen:
            process.kill()
        pools["birch"].starter.send_signal(signal.SIGCONT)  # it stops when what it has started does
    assert "birch" in line
    assert "alder" not in line
    assert line.endswith(GOES_ON)


def test_no_worker_outlives_the_desk(fleet: Fleet, books: str, home: str) -> None:
    pools = fleet.start_pools(*PAIR)
    run = fleet.build(books, f"{home}/out", *PAIR)
    wait_for_part(run, f"{home}/out")
    fleet.desk.kill()
    for name, pool in pools.items():
        wait_for(lambda pool=pool: not workers_of(pool), f"the end of the worker on {name}")  # type: ignore[misc]
        assert not pool.over, pool.said()


def test_a_host_with_another_version_is_refused(fleet: Fleet, books: str, home: str) -> None:
    described = fleet.hosts["birch"].folder / "tmp" / "other" / "scenesign-9.9.9.dist-info" / "METADATA"
    described.parent.mkdir(parents=True)
    described.write_text("Metadata-Version: 2.1\nName: scenesign\nVersion: 9.9.9\n", encoding="utf-8")
    fleet.start_pools("alder")
    fleet.start_pools("birch", first="/tmp/other")
    line = error_line(fleet.build(books, f"{home}/out", *PAIR))
    assert "birch has scenesign 9.9.9 where the job was submitted by" in line
    assert fleet.writers(f"{home}/out.parts") == set()


def test_a_host_that_does_not_know_the_desk_says_so(fleet: Fleet, books: str, home: str) -> None:
    names = fleet.hosts["birch"].folder / "hosts"
    known = names.read_text(encoding="utf-8")
    names.write_text(known.replace("desk", "office"), encoding="utf-8")
    try:
        fleet.start_pools(*PAIR)
        line = error_line(fleet.build(books, f"{home}/out", *PAIR))
    finally:
        names.write_text(known, encoding="utf-8")
    assert "birch can't reach desk:" in line
    assert "by the names that they call themselves" in line


def test_a_disk_that_is_full_on_one_host(fleet: Fleet, books: str, home: str) -> None:
    fleet.start_pools("alder")
    fleet.start_pools("birch", environment={**fleet.inside.environment, "TMPDIR": fleet.hosts["birch"].fill()})
    line = error_line(fleet.build(books, f"{home}/out", *PAIR))
    assert "a disk of birch is full (" in line
    assert line.endswith(GOES_ON)


def test_a_step_that_fails_on_a_far_host(fleet: Fleet, books: str, home: str) -> None:
    faults = fleet.hosts["birch"].folder / "tmp" / "faults"
    faults.mkdir()
    fault = """
from scenesign.transforms.parts import write
def process(self, book):
    raise ValueError("the third moon has set")
write.CollectParts.process = process
"""
    (faults / "sitecustomize.py").write_text(fault, encoding="utf-8")
    fleet.start_pools("alder")
    fleet.start_pools("birch", first="/tmp/faults")
    line = error_line(fleet.build(books, f"{home}/out", *PAIR))
    assert "WriteParts on birch: ValueError: the third moon has set" in line
    assert line.endswith(GOES_ON)
