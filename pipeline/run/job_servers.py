"""The job server that Beam starts on this machine for Flink or Spark, looked for before anything is read or sent."""

from __future__ import annotations

import json
import os
import shutil
import socket
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from apache_beam.options.pipeline_options import (
    FlinkRunnerOptions,
    JobServerOptions,
    PipelineOptions,
    PortableOptions,
    SparkRunnerOptions,
    StandardOptions,
)
from apache_beam.runners.portability.flink_runner import MAGIC_HOST_NAMES, FlinkRunner
from apache_beam.runners.portability.job_server import JavaJarJobServer

from scenesign.pipeline.options.errors import UsageError

_SECONDS = 12.0  # time for Flink to tell its version


def check_job_server(options: PipelineOptions) -> None:
    """Makes sure of what Beam needs to send a job to Flink or Spark.

    Raises UsageError where Java is missing, where no Flink answers or one of another version, and where the job
    server's file is missing and can't be downloaded.
    """
    runner = options.view_as(StandardOptions).runner
    if options.view_as(PortableOptions).job_endpoint or runner not in ("FlinkRunner", "SparkRunner"):
        return
    if runner == "FlinkRunner":
        flink = options.view_as(FlinkRunnerOptions)
        in_cluster = flink.flink_master.strip() not in MAGIC_HOST_NAMES
        sends_jar = bool(flink.flink_submit_uber_jar and in_cluster)
        version = _ask_version(flink.flink_master) if in_cluster else None
        given, engine, module = flink.flink_job_server_jar, "Flink", "flink:" + flink.flink_version
        # a file of the user's is of the version that the user chose
        if version and version in flink.PUBLISHED_FLINK_VERSIONS and not given:
            if sends_jar:  # Beam asks Flink as well, and heeds no `--flink_version`
                module = "flink:" + version
            elif version != flink.flink_version:
                raise UsageError(
                    f"--flink_master={flink.flink_master}: that Flink is {version}, and Beam would send what "
                    f"{flink.flink_version} takes; give --flink_version={version}"
                )
    else:
        spark = options.view_as(SparkRunnerOptions)
        sends_jar = bool(spark.spark_submit_uber_jar)
        given, engine, module = spark.spark_job_server_jar, "Spark", "spark:3"
    kept = options.view_as(JobServerOptions).jar_cache_dir
    if not sends_jar:
        _find_java(options, engine)
    _find_jar(engine, module, given, kept=None if sends_jar else kept)  # which Beam heeds for a server alone


def _ask_version(master: str) -> str | None:
    """The first two numbers of the version that a Flink says it has; None where it can't be asked from here.

    Raises UsageError where nobody is there.
    """
    address = FlinkRunner.add_http_scheme(master)
    try:
        with urllib.request.urlopen(f"{address}/v1/config", timeout=_SECONDS) as answer:
            said = json.load(answer)["flink-version"]
            return ".".join(str(said).split(".")[:2])
    except urllib.error.URLError as error:
        if isinstance(error.reason, (ConnectionRefusedError, socket.gaierror)):
            raise UsageError(
                f"--flink_master={master}: nobody answers ({error.reason.strerror}); it is the address of Flink's REST "
                "interface, usually port 8081"
            ) from error
    except (OSError, ValueError, LookupError, TypeError):
        pass
    return None


def _find_java(options: PipelineOptions, engine: str) -> None:
    launcher = options.view_as(JobServerOptions).job_server_java_launcher
    if shutil.which(launcher) is None:
        raise UsageError(
            f"Beam's job server for {engine} is a Java program and there is no {launcher} here; install Java 11 or 17, "
            "or name it with --job_server_java_launcher=FILE"
        )


def _find_jar(engine: str, module: str, given: str | None, kept: str | None) -> None:
    """Has Beam look for its job server where it looks by itself, or download it to there."""
    flag = f"--{engine.lower()}_job_server_jar"
    if given and not os.path.exists(given) and not urlsplit(given).scheme:
        raise UsageError(f"{flag}={given}: no such file; docs/clusters.md says how to get Beam's job server")
    try:
        place = given or JavaJarJobServer.path_to_beam_jar(f":runners:{module}:job-server:shadowJar")
        JavaJarJobServer.local_jar(place, kept)
    except Exception as error:  # of the network, or of the disk
        line = " ".join(str(error).split())[:240]
        raise UsageError(
            f"Beam's job server for {engine} isn't here and can't be had ({line}); give its file with {flag}=FILE, "
            "docs/clusters.md says how to get it"
        ) from error
