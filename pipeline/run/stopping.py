"""Work that ends within seconds of a stop, whatever its threads wait for.

The work gets a thread of its own, and whoever asked for it only waits. So Ctrl-C always reaches somebody who can act
on it: first what the work waits for is ended, then the work itself is interrupted, and if it is deep in a call that
nothing interrupts, it is left alone. Nothing of this needs the main thread.
"""

from __future__ import annotations

import ctypes
import math
import os
import queue
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Generic, TypeVar

from scenesign.transforms.support.threads import one_thread_at_a_time

T = TypeVar("T")

# Seconds after a stop or a failure. Until the first the work may come to an end by itself; then it is interrupted, then
# once more (the first may have been lost in a library's callback), then left alone.
_INTERRUPT, _AGAIN, _LEAVE = 2.0, 4.0, 6.0


class LeftAloneError(Exception):
    """The work has failed and did not end by itself. What it failed of is the cause."""


class _AbsorbedError(BaseException):
    """Comes in place of an interrupt that is no longer wanted."""


class Stop(Generic[T]):
    """A piece of work on a thread of its own, and what ends it from outside."""

    def __init__(self, work: Callable[[Stop[T]], T]) -> None:
        self._work = work
        self._thread = threading.Thread(target=self._run, name="scenesign", daemon=True)
        self._lock = threading.RLock()
        self._news: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._enders: list[Callable[[], object]] = []
        self._asked = self._breakable = self._interrupted = self._over = False
        self._failure: tuple[float, Exception] | None = None
        self._results: list[T] = []
        self._error: BaseException | None = None

    # For the work.

    @contextmanager
    def breakable(self, *enders: Callable[[], object]) -> Iterator[None]:
        """The only blocks in which a stop reaches the work, as KeyboardInterrupt; cleaning up belongs outside.

        enders: called first; they end what the block waits for. After a stop no block begins or ends well.
        """
        try:
            self._begin_block(enders)
            yield
        finally:
            self._end_block()
        self._raise_if_asked()

    @one_thread_at_a_time
    def _begin_block(self, enders: Sequence[Callable[[], object]]) -> None:
        self._raise_if_asked()
        self._breakable, self._enders = True, list(enders)

    def _end_block(self) -> None:
        while True:
            try:
                self._close_block()
                return
            except KeyboardInterrupt:  # it has arrived late; `_asked` says the same
                continue

    @one_thread_at_a_time
    def _close_block(self) -> None:
        self._breakable, self._enders = False, []
        if self._interrupted:
            self._absorb_interrupt()

    def fail(self, error: Exception) -> None:
        """The work has failed, perhaps without noticing yet. It gets some seconds to end, and is then left alone."""
        self._failure = self._failure or (time.monotonic(), error)
        self._news.put(None)

    @one_thread_at_a_time
    def _raise_if_asked(self) -> None:
        if self._asked:
            raise KeyboardInterrupt

    # For who waits.

    def result(self) -> T:
        """Runs the work and gives what it gives, or raises what it raises.

        An exception in the wait, such as Ctrl-C's, stops the work and is raised in the end, unless the work has come
        through; a second one cuts the stop short. Raises LeftAloneError when the work has failed and doesn't end.
        """
        try:
            self._thread.start()
            over = self._wait(math.inf)
        except BaseException:
            if not self._end() or self._error is not None:
                raise
            over = True
        if not over and self._failure:
            self._interrupt()
            raise LeftAloneError from self._failure[1]
        if self._error is not None:
            raise self._error
        return self._results[0]

    def _run(self) -> None:
        try:
            try:
                self._results.append(self._work(self))
            finally:
                # an interrupt between two lines may have left a block open; sent once this thread has ended, a second
                # one would hit whichever thread has its number then
                self._end_block()
        except BaseException as error:
            self._error = error
        self._over = True
        self._news.put(None)

    def _wait(self, until: float) -> bool:
        """Whether the work is over; False at that time, or when it is late to end after a failure."""
        while not self._over:
            now = time.monotonic()
            if now >= until or (until == math.inf and self._failure and now >= self._failure[0] + _LEAVE):
                return False
            # not Thread.join: interrupted on the main thread, it takes the other for ended
            with suppress(queue.Empty):
                self._news.get(timeout=min(0.2, until - now))
        return True

    def _end(self) -> bool:
        """Stops the work; whether it is over."""
        asked = time.monotonic()
        enders = self._ask()
        with stray_interrupts_unsaid():
            for end in enders:
                threading.Thread(target=end, daemon=True).start()
            if enders:
                self._wait(asked + _INTERRUPT)
            self._interrupt()
            self._wait(asked + _AGAIN)
            self._interrupt()
            return self._wait(asked + _LEAVE)

    @one_thread_at_a_time
    def _ask(self) -> list[Callable[[], object]]:
        self._asked = True
        return self._enders

    @one_thread_at_a_time
    def _interrupt(self) -> None:
        if self._breakable:
            self._interrupted = True
            self._raise_in_work(KeyboardInterrupt)

    def _absorb_interrupt(self) -> None:
        """Called by the work: exchanges an interrupt that may still be on its way for one that arrives here.

        Taking it back instead would leave Python 3.11 looking for it for ever, and under a debugger doing nothing else.
        """
        self._interrupted = False
        with suppress(_AbsorbedError):
            self._raise_in_work(_AbsorbedError)
            while True:
                time.sleep(0)

    def _raise_in_work(self, kind: type[BaseException]) -> None:
        """Has the work's thread raise an exception as soon as it runs Python again."""
        if self._thread.ident:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread.ident), ctypes.py_object(kind))


@contextmanager
def stray_interrupts_unsaid() -> Iterator[None]:
    """Says nothing of an interrupt that ends a thread before its first line.

    A thread that the work is just starting has the work's number for a moment (Python 3.11 makes its state before the
    thread), and may be hit in its place; the work gets the next one.
    """
    usual = sys.unraisablehook

    def hook(told: sys.UnraisableHookArgs) -> None:
        if told.exc_type is not KeyboardInterrupt:
            usual(told)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = usual


def stoppable(work: Callable[[Stop[T]], T]) -> T:
    """Runs work so that it can be stopped at any moment; see `Stop.result`."""
    return Stop(work).result()


class SignalStop(KeyboardInterrupt):
    """A signal asks the command to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def exit_code(stop: KeyboardInterrupt) -> int:
    """Of a command that a signal stopped, as shells have it: 130 for Ctrl-C."""
    return 128 + (stop.number if isinstance(stop, SignalStop) else signal.SIGINT)


# Seconds after the first signal: a second one is the same stop (batch systems and wrappers often send two), and the
# process ends whatever it is at.
_SAME, _LAST = 0.3, 8.0

if sys.platform == "win32":
    _STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGBREAK)
else:
    _STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stopped_by_signals(last_words: str) -> Iterator[None]:
    """Has Ctrl-C, SIGTERM and SIGHUP (on Windows Ctrl-Break) raise SignalStop inside the block of a command.

    A second Ctrl-C ends the process at once. So do eight seconds without an end, which leave the `last_words`.
    """
    taken: queue.SimpleQueue[int] = queue.SimpleQueue()
    first: list[float] = []

    def take(number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if not first:
            first.append(now)
            taken.put(number)
            raise SignalStop(number)
        if number == signal.SIGINT and now - first[0] > _SAME:
            _exit(number)

    def watch() -> None:
        number = taken.get()
        if number:
            with suppress(queue.Empty):
                taken.get(timeout=_LAST)
                return
            _exit(number, f"error: {last_words}\n")

    threading.Thread(target=watch, daemon=True).start()
    on_main = threading.current_thread() is threading.main_thread()  # others can't take signals
    # who started us may have kept a signal from us, as nohup does
    heeded = [number for number in _STOPS if on_main and signal.getsignal(number) != signal.SIG_IGN]
    earlier = {number: signal.signal(number, take) for number in heeded}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
        taken.put(0)


def _exit(number: int, words: str = "") -> None:
    if os.isatty(2):
        words = f"\x1b[?25h{words}"  # a display may have hidden the cursor
    # Windows has no such question about files, and its console never fills up
    if sys.platform == "win32" or select.select([], [2], [], 0)[1]:
        os.write(2, words.encode())
    os._exit(128 + number)
