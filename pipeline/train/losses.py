"""What a concept model is trained to do: choose the next scene, name its topic and letters, say who will be there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch.nn import functional

from scenesign.pipeline.train.model import ConceptModel, Foresight

# What counts how much in training. The choice comes first; letters and cast have many numbers a scene.
_TOPIC, _LETTERS, _CAST = 0.3, 0.1, 0.05
# With fewer scenes to come there is too little to choose from.
_LEAST_CHOICES = 8
_BITS = 1.0 / math.log(2.0)


@dataclass(frozen=True, eq=False)
class Losses:
    """Sums over scenes, in bits, and how many scenes each is of.

    choice: of naming the next among the scenes to come of its window (InfoNCE, van den Oord et al. 2018), over `chosen`
    scenes. topic, letters, cast: of the next scene's, over `told` scenes; cast is that of the members seen so far, each
    there or not.
    """

    choice: torch.Tensor
    topic: torch.Tensor
    letters: torch.Tensor
    cast: torch.Tensor
    chosen: int
    told: int

    def __add__(self, other: Losses) -> Losses:
        return Losses(
            self.choice + other.choice,
            self.topic + other.topic,
            self.letters + other.letters,
            self.cast + other.cast,
            self.chosen + other.chosen,
            self.told + other.told,
        )

    def objective(self) -> torch.Tensor:
        """What training makes small: bits per scene, weighed."""
        others = _TOPIC * self.topic + _LETTERS * self.letters + _CAST * self.cast
        return self.choice / max(1, self.chosen) + others / max(1, self.told)


def losses_of(model: ConceptModel, seen: torch.Tensor, cast: torch.Tensor, mask: torch.Tensor) -> Losses:
    """The losses of B windows. seen, cast: see `ConceptModel.forward`; mask: which scenes are there, bool [B, T]."""
    held = model(seen, cast)
    scenes = mask.shape[1]
    time = torch.arange(scenes, device=mask.device)
    coming = mask[:, 1:]
    nothing = held.query.sum() * 0.0
    scores = model.choose(held, held.scenes, cast)[:, :-1]
    scores = scores.masked_fill((time[None] <= time[:-1, None])[None] | ~mask[:, None], -1e9)
    asked = coming & (mask.sum(1)[:, None] - time[None, :-1] > _LEAST_CHOICES)
    answers = time[1:].expand(len(mask), -1)
    choice = functional.cross_entropy(scores[asked], answers[asked], reduction="sum") if asked.any() else nothing
    pieces = _piece_bits(model, held, seen, coming) if model.config.on == "glyphs" else [nothing]
    told = held.stage.seen[:, :-1] & coming[..., None]
    there = functional.binary_cross_entropy_with_logits(
        held.coming[:, :-1][told], held.stage.present[:, 1:][told], reduction="sum"
    )
    return Losses(
        choice=choice * _BITS,
        topic=pieces[0],
        letters=torch.stack([nothing, *pieces[1:]]).sum(),
        cast=there * _BITS,
        chosen=int(asked.sum()),
        told=int(coming.sum()),
    )


def _piece_bits(model: ConceptModel, held: Foresight, seen: torch.Tensor, coming: torch.Tensor) -> list[torch.Tensor]:
    found = []
    first = 0
    for number, shares in enumerate(model.spell(held)):
        value = seen[:, 1:, number] - first
        first += shares.shape[-1]
        told = shares[:, :-1].gather(2, value[..., None])[..., 0]
        found.append(-told[coming].sum() * _BITS)
    return found
