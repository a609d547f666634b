"""Beam's Java classes, which start workers for Flink and Spark, take them from our pool.

They are of an older Beam, in what PyFlink brings: `pip download --no-deps apache-flink-libraries==1.20.1`, unpacked.
SCENESIGN_FLINK is its path.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions, PortableOptions, StandardOptions
from apache_beam.runners.portability.portable_runner import JobServiceHandle
from apache_beam.transforms.environments import ExternalEnvironment
from google.protobuf import json_format

from scenesign.pipeline.options.beam import beam_options
from scenesign.pipeline.run.submission import OPTION, SubmissionOptions, name_submitter
from tests.conftest import ROOT, fresh_environment
from tests.engines.servers import beam_pool
from tests.stores import free_port, serving

pytestmark = pytest.mark.slow

VARIABLE = "SCENESIGN_FLINK"
CORES = 4  # that Java is to see
STORE = "http://store.invalid:9000"


@pytest.fixture(scope="module")
def java(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The words that start `Slots` of java/Slots.java."""
    if not (named := os.environ.get(VARIABLE)) or not shutil.which("javac"):
        pytest.skip(f"wants javac, and {VARIABLE} as the path of apache-flink-libraries 1.20.1, unpacked")
    jars = [*Path(named).glob("deps/opt/flink-python-*.jar"), *Path(named).glob("deps/lib/*.jar")]
    assert len(jars) > 1, f"{VARIABLE} names {named}, and that holds no jars of Flink"
    folder = tmp_path_factory.mktemp("java")
    path = os.pathsep.join(map(str, [folder, *jars]))
    source = ROOT / "tests" / "engines" / "java" / "Slots.java"
    subprocess.run(["javac", "-nowarn", "-cp", path, "-d", str(folder), str(source)], check=True)
    return ["java", f"-XX:ActiveProcessorCount={CORES}", "-cp", path, "Slots"]


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """Of pools, whose workers are to find this module."""
    return {**fresh_environment(), "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "scenesign", "worker", "--port", str(port)]
    with serving(command, port, tmp_path_factory.mktemp("pool"), environment):
        yield f"localhost:{port}"


def note(element: int, folder: str) -> int:
    """Leaves a file that tells of the process and of the options that it has."""
    said = {"process": os.getpid(), "has store": STORE in os.environ.get("PIPELINE_OPTIONS", "")}
    (Path(folder) / uuid.uuid4().hex).write_text(json.dumps(said), encoding="utf-8")
    return element


def options_of(pool: str, *words: str) -> PipelineOptions:
    flags = ["--runner=FlinkRunner", "--environment_type=EXTERNAL", f"--environment_config={pool}"]
    options = beam_options([*flags, f"--s3_endpoint_url={STORE}", *words])
    name_submitter(options)
    return options


def run_slots(java: list[str], options: PipelineOptions, slots: int, folder: Path) -> list[str]:
    """What became of the bundle of each slot: `done`, or why not."""
    portable = options.view_as(PortableOptions)
    environment = ExternalEnvironment(portable.environment_config)
    pipeline = beam.Pipeline(runner="FnApiRunner", options=PipelineOptions(flags=[]))
    pipeline | beam.Impulse() | beam.FlatMap(lambda _: range(3)) | beam.Map(note, str(folder))
    proto = pipeline.to_runner_api(default_environment=environment)
    options.view_as(StandardOptions).runner = None  # as Beam's runners in Python do
    given = JobServiceHandle.encode_pipeline_options(options.get_all_options())
    (folder / "pipeline.pb").write_bytes(proto.SerializeToString())
    (folder / "options.json").write_text(json_format.MessageToJson(given), encoding="utf-8")
    words = [str(folder / "pipeline.pb"), str(folder / "options.json"), str(slots)]
    done = subprocess.run([*java, *words], capture_output=True, encoding="utf-8", timeout=200)
    (folder / "pipeline.pb").unlink()
    (folder / "options.json").unlink()
    return [line for line in done.stdout.splitlines() if line.startswith(("done", "failed: "))]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("words", "bundles_of_processes"),
    [
        ((), [4]),
        (("--sdk_worker_parallelism=4",), [1, 1, 1, 1]),
        (("--sdk_worker_parallelism=0",), [1, 1, 2]),  # cores less one
    ],
)
def test_slots_share_as_many_processes_as_are_asked_for(
    java: list[str], pool: str, tmp_path: Path, words: tuple[str, ...], bundles_of_processes: list[int]
) -> None:
    assert run_slots(java, options_of(pool, *words), 4, tmp_path) == ["done"] * 4
    said = [json.loads(path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()]
    elements = Counter(told["process"] for told in said)
    assert sorted(elements.values()) == [3 * bundles for bundles in bundles_of_processes]
    assert all(told["has store"] for told in said)


@pytest.mark.timeout(300)
def test_a_job_of_another_version_is_refused_by_name(java: list[str], pool: str, tmp_path: Path) -> None:
    options = options_of(pool)
    carried = options.view_as(SubmissionOptions)
    setattr(carried, OPTION, json.dumps(json.loads(getattr(carried, OPTION)) | {"scenesign": "0.0.0"}))
    (told,) = run_slots(java, options, 1, tmp_path)
    assert "where the job was submitted by 0.0.0; install there what the submitting machine has" in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.timeout(300)
def test_beams_own_pool_hands_on_no_options(java: list[str], environment: dict[str, str], tmp_path: Path) -> None:
    with beam_pool(tmp_path, environment) as (address, _):
        folder = tmp_path / "said"
        folder.mkdir()
        assert run_slots(java, options_of(address), 1, folder) == ["done"]
    said = [json.loads(path.read_text(encoding="utf-8")) for path in folder.iterdir()]
    assert [told["has store"] for told in said] == [False] * 3
