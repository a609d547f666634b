"""Training: epochs over windows of books until the validation books say that it is enough."""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from scenesign.pipeline.train.books import ConceptBook
from scenesign.pipeline.train.checkpoint import Checkpoint
from scenesign.pipeline.train.evaluate import book_losses
from scenesign.pipeline.train.losses import losses_of
from scenesign.pipeline.train.model import ConceptConfig, ConceptModel
from scenesign.pipeline.train.pieces import Pieces

# A window of B books: seen, cast and mask as `losses_of` takes them.
Window = tuple[torch.Tensor, torch.Tensor, torch.Tensor]

_WARM_UP = 30
_DECAY = 0.05
# Who is who in a book is nothing to learn by heart, single numbers may move fast.
_SLOW, _FAST = 0.2, 2.0
_LEAST_RATE = 0.02
_CLIP = 1.0


@dataclass(frozen=True)
class TrainingOptions:
    """How a model is made and trained.

    on: `glyphs` or `vectors`. glyphs: levels of signs that are read. members: ids of the cast a scene, 0 for none.
    context: scenes of a window; batch: windows of a step. epochs: at most; patience: that validation may get worse.
    """

    on: str = "glyphs"
    glyphs: int = 2
    members: int = 4
    width: int = 32
    layers: int = 1
    dropout: float = 0.3
    context: int = 128
    batch: int = 8
    epochs: int = 15
    patience: int = 3
    rate: float = 2e-3
    seed: int = 0


def new_model(
    options: TrainingOptions, pieces: Pieces, embeddings: np.ndarray, inventory: str, books: Sequence[ConceptBook]
) -> ConceptModel:
    """A model before training: what needs none.

    embeddings: of the inventory's signs, float32 [signs, M]; they are where its scenes are, also for vectors.
    inventory: digest of its codebook. books: to be trained on; topics and letters start as frequent as they are there.
    """
    torch.manual_seed(options.seed)
    model = ConceptModel(
        ConceptConfig(
            on=options.on,
            levels=pieces.levels,
            composed=pieces.composed,
            dimensions=embeddings.shape[1],
            members=options.members,
            inventory=inventory,
            width=options.width,
            layers=options.layers,
            dropout=options.dropout,
        )
    )
    if options.on == "glyphs":
        counts = np.zeros(pieces.rows)
        for book in books:
            counts += np.bincount(book.seen.numpy().ravel(), minlength=pieces.rows)
        with torch.no_grad():
            model.table.weight.copy_(torch.from_numpy(pieces.table(embeddings[: sum(pieces.levels)])))
            model.bias.copy_(torch.from_numpy(np.log(counts + 0.5)))
    return model.eval()


class Training:
    """A training under way.

    model: as it is now. best: its parameters after the best epoch. losses: of the validation books, at the start and
    after each epoch. step: optimiser steps done, of `steps`.
    """

    def __init__(
        self, model: ConceptModel, validation: Sequence[ConceptBook], options: TrainingOptions, steps: int
    ) -> None:
        self.model, self.options, self.steps, self.step = model, options, steps, 0
        self._validation = validation
        self._optimiser, self._rates = _optimiser(model, options.rate)
        torch.manual_seed(options.seed)
        self.losses: list[float] = [self.look()]
        self.best = copy.deepcopy(model.state_dict())

    @property
    def best_epoch(self) -> int:
        """The epoch that is kept, the first of equals; 0 for the model as it was at the start."""
        return int(np.argmin(self.losses)) if self._validation else len(self.losses) - 1

    @property
    def done(self) -> bool:
        """Whether more epochs would do no good, or were not asked for."""
        epochs = len(self.losses) - 1
        return epochs >= self.options.epochs or epochs - self.best_epoch >= self.options.patience

    def look(self) -> float:
        """What the validation books cost now, bits per scene; 0 without any: then the last epoch is kept."""
        if not self._validation:
            return 0.0
        total = None
        for loss in book_losses(self.model, self._validation):
            total = loss if total is None else total + loss
        assert total is not None
        cost = float(total.objective())
        return cost if math.isfinite(cost) else math.inf

    def learn(self, window: Window) -> float:
        """One step on one batch of windows; returns its objective."""
        self.model.train()
        self.step += 1
        share = min(1.0, self.step / _WARM_UP) * max(_LEAST_RATE, 1.0 - self.step / max(1, self.steps))
        for group, rate in zip(self._optimiser.param_groups, self._rates, strict=True):
            group["lr"] = rate * share
        objective = losses_of(self.model, *(tensor.to(self.model.device) for tensor in window)).objective()
        self._optimiser.zero_grad(set_to_none=True)
        objective.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), _CLIP)
        self._optimiser.step()
        return float(objective.detach())

    def end_epoch(self) -> float:
        """Looks at the validation books, and keeps the model if it was never as good."""
        self.losses.append(self.look())
        if self.best_epoch == len(self.losses) - 1:
            self.best = copy.deepcopy(self.model.state_dict())
        return self.losses[-1]

    def finish(self) -> ConceptModel:
        """The best model."""
        self.model.load_state_dict(self.best)
        return self.model.eval()

    def moments(self) -> dict[str, torch.Tensor]:
        """What the optimiser remembers, by parameter and name."""
        return {
            f"{number}.{key}": torch.as_tensor(value)
            for number, held in self._optimiser.state_dict()["state"].items()
            for key, value in held.items()
        }

    def restore(self, state: Checkpoint) -> None:
        """Goes back to where a state was written down."""
        self.model.load_state_dict(dict(state.model))
        self.best, self.losses, self.step = dict(state.best), list(state.losses), state.step
        held: dict[int, dict[str, torch.Tensor]] = {}
        for name, tensor in state.moments.items():
            number, key = name.split(".", 1)
            held.setdefault(int(number), {})[key] = tensor
        self._optimiser.load_state_dict({**self._optimiser.state_dict(), "state": held})
        torch.set_rng_state(state.random["cpu"])
        if "cuda" in state.random:
            torch.cuda.set_rng_state(state.random["cuda"], self.model.device)


def _optimiser(model: ConceptModel, rate: float) -> tuple[torch.optim.AdamW, list[float]]:
    slow: list[torch.nn.Parameter] = []
    fast: list[torch.nn.Parameter] = []
    usual: list[torch.nn.Parameter] = []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        own = slow if name.startswith("who") else fast if parameter.dim() < 2 else usual
        own.append(parameter)
    groups = [
        {"params": slow, "lr": rate * _SLOW, "weight_decay": 0.0},
        {"params": fast, "lr": rate * _FAST, "weight_decay": 0.0},
        {"params": usual, "lr": rate, "weight_decay": _DECAY},
    ]
    groups = [group for group in groups if group["params"]]
    return torch.optim.AdamW(groups), [float(group["lr"]) for group in groups]  # type: ignore[arg-type]


def windows_of(books: Sequence[ConceptBook], options: TrainingOptions, epoch: int) -> Iterator[Window]:
    """Windows of books in memory, in an order of seed and epoch; what the loader does for a dataset."""
    draw = np.random.default_rng([options.seed, epoch])
    cuts = []
    for number, book in enumerate(books):
        first = int(draw.integers(1, options.context + 1)) if len(book) > options.context else len(book)
        bounds = [0, *range(first, len(book), options.context), len(book)]
        cuts += [(number, a, z) for a, z in itertools.pairwise(bounds)]
    draw.shuffle(cuts)
    for at in range(0, len(cuts), options.batch):
        yield stack([(books[n].seen[a:z], books[n].cast[a:z]) for n, a, z in cuts[at : at + options.batch]])


def stack(windows: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> Window:
    """Windows of different lengths as one, the shorter ones padded with their own last scene."""
    longest = max(len(seen) for seen, _ in windows)
    mask = torch.stack([torch.arange(longest) < len(seen) for seen, _ in windows])
    padded = [
        torch.stack([torch.cat([t, t[-1:].expand(longest - len(t), *t.shape[1:])]) for t in tensors])
        for tensors in zip(*windows, strict=True)
    ]
    padded[1] = padded[1] * mask[..., None]
    return padded[0], padded[1], mask


def train_in_memory(
    model: ConceptModel,
    books: Sequence[ConceptBook],
    validation: Sequence[ConceptBook],
    options: TrainingOptions,
    tell: Callable[[int, float], None] = lambda epoch, loss: None,
) -> Training:
    """Trains on books in memory until it is enough; `finish` gives the model. tell: hears of each epoch."""
    per_epoch = sum(1 for _ in windows_of(books, options, 0))
    training = Training(model, validation, options, per_epoch * options.epochs)
    while not training.done:
        run_epoch(training, windows_of(books, options, len(training.losses) - 1))
        tell(len(training.losses) - 1, training.losses[-1])
    return training


def run_epoch(training: Training, windows: Iterable[Window]) -> None:
    """An epoch, or what is left of it."""
    for window in windows:
        training.learn(window)
    training.end_epoch()
