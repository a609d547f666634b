"""Locks: two runs never work on one parts folder or one output. A lock ends with its process, however that ends."""

from __future__ import annotations

import os
import re
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from scenesign.pipeline.options.errors import UsageError

_HOLDER = re.compile(r"process (\d+) on (.+), since .+")

if sys.platform == "win32":
    import msvcrt

    def _lock(stream: IO[str]) -> None:
        # one byte far behind the end: what is locked there nobody else can read, and others read who holds it
        stream.seek(1 << 30)
        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        stream.seek(0)

else:
    import fcntl

    def _lock(stream: IO[str]) -> None:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def held(lock: str, what: str) -> Iterator[None]:
    """Holds a lock, a file that is removed in the end. what: the folder that it keeps for this run.

    Raises UsageError, with a word on who holds it, where another run does.
    """
    with _taken(lock, what) as stream:
        stream.truncate(0)
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        stream.write(f"process {os.getpid()} on {socket.gethostname()}, since {since}\n")
        stream.flush()
        try:
            yield
        finally:
            _remove(lock)
    if sys.platform == "win32":  # an open file stays
        _remove(lock)


def _remove(lock: str) -> None:
    # gone already; or, on Windows, open: here, or in the hands of the next run
    with suppress(FileNotFoundError, PermissionError):
        os.unlink(lock)


def _taken(lock: str, what: str) -> IO[str]:
    while True:
        stream = open(lock, "a+", encoding="utf-8")  # noqa: SIM115 - the caller closes it
        try:
            _lock(stream)
        except OSError:
            stream.close()
            raise UsageError(
                f"another run is at work on {what} ({_who(lock) or 'it has only just begun'}); wait for it or stop it, "
                "or choose another -o or --parts"
            ) from None
        # who held it until now has removed the file, and another may have made a new one
        if os.path.exists(lock) and os.path.samestat(os.fstat(stream.fileno()), os.stat(lock)):
            return stream
        stream.close()


def _who(lock: str) -> str:
    try:
        with open(lock, encoding="utf-8", errors="replace") as stream:
            return stream.readline(300).strip()
    except OSError:
        return ""


def holder(lock: str) -> str:
    """Who holds a lock, as a person would say it; "" where nobody does, or only a process that is dead."""
    said = _HOLDER.fullmatch(_who(lock))
    if not said:
        return ""
    if said[2] == socket.gethostname() and not _lives(int(said[1]), lock):
        return ""
    return said[0]


def _lives(process: int, lock: str) -> bool:
    if sys.platform == "win32":  # signal 0 is Ctrl-C there
        return _is_held(lock)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def _is_held(lock: str) -> bool:
    try:
        with open(lock, "r+", encoding="utf-8") as stream:
            _lock(stream)
    except OSError:
        return os.path.exists(lock)
    return False
