"""A worker or Prism itself is killed: the command says so in one line, and then goes on to the same bytes."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil
import pytest

from scenesign.transforms.parts.format import SUFFIX
from tests.conftest import fresh_environment
from tests.engines.servers import on_prism, prism_server, worker_pool
from tests.runs import FITTED, Nursery, Run, Unbroken, data_digests, left_behind, reused

pytestmark = pytest.mark.slow

PART = f"out.parts/*/[!.]*{SUFFIX}"


def broken_line(run: Run) -> str:
    """What a run that breaks has to say, after the line that says what it does."""
    assert run.code_in_time() == 1, run.said()
    first, *rest = run.said().splitlines()
    assert first.startswith("scenesign: building")
    assert len(rest) == 1, run.said()
    assert rest[0].startswith("error: the run broke: ")
    assert rest[0].endswith("the same command goes on from there")
    return rest[0]


def test_after_a_worker_was_killed(
    nursery: Nursery, prism: str, corpus: Path, unbroken: Unbroken, tmp_path: Path
) -> None:
    folder = tmp_path / "pool"
    folder.mkdir()
    words = (*FITTED, corpus, "-o", tmp_path / "out", "--quiet", "--")
    with worker_pool(folder, fresh_environment()) as (address, pool):
        run = nursery.start(*words, *on_prism(prism, address))
        try:
            run.wait_for(lambda run: any(tmp_path.glob(PART)))
            (worker,) = psutil.Process(pool.pid).children()
            worker.kill()
            assert "worker" in broken_line(run)
        finally:
            run.signal(signal.SIGKILL)
        assert not (tmp_path / "out").exists()
        again = nursery.start(*words, *on_prism(prism, address))
        assert again.code() == 0, again.said()
    assert reused(tmp_path / "out") > 0
    assert data_digests(tmp_path / "out") == unbroken.digests
    assert left_behind(tmp_path) == []


def test_after_prism_was_killed(
    nursery: Nursery, program: Path, corpus: Path, unbroken: Unbroken, tmp_path: Path
) -> None:
    folder = tmp_path / "prism"
    folder.mkdir()
    words = (*FITTED, corpus, "-o", tmp_path / "out", "--quiet")
    with prism_server(program, folder) as (address, prism):
        run = nursery.start(*words, "--", *on_prism(address))
        try:
            run.wait_for(lambda run: any(tmp_path.glob(PART)))
            prism.kill()
            assert "the job server has gone" in broken_line(run)
            assert run.outlived_by() == []
        finally:
            run.signal(signal.SIGKILL)
    assert not (tmp_path / "out").exists()
    again = nursery.start(*words)
    assert again.code() == 0, again.said()
    assert reused(tmp_path / "out") > 0
    assert data_digests(tmp_path / "out") == unbroken.digests
    assert left_behind(tmp_path) == []
