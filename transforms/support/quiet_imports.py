"""Libraries that chat when they are imported: of packages that nobody asked for, of Pythons that grow old."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_imports() -> Iterator[None]:
    """Keeps back log lines below errors, and warnings of what will change, while the block imports.

    Beam's logs come of a root logger without handlers, and would give it one; so it has one for the time being.
    """
    root, handler = logging.getLogger(), logging.NullHandler()
    before = root.manager.disable
    root.addHandler(handler)
    logging.disable(max(before, logging.WARNING))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        logging.disable(before)
        root.removeHandler(handler)
