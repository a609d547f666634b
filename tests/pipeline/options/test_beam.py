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
        (["--runner=PrismRunner", "--environment_type=EXTERNAL"], "required for environment type EXTERNAL"),
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
    assert done.stderr == "error: unknown Beam option --no_such: did you mean --no_auth?\n"
