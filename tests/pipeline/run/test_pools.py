"""Which pools a run takes its workers from."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.run.pools import pools_of

EMBEDDED = ("--runner=PortableRunner", "--job_endpoint=embed")
EXTERNAL = "--environment_type=EXTERNAL"


@pytest.mark.parametrize(
    ("config", "pools"),
    [
        ("one:50000", ("one:50000",)),
        (" one:50000, two:50000,one:50000 ,", ("one:50000", "two:50000", "one:50000")),  # two workers on the first
        ("[::1]:5,10.0.0.2:6", ("[::1]:5", "10.0.0.2:6")),
        (json.dumps({"url": "one:50000", "params": {"a": "b"}}), ("one:50000",)),
        (json.dumps({"url": "one:50000,two:50000"}), ("one:50000", "two:50000")),
    ],
)
def test_a_run_in_this_process_has_a_worker_for_each_address(
    config: str, pools: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert pools_of(PipelineOptions([*EMBEDDED, EXTERNAL, f"--environment_config={config}"])) == pools
    assert list(tmp_path.iterdir()) == []  # where Beam's own reader leaves a folder


def test_beam_has_another_word_for_the_address() -> None:
    words = (*EMBEDDED, EXTERNAL, "--environment_options=external_service_address=one:50000,two:50000")
    assert pools_of(PipelineOptions([*words])) == ("one:50000", "two:50000")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--runner=FnApiRunner", EXTERNAL, "--environment_config=one:5"),
        ("--runner=PrismRunner", EXTERNAL, "--environment_config=one:5"),
        ("--runner=PortableRunner", "--job_endpoint=flink:8099", EXTERNAL, "--environment_config=one:5,two:5"),
        (*EMBEDDED, "--environment_type=LOOPBACK", "--environment_config=one:5"),
        (*EMBEDDED, "--environment_type=DOCKER", "--environment_config=image:5"),
        EMBEDDED,
    ],
)
def test_other_runs_have_none(words: tuple[str, ...]) -> None:
    assert pools_of(PipelineOptions([*words])) == ()


@pytest.mark.parametrize("config", ["", " , ", "{}", '{"url": ""}', '{"params": {}}'])
def test_no_address_is_wrong_use(config: str) -> None:
    with pytest.raises(UsageError, match="--environment_config names no pool of workers; give HOST:PORT"):
        pools_of(PipelineOptions([*EMBEDDED, EXTERNAL, f"--environment_config={config}"]))
