"""Shared fixtures: the example library, and datasets built once for all workers of a session."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from scenesign.pipeline.run.kernels import pin_kernels
from tests.hub import TOKEN, Hub, hub_server
from tests.stores import Store, gcs_server, in_environment, s3_server

if TYPE_CHECKING:
    from scenesign.pipeline.options.build_options import BuildOptions
    from tests import runs

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# Workers of a session share the cores; threads of matrix libraries on top of them wait for each other.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
for _name in THREADS:
    os.environ.setdefault(_name, "1")
# What tests fit in this process has the bytes of what the command fits.
pin_kernels()

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "examples" / "library"
SHARED = ROOT.parent / "shared" / "data"


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are processors, as many tests wait: for a stop, a lost host, a server's answer."""
    return min(8, (os.cpu_count() or 1) + 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first, so that in the end no process waits for another's."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def run_scenesign(*arguments: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return warm_nursery().start(*arguments, folder=cwd, apart=True).completed()


def run_afresh(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command as a user starts it: from nothing, with as many threads as it likes."""
    command = [sys.executable, "-m", "scenesign", *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=500, env=fresh_environment(), encoding="utf-8"
    )


def fresh_environment() -> dict[str, str]:
    """Of a process that gets as many threads as it likes."""
    environment = {name: value for name, value in os.environ.items() if name not in THREADS}
    return environment | {"COLUMNS": "200", "PYTHONPATH": str(ROOT)}


@functools.cache
def warm_nursery() -> runs.Nursery:
    """Opened when first needed, closed at the end."""
    from tests import runs  # imports what most tests can do without

    at_end = ExitStack()
    atexit.register(at_end.close)
    folder = at_end.enter_context(tempfile.TemporaryDirectory(prefix="nursery-"))
    return at_end.enter_context(runs.open_nursery(Path(folder)))


@pytest.fixture(scope="session")
def library() -> Path:
    """The example library: four stories in three languages."""
    return LIBRARY


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that all workers of a session share, filled by the first that asks for it.

    make: fills an empty folder.
    """
    session = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        session = session.parent
    folder = session / "once" / name
    folder.parent.mkdir(exist_ok=True)
    with FileLock(folder.with_name(f"{name}.lock")):
        if not folder.exists():
            unfinished = Path(tempfile.mkdtemp(dir=folder.parent))
            make(unfinished)
            unfinished.rename(folder)
    return folder


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example library, and a file that is no book."""

    def make(folder: Path) -> None:
        shutil.copytree(LIBRARY, folder / "shelf")
        (folder / "shelf" / "cover.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))

    return once(tmp_path_factory, "shelf", make) / "shelf"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, shelf: Path) -> Path:
    """A dataset of the shelf in two glyphs a scene, with concepts, its parts beside it; nobody may change it."""

    def make(folder: Path) -> None:
        options = ("--glyphs", 2, "--signs", 12, "--concepts", "float16")
        done = run_scenesign("build", shelf, "-o", folder / "demo", *options)
        assert done.returncode == 0, done.stderr

    return once(tmp_path_factory, "built", make) / "demo"


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of one story in two languages, `en.txt` and `zh.txt`."""

    def make(folder: Path) -> None:
        for language in ("en", "zh"):
            shutil.copy(LIBRARY / language / "the-bell-of-saltmarsh.txt", folder / f"{language}.txt")

    return once(tmp_path_factory, "pair", make)


def pair_options(inputs: object, output: object, **more: object) -> BuildOptions:
    """How the datasets of the pair are built."""
    from scenesign.pipeline.options.build_options import BuildOptions
    from scenesign.transforms.signs.fit import InventoryOptions

    return BuildOptions((str(inputs),), str(output), inventory=InventoryOptions(signs=6), name="bell", **more)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def bell(tmp_path_factory: pytest.TempPathFactory, pair: Path) -> Path:
    """A dataset of the pair, built in this process by an ordinary run; nobody may change it."""
    from scenesign.pipeline.options.beam import beam_options
    from scenesign.pipeline.run.build import run_build

    def make(folder: Path) -> None:
        assert run_build(pair_options(pair, folder / "out"), beam_options([]), lambda line: None)

    return once(tmp_path_factory, "bell", make) / "out"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as it is installed elsewhere."""
    from tests.container import make_wheel

    (found,) = once(tmp_path_factory, "wheel", make_wheel).glob("scenesign-*.whl")
    return found


@pytest.fixture(scope="session")
def nursery() -> runs.Nursery:
    """Starts runs of the command that can be killed."""
    return warm_nursery()


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each story of the library in pieces: enough short books for three parts."""
    from tests import runs

    return once(tmp_path_factory, "corpus", lambda folder: runs.cut_up(LIBRARY, folder))


@pytest.fixture(scope="session")
def unbroken(nursery: runs.Nursery, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> runs.Unbroken:
    """What a run of the corpus that nothing disturbs comes to."""
    from tests import runs

    return runs.run_unbroken(nursery, corpus, tmp_path_factory.mktemp("unbroken"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real books beside the repository; tests that want them are skipped where they are absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is not here")
    return SHARED


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The Hugging Face hub, played by a server on this machine, with an empty cache and a user who is logged in."""
    from huggingface_hub import constants

    with hub_server() as served:
        monkeypatch.setattr(constants, "ENDPOINT", served.endpoint)
        template = f"{served.endpoint}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub-cache"))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)  # large files by LFS, which the server speaks
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield served


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
