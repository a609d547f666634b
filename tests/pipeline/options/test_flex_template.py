"""The Dataflow template: its form is the table's, and what is filled in reaches the build."""

from __future__ import annotations

import json
import re

import pytest

from scenesign.pipeline.options.beam import beam_options
from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.options.flex_template import build_arguments
from scenesign.pipeline.options.template_form import template_form
from tests.conftest import ROOT


def template_parameters() -> list[dict[str, object]]:
    return json.loads(template_form())["parameters"]  # type: ignore[no-any-return]


def test_the_form_that_is_shipped_is_that_of_the_table() -> None:
    shipped = (ROOT / "dataflow" / "metadata.json").read_text(encoding="utf-8")
    assert shipped == template_form(), "renew it: make template"


def test_every_parameter_of_the_form_reaches_the_build() -> None:
    given = [f"--{p['name']}=true" for p in template_parameters()]
    words = build_arguments([*given, "--runner=DataflowRunner"])
    assert words[:2] == ["build", "true"]
    assert words[words.index("--") :] == ["--", "--runner=DataflowRunner"], "a parameter of ours went to Beam"
    flags = {word for word in words[: words.index("--")] if word.startswith("--")}
    assert {flag.removeprefix("--").replace("-", "_") for flag in flags} == {
        p["name"] for p in template_parameters() if p["name"] != "inputs"
    }


def test_no_parameter_of_the_form_hides_an_option_of_beam() -> None:
    for parameter in template_parameters():
        with pytest.raises(UsageError, match="unknown Beam option"):
            beam_options([f"--{parameter['name']}=1"])


def test_parameters_become_the_words_of_a_build() -> None:
    given = ["--inputs=gs://b/a,gs://b/c", "--output=gs://b/out", "--overwrite=false", "--language=", "--signs=512"]
    words = build_arguments([*given, "--min_sentences=3", "--project=p", "--save_main_session"])
    assert words == [
        *("build", "gs://b/a", "gs://b/c", "--output", "gs://b/out", "--signs", "512", "--min-sentences", "3"),
        *("--", "--project=p", "--save_main_session"),
    ]
    assert "--overwrite" in build_arguments(["--inputs=x", "--overwrite=true"])
    listed = build_arguments(["--inputs=x", "--limit=book_lines=9,xml_nesting=3", "--splits=a=0.5,b=0.5"])
    assert listed[2:-1] == ["--limit", "book_lines=9", "--limit", "xml_nesting=3", "--splits", "a=0.5,b=0.5"]
    # processes of this machine are not for the template to say
    assert build_arguments(["--inputs=x", "--workers=2"])[-1] == "--workers=2"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["gs://b"], "not a parameter of the form"),
        (["--output=x"], "inputs is missing"),
        (["--inputs=x", "--overwrite=ture"], "overwrite is true or false, not 'ture'"),
    ],
)
def test_wrong_parameters_are_named(given: list[str], said: str) -> None:
    with pytest.raises(SystemExit, match=said):
        build_arguments(given)


def test_the_forms_patterns_take_what_they_should() -> None:
    patterns = {p["name"]: p["regexes"][0] for p in template_parameters() if "regexes" in p}  # type: ignore[index]
    good = {"inputs": "gs://b/books,s3://c/*.txt", "output": "gs://b/out", "parts": "", "signs": "auto", "seed": "7"}
    bad = {"inputs": "books/", "output": "gs://b", "signs": "many", "glyphs": "9", "concepts": "float64", "seed": "-1"}
    assert all(re.search(patterns[name], value) for name, value in good.items())
    assert not [name for name, value in bad.items() if re.search(patterns[name], value)]
