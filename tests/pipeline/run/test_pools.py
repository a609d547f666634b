"""Where the options say that pools of workers are."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from scenesign.pipeline.options.beam import beam_options
from scenesign.pipeline.run.pools import pools_of

EMBEDDED = ("--runner=PortableRunner", "--job_endpoint=embed", "--environment_type=EXTERNAL")


@pytest.mark.parametrize(
    "named",
    [
        "--environment_config=one:50000, two:50000,",
        '--environment_config={"url": "one:50000,two:50000"}',
        "--environment_options=external_service_address=one:50000,two:50000",
    ],
)
def test_they_are_read_in_all_of_beams_ways_and_leave_no_file(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert pools_of(beam_options([*EMBEDDED, named])) == ("one:50000", "two:50000")
    assert list(tmp_path.iterdir()) == []


def test_workers_of_an_engine_are_its_own() -> None:
    elsewhere = ("--runner=PortableRunner", "--job_endpoint=there:8099", "--environment_type=EXTERNAL")
    assert pools_of(beam_options([*elsewhere, "--environment_config=one:50000"])) == ()
