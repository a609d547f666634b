"""What a model knows of books that it has not seen, beside what needs no training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from scenesign.pipeline.train.books import ConceptBook
from scenesign.pipeline.train.choice import CHANCE, Hits, ask_all, by_model, untrained
from scenesign.pipeline.train.counting import counted_bits
from scenesign.pipeline.train.losses import Losses, losses_of
from scenesign.pipeline.train.model import ConceptModel
from scenesign.pipeline.train.record import Share

MODEL = "model"
SHUFFLED = "model, scenes in any order"
_SAMPLES = 1_000


@dataclass(frozen=True)
class Judgement:
    """far, near: share of next scenes chosen, by way. bits: of the next topic per scene, by way. letters, cast: bits
    per scene of the model."""

    far: Mapping[str, Share]
    near: Mapping[str, Share]
    bits: Mapping[str, Share]
    letters: float
    cast: float

    @property
    def at_chance(self) -> bool:
        """Whether the model can't be told from one that guesses."""
        return not self.far or self.far[MODEL].low <= CHANCE


@torch.inference_mode()
def book_losses(model: ConceptModel, books: Sequence[ConceptBook]) -> list[Losses]:
    """The losses of whole books."""
    model.eval()
    device = model.device
    return [
        losses_of(
            model,
            book.seen[None].to(device),
            book.cast[None].to(device),
            torch.ones(1, len(book), dtype=torch.bool, device=device),
        )
        for book in books
    ]


def judge_model(
    model: ConceptModel, start: ConceptModel, known: Sequence[ConceptBook], asked: Sequence[ConceptBook], topics: int
) -> Judgement:
    """start: the model as it was before training. known: the books it was trained on. topics: of the inventory."""
    model.eval()
    start.eval()
    hits = {name: ask_all(asked, way) for name, way in untrained(start).items()}
    hits[SHUFFLED] = ask_all([_shuffled(book) for book in asked], by_model(model))
    hits[MODEL] = ask_all(asked, by_model(model))
    bits: dict[str, Share] = {}
    losses = book_losses(model, asked)
    told = [loss.told for loss in losses]
    if model.config.on == "glyphs":
        counted = counted_bits([b.topics for b in known], [b.topics for b in asked], topics)
        counted[MODEL] = [float(loss.topic) for loss in losses]
        bits = {name: share_of(np.array(found), np.array(told)) for name, found in counted.items()}
    scenes = max(1, sum(told))
    return Judgement(
        far={name: _hit_share(found, "far") for name, found in hits.items() if found},
        near={name: _hit_share(found, "near") for name, found in hits.items() if found},
        bits=bits,
        letters=float(sum(loss.letters for loss in losses)) / scenes,
        cast=float(sum(loss.cast for loss in losses)) / scenes,
    )


def _shuffled(book: ConceptBook) -> ConceptBook:
    order = torch.from_numpy(np.random.default_rng(len(book)).permutation(len(book)))
    return replace(book, seen=book.seen[order], cast=book.cast[order], topics=book.topics[order.numpy()])


def _hit_share(hits: Sequence[Hits], kind: str) -> Share:
    counts = np.array([found.questions for found in hits], dtype=np.float64)
    return share_of(np.array([getattr(found, kind) for found in hits]) * counts, counts)


def share_of(totals: np.ndarray, counts: np.ndarray) -> Share:
    """Sum of totals by sum of counts, one of each per book, with its interval over samples of the books."""
    if not counts.sum():
        return Share(0.0, 0.0, 0.0)
    drawn = np.random.default_rng(0).integers(0, len(counts), (_SAMPLES, len(counts)))
    means = totals[drawn].sum(axis=1) / np.maximum(counts[drawn].sum(axis=1), 1)
    low, high = np.quantile(means, (0.025, 0.975))
    return Share(float(totals.sum() / counts.sum()), float(low), float(high))


def verdict_of(found: Judgement) -> str:
    """What the figures say, in a sentence or two."""
    if not found.far:
        return (
            "No held-out book is long enough to be asked which of 32 scenes comes next: train on more or longer books."
        )
    if found.at_chance:
        return (
            f"The model is at chance: it chooses the next of 32 scenes in {found.far[MODEL].show(True)} % of cases, "
            f"chance is {100 * CHANCE:.1f} %."
        )
    name, best = max(
        ((name, share.mean) for name, share in found.far.items() if name not in (MODEL, SHUFFLED)),
        key=lambda pair: pair[1],
    )
    ahead = 100 * (found.far[MODEL].mean - best)
    said = (
        f"The model chooses the next of 32 scenes in {found.far[MODEL].show(True)} % of cases (far) and "
        f"{found.near[MODEL].show(True)} % (near), {ahead:+.1f} points against the best untrained way ({name})."
    )
    if found.bits:
        gain = found.bits["unigram"].mean - found.bits[MODEL].mean
        said += f" The next topic costs it {abs(gain):.2f} bits {'less' if gain > 0 else 'more'} than the unigram."
    return said
