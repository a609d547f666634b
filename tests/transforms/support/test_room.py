"""Room: what no step needs any more goes back to the system, and can be had again."""

from __future__ import annotations

import platform
import subprocess
import sys
import weakref

import pytest

from scenesign.transforms.support.room import make_room
from scenesign.transforms.support.threads import made_once


class Model:
    """Stands for something of many megabytes."""


def test_heavy_things_go_and_are_made_again() -> None:
    @made_once(heavy=True)
    def heavy() -> Model:
        return Model()

    gone = weakref.ref(heavy())
    make_room()
    assert gone() is None
    assert heavy() is heavy()


def test_who_holds_a_heavy_thing_keeps_it() -> None:
    @made_once(heavy=True)
    def heavy() -> Model:
        return Model()

    held = heavy()
    seen = weakref.ref(held)
    make_room()
    assert seen() is held
    assert heavy() is not held


def test_light_things_stay() -> None:
    @made_once()
    def light() -> Model:
        return Model()

    first = light()
    make_room()
    assert light() is first


_HOLES = """
import os
import numpy as np
from scenesign.transforms.support.room import make_room

def megabytes():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

blocks = [np.ones(8_000) for _ in range(2_000)]
last = blocks[-1]  # below it are holes that malloc keeps
del blocks
before = megabytes()
make_room()
print(before - megabytes())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator, with habits of its own")
def test_holes_in_the_heap_go_back_to_the_system() -> None:
    done = subprocess.run([sys.executable, "-c", _HOLES], capture_output=True, text=True, check=True, encoding="utf-8")
    assert float(done.stdout) > 100  # of 128
