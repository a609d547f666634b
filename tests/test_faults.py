"""Kill anything, any time: the same command then ends with the same bytes, and nothing half done is ever in sight."""

from __future__ import annotations

import hashlib
import os
import random
import re
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from scenesign.transforms.parts.format import SUFFIX, read_entry
from tests.runs import (
    BOOKS,
    FITTED,
    MARKS,
    Nursery,
    Run,
    Unbroken,
    data_digests,
    finished,
    full_disk,
    left_behind,
    reused,
)

pytestmark = pytest.mark.slow

SEED = 20_260
MOMENTS = 12


def kill_at(run: Run, folder: Path, mark: str, delay: float) -> bool:
    """Waits for a mark and a delay, then kills; whether the run was still alive."""
    run.wait_for(lambda run: any(folder.glob(mark)))
    time.sleep(delay)
    alive = not run.over
    if alive:
        os.kill(run.pid, signal.SIGKILL)
    assert run.code() in (-signal.SIGKILL, 0), run.said()
    return run.code() != 0


@pytest.mark.timeout(1500)
def test_killed_at_any_moment_it_goes_on_to_the_same_bytes(
    nursery: Nursery, corpus: Path, unbroken: Unbroken, tmp_path: Path
) -> None:
    """Chains of kills and restarts, each until a run comes through; a dozen kills in all, one at each mark at least."""
    digests, seconds = unbroken.digests, unbroken.seconds
    moments = random.Random(SEED)
    kills, chain, resumed = 0, 0, 0
    while kills < MOMENTS:
        chain += 1
        folder = tmp_path / f"chain-{chain}"
        out = folder / "out"
        folder.mkdir()
        for _ in range(6):
            mark = MARKS[kills % len(MARKS)]
            delay = moments.uniform(0, seconds / 2) if "finished.txt" in mark else moments.choice((0, 0.01, 0.05, 0.2))
            before = finished(out)
            if not kill_at(nursery.start(*FITTED, corpus, "-o", out, "--quiet"), folder, mark, delay):
                assert reused(out) == len(before)
                break
            kills += 1
            assert not out.exists(), f"a dataset was in sight after a kill at {mark}"
            after = finished(out)
            assert set(before) <= set(after)
            assert len(after) == len(set(after)), "a finished book was embedded again"
        else:
            before = finished(out)
            run = nursery.start(*FITTED, corpus, "-o", out, "--quiet")
            assert run.code() == 0, run.said()
            assert reused(out) == len(before)
            resumed += len(before)
        assert data_digests(out) == digests
        assert left_behind(folder) == []
        shutil.rmtree(folder)
    assert resumed > 0, "no chain was long enough to find finished books"


def test_killed_while_replacing_a_dataset_one_of_the_two_is_there(
    nursery: Nursery, corpus: Path, unbroken: Unbroken, tmp_path: Path
) -> None:
    digests = unbroken.digests
    out = tmp_path / "out"
    first = nursery.start(*FITTED, corpus / "en", "-o", out, "--quiet")
    assert first.code() == 0, first.said()
    old = data_digests(out)
    for delay in (0.0, 0.002, 0.004, 0.008):
        run = nursery.start(*FITTED, corpus, "-o", out, "--quiet", "--overwrite")
        killed = kill_at(run, tmp_path, ".out.partial/manifest.json", delay)
        # between the two renames of publishing neither has its name; the next command puts the old one back first
        seen = data_digests(out if out.exists() else tmp_path / ".out.replaced")
        assert seen == (old if killed and seen != digests else digests)
    last = nursery.start(*FITTED, corpus, "-o", out, "--quiet", "--overwrite")
    assert last.code() == 0, last.said()
    assert data_digests(out) == digests
    assert left_behind(tmp_path) == []


# four lists come first, then three parts of sixteen books, then the files of later stages
@pytest.mark.parametrize(("files", "books"), [(1, 0), (6, 32)])
def test_a_disk_that_fills_up_stops_the_run_and_loses_nothing_finished(
    files: int, books: int, nursery: Nursery, corpus: Path, unbroken: Unbroken, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run = nursery.start(*FITTED, corpus, "-o", out, "--quiet", faults=full_disk(files))
    assert run.code() == 1
    assert re.search(r"error: the disk that holds .*out is full; free some space", run.said()), run.said()
    assert not out.exists()
    assert left_behind(tmp_path) == []
    kept = finished(out)
    again = nursery.start(*FITTED, corpus, "-o", out, "--quiet")
    assert again.code() == 0, again.said()
    assert reused(out) == len(kept) == books
    assert data_digests(out) == unbroken.digests


def test_a_part_damaged_inside_is_done_again(
    nursery: Nursery, corpus: Path, unbroken: Unbroken, tmp_path: Path
) -> None:
    """Its footer is whole: only who reads the books notices."""
    out = tmp_path / "out"
    assert nursery.start(*FITTED, corpus, "-o", out, "--quiet").code() == 0
    part = sorted(Path(f"{out}.parts").rglob("*" + SUFFIX))[1]
    data = bytearray(part.read_bytes())
    data[len(data) // 3] ^= 0x10
    part.write_bytes(data)
    read_entry(str(part))
    run = nursery.start(*FITTED, corpus, "-o", out, "--quiet", "--overwrite")
    assert run.code() == 0, run.said()
    assert f"note: part {part} is damaged" in run.said()
    assert reused(out) == BOOKS - 16
    assert data_digests(out) == unbroken.digests


@pytest.mark.parametrize("victim", ["worker", "parent"])
def test_worker_processes_can_be_killed_too(
    victim: str, nursery: Nursery, corpus: Path, unbroken: Unbroken, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    moments = random.Random(f"{SEED} {victim}")
    for _ in range(2):
        run = nursery.start(*FITTED, corpus, "-o", out, "--quiet", "--workers", 2)
        run.wait_for(lambda run: len(run.workers()) == 2)
        time.sleep(moments.uniform(0, 12))
        workers = run.workers()
        if not workers:  # they have done their part, and the run writes on
            assert run.code() == 0, run.said()
            break
        chosen = psutil.Process(run.pid) if victim == "parent" else moments.choice(workers)
        with suppress(psutil.NoSuchProcess):
            chosen.kill()
        ends = {0, -signal.SIGKILL if victim == "parent" else 1}
        assert run.code_in_time() in ends, run.said()
        if run.code() == 1:
            (line,) = [line for line in run.said().splitlines() if line.startswith("error: ")]
            assert "a worker process was killed, as systems do when memory runs out" in line
            assert line.endswith("the same command goes on from there")
        if run.code() != 0:
            assert not out.exists()
        assert not run.outlived_by()
        finished(out)
    before = finished(out)
    last = nursery.start(*FITTED, corpus, "-o", out, "--quiet", "--workers", 2, "--overwrite")
    assert last.code() == 0, last.said()
    assert reused(out) == len(set(before))
    assert data_digests(out) == unbroken.digests
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("workers", [2, 4])
def test_any_number_of_workers_makes_the_same_bytes(
    workers: int, nursery: Nursery, corpus: Path, unbroken: Unbroken, tmp_path: Path
) -> None:
    run = nursery.start(*FITTED, corpus, "-o", tmp_path / "out", "--quiet", "--workers", workers)
    assert run.code() == 0, run.said()
    assert data_digests(tmp_path / "out") == unbroken.digests
    assert hashlib.sha256(b"").hexdigest() not in unbroken.digests.values()
