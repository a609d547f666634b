"""Shared fixtures: the example library, and one dataset built from it for the whole session."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nursery import Nursery
from tests.stores import Store, gcs_server, in_environment, s3_server

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "examples" / "library"
SHARED = ROOT.parent / "shared" / "data"


def run_scenesign(*arguments: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """The command as a user runs it, in a process of its own."""
    return warm_nursery().start(*arguments, folder=cwd, apart=True).completed()


@functools.cache
def warm_nursery() -> Nursery:
    """Opened when first needed, closed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="scenesign-nursery-"))
    opened = Nursery.open(folder)

    def close() -> None:
        opened.close()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(close)
    return opened


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
