"""Where the scenes of a book start, and one vector for each.

Chapter headings and typographic breaks are hard boundaries. Between them the sentence vectors decide, in a
model with few numbers: around the book's mean, each scene has a centre drawn from a normal distribution, and
each sentence of the scene scatters around that centre. The evidence for a run of k sentences being one scene, with
the centre integrated out, is then, up to what is the same for every segmentation (Gelman et al., Bayesian
Data Analysis, section 2.5),

    |sum of the run|^2 / (k + pull)  -  noise * log(1 + k / pull),   pull = noise / spread of the centres

and `change_points` finds the segmentation with the most evidence, less a penalty for each scene. In fiction, where
topics drift rather than jump, two more join: the evidence of the sentences around each place that a scene starts there
(`boundaries`, or `cues` in words alone), and how likely a scene is as long as that (`pace`).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenesign.schemas.records import BlockKind, SegmentedBook
from scenesign.transforms.embedders.texts import settled
from scenesign.transforms.scenes.boundaries import boundary_scorer
from scenesign.transforms.scenes.change_points import best_starts, scene_costs
from scenesign.transforms.scenes.cues import boundary_evidence, cues, unmarked_headings
from scenesign.transforms.scenes.information import information
from scenesign.transforms.scenes.pace import HEAD, ROUNDS, STEP, Pace, asked_pace, own_pace
from scenesign.transforms.scenes.sizes import SCENE_SIZES, SceneSize
from scenesign.transforms.support.steady import steady_log
from scenesign.transforms.support.threads import settle_threads

_NEAR = range(1, 3)  # sentences this close mostly share a scene
_FAR = range(6, 21)  # sentences this far apart seldom do where scenes are short
_JUMPS, _DRIFTS = 8.0, 12.0  # see Contrast.drift

# Prices in squared deviation of unit vectors. The one part set by hand with an eye on the benchmark's documents, in
# coarse steps. With price and evidence where topics drift from .7 and .4 to 1.6 and 1, mean F1@3 on its stories stays
# between .50 and .55 and mean Pk between .31 and .35.
_PRICE_JUMPS = 0.2
_PRICE_DRIFTS = 0.9
_PRICE_NO_CUES = 0.4
_PRICE_PLAIN = 1.4  # without the prior on centres
_EVIDENCE = 0.5  # of one unit of log likelihood ratio
# A scene is as likely in so much text, however many sentences that has: half of what follows from this, measured best.
_LONG_SENTENCES = 0.25  # of the log of how much longer than usual a book's sentences are
_USUAL_SENTENCE = 90.0  # characters of information
_LIMITS = (-4.0, 6.0)  # of the evidence of one sentence
_PRICE_OF_SIZE = {"fine": 0.6, "medium": 1.0, "coarse": 2.0}
_KEPT = 400  # sentences in the longest scene up to which costs of all scenes are kept between searches: 26 MB
_VOLUME = 0.8  # of the formula's noise: sentences are not quite independent given their scene


@dataclass(frozen=True)
class SceneOptions:
    """How scenes are found.

    min_sentences, max_sentences: prose sentences per scene; fewer only between hard boundaries.
    penalty: multiplies the price of a scene: above 1 for fewer and longer scenes, below 1 for more and
        shorter ones.
    size: how long scenes are meant to be where topics drift.
    cues, calibrate, pull: parts that can be left out to see what they bring: all evidence of the text, the prices by
        how the book's topics change, and the prior on centres.
    """

    min_sentences: int = 3
    max_sentences: int = 100
    penalty: float = 1.0
    size: SceneSize = "medium"
    cues: bool = True
    calibrate: bool = True
    pull: float = 5.0

    def __post_init__(self) -> None:
        if not 1 <= self.min_sentences <= self.max_sentences:
            raise ValueError(
                "scene lengths need 1 <= min_sentences <= max_sentences, not "
                f"{self.min_sentences} and {self.max_sentences}"
            )
        if not 0 < self.penalty < float("inf"):
            raise ValueError(f"penalty must be positive, not {self.penalty}")
        if self.size not in SCENE_SIZES:
            raise ValueError(f"scene size must be one of {', '.join(SCENE_SIZES)}, not {self.size!r}")
        if not 0 <= self.pull < float("inf"):
            raise ValueError(f"pull must be 0 or more, not {self.pull}")


@dataclass(frozen=True)
class Contrast:
    """How a book's sentence vectors agree, near and far.

    near: mean cosine of sentences one or two apart, at most 1; far: of sentences 6 to 20 apart.
    """

    near: float
    far: float

    @property
    def noise(self) -> float:
        """Squared deviation of a sentence from what its scene is about."""
        return 1.0 - self.near

    @property
    def drift(self) -> float:
        """0 where topics jump from scene to scene, 1 where they drift, as in fiction.

        From the noise per squared deviation of short scenes' centres: with both bundled embedders 2 to 9 in
        collages of unrelated articles, 10 to 35 in novels and stories.
        """
        ratio = self.noise / max(self.near - self.far, 0.01)
        # a book of one sentence repeated has no noise at all
        return float(np.clip(steady_log(max(ratio, 1e-9) / _JUMPS) / steady_log(_DRIFTS / _JUMPS), 0.0, 1.0))


def contrast(vectors: np.ndarray) -> Contrast:
    """Measures a book. vectors: float [n, d], unit length. A book too short to tell counts as jumping."""

    def agreement(lags: range) -> float:
        # on the grid of `VECTOR_STEP` the products of two rows are exact in float32, their sums in float64
        products = [np.einsum("ij,ij->i", vectors[:-lag], vectors[lag:]) for lag in lags]
        sums = [float(found.sum(dtype=np.float64)) for found in products]
        mean = sum(sums) / sum(len(vectors) - lag for lag in lags)
        return min(1.0, mean)  # vectors of length 1 but for rounding agree by a little more where they are one

    reach = len(vectors) - 1
    near = agreement(_NEAR) if reach >= _NEAR[-1] else 0.0
    far = agreement(_FAR) if reach >= _FAR[-1] else near - 1.0
    return Contrast(near, far)


def find_scenes(
    segmented: SegmentedBook, options: SceneOptions | None = None, embedder: str | None = None
) -> tuple[int, ...]:
    """Where scenes start: ascending indices into `segmented.sentences`, the first 0.

    embedder: name of the one that made the vectors; the evidence comes from its boundary scorer, if it has one.

    A scene has at least one sentence of prose wherever the book has any. A run of headings starts a scene and
    belongs to it; a run of breaks ends one and belongs to it; the last headings of a book belong to its last
    scene. Raises ValueError when there is not one vector for each sentence of prose.
    """
    settle_threads()
    options = options or SceneOptions()
    kinds = [sentence.kind for sentence in segmented.sentences]
    prose = [i for i, kind in enumerate(kinds) if kind is BlockKind.PARAGRAPH]
    rows = None if segmented.vectors is None else len(segmented.vectors)
    if rows != len(prose):
        raise ValueError(f"{len(prose)} sentences of prose need as many vectors, not {rows}")
    if not prose:
        return (0,) if kinds else ()
    assert segmented.vectors is not None
    hard = np.array([b - a > 1 for a, b in zip([-1, *prose], prose, strict=False)])
    text = segmented.book.text
    spans = [segmented.sentences[i] for i in prose]
    sizes = scene_sizes([text[span.start : span.end] for span in spans])
    evidence = None
    if options.cues:
        table = cues(text, spans, segmented.book.blocks, segmented.book.language)
        evidence = evidence_of(segmented.vectors, table, embedder)
    starts = cut(segmented.vectors, sizes, hard, evidence, options)
    return tuple(_with_headings(kinds, [prose[i] for i in starts]))


def evidence_of(vectors: np.ndarray, table: np.ndarray, embedder: str | None) -> np.ndarray:
    """Log of how much likelier a scene starts at each sentence than at any: float64 [n].

    vectors: float32 [n, d]; table: float32 [n, cues]. By the boundary scorer for the vectors of `embedder`, cut to
    [-4, 6], or by the words alone where there is none.
    """
    scorer = None if embedder is None else boundary_scorer(embedder)
    if scorer is None:
        return boundary_evidence(table)
    return np.clip(scorer.score(vectors, table) + unmarked_headings(table), *_LIMITS)


def cut(
    vectors: np.ndarray, sizes: np.ndarray, hard: np.ndarray, evidence: np.ndarray | None, options: SceneOptions
) -> tuple[int, ...]:
    """Scene starts among sentences of prose.

    vectors: float [n, d], unit length; sizes: int [n], see `scene_sizes`; hard: bool [n], a scene must start here;
    evidence: float [n] as from `evidence_of`, or None for the vectors alone.

    Where topics jump, the vectors tell enough; where they drift, scenes cost more, the text has a say, and scenes are
    of a likely size.
    """
    measured = contrast(vectors)
    drift = measured.drift if options.calibrate else 0.5
    price = _PRICE_JUMPS + drift * ((_PRICE_NO_CUES if evidence is None else _PRICE_DRIFTS) - _PRICE_JUMPS)
    by_length = np.zeros(options.max_sentences)
    if options.pull:
        lengths = np.arange(1.0, options.max_sentences + 1)
        by_length = _VOLUME * measured.noise * steady_log(1.0 + lengths / options.pull)
    else:
        price += _PRICE_PLAIN - _PRICE_JUMPS
    # on the grid, so that no product of them is rounded
    relative = vectors - settled(vectors.mean(axis=0, dtype=np.float64))
    length = STEP * float(sizes.sum()) / len(sizes)
    bonus = np.full(len(vectors), drift * _LONG_SENTENCES * float(steady_log(length / _USUAL_SENTENCE)))
    if evidence is not None:
        bonus += drift * _EVIDENCE * evidence

    def search(pace: Pace, n: int, costs: np.ndarray | None) -> tuple[int, ...]:
        return best_starts(
            relative[:n],
            options.penalty * _PRICE_OF_SIZE[options.size] * price,
            options.min_sentences,
            options.max_sentences,
            hard[:n],
            bonus[:n],
            pull=options.pull,
            by_length=by_length + pace.by_length(1.0 - drift, options.max_sentences),
            sizes=sizes[:n],
            by_size=pace.by_size(drift),
            costs=costs,
        )

    asked = asked_pace(options.size)
    head = min(len(vectors), HEAD)
    costs = None
    if options.max_sentences <= _KEPT:
        costs = scene_costs(relative[:head], options.max_sentences, options.pull)
    starts = search(asked, head, costs)
    pace = own_pace(asked, starts, sizes[:head])
    for _ in range(ROUNDS - 1):
        before, starts = starts, search(pace, head, costs)
        if starts == before:
            break
        pace = own_pace(asked, starts, sizes[:head])
    return search(pace, len(vectors), costs if head == len(vectors) else None)


def scene_sizes(texts: Sequence[str]) -> np.ndarray:
    """int64 [texts]: how much each sentence says, in steps of `STEP` characters of information, at least 1."""
    tenths = np.array([information(text) for text in texts], dtype=np.int64)
    return np.maximum((tenths + 5 * STEP) // (10 * STEP), 1)


def _with_headings(kinds: list[BlockKind], starts: list[int]) -> list[int]:
    """Moves each start back over the headings before it, but not over breaks; the first to 0."""
    moved = [0]
    for start in starts[1:]:
        while kinds[start - 1] is BlockKind.HEADING:
            start -= 1
        moved.append(start)
    return moved


def pool(segmented: SegmentedBook, starts: tuple[int, ...]) -> np.ndarray:
    """Scene vectors: float32 [scenes, D], the weighted mean of each scene's sentence vectors, at unit length.

    A sentence weighs as much as the root of its characters: a long one says more, though not in proportion. Against
    equal weights, on unseen authors, the next scene is named one time in a hundred more often (`docs/meaning.md`).
    A scene without prose, or whose vectors cancel out, gets the book's mean direction instead.
    Raises ValueError for a book without vectors, of which there is nothing to pool.
    """
    vectors = segmented.vectors
    if vectors is None or not len(vectors):
        raise ValueError("no sentence vectors to pool")
    before = np.cumsum([0] + [s.kind is BlockKind.PARAGRAPH for s in segmented.sentences])
    edges = before[[*starts, len(segmented.sentences)]]
    characters = [s.end - s.start for s in segmented.sentences if s.kind is BlockKind.PARAGRAPH]
    weights = np.sqrt(np.asarray(characters, dtype=np.float64))[:, None]
    sums = np.array([(weights[a:b] * vectors[a:b]).sum(axis=0) for a, b in itertools.pairwise(edges)])
    book = sums.sum(axis=0, keepdims=True)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    empty = lengths[:, 0] < 1e-6
    if empty.any():
        sums[empty] = book
        lengths[empty] = np.linalg.norm(book, axis=1)
        if not lengths.all():
            raise ValueError("the sentence vectors of the book cancel out")
    return (sums / lengths).astype(np.float32)
