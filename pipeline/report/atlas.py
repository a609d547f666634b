"""The sign atlas: codewords laid out on a plane, near where they are near, and the map cut into named regions.

A map for people. Only neighbourhoods mean something on it: distances between far regions and the axes do not.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

REGIONS = 8
# Barnes-Hut t-SNE takes 17 s for 4,096 signs on one core; beyond this many the plane of most variance has to do
MOST_EMBEDDED = 8_192
_PERPLEXITY = 30.0
_FEWEST_EMBEDDED = 12
_COMPONENTS = 50
_ITERATIONS = 500
_NAME_WORDS = 3
_LEAST_SHARE = 0.05


@dataclass(frozen=True, eq=False)
class AtlasMap:
    """Signs of one level on a plane.

    points: float64 [signs, 2] in 0..1, both axes on one scale. regions: int [signs], 0 the largest region.
    method: how the map was drawn, for people.
    """

    points: np.ndarray
    regions: np.ndarray
    method: str


def draw_map(codewords: np.ndarray, seed: int = 0) -> AtlasMap:
    """Lays codewords, float [signs, D], on a plane. The same codewords and seed give the same map."""
    # sklearn takes a second to import, and brings scipy's matrix library
    import sklearn.manifold  # noqa: F401
    from threadpoolctl import threadpool_limits

    # t-SNE follows the last bit of every sum, and a sum's last bit follows the number of threads. That of BLAS is the
    # whole process's: settled for good, see `settle_threads`. OpenMP's is this thread's own, and given back.
    threadpool_limits(1, user_api="blas")
    with threadpool_limits(1, user_api="openmp"):
        points, method = _layout(codewords.astype(np.float64), seed)
        return AtlasMap(_in_unit_square(points), _regions(points), method)


def _layout(codewords: np.ndarray, seed: int) -> tuple[np.ndarray, str]:
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    signs = len(codewords)
    if signs < 3 or codewords.shape[1] < 2 or np.ptp(codewords, axis=0).max() == 0:
        return np.column_stack([np.arange(signs), np.zeros(signs)]), "in order"
    components = min(_COMPONENTS, *codewords.shape)
    reduced = PCA(components, svd_solver="full").fit_transform(codewords)
    if signs < _FEWEST_EMBEDDED or signs > MOST_EMBEDDED:
        return reduced[:, :2], "principal components 1 and 2"
    perplexity = min(_PERPLEXITY, (signs - 1) / 3)
    embedding = TSNE(2, perplexity=perplexity, init="pca", random_state=seed, max_iter=_ITERATIONS, angle=0.7)
    return (
        embedding.fit_transform(reduced).astype(np.float64),
        f"t-SNE of {components} principal components, perplexity {perplexity:.0f}, seed {seed}",
    )


def _in_unit_square(points: np.ndarray) -> np.ndarray:
    low, high = points.min(axis=0), points.max(axis=0)
    span = float((high - low).max()) or 1.0
    return (points - (low + high) / 2) / span + 0.5


def _regions(points: np.ndarray) -> np.ndarray:
    """Ward clusters of the map, so that a region is one patch of it; numbered by falling size."""
    from sklearn.cluster import AgglomerativeClustering

    count = min(REGIONS, len(points) // 3)
    if count < 2:
        return np.zeros(len(points), dtype=np.int64)
    found = AgglomerativeClustering(count, linkage="ward").fit_predict(points)
    order = [label for label, _ in sorted(Counter(found.tolist()).items(), key=lambda item: (-item[1], item[0]))]
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[found]


@dataclass(frozen=True)
class Region:
    """A patch of the map.

    scenes: by language, most first. keywords: those that tell it from other regions, by language in the same order;
    languages with hardly a scene in it have none.
    """

    scenes: Mapping[str, int]
    keywords: Mapping[str, tuple[str, ...]]


def describe_regions(
    regions: Sequence[int], keywords: Sequence[Mapping[str, Sequence[str]]], counts: Sequence[Mapping[str, int]]
) -> tuple[Region, ...]:
    """What lies in each region of a map.

    regions: of each sign. keywords: per sign, by language, best first. counts: scenes per sign, by language. A keyword
    weighs as many scenes of its language as its sign has, less the further down the list it stands; what many signs of
    a region share counts for more than what one sign has, and what lies in other regions too for less.
    """
    scenes: list[Counter[str]] = [Counter() for _ in range(max(regions, default=-1) + 1)]
    # the weight of each keyword in a region, how many signs there have it, and its weight everywhere
    scores: dict[tuple[int, str], dict[str, float]] = {}
    holders: dict[tuple[int, str], Counter[str]] = {}
    everywhere: dict[str, dict[str, float]] = {}
    for region, by_language, seen in zip(regions, keywords, counts, strict=True):
        scenes[region].update(seen)
        for language, found in by_language.items():
            score, total = scores.setdefault((region, language), {}), everywhere.setdefault(language, {})
            holders.setdefault((region, language), Counter()).update(found)
            for rank, word in enumerate(found):
                weight = seen.get(language, 0) / (1 + rank)
                score[word] = score.get(word, 0.0) + weight
                total[word] = total.get(word, 0.0) + weight

    def name(region: int, language: str) -> tuple[str, ...]:
        score, held = scores.get((region, language), {}), holders.get((region, language), Counter())
        worth = {w: (1 + math.log(held[w])) * score[w] ** 3 / max(everywhere[language][w] ** 2, 1e-9) for w in score}
        return tuple(sorted(worth, key=lambda w: (-round(worth[w], 6), w))[:_NAME_WORDS])

    described = []
    for region, seen in enumerate(scenes):
        ordered = dict(sorted(seen.items(), key=lambda item: (-item[1], item[0])))
        spoken = [code for code, count in ordered.items() if count >= _LEAST_SHARE * seen.total()]
        described.append(Region(ordered, {code: name(region, code) for code in spoken}))
    return tuple(described)
