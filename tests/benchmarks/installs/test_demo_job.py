"""The demo's job: the words it is run by, without a network, and its data files by digest."""

from __future__ import annotations

import shlex
import sys

import pytest

from benchmarks.installs.demo_job import demo_words, differing, without_network
from benchmarks.installs.environments import FailedError, clean, run


def test_the_demo_is_what_make_demo_runs() -> None:
    words = demo_words()
    assert words[0] == "build"
    assert {"examples/library", "-o"} <= set(words)
    assert "$" not in shlex.join(words)


@pytest.mark.skipif(not without_network(), reason="this user can't have a network of its own")
def test_no_network_means_none() -> None:
    code = "import socket; socket.create_connection(('127.0.0.1', 9), timeout=5)"
    with pytest.raises(FailedError, match="unreachable"):
        run([*without_network(), sys.executable, "-c", code], clean())


def test_files_differ_by_digest_or_by_being_there() -> None:
    digests = {"scenes/a": "1", "signs": "2"}
    assert differing(digests, dict(digests)) == []
    assert differing(digests, {"signs": "3", "scenes/b": "1"}) == ["scenes/a", "scenes/b", "signs"]
