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
import threading
from collections import Counter

from apache_beam.metrics import Metrics

from scenesign.transforms.support.threads import made_once

SOCKET_VARIABLE = "SCENESIGN_PROGRESS"


def count(namespace: str, name: str, by: int = 1) -> None:
    """Adds to the counter `namespace/name`, and tells who watches."""
    Metrics.counter(namespace, name).inc(by)
    tell(namespace, name, by)


def tell(namespace: str, name: str, by: int = 1) -> None:
    """Tells who watches, and nobody else. Never waits, never fails."""
    address = os.environ.get(SOCKET_VARIABLE)
    if address:
        _sender(os.getpid(), address).send(f"{namespace}/{name}", by)


class _Sender:
    """Sends counts, and keeps what could not be sent for the next time: a socket holds ten datagrams at most."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._waiting: Counter[str] = Counter()
        self._lock = threading.Lock()

    def send(self, key: str, by: int) -> None:
        with self._lock:
            self._waiting[key] += by
            # an error means that nobody listens any more, or not fast enough
            with contextlib.suppress(OSError):
                self._socket.sendto(json.dumps(self._waiting).encode(), self._address)
                self._waiting.clear()


@made_once()
def _sender(process: int, address: str) -> _Sender:
    # the process id: a forked child must not share its parent's socket
    return _Sender(address)
