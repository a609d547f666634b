"""Stops: the work is interrupted where it may be, cleans up undisturbed, and is left alone when nothing else helps."""

from __future__ import annotations

import _thread
import ctypes
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

import pytest

from scenesign.pipeline.run import stopping
from scenesign.pipeline.run.stopping import LeftAloneError, Stop, stoppable


class Waiter:
    """Waits for work on a thread of its own, as a program that is not on its main thread does."""

    def __init__(self, work: Callable[[Stop[Any]], Any]) -> None:
        self.outcome: object = None
        self._thread = threading.Thread(target=self._wait, args=(work,), daemon=True)
        self._thread.start()

    def _wait(self, work: Callable[[Stop[Any]], Any]) -> None:
        try:
            self.outcome = stoppable(work)
        except BaseException as error:
            self.outcome = error

    def interrupt(self) -> None:
        ident = ctypes.c_ulong(self._thread.ident or 0)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(KeyboardInterrupt))

    def end(self) -> object:
        self._thread.join(60)
        assert not self._thread.is_alive()
        return self.outcome


def spin() -> None:
    while True:
        time.sleep(0.01)


def test_work_gives_or_raises_what_it_would_without() -> None:
    assert stoppable(lambda stop: 7) == 7
    with pytest.raises(ZeroDivisionError):
        stoppable(lambda stop: 1 // 0)


def test_work_that_is_over_is_sent_no_interrupt_though_it_left_a_block_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of its thread may be another's by then."""

    def work(stop: Stop[int]) -> int:
        stop.breakable().__enter__()
        return 7

    sent: list[type[BaseException]] = []
    stop = Stop(work)
    assert stop.result() == 7
    monkeypatch.setattr(stop, "_raise_in_work", sent.append)
    stop._interrupt()
    assert sent == []


def trace(frame: FrameType, event: str, argument: object) -> object:
    return trace


def step() -> int:
    return 7


def traced_step() -> int:
    """A call as under a debugger, which never comes back where the interpreter still looks for an interrupt."""
    earlier = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        return step()
    finally:
        sys.settrace(earlier)


def test_blocks_leave_the_interpreter_as_it_was() -> None:
    def work(stop: Stop[int]) -> int:
        for _ in range(3):
            with stop.breakable():
                step()
        return traced_step()

    assert Waiter(work).end() == 7


def test_an_interrupt_that_is_no_longer_wanted_never_arrives() -> None:
    after: list[int] = []

    def work(stop: Stop[None]) -> None:
        try:
            with stop.breakable():
                stop._interrupt()  # arrives here at the latest
                spin()
        finally:
            after.append(traced_step())

    assert isinstance(Waiter(work).end(), KeyboardInterrupt)
    assert after == [7]


def test_an_interrupt_on_its_way_at_the_end_of_a_block_is_absorbed() -> None:
    def work(stop: Stop[list[int]]) -> list[int]:
        seen = []
        for _ in range(200):
            with suppress(KeyboardInterrupt), stop.breakable():
                with stop._lock:
                    stop._interrupted = True
                stop._raise_in_work(KeyboardInterrupt)
            seen.append(step())
        return [*seen, traced_step()]

    assert Waiter(work).end() == [7] * 201


def test_an_interrupted_wait_interrupts_the_work_and_lets_it_clean_up() -> None:
    begun, cleaned = threading.Event(), threading.Event()

    def work(stop: Stop[None]) -> None:
        try:
            with stop.breakable():
                begun.set()
                spin()
        finally:
            time.sleep(stopping._AGAIN + 0.5)  # longer than a stop waits before it interrupts again
            cleaned.set()

    waiter = Waiter(work)
    assert begun.wait(30)
    waiter.interrupt()
    assert isinstance(waiter.end(), KeyboardInterrupt)
    assert cleaned.is_set()


def test_outside_of_breakable_blocks_a_stop_only_keeps_the_next_from_beginning() -> None:
    begun, asked = threading.Event(), threading.Event()
    done = []

    def work(stop: Stop[None]) -> None:
        begun.set()
        assert asked.wait(30)
        time.sleep(stopping._INTERRUPT + 0.5)
        done.append("whole")
        with stop.breakable():
            done.append("never")

    waiter = Waiter(work)
    assert begun.wait(30)
    waiter.interrupt()
    asked.set()
    assert isinstance(waiter.end(), KeyboardInterrupt)
    assert done == ["whole"]


def test_work_that_comes_through_in_spite_of_a_stop_counts() -> None:
    begun, asked = threading.Event(), threading.Event()

    def work(stop: Stop[str]) -> str:
        begun.set()
        assert asked.wait(30)
        time.sleep(0.5)
        return "published"

    waiter = Waiter(work)
    assert begun.wait(30)
    waiter.interrupt()
    asked.set()
    assert waiter.end() == "published"


def test_a_block_that_swallows_the_interrupt_does_not_end_well() -> None:
    begun = threading.Event()

    def work(stop: Stop[str]) -> str:
        with stop.breakable():
            try:
                begun.set()
                spin()
            except KeyboardInterrupt:
                pass
        return "as if nothing had happened"

    waiter = Waiter(work)
    assert begun.wait(30)
    waiter.interrupt()
    assert isinstance(waiter.end(), KeyboardInterrupt)


def test_what_a_block_waits_for_is_ended_first() -> None:
    begun, ended = threading.Event(), threading.Event()

    def work(stop: Stop[None]) -> None:
        with stop.breakable(ended.set):
            begun.set()
            assert ended.wait(30)  # a wait without end that no interrupt reaches

    waiter = Waiter(work)
    assert begun.wait(30)
    waiter.interrupt()
    assert isinstance(waiter.end(), KeyboardInterrupt)


def test_what_never_ends_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "_AGAIN", 0.2)
    monkeypatch.setattr(stopping, "_LEAVE", 0.4)
    monkeypatch.setattr(stopping, "_INTERRUPT", 0.1)
    begun, forever = threading.Event(), threading.Event()

    def work(stop: Stop[None]) -> None:
        begun.set()
        forever.wait(300)

    waiter = Waiter(work)
    assert begun.wait(30)
    waiter.interrupt()
    assert isinstance(waiter.end(), KeyboardInterrupt)

    def failing(stop: Stop[None]) -> None:
        stop.fail(OSError("the first"))
        stop.fail(OSError("the second"))
        forever.wait(300)

    with pytest.raises(LeftAloneError) as left:
        stoppable(failing)
    assert str(left.value.__cause__) == "the first"
    forever.set()


def test_a_failure_that_the_work_notices_itself_comes_as_it_tells_it() -> None:
    def work(stop: Stop[None]) -> None:
        stop.fail(OSError("what is known of it"))
        raise ValueError("what the work makes of it")

    with pytest.raises(ValueError, match="what the work makes of it"):
        stoppable(work)


def test_an_interrupt_that_hits_a_thread_at_its_beginning_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda report: told.append(report.exc_type))

    def thread_ends_by(error: type[BaseException]) -> None:
        def raises() -> None:
            over.set()
            raise error

        over = threading.Event()
        before = len(told)
        _thread.start_new_thread(raises, ())
        assert over.wait(60)
        # the thread is told of after it has said that it is over; an error that is kept quiet comes never
        until = time.monotonic() + (60 if error is OSError else 0.5)
        while len(told) == before and time.monotonic() < until:
            time.sleep(0.01)

    with stopping.stray_interrupts_unsaid():
        thread_ends_by(KeyboardInterrupt)
        thread_ends_by(OSError)
        assert told == [OSError]
    thread_ends_by(OSError)
    assert told == [OSError, OSError]
