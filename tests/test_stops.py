"""Whatever stops a run, and whatever its threads and processes are at: it ends by itself, soon, and cleanly."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scenesign.pipeline import cli
from scenesign.pipeline.run import stopping
from scenesign.pipeline.run.build import run_build
from scenesign.pipeline.run.stopping import SignalStop
from tests.runs import (
    ENDS,
    FITTED,
    MARKS,
    ROOT,
    STOPS,
    WORKER,
    Nursery,
    Run,
    Unbroken,
    data_digests,
    full_disk,
    left_behind,
)

STOPPED = "error: stopped; finished books are kept, and the same command goes on from there"
SEED = 20_261
MOMENTS = 10

# Faults, see `Nursery.start`. A sleep is as deaf to what Python wants as a long call into a library.
HOLD = "__import__('time').sleep(10_000)"
# a call that hears nothing, and says when it has begun
DEAF_STEP = f"""
import os
if {{where}}:
    os.fsync = lambda stream: (open(os.path.join(os.environ["TMPDIR"], "deaf"), "wb").close(), {HOLD})
"""
BROKEN_STEP = """
import os
def fsync(stream):
    raise RuntimeError("the ink has dried up")
if {where}:
    os.fsync = fsync
"""
# of the two workers one is deaf and the other breaks
DEAF_BESIDE_BROKEN = (DEAF_STEP + BROKEN_STEP).format(where='os.environ.get("WORKER_ID") == "worker_{}"').format(0, 1)
ENDLESS_CLOSE = f"""
import os
if not {WORKER}:
    from apache_beam.runners.portability.fn_api_runner.worker_handlers import GrpcServer
    GrpcServer.close = lambda server: {HOLD}
"""


def is_clean(run: Run, folder: Path) -> bool:
    """Whether nothing of a run is left."""
    assert left_behind(folder) == []
    assert run.outlived_by() == []
    assert list(run.temporary.glob("scenesign-*")) == []  # the socket of the display
    return True


def stop_at(run: Run, folder: Path, mark: str, delay: float, number: int = signal.SIGINT) -> bool:
    """Waits for a mark and a delay, then sends a signal; whether that stopped the run before its dataset was there."""
    for sign in (MARKS[0], mark):  # what marks a later stage may be left of an earlier run
        run.wait_for(lambda run, sign=sign: any(folder.glob(sign)))
    time.sleep(delay)
    run.signal(number)
    code = run.code_in_time()
    if (folder / "out").exists():
        return False
    assert code == 128 + number, run.said()
    assert run.said().splitlines()[-1] == STOPPED
    assert "Traceback" not in run.said()
    return is_clean(run, folder)


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_at_any_moment_stops_cleanly_and_the_same_command_goes_on(
    workers: int, nursery: Nursery, corpus: Path, unbroken: Unbroken, tmp_path: Path
) -> None:
    """Five stops one after the other, and a run that comes through, in each folder."""
    choice = random.Random(f"{SEED} {workers} {MOMENTS}")
    # spread over the stages, but for the first of each folder, which has books to embed
    marks = [MARKS[0] if i % 5 == 0 else MARKS[i % len(MARKS)] for i in range(MOMENTS)]
    stops = 0
    for first in range(0, MOMENTS, 5):
        folder = tmp_path / str(first)
        folder.mkdir()
        build = (*FITTED, corpus, "-o", folder / "out", "--workers", workers, "--overwrite")
        for mark in marks[first : first + 5]:
            delay = choice.uniform(0, unbroken.seconds / 2) if mark == MARKS[0] else choice.choice((0, 0.01, 0.05, 0.2))
            stopped = stop_at(nursery.start(*build, *choice.choice((("--quiet",), ()))), folder, mark, delay)
            stops += stopped
            if not stopped:  # it was there already
                assert data_digests(folder / "out") == unbroken.digests
                shutil.rmtree(folder / "out")
        last = nursery.start(*build, "--quiet")
        assert last.code_in_time(ENDS) == 0, last.said()
        assert data_digests(folder / "out") == unbroken.digests
        assert is_clean(last, folder)
        shutil.rmtree(folder)
    assert stops


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_batch_systems_and_closed_terminals_send_stops_as_ctrl_c_does(
    number: int, nursery: Nursery, corpus: Path, tmp_path: Path
) -> None:
    run = nursery.start(*FITTED, corpus, "-o", tmp_path / "out", "--quiet", "--workers", 2)
    run.wait_for(lambda run: len(run.workers()) == 2)
    assert stop_at(run, tmp_path, MARKS[0], 0.5, number)
    assert len(run.said().splitlines()) == 2


def test_a_signal_that_the_caller_keeps_from_the_run_does_not_stop_it(
    nursery: Nursery, corpus: Path, tmp_path: Path
) -> None:
    """As `nohup` does."""
    faults = "import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)"
    run = nursery.start(*FITTED, corpus / "en", "-o", tmp_path / "out", "--quiet", faults=faults)
    run.wait_for(lambda run: (tmp_path / "out.parts" / "run").exists())
    run.signal(signal.SIGHUP)
    assert run.code_in_time(ENDS) == 0, run.said()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_call_that_nothing_interrupts_holds_up_no_stop(
    workers: int, nursery: Nursery, corpus: Path, unbroken: Unbroken, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    where = WORKER if workers > 1 else "True"
    run = nursery.start(
        *FITTED, corpus, "-o", out, "--quiet", "--workers", workers,
        faults=full_disk(4, where).replace("raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))", HOLD),
    )  # fmt: skip
    run.wait_for(lambda run: list(tmp_path.glob("out.parts/*/.tmp-*")))
    run.signal(signal.SIGINT)
    assert run.code_in_time(ENDS) == 130, run.said()
    assert run.said().splitlines()[-1] == STOPPED
    assert run.outlived_by() == []
    assert not out.exists()
    again = nursery.start(*FITTED, corpus, "-o", out, "--quiet")
    assert again.code_in_time(ENDS) == 0, again.said()
    assert data_digests(out) == unbroken.digests
    assert is_clean(again, tmp_path)  # of what the first had to leave, too


def test_a_second_ctrl_c_ends_at_once(nursery: Nursery, corpus: Path, tmp_path: Path) -> None:
    patient = f"import {stopping.__name__} as s\ns._AGAIN = s._LEAVE = s._LAST = 10_000.0\n"
    run = nursery.start(
        *FITTED, corpus, "-o", tmp_path / "out", "--quiet", faults=patient + DEAF_STEP.format(where="True")
    )
    run.wait_for(lambda run: (run.temporary / "deaf").exists())
    run.signal(signal.SIGINT)
    time.sleep(1)
    assert not run.over
    run.signal(signal.SIGINT)
    assert run.code_in_time(ENDS) == 130, run.said()


def test_a_stop_that_hangs_itself_ends_by_the_clock(nursery: Nursery, corpus: Path, tmp_path: Path) -> None:
    hasty = f"import {stopping.__name__} as s\ns._AGAIN = s._LEAVE = 10_000.0\ns._LAST = 1.0\n"
    faults = hasty + DEAF_STEP.format(where="True")
    run = nursery.start(*FITTED, corpus, "-o", tmp_path / "out", "--quiet", faults=faults)
    run.wait_for(lambda run: (run.temporary / "deaf").exists())
    run.signal(signal.SIGTERM)
    assert run.code_in_time() == 143, run.said()
    assert run.said().splitlines()[-1] == STOPPED


def test_a_signal_before_the_command_is_at_work_is_a_stop_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(context: object, words: object) -> None:
        raise SignalStop(signal.SIGTERM)

    monkeypatch.setattr(cli.build, "parse_args", interrupted)
    monkeypatch.setattr(sys, "argv", ["scenesign", "build", "books", "-o", "out"])
    assert cli._code_of_main() == 143
    assert capsys.readouterr().err.splitlines()[-1] == STOPPED


def test_a_stop_while_libraries_are_still_being_imported(tmp_path: Path) -> None:
    slow = f"""
import pathlib, sys, time
class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == {run_build.__module__!r}:
            pathlib.Path({str(tmp_path / "importing")!r}).touch()
            time.sleep(10_000)
sys.meta_path.insert(0, Slow())
"""
    (tmp_path / "sitecustomize.py").write_text(slow, encoding="utf-8")
    run = subprocess.Popen(
        [sys.executable, "-m", "scenesign", "build", "books", "-o", tmp_path / "out"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    while not (tmp_path / "importing").exists() and run.poll() is None:
        time.sleep(0.01)
    run.terminate()
    said = run.communicate(timeout=STOPS)[1]
    assert (run.returncode, said) == (143, f"scenesign: building {tmp_path / 'out'} from books\n{STOPPED}\n")


@pytest.mark.slow
def test_a_worker_that_is_frozen_holds_up_no_stop(nursery: Nursery, corpus: Path, tmp_path: Path) -> None:
    run = nursery.start(*FITTED, corpus, "-o", tmp_path / "out", "--quiet", "--workers", 2)
    run.wait_for(lambda run: list(tmp_path.glob("out.parts/*/.tmp-*")))
    for worker in run.workers():
        worker.suspend()
    assert stop_at(run, tmp_path, MARKS[0], 0)


@pytest.mark.slow
def test_a_worker_that_does_not_end_when_it_is_done_holds_up_no_run(
    nursery: Nursery, corpus: Path, unbroken: Unbroken, tmp_path: Path
) -> None:
    faults = f"import os\nif {WORKER}:\n    os._exit = lambda code: {HOLD}\n"
    run = nursery.start(*FITTED, corpus, "-o", tmp_path / "out", "--quiet", "--workers", 2, faults=faults)
    assert run.code_in_time(ENDS) == 0, run.said()
    assert data_digests(tmp_path / "out") == unbroken.digests
    assert is_clean(run, tmp_path)


@pytest.mark.slow
def test_a_runner_that_never_closes_holds_up_no_stop(nursery: Nursery, corpus: Path, tmp_path: Path) -> None:
    run = nursery.start(*FITTED, corpus, "-o", tmp_path / "out", "--quiet", "--workers", 2, faults=ENDLESS_CLOSE)
    run.wait_for(lambda run: list(tmp_path.glob("out.parts/*/.tmp-*")))
    run.signal(signal.SIGINT)
    assert run.code_in_time(ENDS) == 130, run.said()
    assert run.said().splitlines()[-1] == STOPPED
    assert run.outlived_by() == []


@pytest.mark.parametrize(
    ("workers", "faults"),
    [
        pytest.param(1, BROKEN_STEP.format(where="True"), id="1"),
        pytest.param(2, BROKEN_STEP.format(where=WORKER), id="2", marks=pytest.mark.slow),
        pytest.param(2, DEAF_BESIDE_BROKEN, id="beside-a-deaf-one", marks=pytest.mark.slow),
        pytest.param(2, BROKEN_STEP.format(where=WORKER) + ENDLESS_CLOSE, id="never-closes", marks=pytest.mark.slow),
    ],
)
def test_an_error_in_a_step_ends_the_run_and_is_told_in_one_line(
    workers: int, faults: str, nursery: Nursery, corpus: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    # with one process the first file is one of the run's own lists
    run = nursery.start(*FITTED, corpus, "-o", out, "--quiet", "--workers", workers, faults=faults)
    assert run.code_in_time(ENDS) == 1, run.said()
    _, line = run.said().splitlines()
    assert line.startswith("error: the run broke: "), line
    assert "the ink has dried up" in line
    assert line.endswith(f"finished books are kept in {out}.parts; the same command goes on from there")
    assert run.outlived_by() == []
    if ENDLESS_CLOSE not in faults:
        assert is_clean(run, tmp_path)


@pytest.mark.slow
def test_a_disk_that_fills_up_under_worker_processes_stops_the_run(
    nursery: Nursery, corpus: Path, unbroken: Unbroken, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run = nursery.start(*FITTED, corpus, "-o", out, "--quiet", "--workers", 2, faults=full_disk(1, WORKER))
    assert run.code_in_time(ENDS) == 1, run.said()
    _, line = run.said().splitlines()
    assert line.startswith(f"error: the disk that holds {out} is full; free some space")
    assert is_clean(run, tmp_path)


@pytest.mark.slow
def test_a_worker_that_can_not_start_says_why(nursery: Nursery, corpus: Path, tmp_path: Path) -> None:
    faults = f"import os\nif {WORKER}:\n    print('no room for me here', flush=True)\n    os._exit(3)\n"
    run = nursery.start(*FITTED, corpus, "-o", tmp_path / "out", "--quiet", "--workers", 2, faults=faults)
    assert run.code_in_time(ENDS) == 1, run.said()
    _, line = run.said().splitlines()
    assert line.startswith("error: the run broke: a worker process ended with code 3: no room for me here; ")
    assert is_clean(run, tmp_path)


def test_exit_functions_of_libraries_hold_up_no_end(nursery: Nursery) -> None:
    run = nursery.start("--version", faults=f"import atexit\natexit.register(lambda: {HOLD})")
    assert run.code_in_time(ENDS) == 0, run.said()
    assert "protocol" in run.said()
