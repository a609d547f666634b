"""Memory that a step needs no more goes back to the system before the next one takes its own."""

from __future__ import annotations

import ctypes
import gc
import sys

from scenesign.transforms.support.threads import forget_heavy


def make_room() -> None:
    """Lets go of whatever is `made_once` and heavy, and of what the libraries hold in reserve.

    For steps that one worker does when all before them are through, and that need much themselves. Whoever still holds
    a heavy thing keeps it, and who asks for it again waits until it is made anew.
    """
    forget_heavy()
    gc.collect()
    if arrow := sys.modules.get("pyarrow"):
        arrow.default_memory_pool().release_unused()
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):  # of glibc alone
        trim(ctypes.c_size_t(0))
