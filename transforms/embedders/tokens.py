"""The first layer of Universal Sentence Encoder: what is known of a token by itself, whatever stands beside it."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO

import numpy as np

from scenesign.transforms.embedders.convolutions import CHANNELS, WINDOWS, Branch, Layer
from scenesign.transforms.embedders.integers import FineProduct
from scenesign.transforms.embedders.weights import Weights, open_weights, read_ranges
from scenesign.transforms.support.steady import steady_sum

WORD = 512  # numbers of a token's own vector
_BLOCKS = 17  # of tokens, in turn, each with a scale of its own for its tokens' vectors
_KINDS = 2048  # of tokens, learnt at once

# In the environment: a file with the tokens' own vectors, which the processes of a run map into their memory.
TOKENS_VARIABLE = "SCENESIGN_TOKENS"

_log = logging.getLogger("scenesign")


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


class TokenTable:
    """A row for each kind of token, computed when it is first met.

    Memory for rows is taken as they are first written, in large pages where the system has them. Two threads that
    learn the same kind write the same bytes.
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
        self._words = _words(weights)
        kinds = len(self._words)
        self._entering = np.zeros((len(WINDOWS), kinds + 1, CHANNELS), np.uint16)
        for rows, branch in zip(self._entering, self.branches, strict=True):
            rows[-1] = branch.nothing
        self._totals, self._squares = np.zeros(kinds), np.zeros(kinds)
        self._met = np.zeros(kinds, bool)

    def of(self, ids: np.ndarray) -> KnownTokens:
        """ids: int64 [tokens]."""
        new = np.unique(ids[~self._met[ids]])
        for i in range(0, len(new), _KINDS):
            self._learn(new[i : i + _KINDS])
        padded = np.append(ids, len(self._words))
        blocks = ids % _BLOCKS
        return KnownTokens(
            tuple(rows[padded] for rows in self._entering),
            self._words[ids],
            self._scales[blocks],
            self._lows[blocks],
            self._totals[ids],
            self._squares[ids],
        )

    def _learn(self, ids: np.ndarray) -> None:
        blocks = ids % _BLOCKS
        vectors = self._words[ids] * self._scales[blocks, None] + self._lows[blocks, None]
        found = self._product(vectors) + self._bias
        found -= (steady_sum(found) / found.shape[1])[:, None]
        spread = np.sqrt(steady_sum(found * found) / found.shape[1] + self._epsilon)
        found = found / spread[:, None] * self._norm_gain + self._norm_bias
        for i, (rows, branch) in enumerate(zip(self._entering, self.branches, strict=True)):
            rows[ids] = branch.entering(found[:, i * CHANNELS : (i + 1) * CHANNELS])
        whole = vectors.astype(np.float64)
        self._totals[ids], self._squares[ids] = steady_sum(whole), steady_sum(whole * whole)
        self._met[ids] = True


def _words(weights: Weights) -> np.ndarray:
    """uint8 [kinds of tokens, 512]: in memory, or a file mapped into it."""
    first = weights["q1"]
    if path := os.environ.get(TOKENS_VARIABLE):
        try:
            return _mapped(path, first)
        except (OSError, ValueError) as error:
            _log.info("%s=%s: %s; this process has weights of its own", TOKENS_VARIABLE, path, error)
    words = np.empty((_BLOCKS * len(first), WORD), np.uint8)
    for block in range(_BLOCKS):
        words[block::_BLOCKS] = weights[f"q{block + 1}"]
    return words


def _mapped(path: str, first: np.ndarray) -> np.ndarray:
    """A file of `shared_tokens` mapped into memory. first: uint8 [n, 512], the tokens of the first block.

    Raises ValueError where it holds something else, as one of another version of the weights does.
    """
    words = np.asarray(np.lib.format.open_memmap(path, mode="r"))
    if words.dtype != np.uint8 or words.shape != (_BLOCKS * len(first), WORD):
        raise ValueError(f"{words.dtype} {words.shape} in place of uint8 {(_BLOCKS * len(first), WORD)}")
    if not np.array_equal(words[::_BLOCKS], first):
        raise ValueError("vectors of other weights")
    return words


@contextmanager
def shared_tokens() -> Iterator[None]:
    """Processes that are started meanwhile share one copy of the tokens' vectors (65 MB) in place of one each."""
    with ExitStack() as stack:
        try:
            file, path = stack.enter_context(_passing_file())
            with open_weights() as weights:
                np.save(file, _words(weights), allow_pickle=False)
            file.flush()
        except OSError as error:  # no folder for passing files, or no room in it
            stack.close()  # what was written of it would fill the disk as long as the run lasts
            _log.info("each worker has weights of its own: %s", error)
        else:
            os.environ[TOKENS_VARIABLE] = path
        try:
            yield
        finally:
            os.environ.pop(TOKENS_VARIABLE, None)


@contextmanager
def _passing_file() -> Iterator[tuple[IO[bytes], str]]:
    """A file to write to, and where other processes find it.

    Where they can open each other's files (`/proc`) it has no name, so that no end of a run leaves it behind.
    """
    if os.path.isdir("/proc/self/fd"):
        with tempfile.TemporaryFile("wb") as file:
            yield file, f"/proc/{os.getpid()}/fd/{file.fileno()}"
    else:
        with tempfile.TemporaryDirectory(prefix="scenesign-tokens-", ignore_cleanup_errors=True) as folder:
            path = os.path.join(folder, "words.npy")
            with open(path, "wb") as file:
                yield file, path


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
