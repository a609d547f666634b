"""The net of the boundary scorer in torch, and its training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks.boundaries.shelf import BREAK, NOTHING, ShelfBook
from scenesign.transforms.scenes.boundaries import CUE_STEP, whole_cues
from scenesign.transforms.scenes.cues import FEATURES, UNTRAINED, WORD_FEATURES

_PARAGRAPHS = ("paragraph", "inside")
_HIDDEN = tuple(FEATURES.index(name) for name in UNTRAINED if name not in _PARAGRAPHS)  # they give headings away


@dataclass(frozen=True)
class TrainingOptions:
    """How the net is trained. All were chosen on authors of the library kept out of training.

    axes: principal axes of the vectors that it learns from: fewer numbers to learn by heart. wipe: shares of the
    chunks that do without the cues in words, without paragraphs, without vectors, so that it does well where a
    language or a text has none.
    """

    width: int = 64
    axes: int = 96
    dilations: tuple[int, ...] = (1, 2)
    epochs: int = 8
    rate: float = 2e-3
    decay: float = 0.02
    chunk: int = 512
    batch: int = 16
    drop_inputs: float = 0.5
    drop: float = 0.2
    wipe_words: float = 0.3
    wipe_paragraphs: float = 0.4
    wipe_vectors: float = 0.2


@dataclass(frozen=True)
class Axes:
    """Principal axes of centred vectors, every language counted alike: float32 [D, axes], and of each how far values
    spread along it."""

    axes: np.ndarray
    spread: np.ndarray

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        return np.asarray(vectors @ self.axes / self.spread, dtype=np.float32)


@dataclass
class Sample:
    """Books end to end, as tensors."""

    vectors: torch.Tensor
    table: torch.Tensor
    starts: torch.Tensor
    bounds: list[tuple[int, int]] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)


class BoundaryNet(nn.Module):
    """One net: two linear inputs, then convolutions that add to what they are given."""

    def __init__(self, options: TrainingOptions) -> None:
        super().__init__()
        width = options.width
        self.vectors = nn.Linear(options.axes, width, bias=False)
        self.cues = nn.Linear(len(FEATURES), width)
        self.layers = nn.ModuleList(
            nn.Conv1d(width, width, 3, dilation=dilation, padding=dilation) for dilation in options.dilations
        )
        self.out = nn.Linear(width, 1)
        self.drop_inputs, self.drop = nn.Dropout(options.drop_inputs), nn.Dropout(options.drop)

    def forward(self, vectors: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
        """vectors: float [batch, n, axes]; table: float [batch, n, cues]. Returns log odds [batch, n]."""
        hidden = functional.relu(self.vectors(self.drop_inputs(vectors)) + self.cues(table)).transpose(1, 2)
        for layer in self.layers:
            hidden = hidden + self.drop(functional.relu(layer(hidden)))
        return self.out(hidden.transpose(1, 2))[..., 0]


def find_axes(books: Sequence[ShelfBook], options: TrainingOptions) -> Axes:
    """The axes along which the vectors of books differ most from their book's mean."""
    dimensions = books[0].vectors.shape[1]
    total = np.zeros((dimensions, dimensions))
    languages = sorted({book.language for book in books})
    for language in languages:
        rows = [book.centred() for book in books if book.language == language]
        total += sum(row.T @ row for row in rows) / sum(map(len, rows)) / len(languages)
    values, vectors = np.linalg.eigh(total)
    order = np.argsort(-values)[: options.axes]
    return Axes(vectors[:, order].astype(np.float32), np.sqrt(values[order]).astype(np.float32))


def table_of(book: ShelfBook) -> np.ndarray:
    """A book's cues as the scorer is given them: rounded, without those that know of headings."""
    table = whole_cues(book.table) * np.float32(CUE_STEP)
    table[:, _HIDDEN] = 0
    return table


def sample_of(books: Sequence[ShelfBook], axes: Axes) -> Sample:
    """Books to train on. A language counts as the root of its sentences: neither by its size nor all alike."""
    sizes: dict[str, int] = {}
    for book in books:
        sizes[book.language] = sizes.get(book.language, 0) + len(book.starts)
    mean = sum(sizes.values()) / len(sizes)
    sample = Sample(
        torch.from_numpy(np.concatenate([axes(book.centred()) for book in books])),
        torch.from_numpy(np.concatenate([table_of(book) for book in books])),
        torch.from_numpy(np.concatenate([book.starts for book in books]).astype(np.int64)),
    )
    at = 0
    for book in books:
        sample.bounds.append((at, at + len(book.starts)))
        sample.weights.append((mean / sizes[book.language]) ** 0.5)
        at += len(book.starts)
    return sample


def train(sample: Sample, options: TrainingOptions, seed: int) -> tuple[BoundaryNet, float]:
    """A net, and its mean loss over the last pass. The same on one machine for the same seed and threads."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = BoundaryNet(options)
    optimizer = torch.optim.AdamW(net.parameters(), lr=options.rate, weight_decay=options.decay)
    chunks = [(i, at) for i, (a, b) in enumerate(sample.bounds) for at in range(a, b, options.chunk)]
    steps = options.epochs * -(-len(chunks) // options.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, options.rate, total_steps=steps + 1, pct_start=0.1)
    loss = 0.0
    for _ in range(options.epochs):
        total = 0.0
        for vectors, table, target, weights in _batches(sample, chunks, options, rng):
            odds = net(vectors, table)
            wrong = functional.binary_cross_entropy_with_logits(odds, target, reduction="none")
            cost = (wrong * weights).sum() / weights.sum()
            optimizer.zero_grad()
            cost.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += float(cost.detach())
        loss = total / (steps / options.epochs)
    return net.eval(), loss


def _batches(
    sample: Sample, chunks: Sequence[tuple[int, int]], options: TrainingOptions, rng: np.random.Generator
) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]]:
    words = [FEATURES.index(name) for name in WORD_FEATURES]
    paragraphs = [FEATURES.index(name) for name in _PARAGRAPHS]
    order = rng.permutation(len(chunks))
    along = torch.arange(options.chunk)
    for first in range(0, len(order), options.batch):
        chosen = [chunks[i] for i in order[first : first + options.batch]]
        bounds = torch.tensor([sample.bounds[i] for i, _ in chosen])
        shifts = rng.integers(0, options.chunk, len(chosen))
        begins = torch.tensor([at - int(shift) for (_, at), shift in zip(chosen, shifts, strict=True)])
        begins = torch.minimum(begins, bounds[:, 1] - options.chunk).maximum(bounds[:, 0])
        rows = begins[:, None] + along
        inside = rows < bounds[:, 1:]
        counted = inside & (rows != bounds[:, :1])  # nobody has to find where a book begins
        rows = rows.clamp(max=len(sample.starts) - 1)
        vectors, table = sample.vectors[rows], sample.table[rows]
        table[:, :, words] *= _kept(rng, len(chosen), options.wipe_words)
        table[:, :, paragraphs] *= _kept(rng, len(chosen), options.wipe_paragraphs)
        vectors = vectors * _kept(rng, len(chosen), options.wipe_vectors)
        vectors, table = vectors * inside[..., None], table * inside[..., None]
        weights = torch.tensor([sample.weights[i] for i, _ in chosen])[:, None] * counted
        yield vectors, table, (sample.starts[rows] != NOTHING).float(), weights


def _kept(rng: np.random.Generator, rows: int, wiped: float) -> torch.Tensor:
    return torch.from_numpy((rng.random(rows) >= wiped).astype(np.float32))[:, None, None]


def average_precision(scores: np.ndarray, starts: np.ndarray) -> float:
    """Mean, over the true starts, of the share of true ones among all that score at least as high."""
    hits = starts[np.argsort(-scores, kind="stable")]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())


__all__ = ["BREAK", "Axes", "BoundaryNet", "TrainingOptions", "average_precision", "find_axes", "sample_of", "train"]
