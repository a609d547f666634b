"""What is wrong with the words for Beam is told from the words alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from apache_beam.options.pipeline_options import GoogleCloudOptions, StandardOptions

from scenesign.pipeline.options.beam import beam_options
from scenesign.pipeline.options.errors import UsageError
from tests.conftest import ROOT

EMBEDDED = ("--runner=PortableRunner", "--job_endpoint=embed")
POOL = ("--environment_type=EXTERNAL",)
DATAFLOW = ("--runner=DataflowRunner", "--project=nobody-project", "--region=europe-west4")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--runner=Nonsense"], r"unknown runner Nonsense: Beam has DataflowRunner, .*PrismRunner"),
        (["--runner=Prismruner"], r"unknown runner Prismruner: did you mean PrismRunner\?"),
        (["--runner=no.such.Runner"], r"--runner=no\.such\.Runner can't be used \(ModuleNotFoundError"),
        (["--runner=apache_beam.runners.runner.NoSuchRunner"], r"can't be used \(AttributeError"),
        (["--runner=PrismRunner", "--no_such=1"], "unknown Beam option --no_such"),
        (["--runner=PortableRunner"], "PortableRunner needs --job_endpoint=HOST:PORT"),
        (["--runner=PortableRunner", "--job_endpoint=flink"], "--job_endpoint=flink is neither HOST:PORT nor `embed`"),
        (["--runner=PrismRunner", *POOL], "EXTERNAL needs --environment_config=HOST:PORT of a pool"),
        (["--runner=PrismRunner", *POOL, "--environment_config=w1"], "`w1` is not HOST:PORT of a pool"),
        (["--runner=PrismRunner", *POOL, '--environment_config={"params": {}}'], "EXTERNAL needs --environment_config"),
        (["--runner=PrismRunner", *POOL, "--environment_config={url: w1:1}"], r"config=\{url: w1:1\} is not JSON \("),
        (["--runner=FlinkRunner", *POOL, "--environment_config=w1:1,w2:1"], "several pools are for --runner=Portab"),
        (["--runner=FlinkRunner", *EMBEDDED[1:], *POOL, "--environment_config=w1:1,w2:1"], "several pools are for"),
        ([*EMBEDDED, *POOL, "--environment_config=w1:1,w2"], "`w2` is not HOST:PORT of a pool"),
        ([*EMBEDDED, *POOL, "--environment_config=w1:1,w2:"], "`w2:` is not HOST:PORT of a pool"),
        ([*EMBEDDED, *POOL, "--environment_config=w1:0"], "`w1:0` is not HOST:PORT of a pool"),
        ([*EMBEDDED, *POOL, "--environment_config=w1:70000"], "`w1:70000` is not HOST:PORT of a pool"),
        ([*EMBEDDED, *POOL, "--environment_config=::1:50000"], "`::1:50000` is not HOST:PORT of a pool"),
        ([*EMBEDDED, *POOL, "--environment_config=http://w1:1"], "`http://w1:1` is not HOST:PORT of a pool"),
        ([*EMBEDDED, *POOL, "--environment_config=w1:1;w2:1"], "`w1:1;w2:1` is not HOST:PORT of a pool"),
        ([*EMBEDDED, *POOL, "--environment_config=,"], "EXTERNAL needs --environment_config=HOST:PORT"),
        ([*EMBEDDED, "--environment_config=w1:1,w2:1"], "is no image; pools of workers need --env"),
        ([*EMBEDDED, "--environment_type=PROCESS", "--environment_config={}"], "knows no --environment_type=PROCESS"),
        (["--runner=FlinkRunner", "--flink_version=1.18"], "--flink_version: invalid choice: '1.18'"),
        (["--runner=FlinkRunner", "--sdk_worker_parallelism=all"], "parallelism=all is not a number of processes"),
        (["--runner=FlinkRunner", "--sdk_worker_parallelism=-1"], "parallelism=-1 is not a number of processes"),
        (["--runner=SparkRunner", "--spark_submit_uber_jar"], "needs --spark_rest_url=http://HOST:6066"),
        (["--flink_master=host:8081"], "--flink_master would be left aside; give --runner=FlinkRunner too"),
        (["--spark_master_url=spark://host:7077"], "--spark_master_url would be left aside; give --runner=SparkRunner"),
        (["--job_endpoint=host:8099"], "--job_endpoint would be left aside; give --runner=PortableRunner too"),
        ([*POOL, "--environment_config=w1:1"], "--environment_type would be left aside; give --runner=PortableRunner"),
        (["--environment_config=w1:1"], "--environment_config would be left aside; give --runner=PortableRunner too"),
        (["--runner=DirectRunner", *POOL, "--environment_config=w1:1"], "--environment_type would be left aside; give"),
        ([*EMBEDDED, "--environment_config=localhost:50000"], "embed needs --environment_type: EXTERNAL takes"),
        ([*EMBEDDED], "embed needs --environment_type: EXTERNAL takes"),
        (["--runner=PrismRunner", "--environment_type=docker"], "--environment_type=docker: Beam has DOCKER, EXTERN"),
        (["--runner=PrismRunner", "--environment_type=beam:env:x:v1"], "type=beam:env:x:v1: Beam has DOCKER"),
        (["--runner=DataflowRunner", "--region=europe-west4"], "Missing required option: project"),
        ([*DATAFLOW, "--temp_location=/tmp/x"], r"Invalid GCS path \(/tmp/x\), given for the option: temp_location"),
        ([*DATAFLOW, "--max_num_workers=-1"], r"Invalid value \(-1\) for option: max_num_workers"),
        (["--dry_run=True"], "--dry_run builds nothing"),
    ],
)
def test_what_a_runner_can_not_do_with_or_without(words: list[str], says: str) -> None:
    with pytest.raises(UsageError, match=says) as refused:
        beam_options(words)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "words",
    [
        [*EMBEDDED, *POOL, "--environment_config=w1:1, w1:1,[::1]:1,"],
        [*EMBEDDED, *POOL, '--environment_config={"url": "w1:1", "params": {}}'],
        [*EMBEDDED, *POOL, "--environment_option=external_service_address=w1:1"],
        ["--runner=FlinkRunner", "--flink_master=host:8081", *POOL, "--environment_config=localhost:1"],
        ["--runner=FlinkRunner", "--environment_config=image:tag", "--sdk_worker_parallelism=0"],
        ["--runner=FlinkRunner", "--environment_type=PROCESS", '--environment_config={"command": "boot,boot"}'],
        ["--runner=SparkRunner", "--spark_submit_uber_jar", "--spark_rest_url=http://host:6066"],
        ["--runner=SparkRunner", "--spark_submit_uber_jar", "--job_endpoint=host:8099"],
        ["--runner=PortableRunner", "--job_endpoint=host:8099", "--flink_master=host:8081"],
    ],
)
def test_what_an_engine_may_take_is_let_be(words: list[str]) -> None:
    beam_options(words)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("PrismRunner", "PrismRunner"),
        ("prism", "PrismRunner"),
        ("dataflowrunner", "DataflowRunner"),
        ("apache_beam.runners.direct.DirectRunner", "apache_beam.runners.direct.DirectRunner"),
    ],
)
def test_a_runner_is_known_by_one_name(given: str, name: str) -> None:
    more = DATAFLOW[1:] if name == "DataflowRunner" else ()
    assert beam_options([f"--runner={given}", *more]).view_as(StandardOptions).runner == name


def test_googles_store_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beam makes a bucket where no place for temporary files is named, but not before the job is laid out."""

    def ask(options: GoogleCloudOptions) -> None:
        raise AssertionError("asked for a bucket")

    monkeypatch.setattr(GoogleCloudOptions, "_create_default_gcs_bucket", ask)
    monkeypatch.setattr(GoogleCloudOptions, "_warn_if_soft_delete_policy_enabled", ask)
    beam_options(DATAFLOW)
    beam_options([*DATAFLOW, "--temp_location=gs://bucket/temporary"])


HEAVY = ("torch", "spacy", "faiss", "sentence_transformers", "datasets", "scenesign.pipeline.run.graph")
LOADED = f"""
import sys
from scenesign.pipeline.cli import main
try:
    main()
finally:
    print("loaded:", *(name for name in {HEAVY} if name in sys.modules))
"""


def test_wrong_words_are_refused_before_anything_heavy_is_loaded(tmp_path: Path) -> None:
    words = ("--", "--runner=PrismRunner", "--no_such=1")
    command = [sys.executable, "-c", LOADED, "build", str(ROOT), "-o", str(tmp_path / "out"), *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert (done.returncode, done.stdout) == (2, "loaded:\n")
    assert done.stderr.splitlines() == [
        f"scenesign: building {tmp_path / 'out'} from {ROOT}",
        "error: unknown Beam option --no_such: did you mean --no_auth?",
    ]
