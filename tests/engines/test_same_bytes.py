"""On Prism, which runs many bundles at once in threads of one worker, a job writes the bytes of a local run."""

from __future__ import annotations

import json
import signal
import uuid
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from scenesign.schemas.manifest import Manifest
from scenesign.transforms.parts.format import SUFFIX
from scenesign.transforms.support import storage
from tests.conftest import LIBRARY, once
from tests.engines.servers import on_prism
from tests.engines.side_by_side import run_side_by_side
from tests.runs import FITTED, Nursery, Unbroken, data_digests, left_behind
from tests.stores import Store

DEMO = ("--license", "apache-2.0", "--concepts", "float16")
PART = f"out.parts/*/[!.]*{SUFFIX}"


def contents(dataset: str) -> dict[str, bytes]:
    """Every file of a dataset, the manifest without what it tells of the run."""
    root = Path(dataset)
    names = (
        [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
        if storage.is_local(dataset)
        else storage.list_tree(dataset)
    )
    found = {name: storage.read_bytes(storage.join(dataset, name)) for name in names}
    manifest = json.loads(found["manifest.json"])
    assert manifest.pop("run")
    return found | {"manifest.json": json.dumps(manifest).encode()}


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """Names of files that are not the same in both."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def processes_of(program: Path) -> list[psutil.Process]:
    """Processes that were started by this name."""
    return [process for process in psutil.process_iter(["cmdline"]) if str(program) in (process.info["cmdline"] or [])]


@pytest.fixture(scope="session")
def demo_locally(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, by a local run; nobody may change it."""

    def make(folder: Path) -> None:
        done = nursery.start("build", LIBRARY, "-o", folder / "demo", *DEMO, "--quiet", apart=True).completed()
        assert done.returncode == 0, done.stderr

    return once(tmp_path_factory, "demo-locally", make) / "demo"


def build_all(nursery: Nursery, *jobs: tuple[object, ...]) -> None:
    """Builds datasets side by side."""
    with ExitStack() as stack:
        runs = []
        for words in jobs:
            runs.append(nursery.start("build", *words))
            stack.callback(runs[-1].signal, signal.SIGKILL)
        for run in runs:
            assert run.code() == 0, run.said()


def test_a_job_on_prism_writes_the_bytes_of_a_local_run(
    nursery: Nursery, prism: str, pair: Path, bell: Path, tmp_path: Path
) -> None:
    words = ("build", pair, "-o", tmp_path / "out", "--signs", 6, "--name", "bell", "--quiet")
    done = nursery.start(*words, "--", *on_prism(prism), apart=True).completed()
    assert done.returncode == 0, done.stderr
    assert differing(contents(str(bell)), contents(str(tmp_path / "out"))) == []
    assert left_behind(tmp_path) == []


@pytest.mark.slow
def test_a_prism_that_the_command_starts_ends_with_it(program: Path, demo_locally: Path, tmp_path: Path) -> None:
    link = tmp_path / "prism"
    link.symlink_to(program)
    beam = ("--", "--runner=PrismRunner", f"--prism_location={link}")
    done, _ = run_side_by_side("build", LIBRARY, "-o", tmp_path / "demo", *DEMO, "--quiet", *beam)
    assert done.returncode == 0, done.stderr
    assert differing(contents(str(demo_locally)), contents(str(tmp_path / "demo"))) == []
    assert processes_of(link) == []


@pytest.mark.slow
@pytest.mark.shared
def test_a_shelf_in_thirteen_languages_in_threads(
    nursery: Nursery, prism: str, mixed_shelf: Path, tmp_path: Path
) -> None:
    there = tmp_path / "there" / "out"
    done, most = run_side_by_side(*FITTED, mixed_shelf, "-o", there, "--quiet", "--", *on_prism(prism))
    assert done.returncode == 0, done.stderr
    assert most > 1
    counts = Manifest.from_json((there / "manifest.json").read_text(encoding="utf-8")).counts
    assert (counts.books, counts.rejects) == (26, 0)
    build_all(nursery, (*FITTED[1:], mixed_shelf, "-o", tmp_path / "local" / "out", "--quiet", "--workers", 2))
    assert differing(contents(str(tmp_path / "local" / "out")), contents(str(there))) == []


@pytest.mark.slow
def test_a_stop_ends_the_command_and_the_prism_that_it_started(
    nursery: Nursery, program: Path, corpus: Path, unbroken: Unbroken, tmp_path: Path
) -> None:
    beam = ("--", "--runner=PrismRunner", f"--prism_location={program}")
    run = nursery.start(*FITTED, corpus, "-o", tmp_path / "out", "--quiet", *beam)
    try:
        run.wait_for(lambda run: any(tmp_path.glob(PART)))
        run.signal(signal.SIGINT)
        assert run.code_in_time() == 130, run.said()
        assert "finished books are kept" in run.said()
        assert run.outlived_by() == []
    finally:
        run.signal(signal.SIGKILL)
    assert not (tmp_path / "out").exists()
    assert nursery.start(*FITTED, corpus, "-o", tmp_path / "out", "--quiet", *beam).code() == 0
    assert data_digests(tmp_path / "out") == unbroken.digests


@pytest.mark.slow
def test_two_jobs_at_once_each_with_a_pool(
    nursery: Nursery, prism: str, pools: tuple[str, str], demo_locally: Path, tmp_path: Path
) -> None:
    jobs = {"refined": ("--glyphs", 2, "--refine", 1, "--signs", 12), "given": ("--inventory", demo_locally)}
    on = {name: ("--", *on_prism(prism, pool)) for name, pool in zip(jobs, pools, strict=True)}
    words = {name: (LIBRARY, *jobs[name], "--name", name, "--quiet", "-o") for name in jobs}
    build_all(nursery, *((*words[name], tmp_path / name, *on[name]) for name in jobs))
    build_all(nursery, *((*words[name], tmp_path / f"local-{name}") for name in jobs))
    for name in jobs:
        assert differing(contents(str(tmp_path / f"local-{name}")), contents(str(tmp_path / name))) == []


@pytest.mark.slow
def test_another_embedder(nursery: Nursery, prism: str, pools: tuple[str, str], tmp_path: Path) -> None:
    words = (LIBRARY / "en", "--embedder", "minilm", "--signs", 8, "--name", "minilm", "--quiet", "-o")
    on = ("--", *on_prism(prism, pools[0]))
    build_all(nursery, (*words, tmp_path / "there", *on), (*words, tmp_path / "local"))
    assert differing(contents(str(tmp_path / "local")), contents(str(tmp_path / "there"))) == []


@pytest.mark.slow
def test_inputs_parts_and_output_may_lie_in_a_store(
    nursery: Nursery, prism: str, store: Store, pair: Path, bell: Path
) -> None:
    home = f"{store.bucket}/{uuid.uuid4().hex}"
    for path in pair.iterdir():
        storage.write_bytes(f"{home}/in/{path.name}", path.read_bytes())
    words = (f"{home}/in", "-o", f"{home}/out", "--signs", 6, "--name", "bell", "--quiet")
    done = nursery.start("build", *words, "--", *on_prism(prism), apart=True).completed()
    assert done.returncode == 0, done.stderr
    assert differing(contents(str(bell)), contents(f"{home}/out")) == []
    assert {name.split("/")[0] for name in storage.list_tree(home)} == {"in", "out", "out.parts"}
