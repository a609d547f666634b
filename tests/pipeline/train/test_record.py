"""The record of a training: JSON that any reader takes, and back; what is none is refused by name."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from scenesign.pipeline.train.record import RECORD, Share, TrainingRecord, read_record
from tests.models import record


def full() -> TrainingRecord:
    return replace(
        record(Path("out/ü")),
        settings={"rate": 2e-3, "on": "glyphs", "seed": 1},
        far={"model": Share(0.1, 0.05, 0.2)},
        near={"model": Share(1 / 3, 0.3, 0.4)},
        bits={"unigram": Share(7.0, 6.0, 8.0)},
        curve=(8.1, None, 0.1 + 0.2),
        books=(3, 2, 1),
    )


def test_what_was_written_is_read(tmp_path: Path) -> None:
    (tmp_path / RECORD).write_text(full().to_json(), encoding="utf-8")
    assert read_record(tmp_path) == full()


def test_it_is_json_that_any_reader_takes() -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    assert json.loads(full().to_json(), parse_constant=refuse)["curve"] == [8.1, None, 0.1 + 0.2]
    with pytest.raises(ValueError, match="not JSON compliant"):
        replace(full(), letters=float("nan")).to_json()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"far": 1}', '{"far": {"model": {"mean": 1}}, "near": {}, "bits": {}}', "\x80"]
)
def test_what_is_no_record_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / RECORD).write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match=rf"{RECORD} is no record of a training .* train the model again"):
        read_record(tmp_path)


def test_a_key_too_many_or_too_few_is_refused(tmp_path: Path) -> None:
    fields = json.loads(full().to_json())
    for changed in (fields | {"more": 1}, {key: value for key, value in fields.items() if key != "verdict"}):
        (tmp_path / RECORD).write_text(json.dumps(changed), encoding="utf-8")
        with pytest.raises(ValueError, match=r"(more|verdict)"):
            read_record(tmp_path)


def test_a_folder_without_one_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"is no model: there is no training\.json in it"):
        read_record(tmp_path)


def test_a_share_as_people_read_it() -> None:
    assert Share(0.1234, 0.1, 0.2).show(True) == "12.3 (10.0 to 20.0)"
    assert Share(7.0, 6.0, 8.125).show() == "7.00 (6.00 to 8.12)"
