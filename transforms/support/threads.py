"""Threads: what they may share, and how many the libraries start.

Beam's local runner gives a worker process one bundle at a time. Other engines give it many at once, each in a thread.
`docs/threads.md` lists what such threads share here, and why that is safe.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Concatenate, Generic, ParamSpec, Protocol, TypeVar

from threadpoolctl import threadpool_limits

T = TypeVar("T")
P = ParamSpec("P")


class _Lock(Protocol):
    def acquire(self) -> object: ...
    def release(self) -> None: ...


class _HasLock(Protocol):
    @property
    def _lock(self) -> _Lock: ...


S = TypeVar("S", bound=_HasLock)


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def usual_threads() -> int:
    """Threads that embed in a process where nobody says how many: `OMP_NUM_THREADS`, or one for each core.

    Where an engine starts a process for each core, the image of workers sets it to 1.
    """
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return int(asked) if asked.isascii() and asked.isdigit() and int(asked) else cores()


@functools.lru_cache(maxsize=1)
def settle_threads() -> None:
    """From now on the matrix library (BLAS) of this process computes on one thread, whoever calls it.

    Sums that several threads share are added up in another order, and with their last bits signs change. The number
    belongs to the whole process: set around a call, one thread would take it back while another still computes. So it
    is set once, before anything is computed, and stays; embedding uses the other cores in its own way.

    Whatever computes vectors, scenes or signs calls this first. Nothing is done from the second call on, so a program
    that wants its threads back may set them itself, and answers for the bits. OpenMP's number is each thread's own
    and needs no settling here (see `k_means`).
    """
    # numpy's library is there since its import; FAISS brings one of its own that heeds OpenMP's number alone
    import numpy  # noqa: F401

    threadpool_limits(1, user_api="blas")


def one_at_a_time(lock: _Lock, do: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Calls a function while holding a lock, which is given back even where an interrupt (see `Stop`) comes between the
    lock's taking and the function's first line. From Python 3.14 on a `with` block may lose a lock there, and who asks
    next waits for ever.

    lock: one that knows who has it, an `RLock`. Of a semaphore one more may be free after an interrupt.
    """
    try:
        lock.acquire()
        return do(*args, **kwargs)
    finally:
        try:  # and no call before, as an interrupt comes at the end of one
            lock.release()
        except RuntimeError:
            pass  # the interrupt came before it was ours


def one_thread_at_a_time(method: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """A method whose threads take turns, by the `RLock` that its object has as `_lock`; see `one_at_a_time`."""

    @functools.wraps(method)
    def locked(self: S, *args: P.args, **kwargs: P.kwargs) -> T:
        return one_at_a_time(self._lock, method, self, *args, **kwargs)

    return locked


_heavy: list[Callable[[], None]] = []


def forget_heavy() -> None:
    """Forgets all that is `made_once` and heavy, until somebody asks for it again."""
    for forget in _heavy:
        forget()


def made_once(maxsize: int = 1, heavy: bool = False) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """`functools.lru_cache` for what is dear to make: threads that ask at once wait for the one that makes it.

    heavy: it takes tens of megabytes, and later steps of a run let go of it.
    """

    def decorate(make: Callable[P, T]) -> Callable[P, T]:
        kept = functools.lru_cache(maxsize)(make)
        making = threading.RLock()

        @functools.wraps(make)
        def get(*args: P.args, **kwargs: P.kwargs) -> T:
            return one_at_a_time(making, kept, *args, **kwargs)  # type: ignore[arg-type]  # P.args are hashable or lru_cache says so

        get.cache_clear = kept.cache_clear  # type: ignore[attr-defined]
        if heavy:
            _heavy.append(kept.cache_clear)
        return get

    return decorate


class Lender(Generic[T]):
    """Things that one thread at a time may use, lent to whoever needs one; a thread waits while all are out.

    One in whose use something went wrong is thrown away, because nobody knows what state it is in.

    >>> lists = Lender(list)
    >>> with lists.lend() as mine:
    ...     mine.append(1)
    >>> with lists.lend() as again:
    ...     print(again)
    [1]
    """

    def __init__(self, make: Callable[[], T], most: int = 1) -> None:
        """make: makes one more. most: how many there may be at once."""
        self._make = make
        self._idle: list[T] = []
        self._free: _Lock = threading.RLock() if most == 1 else threading.Semaphore(most)

    @contextmanager
    def lend(self) -> Iterator[T]:
        """One of the things, for the time of a `with` block, in which no second one is borrowed of the same lender."""
        try:  # as `one_at_a_time` does it
            self._free.acquire()
            # only as many threads get here as there are things, so an empty list means that one is still to be made
            thing = self._idle.pop() if self._idle else self._make()
            yield thing
            self._idle.append(thing)
        finally:
            try:
                self._free.release()
            except RuntimeError:
                pass
