"""A second try is alone, and only what fails then counts; what is foreseen, or the machine's, is not tried again."""

from __future__ import annotations

import errno
import logging
import threading
from collections import Counter
from collections.abc import Callable

import pytest

from scenesign.schemas.records import Reject, RejectError
from scenesign.transforms.support import attempts
from scenesign.transforms.support.attempts import attempt
from scenesign.transforms.support.failures import UnexpectedError, refuse

THREADS = 8
SECONDS = 60  # after which a test hangs


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What is counted, from the state of a new process on."""
    found: Counter[str] = Counter()
    monkeypatch.setattr(attempts, "_turns", attempts._Turns())
    monkeypatch.setattr(attempts, "_in_vain", Counter())
    monkeypatch.setattr(attempts, "count", lambda namespace, name: found.update([f"{namespace}/{name}"]))
    return found


class Failing:
    """A function that fails with one error after the other; None is a success."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)

    def __call__(self) -> str:
        error = self.errors.pop(0)
        if error:
            raise error
        return "done"


def wait_until_one_waits(or_else: threading.Event) -> None:
    """Returns once a thread waits for its turn, or when what must not happen has happened."""
    while not attempts._turns._changed._waiters and not or_else.is_set():  # type: ignore[attr-defined]
        pass


def start(function: Callable[..., object], *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=function, args=arguments, daemon=True)
    thread.start()
    return thread


def test_threads_that_disturb_each_other_are_right_in_the_end(counted: Counter[str]) -> None:
    """As with a library that breaks when several threads are inside: each first try here meets all the others."""
    together = threading.Barrier(THREADS)
    tried, inside, alone, found = set(), set(), [], {}

    def fragile(number: int) -> int:
        inside.add(number)
        try:
            if number not in tried:
                tried.add(number)
                together.wait(SECONDS)
                raise KeyError("[E018] Can't retrieve string for hash")
            alone.append(set(inside) == {number})
            return number * number
        finally:
            inside.discard(number)

    def work(number: int) -> None:
        found[number] = attempt("Step", f"{number}.txt", lambda: fragile(number))

    for thread in [start(work, number) for number in range(THREADS)]:
        thread.join(SECONDS)
    assert found == {number: number * number for number in range(THREADS)}
    assert alone == [True] * THREADS
    assert counted == {"books/retried": THREADS}


def test_a_second_try_waits_for_the_first_ones_of_others() -> None:
    inside, release, again = threading.Event(), threading.Event(), threading.Event()
    order = []

    def slow() -> None:
        inside.set()
        release.wait(SECONDS)
        order.append("first")

    def second() -> None:
        again.set()
        order.append("second")

    other = start(lambda: attempt("Step", "slow.txt", slow))
    assert inside.wait(SECONDS)
    one = start(lambda: attempt("Step", "a.txt", Failing(KeyError("x")), second))
    wait_until_one_waits(or_else=again)
    assert not again.is_set()
    release.set()
    other.join(SECONDS)
    one.join(SECONDS)
    assert order == ["first", "second"]


def test_nobody_begins_while_a_second_try_is_alone() -> None:
    entered = threading.Event()
    order, others = [], []

    def second() -> None:
        others.extend(start(lambda: attempt("Step", "b.txt", first)) for _ in range(3))
        wait_until_one_waits(or_else=entered)
        order.append("second")

    def first() -> None:
        entered.set()
        order.append("first")

    attempt("Step", "a.txt", Failing(KeyError("x")), second)
    for other in others:
        other.join(SECONDS)
    assert order == ["second", "first", "first", "first"]


def test_two_second_tries_are_one_after_the_other() -> None:
    both_failed, both_inside = threading.Barrier(2), threading.Event()
    order = []

    def first() -> None:
        both_failed.wait(SECONDS)
        raise KeyError("x")

    def second() -> None:
        order.append("begins")
        if order == ["begins", "begins"]:
            both_inside.set()
        elif len(order) == 1:
            wait_until_one_waits(or_else=both_inside)
        order.append("ends")

    for thread in [start(attempt, "Step", f"{n}.txt", first, second) for n in range(2)]:
        thread.join(SECONDS)
    assert order == ["begins", "ends", "begins", "ends"]


@pytest.mark.parametrize("failures", [0, 1])
def test_an_attempt_within_an_attempt_is_part_of_it(failures: int, counted: Counter[str]) -> None:
    inner = Failing(*[KeyError("x")] * failures, None)
    assert attempt("Outer", "a.txt", lambda: attempt("Inner", "a.txt", inner)) == "done"
    assert counted.total() == failures


def test_after_an_error_others_go_on() -> None:
    for errors in ([KeyError("x"), KeyError("y")], [KeyError("x"), RejectError("empty", "")], [OSError("x")] * 2):
        with pytest.raises((UnexpectedError, RejectError)):
            attempt("Step", "a.txt", Failing(*errors))
    assert attempt("Step", "b.txt", Failing(None)) == "done"
    assert attempt("Step", "c.txt", Failing(KeyError("x"), None)) == "done"


@pytest.mark.parametrize(
    "error", [RejectError("empty", "no text"), OSError(errno.ENOSPC, "full"), MemoryError(), KeyboardInterrupt()]
)
def test_some_errors_are_not_tried_again(error: Exception, counted: Counter[str]) -> None:
    function = Failing(error, None)
    with pytest.raises(type(error)):
        attempt("Step", "a.txt", function)
    assert function.errors == [None]
    assert not counted


def test_what_is_foreseen_differs_by_step(counted: Counter[str]) -> None:
    gone = FileNotFoundError(2, "gone")
    with pytest.raises(FileNotFoundError):
        attempt("ReadBooks", "a.txt", Failing(gone, None), foreseen=(OSError,))
    assert not counted
    assert attempt("SplitSentences", "a.txt", Failing(gone, None)) == "done"


def test_a_machine_that_fails_at_the_second_try_is_no_fault_of_the_book() -> None:
    with pytest.raises(MemoryError):
        attempt("Step", "a.txt", Failing(KeyError("x"), MemoryError()))


def test_both_tries_in_vain_are_one_reject_of_its_own_kind(counted: Counter[str]) -> None:
    with pytest.raises(UnexpectedError) as caught:
        attempt("Step", "a.txt", Failing(KeyError("first"), ZeroDivisionError("second\nline")))
    reject = refuse(caught.value, "Step", "a.txt")
    assert reject == Reject("a.txt", "Step", "unexpected", f"ZeroDivisionError: second line (in {__name__}.__call__)")
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert not counted


def test_a_reject_at_the_second_try_is_a_reject(counted: Counter[str]) -> None:
    with pytest.raises(RejectError, match="no text"):
        attempt("Step", "a.txt", Failing(KeyError("x"), RejectError("empty", "no text")))
    assert not counted


def test_a_first_failure_is_logged_with_step_book_and_cause(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        attempt("SplitSentences", "fr/a.txt", Failing(KeyError("[E018]"), None))
    (said,) = caplog.messages
    assert said.startswith("SplitSentences: fr/a.txt: KeyError: '[E018]' (in ")


def test_rows_of_one_file_get_few_second_tries() -> None:
    """Each holds up all other threads."""
    for row in range(3):
        function = Failing(KeyError(1), KeyError(2), None)
        with pytest.raises(UnexpectedError, match="2"):
            attempt("Step", f"bad.jsonl#{row}", function)
    function = Failing(KeyError(1), None)
    with pytest.raises(UnexpectedError, match="1"):
        attempt("Step", "bad.jsonl#3", function)
    assert function.errors == [None]
    assert attempt("Step", "good.jsonl#0", Failing(KeyError(1), None)) == "done"
