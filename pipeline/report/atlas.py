"""The atlas of topics: their map cut into named regions.

A map for people. Only neighbourhoods mean something on it: distances between far regions and the axes do not.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

REGIONS = 8
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


def draw_map(places: np.ndarray, method: str) -> AtlasMap:
    """Cuts a map, float [signs, 2] in 0..1, into regions."""
    return AtlasMap(places.astype(np.float64), _regions(places), method)


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
    languages with hardly a scene in it have none. name: that of its strongest topic with a name; empty where none has.
    """

    scenes: Mapping[str, int]
    keywords: Mapping[str, tuple[str, ...]]
    name: str = ""


def describe_regions(
    regions: Sequence[int],
    keywords: Sequence[Mapping[str, Sequence[str]]],
    counts: Sequence[Mapping[str, int]],
    names: Sequence[str] = (),
) -> tuple[Region, ...]:
    """What lies in each region of a map.

    regions: of each sign. keywords: per sign, by language, best first. counts: scenes per sign, by language. names: of
    signs, empty where one has none. A keyword weighs as many scenes of its language as its sign has, less the further
    down the list it stands; what many signs of a region share counts for more than what one sign has, and what lies in
    other regions too for less.
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
        own = [sign for sign, at in enumerate(regions) if at == region and sign < len(names) and names[sign]]
        # one that is told in no language of the books is the last resort
        told = {sign: bool(keywords[sign].keys() & seen.keys()) for sign in own}
        strongest = max(own, key=lambda sign: (told[sign], sum(counts[sign].values()), -sign), default=None)
        called = "" if strongest is None else names[strongest]
        described.append(Region(ordered, {code: name(region, code) for code in spoken}, called))
    return tuple(described)


def nearest_named(places: np.ndarray, names: Sequence[str]) -> list[int]:
    """Of each sign without a name the nearest on the map that has one; -1 where it has one, or none has."""
    named = np.flatnonzero([bool(name) for name in names])
    found = []
    for sign, name in enumerate(names):
        apart = ((places[named] - places[sign]) ** 2).sum(axis=1)
        found.append(-1 if name or not len(named) else int(named[apart.argmin()]))
    return found
