"""Where scenes lie on the map of topics: beside their topic, on the side of those that the rest of them leans to.

Each scene is placed by itself, so any number of them share one map, and a scene more moves none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenesign.transforms.signs.glosses.gloss import topic_points
from scenesign.transforms.signs.layout import lay_out, method_of
from scenesign.transforms.signs.quantisers.quantiser import Quantiser
from scenesign.transforms.support.steady import steady_exp, steady_product, steady_sum, steady_unit

# Topics round a scene's own that pull at it, at most; and that share of all, so that clouds of few topics stay apart.
_PULLING = 16
_PULLING_SHARE = 16
_FEWEST_PULLING = 3
# How much more a topic pulls that the scene is more like.
_SHARPNESS = 10.0


@dataclass(frozen=True, eq=False)
class TopicMap:
    """The map of an inventory's topics.

    words: what topics stand for, unit vectors, float64 [topics, D]. places: float64 [topics, 2] within 0..1. around:
    the nearest topics of each on the map, int64 [topics, k]. method: how it was drawn, for people.
    """

    words: np.ndarray
    places: np.ndarray
    around: np.ndarray
    method: str

    def place(self, vectors: np.ndarray, topic: int) -> np.ndarray:
        """Places of scenes of one topic, float64 [n, 2]. vectors: neutral unit vectors, float [n, D]."""
        near = self.around[topic]
        if not len(near):
            return np.repeat(self.places[topic][None], len(vectors), axis=0)
        own, others = self.words[topic], self.words[near]
        likeness = steady_product(vectors, np.concatenate([own[None], others]).T)
        # what of a scene its topic doesn't tell leans to others by this much
        lean = likeness[:, 1:] - likeness[:, :1] * steady_product(own[None], others.T)
        pull = steady_exp(_SHARPNESS * lean)
        pull /= steady_sum(pull)[:, None]
        return np.asarray(self.places[topic] + steady_product(pull - 1.0 / len(near), self.places[near]))


def map_topics(quantiser: Quantiser) -> TopicMap:
    """The map of the topics of a quantiser: the same for the same codebook, wherever it is drawn."""
    words = steady_unit(topic_points(quantiser).astype(np.float64))
    places = lay_out(words)
    return TopicMap(words, places, _around(places), method_of(len(places)))


def _around(places: np.ndarray) -> np.ndarray:
    count = min(len(places) - 1, max(_FEWEST_PULLING, min(_PULLING, len(places) // _PULLING_SHARE)))
    found = np.empty((len(places), count), dtype=np.int64)
    for topic, (x, y) in enumerate(places):
        squares = (places[:, 0] - x) ** 2 + (places[:, 1] - y) ** 2
        squares[topic] = np.inf
        found[topic] = np.argsort(squares, kind="stable")[:count]
    return found
