"""Versions that a job carries to its workers, and what a worker of other versions says."""

from __future__ import annotations

import json
import platform

import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from scenesign.pipeline.options.beam import beam_options
from scenesign.pipeline.run.runners import make_pipeline
from scenesign.pipeline.run.submission import OPTION, name_submitter, read_versions, version_trouble, versions_here

OURS = {"Python": "3.12", "apache-beam": "2.60.0", "scenesign": "1.2.0", "torch": "2.4.0", "code of scenesign": "00ff"}


@pytest.mark.parametrize(
    ("theirs", "trouble"),
    [
        ({}, ""),
        ({"scenesign": "1.3.0"}, "has scenesign 1.2.0 where the job was submitted by 1.3.0"),
        ({"Python": "3.11"}, "has Python 3.12 where the job was submitted by 3.11"),
        (
            {"Python": "3.11", "apache-beam": "2.61.0"},
            "has Python 3.12 where the job was submitted by 3.11, "
            "apache-beam 2.60.0 where the job was submitted by 2.61.0",
        ),
        ({"code of scenesign": "1234"}, "has other code of scenesign 1.2.0 than what submitted the job"),
        # another version has other code; that it has is no news
        (
            {"scenesign": "1.3.0", "code of scenesign": "1234"},
            "has scenesign 1.2.0 where the job was submitted by 1.3.0",
        ),
        ({"torch": "not installed"}, ""),
        ({"faiss-cpu": "1.8.0"}, ""),  # which a worker of an earlier version doesn't know of
        ({"scenesign": "not installed"}, ""),
    ],
)
def test_a_worker_of_other_versions_says_which(theirs: dict[str, str], trouble: str) -> None:
    assert version_trouble(OURS | theirs, OURS) == trouble


def test_an_optional_package_may_be_missing_here() -> None:
    assert version_trouble(OURS, OURS | {"torch": "not installed"}) == ""
    assert version_trouble(OURS, {name: OURS[name] for name in OURS if name != "torch"}) == ""


def test_a_job_of_which_nothing_is_known_is_let_in() -> None:
    """As from a pipeline that somebody else has written around our steps."""
    assert version_trouble({}, OURS) == ""
    assert version_trouble({"their own": "1"}, OURS) == ""


@pytest.mark.parametrize("text", [None, "", "no json", "[1]", "3", '"text"', "null", 7, {"scenesign": "1"}, "{'a': 1}"])
def test_what_is_no_list_of_versions_is_none(text: object) -> None:
    assert read_versions(text) == {}


def test_versions_are_read_as_text() -> None:
    assert read_versions('{"scenesign": "1.2.0", "torch": 2.4}') == {"scenesign": "1.2.0", "torch": "2.4"}


def test_a_job_carries_the_versions_of_this_installation() -> None:
    options = PipelineOptions([])
    name_submitter(options)
    carried = options.get_all_options(drop_default=True)[OPTION]
    here = versions_here()
    assert read_versions(carried) == here == json.loads(carried)
    assert here["Python"] == ".".join(platform.python_version_tuple()[:2])
    assert {"scenesign", "apache-beam", "pyarrow", "code of scenesign"} <= set(here)
    assert not any("+" in version for version in here.values())  # builds of one version are one
    assert version_trouble(here, versions_here()) == ""


@pytest.mark.parametrize(
    ("words", "carries"),
    [
        ([], False),
        (["--runner=PortableRunner", "--job_endpoint=embed", "--environment_type=LOOPBACK"], True),
        (
            [
                "--runner=PortableRunner",
                "--job_endpoint=embed",
                "--environment_type=EXTERNAL",
                "--environment_config=one:5,two:5",
            ],
            True,
        ),
    ],
)
def test_only_jobs_for_other_machines_carry_versions(words: list[str], carries: bool) -> None:
    options = beam_options(words)
    make_pipeline(options, 1)
    assert (OPTION in options.get_all_options(drop_default=True)) == carries
