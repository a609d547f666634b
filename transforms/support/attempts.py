"""Attempts: what fails on a book by no fault of the book is tried once more, alone."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from scenesign.schemas.records import RejectError, file_of
from scenesign.transforms.support.counting import count, timed
from scenesign.transforms.support.failures import UnexpectedError, cause_of, raise_if_machine_failed

T = TypeVar("T")

# Failed second tries of one file after which its first ones are final: trying alone holds up all other threads.
_MOST_IN_VAIN = 3


class _Turns:
    """Any number of threads at once, or one alone. Who wants to be alone goes first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._together = 0
        self._alone = False
        self._own = threading.local()

    @property
    def taken(self) -> bool:
        """Whether this thread has its turn already."""
        return getattr(self._own, "taken", False)

    @contextmanager
    def together(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._together += 1
        self._own.taken = True
        try:
            yield
        finally:
            self._own.taken = False
            with self._changed:
                self._together -= 1
                if not self._together:
                    self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._alone = True
        self._own.taken = True
        try:
            with self._changed:
                self._changed.wait_for(lambda: not self._together)
            yield
        finally:
            self._own.taken = False
            with self._changed:
                self._alone = False
                self._changed.notify_all()


_turns = _Turns()
_in_vain: Counter[str] = Counter()  # second tries that failed, by file


def forget_attempts() -> None:
    """For a process that begins a run: nothing that an earlier one left behind, broken off or not, is of it."""
    global _turns
    _turns = _Turns()
    _in_vain.clear()


def attempt(
    step: str,
    source: str,
    first: Callable[[], T],
    again: Callable[[], T] | None = None,
    foreseen: tuple[type[Exception], ...] = (RejectError,),
) -> T:
    """What a function returns on one book; after an error that nobody foresaw, it is called once more.

    The second time no other thread of this process is inside an attempt, so that nothing which threads share can be at
    fault. A function must return its result whole: what it only begins runs outside. An attempt within an attempt is a
    part of it. Counts `books/retried` where the second try did better, and what the step takes.

    again: the second try, where it is not the same call. foreseen: errors that are the book's own.
    Raises these and the machine's as they come, UnexpectedError when both tries failed.
    """
    if _turns.taken:
        return first()
    try:
        with _turns.together(), timed(step):
            return first()
    except foreseen:
        raise
    except Exception as error:
        raise_if_machine_failed(error)
        cause = cause_of(error)
        if _in_vain[file_of(source)] >= _MOST_IN_VAIN:
            raise UnexpectedError(cause) from error
    logging.getLogger("scenesign").warning("%s: %s: %s; tried once more, alone", step, source, cause)
    try:
        with _turns.alone(), timed(step):
            result = (again or first)()
    except foreseen:
        raise
    except Exception as error:
        raise_if_machine_failed(error)
        _in_vain[file_of(source)] += 1
        raise UnexpectedError(cause_of(error)) from error
    count("books", "retried")
    return result
