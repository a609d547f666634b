"""What submitted a job, told to its workers: one that is another version of us refuses before it does anything."""

from __future__ import annotations

import hashlib
import json
import platform
from argparse import ArgumentParser
from collections.abc import Mapping

from apache_beam.options.pipeline_options import PipelineOptions

from scenesign.pipeline.run.sources import sources_of
from scenesign.pipeline.run.versions import NOT_INSTALLED, PACKAGES, package_versions

OPTION = "scenesign_versions"
VERSIONS_URN = f"beam:option:{OPTION}:v1"  # as a worker gets it
PROGRESS_URN = "beam:option:scenesign_progress:v1"  # where a run's counts are sent to
_CODE = "code of scenesign"
_GRAPH = "scenesign.pipeline.run.graph"


class SubmissionOptions(PipelineOptions):
    """An option of Beam's kind that we set ourselves, so that it goes wherever a job goes."""

    @classmethod
    def _add_argparse_args(cls, parser: ArgumentParser) -> None:  # type: ignore[override]  # Beam's own ends the process
        parser.add_argument(f"--{OPTION}", default="", help="Set by scenesign: the versions that submitted the job.")


def versions_here() -> dict[str, str]:
    """What of this installation decides the bytes of a dataset, or whether a job's functions can be read at all."""
    digests = json.dumps(sources_of([_GRAPH]).digests, sort_keys=True).encode()
    python = ".".join(platform.python_version_tuple()[:2])
    code = hashlib.blake2b(digests, digest_size=4).hexdigest()
    # what follows a `+` tells builds of one version apart, as of torch for CPUs and for GPUs
    packages = {name: version.partition("+")[0] for name, version in package_versions(PACKAGES).items()}
    return {"Python": python} | packages | {_CODE: code}


def name_submitter(options: PipelineOptions) -> None:
    """Has a job carry the versions of what submits it."""
    setattr(options.view_as(SubmissionOptions), OPTION, json.dumps(versions_here(), sort_keys=True))


def version_trouble(theirs: Mapping[str, str], ours: Mapping[str, str]) -> str:
    """Why a worker can't take a job, by the versions of who submitted it and of the worker; "" where it can.

    An optional package that only one side has is no trouble: a step that wants it says so.
    """
    both = [name for name in theirs if ours.get(name) and NOT_INSTALLED not in (theirs[name], ours[name])]
    other = [name for name in both if theirs[name] != ours[name]]
    if other == [_CODE]:
        return f"has other code of scenesign {ours['scenesign']} than what submitted the job"
    told = [f"{name} {ours[name]} where the job was submitted by {theirs[name]}" for name in other if name != _CODE]
    return f"has {', '.join(told)}" if told else ""


def read_versions(text: object) -> dict[str, str]:
    """Versions as a job carries them; none where it carries nothing that can be read as such."""
    try:
        found = json.loads(text) if isinstance(text, str) else {}
    except ValueError:
        found = {}
    return {str(name): str(version) for name, version in found.items()} if isinstance(found, dict) else {}
