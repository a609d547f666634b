"""The Dataflow template: its form has all that its entry reads, and what is filled in reaches the build."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess

import pytest
from apache_beam.options.pipeline_options import DebugOptions, GoogleCloudOptions, S3Options, WorkerOptions

from scenesign.pipeline.options.beam import beam_options, unknown_words
from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.options.flex_template import build_arguments, known_words
from scenesign.pipeline.options.parameters import OF_BEAM, PARAMETERS
from scenesign.pipeline.options.template_form import template_form
from tests.conftest import ROOT

REQUIRED = ("--inputs=x", "--output=gs://b/out", "--sdk_container_image=i")
# What the launcher of Go templates passes beside a template's own parameters, by the tests of Beam's SDK for Rust.
LAUNCHERS = (
    "--job_name=books",
    "--machine_type=n2-standard-2",
    "--network=default",
    "--project=my-project",
    "--region=us-central1",
    "--runner=DataflowRunner",
    "--service_account_email=sa@my-project.iam.gserviceaccount.com",
    "--staging_location=gs://bucket/staging",
    "--subnetwork=regions/us-central1/subnetworks/default",
    "--temp_location=gs://bucket/temp",
    "--template_location=gs://bucket/staging/template_launches/job_object",
)


def template_parameters() -> list[dict[str, object]]:
    return json.loads(template_form())["parameters"]  # type: ignore[no-any-return]


def test_the_form_that_is_shipped_is_that_of_the_parameters() -> None:
    shipped = (ROOT / "dataflow" / "metadata.json").read_text(encoding="utf-8")
    assert shipped == template_form(), "renew it: make template"


def test_every_parameter_of_the_form_reaches_the_build() -> None:
    given = [f"--{p['name']}=true" for p in template_parameters()]
    words = build_arguments([*given, "--runner=DataflowRunner"])
    at = words.index("--")
    assert words[:2] == ["build", "true"]
    assert words[at + 1 :] == [*(f"--{p.name}=true" for p in OF_BEAM), "--runner=DataflowRunner"]
    flags = {word.removeprefix("--").replace("-", "_") for word in words[:at] if word.startswith("--")}
    assert flags == {p["name"] for p in template_parameters()} - {"inputs", *(p.name for p in OF_BEAM)}


def test_parameters_of_a_build_hide_no_option_of_beam_and_the_others_are_beams() -> None:
    for parameter in PARAMETERS.values():
        if parameter not in OF_BEAM:
            with pytest.raises(UsageError, match="unknown Beam option"):
                beam_options([f"--{parameter.name}=1"])
    assert unknown_words([f"--{parameter.name}=1" for parameter in OF_BEAM]) == []


def test_options_of_beam_arrive_with_their_values() -> None:
    gpu = "worker_accelerator=type:nvidia-tesla-t4;count:1;install-nvidia-driver"
    given = {
        "disk_size_gb": "60",
        "number_of_worker_harness_threads": "4",
        "dataflow_service_options": gpu,
        "s3_endpoint_url": "http://store:9000",
        "s3_region_name": "",  # a field that was left empty
    }
    words = build_arguments([*REQUIRED, *LAUNCHERS, *(f"--{name}={value}" for name, value in given.items())])
    options = beam_options(words[words.index("--") + 1 :])
    assert options.view_as(WorkerOptions).sdk_container_image == "i"
    assert options.view_as(WorkerOptions).disk_size_gb == 60
    assert options.view_as(DebugOptions).number_of_worker_harness_threads == 4
    assert options.view_as(GoogleCloudOptions).dataflow_service_options == [gpu]
    assert options.view_as(S3Options).s3_endpoint_url == "http://store:9000"
    assert options.view_as(S3Options).s3_region_name is None
    assert options.view_as(GoogleCloudOptions).template_location == "gs://bucket/staging/template_launches/job_object"


def test_what_only_a_later_beam_knows_does_not_end_the_job(capsys: pytest.CaptureFixture[str]) -> None:
    words = build_arguments([*REQUIRED, *LAUNCHERS])
    assert known_words(words) == words
    assert known_words([*words, "--of_next_year=1", "--nor_this"]) == words
    said = capsys.readouterr().err.splitlines()
    assert said == [
        f"scenesign: {word}: left out, no option of this Beam" for word in ("--of_next_year=1", "--nor_this")
    ]
    wrong = [*words, "--disk_size_gb=much", "--of_next_year=1"]
    assert known_words(wrong) == wrong
    with pytest.raises(UsageError, match="disk_size_gb: invalid int value: 'much'"):
        beam_options(wrong[words.index("--") + 1 :])


def test_parameters_become_the_words_of_a_build() -> None:
    given = ["--inputs=gs://b/a,gs://b/c", "--output=gs://b/out", "--overwrite=false", "--language=", "--signs=512"]
    words = build_arguments(
        [
            *given,
            "--scene_size=coarse",
            "--min_sentences=3",
            "--sdk_container_image=i",
            "--project=p",
            "--save_main_session",
        ]
    )
    assert words == [
        *("build", "gs://b/a", "gs://b/c", "--output", "gs://b/out", "--signs", "512"),
        *("--scene-size", "coarse", "--min-sentences", "3"),
        *("--", "--sdk_container_image=i", "--project=p", "--save_main_session"),
    ]
    assert "--overwrite" in build_arguments([*REQUIRED, "--overwrite=true"])
    listed = build_arguments([*REQUIRED, "--limit=book_lines=9,xml_nesting=3", "--splits=a=0.5,b=0.5"])
    assert listed[4:-2] == ["--limit", "book_lines=9", "--limit", "xml_nesting=3", "--splits", "a=0.5,b=0.5"]
    # processes of this machine are not for the template to say
    assert build_arguments([*REQUIRED, "--workers=2"])[-1] == "--workers=2"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["gs://b"], "not a parameter of the form"),
        (["--output=x"], "inputs is missing"),
        (["--inputs=", *REQUIRED[1:]], "inputs is missing"),
        (REQUIRED[:2], "sdk_container_image is missing. The image that the template was built from"),
        ([*REQUIRED, "--overwrite=ture"], "overwrite is true or false, not 'ture'"),
    ],
)
def test_wrong_parameters_are_named(given: list[str], said: str) -> None:
    with pytest.raises(SystemExit, match=said):
        build_arguments(given)


def test_the_forms_patterns_take_what_they_should() -> None:
    patterns = {p["name"]: p["regexes"][0] for p in template_parameters() if "regexes" in p}  # type: ignore[index]
    good = {"inputs": "gs://b/books,s3://c/*.txt", "output": "gs://b/out", "parts": "", "signs": "auto", "seed": "7"}
    good |= {"scene_size": "fine"}
    bad = {"inputs": "books/", "output": "gs://b", "signs": "many", "glyphs": "9", "concepts": "float64", "seed": "-1"}
    good |= {"sdk_container_image": "host.example/team/scenesign:1", "disk_size_gb": "", "s3_endpoint_url": ""}
    bad |= {"scene_size": "finer"}
    bad |= {"sdk_container_image": "", "number_of_worker_harness_threads": "all", "s3_endpoint_url": "store:9000"}
    assert all(re.search(patterns[name], value) for name, value in good.items())
    assert not [name for name, value in bad.items() if re.search(patterns[name], value)]


DATAFLOW = (ROOT / "docs" / "dataflow.md").read_text(encoding="utf-8")


def commands_of_gcloud() -> list[str]:
    return re.findall(r"^gcloud .*$", re.sub(r"\\\n", " ", DATAFLOW), re.M)


def test_the_document_passes_what_the_form_asks_for_and_names_it_all() -> None:
    (run,) = [line for line in commands_of_gcloud() if "flex-template run" in line]
    (given,) = re.findall(r"--parameters=(\S+)", run)
    passed = [pair.partition("=")[0] for pair in given.split(",")]
    assert [name for name in passed if name not in PARAMETERS] == []
    assert [name for name, p in PARAMETERS.items() if p.required and name not in passed] == []
    assert [p.name for p in OF_BEAM if f"`{p.name}`" not in DATAFLOW and p.name not in passed] == []


@pytest.mark.skipif(not shutil.which("gcloud"), reason="gcloud is not installed")
def test_gcloud_has_the_flags_that_the_document_gives_it() -> None:
    for line in commands_of_gcloud():
        words = line.split()
        command = itertools.takewhile(re.compile(r"[a-z][a-z-]+").fullmatch, words)
        told = subprocess.run([*command, "--help"], capture_output=True, text=True, encoding="utf-8", timeout=120)
        flags = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert told.returncode == 0, (line, told.stderr)
        assert [flag for flag in flags if flag not in told.stdout] == [], line
