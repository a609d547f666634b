"""One book's failure is its reject; a full disk and the user's own limits end the run."""

from __future__ import annotations

import errno

import pytest
import spacy
from apache_beam.io.aws.clients.s3.messages import S3ClientError
from apache_beam.io.filesystem import BeamIOError
from google.api_core.exceptions import ServiceUnavailable

from scenesign.schemas.records import REASONS, Reject, RejectError
from scenesign.transforms.support.failures import (
    UnexpectedError,
    cause_of,
    raise_if_machine_failed,
    refuse,
)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "full"),
        MemoryError(),
        ServiceUnavailable("the store rests"),
        S3ClientError("slow down", 503),
        BeamIOError("no answer"),
    ],
)
def test_machine_failures_go_on(error: Exception) -> None:
    with pytest.raises(type(error)):
        raise_if_machine_failed(error)
    with pytest.raises(type(error)):
        refuse(error, "Step", "a.txt")


@pytest.mark.parametrize("error", [ValueError("bad text"), OSError(errno.ENOENT, "gone"), OSError("no number")])
def test_a_books_own_failures_do_not(error: BaseException) -> None:
    raise_if_machine_failed(error)


@pytest.mark.parametrize(
    ("error", "reason", "detail"),
    [
        (RejectError("empty", "no text"), "empty", "no text"),
        (FileNotFoundError(2, "x"), "unreadable", "the file is no longer there"),
        (OSError(errno.ELOOP, "Too many links"), "unreadable", "the file can't be read (Too many links)"),
        (KeyError("a\nb\x1b\ud800"), "unexpected", "KeyError: 'a\\nb\\x1b\\ud800'"),
        (ValueError("a\n b\x1b[0m\ud800"), "unexpected", "ValueError: a b\\x1b[0m\\ud800"),
        (AssertionError(), "unexpected", "AssertionError"),
        (TypeError("no <A object at 0x7f4665cc3400>, 0x10"), "unexpected", "TypeError: no <A object at 0x…>, 0x10"),
        (UnexpectedError("KeyError: 1 (in a.b)"), "unexpected", "KeyError: 1 (in a.b)"),
    ],
)
def test_what_a_failure_comes_to(error: Exception, reason: str, detail: str) -> None:
    assert refuse(error, "Step", "a.txt", "id", 7) == Reject("a.txt", "Step", reason, detail, "id", 7)


def test_details_are_short_and_still_name_the_place() -> None:
    def fails() -> None:
        raise ValueError("x" * 10_000)

    with pytest.raises(ValueError, match="x") as caught:
        fails()
    assert refuse(caught.value, "Step", "a.txt").detail == f"ValueError: {'x' * 300} (in {__name__}.fails)"
    assert len(refuse(RejectError("empty", "x" * 10_000), "Step", "a.txt").detail) == 500


def test_the_place_of_an_error_is_the_innermost_one_in_compiled_modules_too() -> None:
    with pytest.raises(KeyError) as caught:
        spacy.blank("en").vocab.strings[123_456]
    assert cause_of(caught.value).endswith("(in spacy.strings.StringStore.__getitem__)")


def test_an_unknown_reason_is_a_defect() -> None:
    with pytest.raises(ValueError, match="no-such-reason"):
        RejectError("no-such-reason", "x")
    assert all(RejectError(reason, "x").reason == reason for reason in REASONS)
