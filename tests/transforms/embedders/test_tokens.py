"""What is known of tokens: learnt once, and shared among processes without a change."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import numpy as np
import pytest

from scenesign.transforms.embedders import tokens
from scenesign.transforms.embedders.tokens import TOKENS_VARIABLE, TokenTable, shared_tokens
from scenesign.transforms.embedders.weights import open_weights
from tests.conftest import ROOT

IDS = np.array([1, 128_009, 17, 1, 0, 5_000])


def table() -> TokenTable:
    with open_weights() as weights:
        return TokenTable(weights)


def test_a_row_is_of_its_token_alone() -> None:
    one, other = table(), table()
    whole = one.of(IDS)
    for i, token in enumerate(IDS):
        alone = other.of(np.array([token]))
        assert [rows[i].tobytes() for rows in whole.entering] == [rows[0].tobytes() for rows in alone.entering]
        assert (whole.totals[i], whole.squares[i]) == (alone.totals[0], alone.squares[0])


def test_totals_are_of_the_tokens_vectors() -> None:
    known = table().of(IDS)
    vectors = known.words * known.scales[:, None].astype(np.float64) + known.lows[:, None]
    assert known.totals == pytest.approx(vectors.sum(axis=1), rel=1e-4)
    assert known.squares == pytest.approx((vectors**2).sum(axis=1), rel=1e-5)


def test_the_last_row_is_of_nothing() -> None:
    found = table()
    for rows, branch in zip(found.of(IDS).entering, found.branches, strict=True):
        assert rows.shape == (len(IDS) + 1, 256)
        assert np.array_equal(rows[-1], branch.nothing)


def test_processes_share_a_file_while_the_run_lasts() -> None:
    own = table().of(IDS)
    with shared_tokens():
        path = os.environ[TOKENS_VARIABLE]
        mapped = table()
        assert not mapped._words.flags.writeable
        assert isinstance(mapped._words.base, np.memmap)
        found = mapped.of(IDS)
    assert not os.path.exists(path)
    assert TOKENS_VARIABLE not in os.environ
    assert np.array_equal(found.words, own.words)
    assert np.array_equal(found.entering, own.entering)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="processes don't see each other's files")
def test_another_process_maps_the_file_and_a_kill_leaves_none_behind(tmp_path: Path) -> None:
    reads = "import os, numpy; print(numpy.load(os.environ['SCENESIGN_TOKENS'], mmap_mode='r').shape)"
    code = (
        "import os, subprocess, sys\n"
        "from scenesign.transforms.embedders.tokens import shared_tokens\n"
        "with shared_tokens():\n"
        f"    subprocess.run([sys.executable, '-c', {reads!r}], check=True)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert (done.returncode, done.stdout) == (-9, "(128010, 512)\n")
    assert list(tmp_path.iterdir()) == []


def test_without_proc_the_file_lies_in_a_folder_that_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens.os.path, "isdir", lambda path: False)
    with shared_tokens():
        path = os.environ[TOKENS_VARIABLE]
        assert np.array_equal(np.load(path)[IDS], table().of(IDS).words)
    assert not os.path.exists(os.path.dirname(path))


def test_without_room_for_a_file_each_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[IO[bytes]] = []

    def full(file: IO[bytes], *_: object, **__: object) -> None:
        written.append(file)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tokens.np, "save", full)
    with shared_tokens():
        assert TOKENS_VARIABLE not in os.environ
        assert [file.closed for file in written] == [True], "what was written stays no longer than that"


def test_without_a_folder_for_passing_files_each_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> None:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tokens.tempfile, "TemporaryFile", nowhere)
    monkeypatch.setattr(tokens.tempfile, "TemporaryDirectory", nowhere)
    with shared_tokens():
        assert TOKENS_VARIABLE not in os.environ


@pytest.mark.parametrize("fault", ["none", "text", "cut short", "of objects", "of floats", "too few", "other weights"])
def test_a_file_that_holds_something_else_is_not_used(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    own = table()
    path = tmp_path / "words.npy"
    words = own._words.copy()
    if fault == "other weights":
        words[17] ^= 1
    if fault == "text":
        path.write_text("words", encoding="utf-8")
    elif fault == "of objects":
        np.save(path, np.array([exit], object), allow_pickle=True)
    elif fault != "none":
        np.save(path, {"of floats": words.astype(np.float32), "too few": words[:-17]}.get(fault, words))
    if fault == "cut short":
        os.truncate(path, 1_000)
    monkeypatch.setenv(TOKENS_VARIABLE, str(path))
    with caplog.at_level("INFO", "scenesign"):
        found = table()
    assert found._words.flags.writeable
    assert np.array_equal(found._words, own._words)
    assert str(path) in caplog.text
