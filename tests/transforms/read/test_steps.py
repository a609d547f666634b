"""ReadBooks in a pipeline: books, rejects and counters; a source that a worker can't see."""

from __future__ import annotations

from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.metrics import MetricsFilter
from apache_beam.testing.test_pipeline import TestPipeline
from apache_beam.testing.util import assert_that, equal_to

from scenesign.schemas.records import Source
from scenesign.transforms.read.steps import ReadBooks
from scenesign.transforms.support.failures import RunStoppedError
from scenesign.transforms.support.submitter import Submitter
from tests.transforms.read.test_books import ENGLISH, OPTIONS, source


def test_the_beam_step(tmp_path: Path) -> None:
    sources = [
        source(tmp_path, "good.txt", ENGLISH),
        source(tmp_path, "bad.txt", b""),
        source(tmp_path, "tiny.txt", "x"),
    ]
    with TestPipeline() as pipeline:
        read = pipeline | beam.Create(sources) | ReadBooks(OPTIONS)
        assert_that(
            read.books | "titles" >> beam.Map(lambda b: b.title), equal_to(["The Ferryman’s Debt"]), label="books"
        )
        reasons = read.rejects | "reasons" >> beam.Map(lambda r: r.reason)
        assert_that(reasons, equal_to(["empty", "too-short"]), label="rejects")
    counters = pipeline.result.metrics().query(MetricsFilter())["counters"]
    counted = {(c.key.metric.namespace, c.key.metric.name): c.committed for c in counters}
    assert counted[("books", "read")] == 1
    assert counted[("rejected", "empty")] == 1
    assert counted[("rejected", "too-short")] == 1


@pytest.mark.parametrize("uri", ["{}/a.txt", "{}/a.zip", "{}/a.parquet", "hf:{}/set", "hf:{}/set@train"])
def test_a_source_that_was_deleted_is_a_reject_and_one_out_of_sight_ends_the_run(uri: str, tmp_path: Path) -> None:
    def read(folder: Path, submitter: Submitter) -> None:
        with TestPipeline() as pipeline:
            read = pipeline | beam.Create([Source(uri.format(folder), "a")]) | ReadBooks(OPTIONS, submitter)
            said = read.rejects | beam.Map(lambda reject: (reject.reason, reject.detail))
            assert_that(said, equal_to([("unreadable", "the file is no longer there")]))

    read(tmp_path, Submitter())
    with pytest.raises(RunStoppedError, match=f"can't see {tmp_path}/(a|set).*, which desk listed"):
        read(tmp_path, Submitter("desk"))
    with pytest.raises(RunStoppedError, match=f"can't see {tmp_path}/gone/(a|set).*, which {Submitter().host} listed"):
        read(tmp_path / "gone", Submitter())
