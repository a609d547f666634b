"""Counting: one call counts for Beam's metrics, which a run ends with, and for whoever watches the run.

Beam's local runner gives out its metrics only at the end. So counts also go, as datagrams, to the socket that the
environment variable names, if a command line listens there. Losing one, or all of them, harms nothing: the figures
that a run ends with are Beam's.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator

from scenesign.transforms.support.threads import made_once, one_thread_at_a_time

# The namespace of what steps take.
TIMES = "microseconds"
SOCKET_VARIABLE = "SCENESIGN_PROGRESS"

_HERE = "127.0.0.1"
_LONGEST = 103  # bytes of a socket's path on macOS; Linux takes 107


def open_mailbox(stack: contextlib.ExitStack, far: bool = False) -> tuple[socket.socket, str]:
    """A socket that counts arrive at, and what SOCKET_VARIABLE says of it. stack: closes it.

    It is a file that only this user can write to; on Windows, under a long path, or where no file can be a socket, a
    port of this machine. far: a port that other machines reach as well, by this one's name.
    """
    if far:
        receiver = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        receiver.bind(("", 0))
        return receiver, f"{socket.getfqdn()}:{receiver.getsockname()[1]}"
    if sys.platform != "win32":
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="scenesign-"))
        address = os.path.join(folder, "s")
        if len(os.fsencode(address)) <= _LONGEST:
            receiver = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            with contextlib.suppress(OSError):  # not every file system has sockets
                receiver.bind(address)
                return receiver, address
    receiver = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    receiver.bind((_HERE, 0))
    return receiver, f"{_HERE}:{receiver.getsockname()[1]}"


def count(namespace: str, name: str, by: int = 1) -> None:
    """Adds to the counter `namespace/name`, and tells who watches. Outside a pipeline nobody counts."""
    if "apache_beam" in sys.modules:  # there is no pipeline in a process that has not imported it
        from apache_beam.metrics import Metrics

        Metrics.counter(namespace, name).inc(by)
    tell(namespace, name, by)


@contextlib.contextmanager
def timed(step: str) -> Iterator[None]:
    """Adds the time of its block to what the step has taken, in microseconds. Outside a pipeline nobody asks."""
    started = time.perf_counter()
    try:
        yield
    finally:
        if "apache_beam" in sys.modules:
            from apache_beam.metrics import Metrics

            Metrics.distribution(TIMES, step).update(round(1e6 * (time.perf_counter() - started)))


def tell(namespace: str, name: str, by: int = 1) -> None:
    """Tells who watches, and nobody else. Never waits, never fails."""
    address = os.environ.get(SOCKET_VARIABLE)
    if address:
        with contextlib.suppress(OSError):  # of a process that may open no more
            _sender(os.getpid(), address).send(f"{namespace}/{name}", by)


def _number_of(host: str) -> str:
    """The address behind a name, looked up once; this machine's own, where nobody listens, of a name nobody knows."""
    try:
        return socket.gethostbyname(host)
    except OSError:
        return _HERE


class _Sender:
    """Sends counts, and keeps what could not be sent for the next time: a socket holds ten datagrams at most."""

    def __init__(self, address: str) -> None:
        self._address: str | tuple[str, int] = address
        host, _, port = address.rpartition(":")
        if sys.platform == "win32" or (port.isdigit() and os.sep not in host):
            self._address = (_number_of(host), int(port))
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        else:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._waiting: Counter[str] = Counter()
        self._lock = threading.RLock()

    @one_thread_at_a_time
    def send(self, key: str, by: int) -> None:
        self._waiting[key] += by
        # an error means that nobody listens any more, or not fast enough
        with contextlib.suppress(OSError):
            self._socket.sendto(json.dumps(self._waiting).encode(), self._address)
            self._waiting.clear()


@made_once()
def _sender(process: int, address: str) -> _Sender:
    # the process id: a forked child must not share its parent's socket
    return _Sender(address)
