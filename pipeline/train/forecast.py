"""What a concept model expects of the next scene: its topic, who is there, and the real scenes that fit best.

Likelihoods hang on all scenes so far. To go on for several scenes, the best that is found is taken for told, and the
model is asked again. Nothing is drawn by chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from scenesign.pipeline.train.model import ConceptModel, Foresight
from scenesign.pipeline.train.stage import Stage

# Real scenes that are weighed at once.
_AT_ONCE = 8_192


@dataclass(frozen=True, eq=False)
class ScenesSoFar:
    """The scenes of a story, in reading order.

    seen: rows of pieces int64 [T, P], or places of vectors float32 [T, M]. cast: int64 [T, N], 0 for nobody; N is at
    least 1.
    """

    seen: np.ndarray
    cast: np.ndarray

    def __len__(self) -> int:
        return len(self.seen)

    def then(self, seen: np.ndarray, cast: Sequence[int]) -> ScenesSoFar:
        """With a further scene. seen: [P] or [M]; cast: ids, of which the first N are kept."""
        row = np.zeros((1, self.cast.shape[1]), np.int64)
        kept = list(cast)[: row.shape[1]]
        row[0, : len(kept)] = kept
        return ScenesSoFar(np.concatenate([self.seen, seen[None]]), np.concatenate([self.cast, row]))


@dataclass(frozen=True, eq=False)
class RealScenes:
    """Scenes that a story may go on with.

    seen: as in `ScenesSoFar`, [S, P] or [S, M]. topics: their first signs, int64 [S]. told: those that the story has
    told already, which don't come again, bool [S].
    """

    seen: np.ndarray
    topics: np.ndarray
    told: np.ndarray

    def __len__(self) -> int:
        return len(self.seen)


@dataclass(frozen=True)
class Likely:
    """Something that the next scene may be, and how probable it is, 0 to 1.

    number: a topic's sign, a member's id, or the place of a scene among the real ones.
    """

    number: int
    probability: float


@dataclass(frozen=True)
class LikelyScene(Likely):
    """A real scene.

    times_chance: how many times as probable as if all were. likeness: its cosine with what the model looks for.
    """

    times_chance: float
    likeness: float


@dataclass(frozen=True)
class Forecast:
    """What the next scene may be, the likeliest first.

    topics: as many as were asked for. A model of vectors has no others than those of the real scenes that it expects.
    cast: each member that was there so far, and whether the scene names it. Of somebody new nothing is said: a text
    that breaks off hides who will be named again. scenes: as many as were asked for; probabilities are of one among
    all that have not been told.
    """

    topics: tuple[Likely, ...]
    cast: tuple[Likely, ...]
    scenes: tuple[LikelyScene, ...]

    @property
    def expected_cast(self) -> tuple[int, ...]:
        """Ids of those who are likelier there than not."""
        return tuple(member.number for member in self.cast if member.probability > 0.5)


@dataclass(frozen=True, eq=False)
class _StageNow(Stage):
    """The stage after the last scene alone. ties: its circle, which takes all scenes to know, float [B, 1, C]."""

    ties: torch.Tensor

    def circle(self) -> torch.Tensor:
        return self.ties


@torch.inference_mode()
def foresee(model: ConceptModel, story: ScenesSoFar, real: RealScenes | None, top: int) -> Forecast:
    """What comes after a story of at least one scene.

    real: scenes of which the best are wanted; None where there are none. top: most topics and scenes to give.
    """
    held = _now(_held(model, story))
    cast = tuple(_cast(held))
    expected = [member.number for member in cast if member.probability > 0.5]
    shares, likeness = (np.zeros(0), np.zeros(0)) if real is None else _weigh(model, held, real, story, expected)
    topics = _topics(model, held, real, shares)
    chance = 1.0 / max(1, 0 if real is None else int((~real.told).sum()))
    return Forecast(
        topics=tuple(Likely(n, float(topics[n])) for n in _best(topics, top)),
        cast=cast,
        scenes=tuple(
            LikelyScene(n, float(shares[n]), float(shares[n]) / chance, float(likeness[n])) for n in _best(shares, top)
        ),
    )


def foresee_all(
    model: ConceptModel, story: ScenesSoFar, real: RealScenes | None, scenes: int, top: int
) -> Iterator[Forecast]:
    """Forecasts of the next scenes, one by one, each as if the likeliest of those before had come.

    That is the best real scene, and where there are none (left) what the model itself would write; with those on stage
    who are likelier there than not.
    """
    for _ in range(scenes):
        found = foresee(model, story, real, top)
        yield found
        if real is not None and found.scenes:
            best = found.scenes[0].number
            told = real.told.copy()
            told[best] = True
            story, real = story.then(real.seen[best], found.expected_cast), replace(real, told=told)
        else:
            story = story.then(_written(model, story), found.expected_cast)


def _held(model: ConceptModel, story: ScenesSoFar) -> Foresight:
    model.eval()
    seen, cast = (torch.from_numpy(rows)[None].to(model.device) for rows in (story.seen, story.cast))
    held: Foresight = model(seen, cast)
    return held


def _now(held: Foresight) -> Foresight:
    """What is held after the last scene alone, so that weighing thousands of scenes costs no more than it must."""

    def last(found: torch.Tensor) -> torch.Tensor:
        return found[:, -1:]

    stage = held.stage
    return replace(
        held,
        query=last(held.query),
        told=last(held.told),
        trails=tuple(map(last, held.trails)),
        scenes=last(held.scenes),
        stage=_StageNow(last(stage.present), last(stage.seen), last(stage.features), last(stage.circle())),
        company=last(held.company),
        coming=last(held.coming),
        echo=None if held.echo is None else last(held.echo),
    )


def _cast(now: Foresight) -> list[Likely]:
    chances = now.coming[0, 0].double().sigmoid().cpu().numpy()
    seen = np.flatnonzero(now.stage.seen[0, 0].cpu().numpy())
    order = seen[np.argsort(-chances[seen], kind="stable")]
    return [Likely(int(column) + 1, float(chances[column])) for column in order]


def _weigh(
    model: ConceptModel, now: Foresight, real: RealScenes, story: ScenesSoFar, expected: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and likeness of real scenes, float64 [S] each; 0 for those that were told.

    People of other books are strangers here, so each is weighed as if those were in it whom the model expects.
    """
    cast = np.zeros((1, 1, story.cast.shape[1]), np.int64)
    kept = list(expected)[: cast.shape[2]]
    cast[0, 0, : len(kept)] = kept
    there = torch.from_numpy(cast).to(model.device)
    scores, likeness = np.zeros(len(real)), np.zeros(len(real))
    for first in range(0, len(real), _AT_ONCE):
        own = slice(first, first + _AT_ONCE)
        places = model.places(torch.from_numpy(real.seen[own])[None].to(model.device))
        chosen = model.choose(now, places, there.expand(-1, places.shape[1], -1))
        scores[own] = chosen[0, 0].double().cpu().numpy()
        likeness[own] = (now.query @ places.transpose(1, 2))[0, 0].double().cpu().numpy()
    scores[real.told] = -np.inf
    if real.told.all():
        return np.zeros(len(real)), likeness
    shares = np.exp(scores - scores.max())
    return shares / shares.sum(), likeness


def _topics(model: ConceptModel, now: Foresight, real: RealScenes | None, shares: np.ndarray) -> np.ndarray:
    """Probability of each topic, float64 [K]; of none where it can't be told."""
    if model.config.on == "glyphs":
        return model.spell(now)[0][0, 0].double().exp().cpu().numpy()
    return np.zeros(0) if real is None else np.bincount(real.topics, weights=shares)


def _best(shares: np.ndarray, top: int) -> list[int]:
    """The most probable, ties in their order; none that can't be."""
    order = np.argsort(-shares, kind="stable")[:top]
    return [int(number) for number in order if shares[number] > 0.0]


@torch.inference_mode()
def _written(model: ConceptModel, story: ScenesSoFar) -> np.ndarray:
    """The likeliest scene in the model's own words: the likeliest value of each piece, or the place it looks for."""
    now = _now(_held(model, story))
    if model.config.on != "glyphs":
        return now.query[0, 0].float().cpu().numpy()
    values = [int(found[0, 0].argmax()) for found in model.spell(now)]
    firsts = np.cumsum([0, *model.pieces[:-1]])
    return firsts + np.array(values, dtype=np.int64)
