"""How long the scenes of a book are: what each length costs, by the size that is asked for and by the book's own pace.

Books differ more than languages do: one has a scene every page, another every ten. So scenes are found several times,
and each time the lengths that were found last, together with the size that was asked for, say which lengths are
likely. Lengths are in characters of information where topics drift, as in fiction, so that they are alike in all
languages and however long sentences are; in collages of texts on other topics, in sentences.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenesign.transforms.scenes.sizes import SceneSize
from scenesign.transforms.support.steady import steady_log

STEP = 16  # characters of information in one step of a scene's size
_STEPS = 4096  # sizes with a cost of their own: up to 65,536 characters
ROUNDS = 3  # of finding scenes for the pace; mostly the second changes little
HEAD = 8192  # sentences at the start of a long book that tell its pace

# ln of the characters of information in a scene that is asked for, which count as many scenes
_MIDDLES = {"fine": 1100.0, "medium": 2200.0, "coarse": 4400.0}
_ASKED = 60.0
# A scene e times as long or as short as the middle costs this much: .2 for a spread of .8 in the natural log
_SIZE_COST = 0.2 / (2 * 0.8**2)
_LENGTH_COST = 0.05  # of one unit of log likelihood of a length in sentences
_LEAST_SPREAD = 0.2  # of the log of lengths in sentences


@dataclass(frozen=True)
class Pace:
    """What is known of the lengths of a book's scenes.

    middle: ln of their characters of information; sentences, spread: mean and standard deviation of ln of their
    sentences, None before any were found.
    """

    middle: float
    sentences: float | None = None
    spread: float = 1.0

    def by_size(self, weight: float) -> np.ndarray:
        """float64 [_STEPS]: cost of a scene of 0, 1, ... steps of `STEP` characters. weight: 0 to 1."""
        sizes = steady_log(STEP * np.maximum(np.arange(_STEPS), 0.5))
        return weight * _SIZE_COST * (sizes - self.middle) ** 2

    def by_length(self, weight: float, most: int) -> np.ndarray:
        """float64 [most]: cost of a scene of 1, 2, ... sentences: the log-normal's negative log density."""
        if self.sentences is None:
            return np.zeros(most)
        lengths = steady_log(np.arange(1.0, most + 1))
        unlikely = (lengths - self.sentences) ** 2 / (2 * self.spread**2) + steady_log(self.spread) + lengths
        return weight * _LENGTH_COST * unlikely


def asked_pace(size: SceneSize) -> Pace:
    """The pace that a size asks for, before anything is known of the book."""
    return Pace(float(steady_log(_MIDDLES[size])))


def own_pace(asked: Pace, starts: Sequence[int], sizes: np.ndarray) -> Pace:
    """The pace of a book whose scenes start at these sentences, with what was asked for counted as some scenes more.

    sizes: int [n], of each sentence in steps of `STEP`. No scene: what was asked for.
    """
    if not starts:
        return asked
    before = np.concatenate([[0], np.cumsum(sizes)])
    edges = [*starts, len(sizes)]
    found = steady_log(STEP * np.maximum(np.diff(before[edges]), 1).astype(np.float64))
    lengths = steady_log(np.array([b - a for a, b in itertools.pairwise(edges)], dtype=np.float64))
    # sums that are rounded once are the same in whichever order a processor adds
    mean = math.fsum(lengths) / len(lengths)
    variance = math.fsum((lengths - mean) ** 2) / len(lengths)
    return Pace(
        (_ASKED * asked.middle + math.fsum(found)) / (_ASKED + len(found)),
        mean,
        math.sqrt(variance + _LEAST_SPREAD**2),
    )
