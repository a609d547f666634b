"""The console of progress and remarks: who reads along may leave."""

from __future__ import annotations

import os

import pytest

from scenesign.pipeline.console import side_console


def test_a_reader_that_leaves_early_ends_nothing_and_takes_no_other_stream(capfd: pytest.CaptureFixture[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    with open(write, "w", encoding="utf-8") as pipe:
        err = side_console()
        err.file = pipe
        err.print("into the void")
        assert err.quiet
        err.print("and nothing after it")
    print("the result")
    assert capfd.readouterr().out == "the result\n"
