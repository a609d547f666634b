"""Kill anything, any time: the same command then ends with the same bytes, and nothing half done is ever in sight."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from scenesign.schemas.manifest import Manifest
from scenesign.transforms.parts.write import SUFFIX, read_entry
from tests.conftest import ROOT
from tests.pipeline.run.test_build import data_digests

pytestmark = pytest.mark.slow

SEED = 20_260
MOMENTS = 22
PIECES = 4
BOOKS = 12 * PIECES


@dataclass
class Nursery:
    """The process of `tests/nursery.py`, which starts runs without the seconds that imports take."""

    process: subprocess.Popen[str]
    folder: Path
    started: int = 0
    ends: dict[int, int] = field(default_factory=dict)

    def start(self, *arguments: object, full_after: int | None = None) -> Run:
        self.started += 1
        log = self.folder / f"{self.started}.log"
        order = {"arguments": [str(a) for a in arguments], "log": str(log), "full_after": full_after}
        assert self.process.stdin
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return Run(self, int(self._line()), log)

    def _line(self) -> str:
        """The next line that does not tell of an end."""
        assert self.process.stdout
        while True:
            words = self.process.stdout.readline().split()
            assert words, "the nursery has died"
            if len(words) == 1:
                return words[0]
            self.ends[int(words[0])] = int(words[1])

    def end_of(self, pid: int) -> int:
        assert self.process.stdout
        while pid not in self.ends:
            words = self.process.stdout.readline().split()
            assert len(words) == 2, words
            self.ends[int(words[0])] = int(words[1])
        return self.ends[pid]


@dataclass
class Run:
    """A run of the command under way."""

    nursery: Nursery
    pid: int
    log: Path

    @property
    def over(self) -> bool:
        try:
            return psutil.Process(self.pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    def code(self) -> int:
        """Waits for the end; a negative code is the signal that brought it."""
        return self.nursery.end_of(self.pid)

    def said(self) -> str:
        return self.log.read_text()


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.nursery"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "200"},
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    yield Nursery(process, tmp_path_factory.mktemp("logs"))
    process.stdin.close()  # type: ignore[union-attr]
    process.wait(60)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory, library: Path) -> Path:
    """Each story of the library in pieces: enough short books for three parts."""
    folder = tmp_path_factory.mktemp("corpus") / "books"
    for path in sorted(library.glob("*/*.txt")):
        paragraphs = path.read_text().split("\n\n")
        size = -(-len(paragraphs) // PIECES)
        (folder / path.parent.name).mkdir(parents=True, exist_ok=True)
        for piece in range(PIECES):
            text = "\n\n".join(paragraphs[piece * size : (piece + 1) * size])
            (folder / path.parent.name / f"{path.stem}.{piece}.txt").write_text(text)
    return folder


@pytest.fixture(scope="module")
def unbroken(nursery: Nursery, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], float]:
    """Digests of the data files of a run that nothing disturbs, and the seconds it took."""
    out = tmp_path_factory.mktemp("unbroken") / "out"
    started = time.monotonic()
    run = nursery.start("build", corpus, "-o", out, "--quiet")
    assert run.code() == 0, run.said()
    assert len(list(Path(f"{out}.parts").rglob("*" + SUFFIX))) == 3
    return data_digests(out), time.monotonic() - started


def finished(out: Path) -> list[str]:
    """Ids of the books in whole parts; raises when a part is not whole."""
    parts = sorted(Path(f"{out}.parts").rglob("*" + SUFFIX))
    return [book.book_id for part in parts for book in read_entry(str(part)).books]


def reused(out: Path) -> int:
    counters = Manifest.from_json((out / "manifest.json").read_text()).run["counters"]
    assert counters.get("books/reused", 0) + counters.get("books/embedded", 0) == BOOKS
    return counters.get("books/reused", 0)


def left_behind(folder: Path) -> list[str]:
    """Files that no finished run should leave: temporary, staging, replaced, work folder, lock, socket."""
    return [str(p) for p in folder.rglob("*") if p.name.startswith(".") or p.name == "run"]


# What to wait for before the seeded delay: kills then spread over all stages, also the ones that pass quickly.
MARKS = (
    "out.parts/run/finished.txt",  # the job has begun
    "out.parts/*/*" + SUFFIX,  # books are finished
    "out.parts/*/.tmp-*",  # a part is being written
    "out.parts/run/samples/*",
    "out.parts/run/draft/*",
    "out.parts/run/codes/*",
    ".out.partial/inventory/*",
    ".out.partial/*/*/*",
    ".out.partial/README.md",
    ".out.partial/manifest.json",
)


def kill_at(run: Run, folder: Path, mark: str, delay: float) -> bool:
    """Waits for a mark and a delay, then kills; whether the run was still alive."""
    deadline = time.monotonic() + 120
    while not run.over and time.monotonic() < deadline and not any(folder.glob(mark)):
        time.sleep(0.002)
    time.sleep(delay)
    alive = not run.over
    if alive:
        os.kill(run.pid, signal.SIGKILL)
    assert run.code() in (-signal.SIGKILL, 0), run.said()
    return run.code() != 0


@pytest.mark.timeout(1500)
def test_killed_at_any_moment_it_goes_on_to_the_same_bytes(
    nursery: Nursery, corpus: Path, unbroken: tuple[dict[str, str], float], tmp_path: Path
) -> None:
    """Chains of kills and restarts, each until a run comes through; over twenty kills in all."""
    digests, seconds = unbroken
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
            if not kill_at(nursery.start("build", corpus, "-o", out, "--quiet"), folder, mark, delay):
                assert reused(out) == len(before)
                break
            kills += 1
            assert not out.exists(), f"a dataset was in sight after a kill at {mark}"
            after = finished(out)
            assert set(before) <= set(after)
            assert len(after) == len(set(after)), "a finished book was embedded again"
        else:
            before = finished(out)
            run = nursery.start("build", corpus, "-o", out, "--quiet")
            assert run.code() == 0, run.said()
            assert reused(out) == len(before)
            resumed += len(before)
        assert data_digests(out) == digests
        assert left_behind(folder) == []
        shutil.rmtree(folder)
    assert resumed > 0, "no chain was long enough to find finished books"


def test_killed_while_replacing_a_dataset_one_of_the_two_is_there(
    nursery: Nursery, corpus: Path, unbroken: tuple[dict[str, str], float], tmp_path: Path
) -> None:
    digests, _ = unbroken
    out = tmp_path / "out"
    first = nursery.start("build", corpus / "en", "-o", out, "--quiet")
    assert first.code() == 0, first.said()
    old = data_digests(out)
    for delay in (0.0, 0.002, 0.004, 0.008):
        run = nursery.start("build", corpus, "-o", out, "--quiet", "--overwrite")
        killed = kill_at(run, tmp_path, ".out.partial/manifest.json", delay)
        # between the two renames of publishing neither has its name; the next command puts the old one back first
        seen = data_digests(out if out.exists() else tmp_path / ".out.replaced")
        assert seen == (old if killed and seen != digests else digests)
    last = nursery.start("build", corpus, "-o", out, "--quiet", "--overwrite")
    assert last.code() == 0, last.said()
    assert data_digests(out) == digests
    assert left_behind(tmp_path) == []


# four lists come first, then three parts of sixteen books, then the files of later stages
@pytest.mark.parametrize(("files", "books"), [(1, 0), (6, 32)])
def test_a_disk_that_fills_up_stops_the_run_and_loses_nothing_finished(
    files: int, books: int, nursery: Nursery, corpus: Path, unbroken: tuple[dict[str, str], float], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run = nursery.start("build", corpus, "-o", out, "--quiet", full_after=files)
    assert run.code() == 1
    assert re.search(r"error: the disk that holds .*out is full; free some space", run.said()), run.said()
    assert not out.exists()
    assert left_behind(tmp_path) == []
    kept = finished(out)
    again = nursery.start("build", corpus, "-o", out, "--quiet")
    assert again.code() == 0, again.said()
    assert reused(out) == len(kept) == books
    assert data_digests(out) == unbroken[0]


def test_a_part_damaged_inside_is_done_again(
    nursery: Nursery, corpus: Path, unbroken: tuple[dict[str, str], float], tmp_path: Path
) -> None:
    """Its footer is whole: only who reads the books notices."""
    out = tmp_path / "out"
    assert nursery.start("build", corpus, "-o", out, "--quiet").code() == 0
    part = sorted(Path(f"{out}.parts").rglob("*" + SUFFIX))[1]
    data = bytearray(part.read_bytes())
    data[len(data) // 3] ^= 0x10
    part.write_bytes(data)
    read_entry(str(part))
    run = nursery.start("build", corpus, "-o", out, "--quiet", "--overwrite")
    assert run.code() == 0, run.said()
    assert f"note: part {part} is damaged" in run.said()
    assert reused(out) == BOOKS - 16
    assert data_digests(out) == unbroken[0]


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_stops_cleanly_and_says_how_to_go_on(
    workers: int, nursery: Nursery, corpus: Path, unbroken: tuple[dict[str, str], float], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run = nursery.start("build", corpus, "-o", out, "--quiet", "--workers", workers)
    while not list(tmp_path.glob("out.parts/run/finished.txt")) and not run.over:
        time.sleep(0.01)
    time.sleep(0.5 if workers == 1 else 3.0)
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does: the workers get it too
    assert run.code() == 130, run.said()
    lines = run.said().splitlines()
    assert lines[-1].endswith("the same command goes on from there")
    assert len(lines) == 2, run.said()
    assert not out.exists()
    assert left_behind(tmp_path) == []
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(p.info["cmdline"] or [])]


@pytest.mark.parametrize("victim", ["worker", "parent"])
def test_worker_processes_can_be_killed_too(
    victim: str, nursery: Nursery, corpus: Path, unbroken: tuple[dict[str, str], float], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    moments = random.Random(f"{SEED} {victim}")
    for _ in range(2):
        run = nursery.start("build", corpus, "-o", out, "--quiet", "--workers", 2)
        parent = psutil.Process(run.pid)
        deadline = time.monotonic() + 120
        workers: list[psutil.Process] = []
        while len(workers) < 2 and not run.over and time.monotonic() < deadline:
            workers = parent.children()
            time.sleep(0.02)
        time.sleep(moments.uniform(0, 12))
        if run.over:
            break
        workers = parent.children() or workers
        chosen = parent if victim == "parent" else moments.choice(workers)
        chosen.kill()
        assert run.code() in ((-signal.SIGKILL,) if victim == "parent" else (0, 1)), run.said()
        if run.code() == 1:
            assert "the same command goes on from there" in run.said()
        if run.code() != 0:
            assert not out.exists()
        _, alive = psutil.wait_procs(workers, timeout=20)
        assert not alive, "workers outlive a killed run"
        finished(out)
    before = finished(out)
    last = nursery.start("build", corpus, "-o", out, "--quiet", "--workers", 2, "--overwrite")
    assert last.code() == 0, last.said()
    assert reused(out) == len(set(before))
    assert data_digests(out) == unbroken[0]
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("workers", [2, 4])
def test_any_number_of_workers_makes_the_same_bytes(
    workers: int, nursery: Nursery, corpus: Path, unbroken: tuple[dict[str, str], float], tmp_path: Path
) -> None:
    run = nursery.start("build", corpus, "-o", tmp_path / "out", "--quiet", "--workers", workers)
    assert run.code() == 0, run.said()
    assert data_digests(tmp_path / "out") == unbroken[0]
    assert hashlib.sha256(b"").hexdigest() not in unbroken[0].values()
