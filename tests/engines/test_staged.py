"""The job that is staged for Dataflow, run by Prism where only our wheel is: as near as we get to its threads."""

from __future__ import annotations

from pathlib import Path

import pytest
from apache_beam.portability.api import beam_runner_api_pb2, endpoints_pb2
from apache_beam.runners.portability.portable_runner import PipelineResult, PortableRunner

from scenesign.pipeline.options.beam import beam_options
from scenesign.transforms.support import storage
from tests.conftest import fresh_environment
from tests.engines.servers import beam_pool, on_prism
from tests.staging import data_files, environment_with, stage_for_dataflow
from tests.stores import Store


@pytest.mark.slow
def test_the_staged_job_writes_the_same_bytes(
    gcs: Store, prism: str, pair: Path, bell: Path, wheel: Path, tmp_path: Path
) -> None:
    output, staged = stage_for_dataflow(gcs, pair, tmp_path)
    python = environment_with(wheel, tmp_path)
    environment = fresh_environment()
    del environment["PYTHONPATH"]
    graph = beam_runner_api_pb2.Pipeline.FromString(staged)
    with beam_pool(tmp_path, environment, python) as (address, _):
        # all kinds of machine become one: Prism takes the metrics of one worker for those of another, and panics
        machines = graph.components.environments
        kept = min(machines)
        for name in machines.keys() - {kept}:
            del machines[name]
        for transform in graph.components.transforms.values():
            transform.environment_id = kept if transform.environment_id else ""
        endpoint = endpoints_pb2.ApiServiceDescriptor(url=address)
        machines[kept].urn = "beam:env:external:v1"
        machines[kept].payload = beam_runner_api_pb2.ExternalPayload(endpoint=endpoint).SerializeToString()
        del machines[kept].dependencies[:]
        service = PortableRunner().create_job_service(beam_options(on_prism(prism)))
        job, messages, states = service.submit(graph)
        assert PipelineResult(service.job_service, job, messages, states).wait_until_finish() == "DONE"
    assert data_files(output) == data_files(str(bell))
    home = output.rpartition("/")[0]
    assert {name.split("/")[0] for name in storage.list_tree(home)} == {"shelf", "out", "out.parts", "temporary"}
    assert {Path(name).suffix for name in storage.list_tree(f"{home}/out.parts")} == {".parquet"}
