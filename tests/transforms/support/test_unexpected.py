"""A few unexpected errors are told, many stop a run, and no file can stop the run of others by what is in it."""

from __future__ import annotations

from collections.abc import Iterable

import apache_beam as beam
import pytest
from apache_beam.testing.test_pipeline import TestPipeline
from apache_beam.testing.util import assert_that, equal_to

from scenesign.schemas.records import Reject
from scenesign.transforms.support.failures import RunStoppedError, stop_message
from scenesign.transforms.support.unexpected import (
    GatherRejects,
    StopAtMany,
    too_many_unexpected,
    unexpected_causes,
)


def unexpected(source: str, stage: str = "SplitSentences", detail: str = "KeyError: x (in a.b)") -> Reject:
    return Reject(source, stage, "unexpected", detail)


def files(count: int) -> list[Reject]:
    return [unexpected(f"{number:02}.txt") for number in range(count)]


def rows(count: int, file: str = "bad.jsonl") -> list[Reject]:
    return [unexpected(f"{file}#{number}") for number in range(count)]


@pytest.mark.parametrize(
    ("rejects", "inputs", "sources", "many"),
    [
        ([], 10, 10, False),
        (files(2), 34, 34, False),
        (files(3), 34, 34, True),
        (files(10), 200, 200, False),
        (files(11), 200, 200, True),
        (files(20), 10_000, 10_000, False),
        (files(21), 10_000, 10_000, True),
        # one file, or two, of many
        (rows(5_000), 6_000, 34, False),
        (rows(5_000, "a!b.zip"), 6_000, 34, False),
        ([*rows(500), *rows(500, "b.zip!a.txt")], 6_000, 34, False),
        ([*rows(500), *rows(500, "b.zip!a.txt"), *rows(500, "c")], 6_000, 34, True),
        # all there is
        (rows(20), 1_000, 1, False),
        (rows(21), 1_000, 1, True),
        ([*rows(20), *rows(20, "b.jsonl")], 1_000, 2, True),
        # most files, but hardly a book in each
        ([*rows(1), *rows(1, "b.jsonl"), *rows(1, "c.jsonl")], 3_000, 3, False),
    ],
)
def test_how_many_are_too_many(rejects: list[Reject], inputs: int, sources: int, many: bool) -> None:
    assert (too_many_unexpected(rejects, inputs, sources) is not None) == many
    others = [Reject(f"{number}.txt", "ReadBooks", "empty", "no text") for number in range(100)]
    assert (too_many_unexpected([*others, *rejects], inputs, sources) is not None) == many


def test_the_message_names_step_first_source_and_cause_of_the_commonest() -> None:
    rejects = [
        unexpected("a.txt", "FindScenes", "ValueError: y"),
        unexpected("c.txt", detail="KeyError: 2"),
        unexpected("b.txt", detail="KeyError: 1"),
    ]
    message = too_many_unexpected(rejects, 3, 3) or ""
    assert message.startswith(
        "unexpected errors in 3 books, 2 of them in SplitSentences, first: b.txt: KeyError: 1; this is a defect of"
    )
    assert "\n" not in message
    assert unexpected_causes(rejects) == [(rejects[2], 2), (rejects[0], 1)]


def passed(run: str, sources: int, rejects: Iterable[Reject]) -> int:
    """How many pass before the run is stopped, by two copies of a step in turn."""
    steps = [StopAtMany(run, sources), StopAtMany(run, sources)]
    count = 0
    try:
        for count, reject in enumerate(rejects):
            assert list(steps[count % 2].process(reject)) == [reject]
    except RunStoppedError:
        return count
    return count + 1


def test_a_process_stops_at_the_twenty_first_whatever_step_saw_the_others() -> None:
    assert passed("one", 10_000, files(100)) == 20
    assert passed("two", 10_000, files(10)) == 10  # another run of the same process
    assert passed("two", 10_000, files(30)) == 20
    assert passed("three", 1, rows(15) * 3) == 45, "bundles that were done again"
    assert passed("four", 10_000, rows(300)) == 300
    assert passed("five", 1, rows(300)) == 20


def test_few_rejects_flow_together() -> None:
    with TestPipeline() as pipeline:
        parts = [pipeline | f"{n}" >> beam.Create(files(20)[n::3]) for n in range(3)]
        assert_that(tuple(parts) | GatherRejects(10_000), equal_to(files(20)))


@pytest.mark.parametrize(("strict", "says"), [(False, "unexpected errors in 21 books"), (True, "--strict: ")])
def test_many_rejects_end_the_run(strict: bool, says: str) -> None:
    pipeline = TestPipeline()
    parts = [pipeline | f"{n}" >> beam.Create(files(21)[n::3]) for n in range(3)]
    _ = tuple(parts) | GatherRejects(10_000, strict)
    with pytest.raises(RunStoppedError) as caught:
        pipeline.run()
    assert (stop_message(caught.value) or "").startswith(says)
