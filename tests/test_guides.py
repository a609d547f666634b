"""The guides to clusters: their manifests, and numbers and names that have to go together."""

from __future__ import annotations

import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from apache_beam.options.pipeline_options import FlinkRunnerOptions, PipelineOptions, PortableOptions, StandardOptions
from apache_beam.runners.portability.job_server import JavaJarJobServer

from scenesign.pipeline.cli import main
from scenesign.pipeline.options.beam import beam_options
from tests.conftest import ROOT
from tests.test_docs import commands, lines_of_code

CLUSTERS = "docs/clusters.md"
TEXT = (ROOT / CLUSTERS).read_text(encoding="utf-8")
MANIFESTS = sorted((ROOT / "examples" / "kubernetes").glob("*.yaml"))
BYTES_OF_A_PROCESS = 2e9  # docs/scale.md has seen 1.93


def objects(manifest: Path) -> list[dict[str, Any]]:
    return [found for found in yaml.safe_load_all(manifest.read_text(encoding="utf-8")) if found]


def pods(tree: object) -> Iterator[dict[str, Any]]:
    """What an object says of pods, wherever it does."""
    if isinstance(tree, dict) and "containers" in tree:
        yield tree
    for part in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from pods(part)


def containers(tree: object) -> Iterator[dict[str, Any]]:
    for pod in pods(tree):
        yield from pod["containers"]


def pool_of(manifest: Path) -> dict[str, Any]:
    (pool,) = [found for found in containers(objects(manifest)) if found["name"] == "pool"]
    return pool


def port_of(pool: dict[str, Any]) -> int:
    """The port of its command, which is one of ours."""
    program, name, *words = pool["command"]
    assert program == "scenesign"
    with main.commands[name].make_context(name, list(words)) as context:
        assert context.params["bind"] == "127.0.0.1"  # nobody outside of the pod can have code run
        return int(context.params["port"])


def slots_and_replicas(manifest: Path) -> tuple[int, int]:
    found = {(kind["kind"], kind["metadata"]["name"]): kind["spec"] for kind in objects(manifest)}
    if flink := found.get(("FlinkDeployment", "scenesign")):
        slots = int(flink["flinkConfiguration"]["taskmanager.numberOfTaskSlots"])
        return slots, flink["taskManager"]["replicas"]
    managers = found["Deployment", "scenesign-taskmanager"]
    (properties,) = [
        yaml.safe_load(entry["value"])
        for container in containers(managers)
        for entry in container.get("env", ())
        if entry["name"] == "FLINK_PROPERTIES"
    ]
    return properties["taskmanager.numberOfTaskSlots"], managers["replicas"]


def jobs(runner: str) -> list[PipelineOptions]:
    """Beam's options of each command of the guide for a runner."""
    found = []
    for name, *words in commands(CLUSTERS):
        with main.commands[name].make_context(name, list(words)) as context:
            options = beam_options(context.meta.get("beam_arguments", []))
        if options.view_as(StandardOptions).runner == runner:
            found.append(options)
    return found


def test_there_are_manifests_for_an_operator_and_for_none() -> None:
    assert [path.name for path in MANIFESTS] == ["flink-operator.yaml", "flink.yaml"]
    assert all(f"examples/kubernetes/{path.name}" in TEXT for path in MANIFESTS)


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.name)
def test_a_manifest_is_for_the_jobs_that_the_guide_sends(manifest: Path) -> None:
    slots, replicas = slots_and_replicas(manifest)
    pool = pool_of(manifest)
    versions = {
        found["image"].partition(":")[2] for found in containers(objects(manifest)) if "flink" in found.get("image", "")
    }
    for found in objects(manifest):
        if found["kind"] == "FlinkDeployment":
            versions |= {found["spec"]["image"].partition(":")[2], found["spec"]["flinkVersion"][1:].replace("_", ".")}
    for options in jobs("FlinkRunner"):
        flink, portable = options.view_as(FlinkRunnerOptions), options.view_as(PortableOptions)
        assert versions == {flink.flink_version}
        assert flink.parallelism == slots * replicas
        assert int(portable.sdk_worker_parallelism) == slots == pool["resources"]["requests"]["cpu"]
        assert portable.environment_config == f"localhost:{port_of(pool)}"


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.name)
def test_a_pool_has_memory_for_its_processes(manifest: Path) -> None:
    slots, _ = slots_and_replicas(manifest)
    resources = pool_of(manifest)["resources"]
    memory = resources["limits"]["memory"]
    assert resources["requests"]["memory"] == memory
    assert memory.endswith("Gi")
    gibibytes = int(memory.removesuffix("Gi"))
    assert gibibytes - 1 < slots * BYTES_OF_A_PROCESS / 2**30 <= gibibytes
    assert f"{gibibytes} GiB" in TEXT


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.name)
def test_a_pod_is_ready_when_its_pool_listens(manifest: Path) -> None:
    pool = pool_of(manifest)
    program, flag, code = pool["readinessProbe"]["exec"]["command"]
    assert (program, flag) == ("python", "-c")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        mine = code.replace(str(port_of(pool)), str(listening.getsockname()[1]))
        assert mine != code
        assert subprocess.run([sys.executable, "-c", mine], stderr=subprocess.DEVNULL).returncode == 1
        listening.listen()
        assert subprocess.run([sys.executable, "-c", mine]).returncode == 0


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.name)
def test_what_the_guide_asks_of_kubernetes_is_in_the_manifest(manifest: Path) -> None:
    words = [shlex.split(line) for line in lines_of_code(CLUSTERS) if line.startswith("kubectl ")]
    (secret,) = [line[4] for line in words if line[1:3] == ["create", "secret"]]
    assert pool_of(manifest)["envFrom"] == [{"secretRef": {"name": secret}}]
    named = {word for line in words for word in line if re.match(r"(service|deployment)/", word)}
    names = {f"{found['kind'].lower()}/{found['metadata']['name']}" for found in objects(manifest)}
    if "flinkdeployment/scenesign" in names:  # the operator's own names for what it makes of it
        names |= {"service/scenesign-rest", "deployment/scenesign-taskmanager"}
    assert named
    assert named <= names


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.name)
def test_a_pool_can_write_where_it_writes_and_nowhere_else(manifest: Path) -> None:
    (pod,) = [pod for pod in pods(objects(manifest)) if "volumes" in pod]
    pool = pool_of(manifest)
    assert pool in pod["containers"]
    assert pool["securityContext"]["readOnlyRootFilesystem"]
    assert [(mount["mountPath"], mount["name"]) for mount in pool["volumeMounts"]] == [
        ("/tmp", volume["name"]) for volume in pod["volumes"] if volume["emptyDir"] == {}
    ]


def test_labels_of_the_manifest_find_each_other() -> None:
    found = objects(ROOT / "examples/kubernetes/flink.yaml")
    labels = [kind["spec"]["template"]["metadata"]["labels"] for kind in found if kind["kind"] == "Deployment"]
    assert [kind["spec"]["selector"]["matchLabels"] for kind in found if kind["kind"] == "Deployment"] == labels
    (service,) = [kind for kind in found if kind["kind"] == "Service"]
    assert labels.count(service["spec"]["selector"]) == 1
    addresses = re.findall(
        r"jobmanager\.rpc\.address: (\S+)", (ROOT / "examples/kubernetes/flink.yaml").read_text("utf-8")
    )
    assert addresses == [service["metadata"]["name"]] * 2


def test_containers_of_the_guide_start_a_pool_of_ours() -> None:
    (line,) = [line for line in lines_of_code(CLUSTERS) if line.startswith("docker run ")]
    words = shlex.split(line)
    assert words[words.index("--entrypoint") + 1] == "scenesign"
    image, name, *rest = words[words.index("--entrypoint") + 2 :]
    assert image in [shlex.split(build)[3] for build in lines_of_code(CLUSTERS) if build.startswith("docker build -t ")]
    main.commands[name].make_context(name, rest).close()


def test_memory_is_that_of_the_processes() -> None:
    rows = re.findall(r"^\| (\d+) \| (?:`--sdk_worker_parallelism=(\d+)`)? ?\| ([\d.]+) GB \|$", TEXT, re.M)
    assert [int(slots) for slots, _, _ in rows] == [1, 4, 8]
    for slots, processes, memory in rows:
        assert int(processes or 1) == int(slots)
        assert float(memory) * 1e9 == pytest.approx(int(slots) * BYTES_OF_A_PROCESS)


def test_versions_and_files_are_those_of_beam() -> None:
    *others, newest = FlinkRunnerOptions.PUBLISHED_FLINK_VERSIONS
    assert f"{', '.join(others)} or {newest}, and {newest} unless given" in TEXT
    places = [
        JavaJarJobServer.path_to_beam_jar(f":runners:{of}:job-server:shadowJar") for of in ("flink:1.20", "spark:3")
    ]
    names = [place.rpartition("/")[2].removesuffix(".jar").rpartition("-") for place in places]
    for name, _, version in names:
        assert f"`{name}`" in TEXT
        assert f"({version})" in TEXT
    (given,) = [
        jar for options in jobs("FlinkRunner") if (jar := options.view_as(FlinkRunnerOptions).flink_job_server_jar)
    ]
    assert Path(given).name == Path(places[0]).name


def test_every_job_of_the_guide_takes_workers_from_a_pool_beside_it() -> None:
    found = [*jobs("FlinkRunner"), *jobs("SparkRunner")]
    assert len(found) >= 4
    for options in found:
        portable = options.view_as(PortableOptions)
        assert (portable.environment_type, portable.environment_config) == ("EXTERNAL", "localhost:50000")
        assert int(portable.sdk_worker_parallelism) > 1
