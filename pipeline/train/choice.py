"""The question that tells whether a model knows how books go on: which of 32 scenes comes next?

Only scenes still to come are offered, so nobody gains by knowing what was read already. `near` offers the next scene
and the 31 that follow it; `far` offers it among 31 drawn from all that follow. Chance is 1 in 32.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from scenesign.pipeline.train.books import ConceptBook
from scenesign.pipeline.train.model import ConceptModel
from scenesign.pipeline.train.stage import fade

CHOICES = 32
CHANCE = 1.0 / CHOICES
# Scenes that have been read before the first question of a book, and questions that a book is asked at most.
_READ = 8
_MOST_QUESTIONS = 100
# Ties are shared out: the same scene written twice must not win by rounding.
_TIED = 1e-6

# The scores of all scenes after each scene of a book: float [n, n].
Chooser = Callable[[ConceptBook], np.ndarray]


@dataclass(frozen=True)
class Hits:
    """How often the next scene of a book was chosen, 0 to 1. questions: how many were asked of each kind."""

    far: float
    near: float
    questions: int


def ask_book(scores: np.ndarray, seed: int = 0) -> Hits | None:
    """Hits of a book by the scores float [n, n] of scene j as the one after scene i; None for a book too short."""
    count = len(scores)
    places = np.arange(_READ, count - CHOICES + 1)
    if not len(places):
        return None
    if len(places) > _MOST_QUESTIONS:
        places = places[np.arange(_MOST_QUESTIONS) * len(places) // _MOST_QUESTIONS]
    draw = np.random.default_rng([seed, count])
    far = np.stack([np.r_[p, draw.permutation(np.arange(p + 1, count))[: CHOICES - 1]] for p in places])
    near = places[:, None] + np.arange(CHOICES)
    before = places[:, None] - 1
    return Hits(_hit(scores[before, far]), _hit(scores[before, near]), len(places))


def _hit(scores: np.ndarray) -> float:
    best = scores >= scores.max(axis=1, keepdims=True) - _TIED
    return float((best[:, 0] / best.sum(axis=1)).mean())


def by_model(model: ConceptModel) -> Chooser:
    """The model's own choice."""

    @torch.inference_mode()
    def scores(book: ConceptBook) -> np.ndarray:
        seen, cast = book.seen[None].to(model.device), book.cast[None].to(model.device)
        held = model(seen, cast)
        return model.choose(held, held.scenes, cast)[0].float().cpu().numpy()

    return scores


def untrained(model: ConceptModel) -> dict[str, Chooser]:
    """What needs no training, on the same codes: like the last scenes, members in common with them, and both.

    model: as it was before training, with the codewords for embeddings.
    """
    ways: dict[str, Chooser] = {
        "like the last scene": _like(model, 0.0),
        "like the last few": _like(model, 0.4),
        "like the last ten": _like(model, 0.9),
    }
    if model.config.members:
        ways |= {
            "members of the last scene": _company(model, 0),
            "members of the last few": _company(model, 1),
            "both of the last few": by_model(model),
        }
    return ways


def _like(model: ConceptModel, rate: float) -> Chooser:
    @torch.inference_mode()
    def scores(book: ConceptBook) -> np.ndarray:
        scenes = model.places(book.seen[None].to(model.device))[0]
        return (
            (torch.nn.functional.normalize(fade(len(scenes), rate, scenes.device) @ scenes, dim=-1) @ scenes.T)
            .cpu()
            .numpy()
        )

    return scores


def _company(model: ConceptModel, trace: int) -> Chooser:
    @torch.inference_mode()
    def scores(book: ConceptBook) -> np.ndarray:
        stage = model(book.seen[None].to(model.device), book.cast[None].to(model.device)).stage
        here = stage.present[0]
        number = here.sum(-1).clamp(min=1).sqrt()
        return ((stage.traces()[trace][0] @ here.T) / number).cpu().numpy()

    return scores


def ask_all(books: Sequence[ConceptBook], chooser: Chooser) -> list[Hits]:
    """Hits of each book that is long enough, in order."""
    found = (ask_book(chooser(book)) for book in books)
    return [hits for hits in found if hits]
