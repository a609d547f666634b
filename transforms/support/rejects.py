"""Rejects on their way through a pipeline: counted, and the end of a strict run."""

from __future__ import annotations

from collections.abc import Iterable

import apache_beam as beam

from scenesign.schemas.records import Reject
from scenesign.transforms.support.counting import count, tell
from scenesign.transforms.support.failures import RunStoppedError, strict_message


def to_rejects(reject: Reject) -> beam.pvalue.TaggedOutput:
    """A reject on its way out of a step, counted."""
    count("rejected", reject.reason)
    tell("bytes", "refused", reject.bytes)
    return beam.pvalue.TaggedOutput("rejects", reject)


class CountReject(beam.DoFn):
    """Reject -> Reject, counted: for those found before the job began."""

    def process(self, reject: Reject) -> Iterable[Reject]:
        count("rejected", reject.reason)
        yield reject


class StopAtReject(beam.DoFn):
    """Ends the run at the first reject it sees."""

    def process(self, reject: Reject) -> Iterable[Reject]:
        raise RunStoppedError(strict_message(reject))
