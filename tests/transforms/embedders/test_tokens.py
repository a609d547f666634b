"""What is known of tokens: learnt once, and shared among processes without a change."""

from __future__ import annotations

import os

import numpy as np
import pytest

from scenesign.transforms.embedders import tokens
from scenesign.transforms.embedders.tokens import TOKENS_VARIABLE, TokenTable, shared_tokens
from scenesign.transforms.embedders.weights import open_weights

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


def test_without_room_for_a_file_each_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tokens.np, "save", full)
    with shared_tokens():
        assert TOKENS_VARIABLE not in os.environ
