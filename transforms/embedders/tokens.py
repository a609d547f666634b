"""The first layer of Universal Sentence Encoder: what is known of a token by itself, whatever stands beside it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scenesign.transforms.embedders.convolutions import CHANNELS, WINDOWS, Branch, Layer
from scenesign.transforms.embedders.integers import FineProduct
from scenesign.transforms.embedders.weights import Weights, read_ranges, read_weights
from scenesign.transforms.support.steady import steady_sum

WORD = 512  # numbers of a token's own vector
_BLOCKS = 17  # of tokens, in turn, each with a scale of its own for its tokens' vectors
_KINDS = 2048  # of tokens, learnt at once

# In the environment: a folder with rows of all tokens, which the processes of a run map into their memory.
TOKENS_VARIABLE = "SCENESIGN_TOKENS"


@dataclass(frozen=True)
class KnownTokens:
    """What is known of tokens by themselves.

    entering: of each branch, uint16 [tokens + 1, 256], the last row of nothing. words: uint8 [tokens, 512], which
    scales and lows, float32 [tokens], make their vectors. totals, squares: float64 [tokens], sums over these.
    """

    entering: tuple[np.ndarray, ...]
    words: np.ndarray
    scales: np.ndarray
    lows: np.ndarray
    totals: np.ndarray
    squares: np.ndarray


@dataclass(frozen=True)
class _Rows:
    """By kind of token; `entering` has one more, of nothing. met: bool, whether a row is there."""

    words: np.ndarray
    entering: np.ndarray
    totals: np.ndarray
    squares: np.ndarray
    met: np.ndarray


class TokenTable:
    """A row for each kind of token, computed when it is first met, or all of them mapped from a folder.

    Memory for rows is only taken where there are any. Two threads that learn the same kind write the same bytes.
    """

    def __init__(self, weights: Weights) -> None:
        self.branches = tuple(_branch(weights, tokens) for tokens, _ in WINDOWS)
        orders = [tokens for tokens, _ in WINDOWS]
        self._product = FineProduct(np.concatenate([weights[f"proj{n}"] for n in orders], axis=1))
        self._bias = np.concatenate([weights[f"proj_b{n}"] for n in orders])
        self._norm_gain = np.concatenate([weights[f"ln_g{n}"] for n in orders])
        self._norm_bias = np.concatenate([weights[f"ln_b{n}"] for n in orders])
        self._epsilon = float(weights["eps"])
        self.weights = self._product.size + sum(b.first.weights.size + b.second.weights.size for b in self.branches)
        self._scales, self._lows = weights["scale"].astype(np.float32), weights["lo"].astype(np.float32)
        folder = os.environ.get(TOKENS_VARIABLE)
        self._rows = _mapped(Path(folder)) if folder else self._empty(weights)

    def _empty(self, weights: Weights) -> _Rows:
        kinds = _BLOCKS * len(weights["q1"])
        words = np.empty((kinds, WORD), np.uint8)
        for block in range(_BLOCKS):
            words[block::_BLOCKS] = weights[f"q{block + 1}"]
        entering = np.zeros((len(WINDOWS), kinds + 1, CHANNELS), np.uint16)
        for rows, branch in zip(entering, self.branches, strict=True):
            rows[-1] = branch.nothing
        return _Rows(words, entering, np.zeros(kinds), np.zeros(kinds), np.zeros(kinds, bool))

    def of(self, ids: np.ndarray) -> KnownTokens:
        """ids: int64 [tokens]."""
        new = np.unique(ids[~self._rows.met[ids]])
        for i in range(0, len(new), _KINDS):
            self._learn(new[i : i + _KINDS])
        padded = np.append(ids, len(self._rows.words))
        blocks = ids % _BLOCKS
        return KnownTokens(
            tuple(rows[padded] for rows in self._rows.entering),
            self._rows.words[ids],
            self._scales[blocks],
            self._lows[blocks],
            self._rows.totals[ids],
            self._rows.squares[ids],
        )

    def _learn(self, ids: np.ndarray) -> None:
        blocks = ids % _BLOCKS
        vectors = self._rows.words[ids] * self._scales[blocks, None] + self._lows[blocks, None]
        found = self._product(vectors) + self._bias
        found -= (steady_sum(found) / found.shape[1])[:, None]
        spread = np.sqrt(steady_sum(found * found) / found.shape[1] + self._epsilon)
        found = found / spread[:, None] * self._norm_gain + self._norm_bias
        for i, (rows, branch) in enumerate(zip(self._rows.entering, self.branches, strict=True)):
            rows[ids] = branch.entering(found[:, i * CHANNELS : (i + 1) * CHANNELS])
        whole = vectors.astype(np.float64)
        self._rows.totals[ids], self._rows.squares[ids] = steady_sum(whole), steady_sum(whole * whole)
        self._rows.met[ids] = True

    def write(self, folder: Path) -> None:
        """Learns all kinds of tokens, and writes their rows for others to map."""
        self.of(np.arange(len(self._rows.words)))
        for name, rows in vars(self._rows).items():
            np.save(folder / f"{name}.npy", rows)


def _mapped(folder: Path) -> _Rows:
    return _Rows(*(np.load(folder / f"{name}.npy", mmap_mode="r") for name in _Rows.__dataclass_fields__))


@contextmanager
def shared_tokens() -> Iterator[None]:
    """Processes that are started meanwhile share one copy of the rows; without it each has its own."""
    with tempfile.TemporaryDirectory(prefix="scenesign-tokens-", ignore_cleanup_errors=True) as folder:
        TokenTable(read_weights()).write(Path(folder))
        os.environ[TOKENS_VARIABLE] = folder
        try:
            yield
        finally:
            os.environ.pop(TOKENS_VARIABLE, None)


def _branch(weights: Weights, tokens: int) -> Branch:
    ranges = read_ranges()
    first, second = (
        Layer(
            weights[f"w{i}_{tokens}"],
            weights[f"b{i}_{tokens}"],
            *(ranges[f"{name}{tokens}.{end}"] for end in ("low", "high")),
        )
        for i, name in ((1, "x"), (2, "h"))
    )
    return Branch(first, second)
