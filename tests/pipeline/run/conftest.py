"""A pool in this process, and a job that it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from scenesign.pipeline.run import worker_pool
from scenesign.pipeline.run.submission import versions_here
from scenesign.pipeline.run.worker_pool import serving_pool
from tests.played_jobs import Job, Runner, offered, runner_of
from tests.stores import free_port


@pytest.fixture(scope="session")
def versions() -> Mapping[str, str]:
    """Of this installation, looked up once: it takes a second on a busy machine."""
    return versions_here()


@pytest.fixture
def runner(versions: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    """A pool in this process, and who asks it."""
    monkeypatch.setattr(worker_pool, "versions_here", lambda: versions)
    with serving_pool("localhost", free_port()) as port, runner_of(port) as runner:
        yield runner


@pytest.fixture
def known(versions: Mapping[str, str]) -> Iterator[tuple[Job, str]]:
    """A job of this very installation, and its address."""
    job = Job(**versions)
    with offered(job) as (address, _):
        yield job, address
