"""Rejects in a pipeline."""

from __future__ import annotations

import apache_beam as beam
import pytest
from apache_beam.testing.test_pipeline import TestPipeline

from scenesign.schemas.records import Reject
from scenesign.transforms.support.failures import RunStoppedError, stop_message
from scenesign.transforms.support.rejects import CountReject, StopAtReject


def test_the_first_reject_ends_a_strict_run() -> None:
    reject = Reject("a.txt", "ReadBooks", "empty", "no text in it")
    with pytest.raises(RunStoppedError) as caught, TestPipeline() as pipeline:
        _ = pipeline | beam.Create([reject]) | beam.ParDo(CountReject()) | beam.ParDo(StopAtReject())
    says = "--strict: a.txt was refused by ReadBooks (empty): no text in it"
    assert stop_message(caught.value) == says
    # a worker process hands it over as the text of a traceback
    text = f"Traceback ...\ntransforms.failures.RunStoppedError: {says} [while running 'X']\n\n"
    assert stop_message(RuntimeError(text)) == says
    assert stop_message(RuntimeError("something else")) is None
