"""Stores and hubs that don't answer for a while: asked again with growing pauses, and then the run ends.

What is wrong then is wrong with no book. A file that is not there, or that may not be read, is answered at once and
stays that file's own trouble.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar, cast

from scenesign.transforms.support.failures import OutOfReachError, cause_in_store, is_out_of_reach, one_line

T = TypeVar("T")

# Clients try again by themselves, some for minutes: no try of ours begins later than this after the first one.
PATIENCE = 60.0
_PAUSE, _LONGEST_PAUSE = 0.5, 8.0


def patiently(uri: str, ask: Callable[[], T]) -> T:
    """What a function gets from a store; asked again while the store is out of reach.

    Raises OutOfReachError naming the uri once patience has come to its end; other errors as they come.
    """
    started = time.monotonic()
    pause = _PAUSE
    while True:
        try:
            return ask()
        except Exception as error:
            if not is_out_of_reach(error):
                raise
            waited = time.monotonic() - started
            if waited + pause > PATIENCE or _will_stay(cause_in_store(error)):
                raise out_of_reach(uri, error) from error
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def _will_stay(error: BaseException) -> bool:
    """Whether asking again is of no use."""
    return isinstance(error, OutOfReachError) or "Credentials" in type(error).__name__


def out_of_reach(uri: str, error: Exception) -> OutOfReachError:
    """The end of a run for which something can't be reached."""
    cause = cause_in_store(error)
    if isinstance(cause, OutOfReachError):
        return cause
    why = f"{type(cause).__name__}: {one_line(cause)}"[:300]
    return OutOfReachError(
        f"{uri} is out of reach ({why}); nothing was published and finished books are kept: run the same command again "
        "when it answers"
    )


class PatientStream(io.RawIOBase):
    """A file of a store to read: opened again, at the place where it was, when the line breaks."""

    def __init__(self, uri: str, reopen: Callable[[], BinaryIO]) -> None:
        self._uri, self._reopen = uri, reopen
        self._at = 0
        self._inner: BinaryIO | None = None  # where opening fails, Python closes what is there
        self._inner = patiently(uri, reopen)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Raises OutOfReachError, as all reading does."""
        if whence == io.SEEK_END:
            self._at = self._with_inner(lambda inner: inner.seek(offset, whence) or inner.tell())
        else:
            self._at = offset + (self._at if whence == io.SEEK_CUR else 0)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fills a buffer."""

        def read(inner: BinaryIO) -> bytes:
            if inner.tell() != self._at:
                inner.seek(self._at)
            return inner.read(len(buffer))

        data = self._with_inner(read)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Closes what is open."""
        if self._inner is not None and not self.closed:
            self._inner.close()
        super().close()

    def _with_inner(self, do: Callable[[BinaryIO], T]) -> T:
        def ask() -> T:
            if self._inner is None:
                self._inner = self._reopen()
            inner, self._inner = self._inner, None  # what breaks is not used again
            done = do(inner)
            self._inner = inner
            return done

        return patiently(self._uri, ask)


def patient_stream(uri: str, reopen: Callable[[], BinaryIO]) -> BinaryIO:
    """Opens a file of a store for reading. Raises as `reopen` does, and OutOfReachError."""
    return cast(BinaryIO, io.BufferedReader(PatientStream(uri, reopen), 1 << 18))
