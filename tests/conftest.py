"""Shared fixtures: the example library, and one dataset built from it for the whole session."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.stores import Store, gcs_server, in_environment, s3_server

if TYPE_CHECKING:
    from tests import runs

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "examples" / "library"
SHARED = ROOT.parent / "shared" / "data"


def run_scenesign(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command as a user runs it, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *map(str, arguments)],
        cwd=cwd or ROOT,
        capture_output=True,
        text=True,
        timeout=500,
        env=os.environ | {"COLUMNS": "200", "PYTHONPATH": str(ROOT)},
    )


@pytest.fixture(scope="session")
def library() -> Path:
    """The example library: four stories in three languages."""
    return LIBRARY


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of the example library with two levels and concepts, built once by one worker."""
    output = tmp_path_factory.mktemp("demo") / "demo"
    done = run_scenesign("build", LIBRARY, "-o", output, "--levels", 2, "--signs", 12, "--concepts", "float16")
    assert done.returncode == 0, done.stderr
    return output


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real books beside the repository; tests that want them are skipped where they are absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is not here")
    return SHARED


@pytest.fixture(scope="session")
def gcs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Google Cloud Storage, played by a server on this machine."""
    with gcs_server(tmp_path_factory.mktemp("gcs")) as served, in_environment(served):
        yield served


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """S3, played by a server on this machine."""
    with s3_server(tmp_path_factory.mktemp("s3")) as served, in_environment(served):
        yield served


@pytest.fixture(params=["gcs", "s3"])
def store(request: pytest.FixtureRequest) -> Store:
    """Each object store in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[runs.Nursery]:
    """Starts runs of the command that can be killed."""
    from tests import runs  # imports Beam, which most tests can do without

    yield from runs.start_nursery(tmp_path_factory.mktemp("logs"))


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory, library: Path) -> Path:
    """Each story of the library in pieces: enough short books for three parts."""
    from tests import runs

    return runs.cut_up(library, tmp_path_factory.mktemp("corpus") / "books")


@pytest.fixture(scope="session")
def unbroken(nursery: runs.Nursery, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> runs.Unbroken:
    """What a run of the corpus that nothing disturbs comes to."""
    from tests import runs

    return runs.run_unbroken(nursery, corpus, tmp_path_factory.mktemp("unbroken"))
