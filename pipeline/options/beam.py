"""Beam's options: what is wrong with them is an error at once. Beam itself warns, or says so when all is laid out."""

from __future__ import annotations

import argparse
import difflib
import json
import re
from collections.abc import Sequence

from apache_beam.options.pipeline_options import (
    GoogleCloudOptions,
    PipelineOptions,
    PortableOptions,
    SparkRunnerOptions,
    StandardOptions,
    TestOptions,
    WorkerOptions,
)
from apache_beam.options.pipeline_options_validator import PipelineOptionsValidator
from apache_beam.portability import common_urns
from apache_beam.runners.portability.portable_runner import PortableRunner
from apache_beam.runners.portability.spark_runner import SparkRunner
from apache_beam.runners.runner import PipelineRunner, create_runner
from apache_beam.transforms.environments import Environment, looks_like_json

from scenesign.pipeline.options.errors import UsageError

LOCAL_RUNNERS = (None, "DirectRunner", "FnApiRunner")
EMBEDDED = "embed"  # the job endpoint that stands for Beam's own service in this process

# Of a pool: a name, or an address, that of IPv6 in brackets.
_ADDRESS = re.compile(r"([^][:/;\s]+|\[[0-9A-Fa-f:.%\w]+\]):[0-9]{1,5}", re.ASCII)

# Who gives one of these wants an engine. Beam would run on this machine, without a word.
_RUNNERS_OF_ADDRESSES = {
    "job_endpoint": "PortableRunner",
    "flink_master": "FlinkRunner",
    "spark_master_url": "SparkRunner",
    "spark_rest_url": "SparkRunner",
    "environment_type": "PortableRunner",
    "environment_config": "PortableRunner",
}


def beam_options(arguments: Sequence[str]) -> PipelineOptions:
    """Beam's options from the words after `--`.

    Raises UsageError for one that Beam doesn't know, for a runner that isn't there, and for what a runner can't do with
    or without. Nothing outside this machine is asked.
    """
    parser = _parser()
    _, unknown = parser.parse_known_args(list(arguments))
    if unknown:
        word = unknown[0].split("=")[0]
        known = [option for action in parser._actions for option in action.option_strings]
        near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else "see the options of apache_beam.options.pipeline_options"
        raise UsageError(f"unknown Beam option {word}: {hint}")
    # an explicit list: without one Beam reads the command line of whatever program it runs in
    options = PipelineOptions(flags=list(arguments))
    runner = _make_runner(options)
    problems = _problems(options, runner) or _Validator(options, runner).problems()
    if problems:
        raise UsageError(f"Beam options after `--`: {' '.join(' '.join(problems).split())}")
    return options


def unknown_words(arguments: Sequence[str]) -> list[str]:
    """Those of the words that no option of Beam takes. Raises UsageError for a value that an option can't have."""
    return _parser().parse_known_args(list(arguments))[1]


def pool_addresses(portable: PortableOptions) -> tuple[str, ...]:
    """Pools of workers that the options name in any of Beam's ways, without a look at whether they are wanted.

    Beam's own `ExternalEnvironment.from_options` has pip list all packages, and leaves the list among temporary files.
    Raises ValueError where what looks like JSON is none.
    """
    given = portable.environment_config
    if given and looks_like_json(given):
        given = json.loads(given).get("url")
    given = str(given or portable.lookup_environment_option("external_service_address") or "")
    return tuple(address.strip() for address in given.split(",") if address.strip())


def _parser() -> argparse.ArgumentParser:
    """One for all of Beam's options."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    kinds: list[type[PipelineOptions]] = [PipelineOptions, *_all_subclasses(PipelineOptions)]
    for kind in kinds:
        if "_add_argparse_args" in kind.__dict__:
            # two classes may declare one option; the first declaration is the one Beam uses as well
            try:
                kind._add_argparse_args(parser)  # type: ignore[arg-type]  # Beam's own is one that ends the process
            except argparse.ArgumentError:
                continue
    parser.error = _raise_usage  # type: ignore[assignment]
    return parser


def _make_runner(options: PipelineOptions) -> PipelineRunner | None:
    """The runner that the options name, whose name is then spelled as Beam has it; None where they name none."""
    standard = options.view_as(StandardOptions)
    if standard.runner is None:
        return None
    known = {name.lower(): name for name in StandardOptions.KNOWN_RUNNER_NAMES}
    given = str(standard.runner).lower()
    standard.runner = known.get(given) or known.get(given + "runner") or standard.runner
    if "." not in standard.runner and standard.runner not in known.values():
        near = difflib.get_close_matches(given, known, n=1, cutoff=0.5)
        hint = f"did you mean {known[near[0]]}?" if near else f"Beam has {', '.join(known.values())}"
        raise UsageError(f"unknown runner {standard.runner}: {hint}")
    try:
        return create_runner(standard.runner)
    except Exception as error:  # whatever a module does when it's imported
        line = " ".join(str(error).split())[:200]
        raise UsageError(f"--runner={standard.runner} can't be used ({type(error).__name__}: {line})") from error


def _problems(options: PipelineOptions, runner: PipelineRunner | None) -> list[str]:
    """What Beam would only say once a job is laid out or under way."""
    if options.view_as(TestOptions).dry_run:
        return ["--dry_run builds nothing; give --dry-run before the `--`"]
    portable = options.view_as(PortableOptions)
    endpoint = portable.job_endpoint
    if type(runner) is PortableRunner and not endpoint:
        return [f"PortableRunner needs --job_endpoint=HOST:PORT of a job service, or `{EMBEDDED}` for Beam's own"]
    if endpoint and endpoint != EMBEDDED and ":" not in endpoint:
        return [f"--job_endpoint={endpoint} is neither HOST:PORT nor `{EMBEDDED}`"]
    if options.view_as(StandardOptions).runner in LOCAL_RUNNERS:
        given = options.get_all_options(drop_default=True)
        for name, wanted in _RUNNERS_OF_ADDRESSES.items():
            if name in given:
                return [f"--{name} would be left aside; give --runner={wanted} too"]
    if not endpoint and type(runner) is SparkRunner:
        spark = options.view_as(SparkRunnerOptions)
        if spark.spark_submit_uber_jar and not spark.spark_rest_url:
            return ["--spark_submit_uber_jar needs --spark_rest_url=http://HOST:6066 of Spark's REST interface"]
    here = type(runner) is PortableRunner and endpoint == EMBEDDED
    return _problems_of_workers(portable, several=here)


def _problems_of_workers(portable: PortableOptions, several: bool) -> list[str]:
    """What is wrong with how many workers there are, and with where they come from.

    several: it may be several pools, as the run is in this process.
    """
    environment, config = portable.environment_type, portable.environment_config
    is_bare = not (config or portable.environment_options or portable.view_as(WorkerOptions).sdk_container_image)
    if not str(portable.sdk_worker_parallelism).isdecimal():
        return [f"--sdk_worker_parallelism={portable.sdk_worker_parallelism} is not a number of processes"]
    if environment and not _is_environment(environment):
        return [f"--environment_type={environment}: Beam has DOCKER, EXTERNAL, LOOPBACK, PROCESS and some by their urn"]
    if environment == "PROCESS" and portable.job_endpoint == EMBEDDED:
        return ["Beam's own job service knows no --environment_type=PROCESS; EXTERNAL takes the workers of a pool"]
    if environment is None and config and "," in config and not looks_like_json(config):
        return [f"--environment_config={config} is no image; pools of workers need --environment_type=EXTERNAL"]
    if several and environment is None and (is_bare or (config or "").startswith("localhost:")):
        # Beam would start containers of its own image, which hasn't got us
        return [f"--job_endpoint={EMBEDDED} needs --environment_type: EXTERNAL takes the workers of pools"]
    if environment != "EXTERNAL":
        return []
    try:
        pools = pool_addresses(portable)
    except ValueError as error:
        return [f"--environment_config={config} is not JSON ({error})"]
    if not pools:
        return ["EXTERNAL needs --environment_config=HOST:PORT of a pool of workers, as `scenesign worker` starts one"]
    named = ",".join(pools)
    for pool in pools:
        if not _ADDRESS.fullmatch(pool) or not 0 < int(pool.rpartition(":")[2]) < 65536:
            return [f"--environment_config={named}: `{pool}` is not HOST:PORT of a pool of workers"]
    if len(pools) > 1 and not several:
        return [
            f"--environment_config={named}: several pools are for --runner=PortableRunner --job_endpoint={EMBEDDED}; "
            "an engine takes one, which each of its machines has beside it"
        ]
    return []


def _is_environment(name: str) -> bool:
    if name.startswith("beam:env:"):
        return name in Environment._urn_to_env_cls
    return name == "LOOPBACK" or hasattr(common_urns.environments, name)


class _Validator(PipelineOptionsValidator):
    """Beam's own checks, but for those that ask Google's store, which come when the job is laid out."""

    def __init__(self, options: PipelineOptions, runner: PipelineRunner | None) -> None:
        super().__init__(options, runner)
        self.OPTIONS = [kind for kind in self.OPTIONS if kind is not GoogleCloudOptions]

    def problems(self) -> list[str]:
        found = self.validate()
        if self.is_service_runner():
            google = self.options.view_as(GoogleCloudOptions)
            found += self.validate_cloud_options(google)
            for name in ("temp_location", "staging_location"):
                if getattr(google, name):
                    found += self.validate_gcs_path(google, name)
        return found


def _raise_usage(message: str) -> None:
    raise UsageError(f"Beam options after `--`: {message}")


def _all_subclasses(kind: type[PipelineOptions]) -> list[type[PipelineOptions]]:
    found: list[type[PipelineOptions]] = []
    for child in kind.__subclasses__():
        found += [child, *_all_subclasses(child)]
    return found
