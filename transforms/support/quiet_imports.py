"""Libraries that chat when they are imported: of packages that nobody asked for, of Pythons that grow old."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def quiet_imports() -> Iterator[None]:
    """Keeps back log lines below errors, and warnings of what will change, while the block imports.

    Beam's logs come of a root logger without handlers, and would give it one; so it has one for the time being. All of
    that is the process's, not the thread's: of threads that import at the same time the first one changes it, and the
    last one changes it back.
    """
    _QUIET.enter()
    try:
        yield
    finally:
        _QUIET.leave()


class _Quiet:
    """What is changed while anybody imports; no lock is held meanwhile, as imports have locks of their own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._back = ExitStack()

    def enter(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside > 1:
                return
            root, handler = logging.getLogger(), logging.NullHandler()
            before = root.manager.disable
            root.addHandler(handler)
            self._back.callback(root.removeHandler, handler)
            logging.disable(max(before, logging.WARNING))
            self._back.callback(logging.disable, before)
            self._back.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore", FutureWarning)

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._back.close()


_QUIET = _Quiet()
