"""Worker processes: how they end is told in a line, and a run with them leaves nothing of this process changed."""

from __future__ import annotations

import gc
import os
import signal
import threading
from pathlib import Path

import pytest

from scenesign.pipeline.options.beam import beam_options
from scenesign.pipeline.options.build_options import BuildOptions
from scenesign.pipeline.run.build import run_build
from scenesign.pipeline.run.shares import BYTES_VARIABLE
from scenesign.pipeline.run.worker_process import how_it_died
from scenesign.schemas.manifest import Manifest
from tests.runs import data_digests


@pytest.mark.parametrize(
    ("code", "said", "line"),
    [
        (1, ["Traceback", "ImportError: no faiss", ""], "a worker process ended with code 1: ImportError: no faiss"),
        (3, [], "a worker process ended with code 3"),
        (-signal.SIGSEGV, [], "a worker process was ended by a signal (Segmentation fault)"),
        (
            -signal.SIGKILL,
            ["Loading weights"],
            "a worker process was killed, as systems do when memory runs out; "
            "take fewer --workers, or give the run more memory",
        ),
    ],
)
def test_how_a_worker_died_is_one_line(code: int, said: list[str], line: str) -> None:
    assert how_it_died(code, said) == line


@pytest.mark.slow
def test_a_build_needs_no_main_thread_and_changes_nothing_of_the_process(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With worker processes; the dataset is that of one process."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGCHLD)

    def state() -> tuple[object, ...]:
        handlers = [signal.getsignal(number) for number in numbers]
        # torch, and whoever loads ONNX Runtime, set some
        environment = {n: v for n, v in os.environ.items() if not n.startswith(("KMP_", "TORCHINDUCTOR_", "ORT_"))}
        return handlers, threading.excepthook, environment, os.getcwd()

    def run(workers: int) -> Manifest | None:
        options = BuildOptions((str(library / "en"),), str(tmp_path / f"{workers}"), name="bell", workers=workers)
        return run_build(options, beam_options([]), lambda line: None)

    monkeypatch.setenv(BYTES_VARIABLE, "1")
    gc.freeze()
    before = state()
    results: list[Manifest | None] = []
    caller = threading.Thread(target=lambda: results.extend([run(1), run(2)]))
    caller.start()
    caller.join()
    assert [result.counts.books for result in results if result] == [4, 4]
    assert data_digests(tmp_path / "1") == data_digests(tmp_path / "2")
    assert state() == before
    assert gc.get_freeze_count() > 0, "what the program had frozen is released"
    gc.unfreeze()
    lasting = [thread.name for thread in threading.enumerate() if thread.name in ("beam_control_read", "scenesign")]
    assert lasting == []
