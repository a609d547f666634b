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
from tests.conftest import LIBRARY, once, run_afresh
from tests.engines.servers import on_prism
from tests.runs import Nursery, Unbroken, data_digests, left_behind
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


def build_both(nursery: Nursery, folder: Path, words: list[object], beam: list[str]) -> tuple[Path, Path]:
    """Two datasets of one name, built side by side: by a local run, and by one with words for Beam."""
    outputs = folder / "local" / "out", folder / "there" / "out"
    with ExitStack() as stack:
        runs = []
        for output, more in zip(outputs, ([], ["--", *beam]), strict=True):
            runs.append(nursery.start("build", *words, "-o", output, "--quiet", *more))
            stack.callback(runs[-1].signal, signal.SIGKILL)
        for run in runs:
            assert run.code() == 0, run.said()
    return outputs


def test_a_job_on_prism_writes_the_bytes_of_a_local_run(
    nursery: Nursery, prism: str, pair: Path, bell: Path, tmp_path: Path
) -> None:
    words = ("build", pair, "-o", tmp_path / "out", "--signs", 6, "--name", "bell", "--quiet")
    done = nursery.start(*words, "--", *on_prism(prism), apart=True).completed()
    assert done.returncode == 0, done.stderr
    assert differing(contents(str(bell)), contents(str(tmp_path / "out"))) == []
    assert left_behind(tmp_path) == []


@pytest.mark.slow
def test_a_prism_that_the_command_starts_ends_with_it(
    nursery: Nursery, program: Path, demo_locally: Path, tmp_path: Path
) -> None:
    """The demo, by a command with as many threads as it likes."""
    link = tmp_path / "prism"
    link.symlink_to(program)
    beam = ("--", "--runner=PrismRunner", f"--prism_location={link}")
    done = run_afresh("build", LIBRARY, "-o", tmp_path / "demo", *DEMO, "--quiet", *beam)
    assert done.returncode == 0, done.stderr
    assert differing(contents(str(demo_locally)), contents(str(tmp_path / "demo"))) == []
    assert processes_of(link) == []


@pytest.mark.slow
def test_a_stop_ends_the_command_and_the_prism_that_it_started(
    nursery: Nursery, program: Path, corpus: Path, unbroken: Unbroken, tmp_path: Path
) -> None:
    beam = ("--", "--runner=PrismRunner", f"--prism_location={program}")
    run = nursery.start("build", corpus, "-o", tmp_path / "out", "--quiet", *beam)
    try:
        run.wait_for(lambda run: any(tmp_path.glob(PART)))
        run.signal(signal.SIGINT)
        assert run.code_in_time() == 130, run.said()
        assert "finished books are kept" in run.said()
        assert run.outlived_by() == []
    finally:
        run.signal(signal.SIGKILL)
    assert not (tmp_path / "out").exists()
    assert nursery.start("build", corpus, "-o", tmp_path / "out", "--quiet", *beam).code() == 0
    assert data_digests(tmp_path / "out") == unbroken.digests


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [("--levels", 2, "--refine", 1, "--signs", 12), ("--inventory", "demo"), ("--embedder", "minilm", "--signs", 8)],
    ids=["two levels, refined", "a given inventory", "minilm"],
)
def test_workers_of_a_pool_write_the_bytes_of_a_local_run(
    nursery: Nursery, prism: str, pool: str, demo_locally: Path, tmp_path: Path, options: tuple[object, ...]
) -> None:
    inputs = LIBRARY / "en" if "minilm" in options else LIBRARY
    words = [demo_locally if word == "demo" else word for word in options]
    local, there = build_both(nursery, tmp_path, [inputs, *words], on_prism(prism, pool))
    assert differing(contents(str(local)), contents(str(there))) == []


@pytest.mark.slow
@pytest.mark.shared
def test_a_shelf_in_thirteen_languages(
    nursery: Nursery, prism: str, pool: str, mixed_shelf: Path, tmp_path: Path
) -> None:
    local, there = build_both(nursery, tmp_path, [mixed_shelf], on_prism(prism, pool))
    manifest = Manifest.from_json((there / "manifest.json").read_text())
    assert (manifest.counts.books, manifest.counts.rejects) == (26, 0)
    assert differing(contents(str(local)), contents(str(there))) == []


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
