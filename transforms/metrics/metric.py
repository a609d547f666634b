"""What a metric is: one key of `report/metrics.json`, declared once, and the evidence it is computed from."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scenesign.transforms.signs.glosses.spoken import SpokenScenes
from scenesign.transforms.signs.glyphs import MAX_LEVELS
from scenesign.transforms.signs.quantisers.quantiser import Quantiser

# A number, or one for each of several things by name; None where it would cost too much.
MetricValue = float | int | None | Mapping[str, float]


@dataclass(frozen=True, eq=False)
class BookSigns:
    """Signs of one book: int32 [scenes, levels], of the levels that its dataset is written in.

    work: the same for translations of one work, or empty. kin: the same for books that may not be on both sides of
    an experiment, as an author's.
    """

    book_id: str
    language: str
    signs: np.ndarray
    work: str = ""
    kin: str = ""

    @property
    def ids(self) -> list[int]:
        """Signs of level 1."""
        return [int(sign) for sign in self.signs[:, 0]]


@dataclass(frozen=True)
class CastSize:
    """members: of all books' casts. scenes: how many of their scenes name a member."""

    members: int
    scenes: int


@dataclass(frozen=True, eq=False)
class Evidence:
    """What metrics are computed from: a dataset whose signs are settled.

    books: sorted by id. sizes: signs per level that is written. distances: of all scenes, float32 [scenes]. novel:
    which of them are novel, bool [scenes]. characters: of all books. sample: neutral unit vectors of some scenes,
    float32 [n, D]. quantiser: gave them their signs. keywords: of every topic, by language. fitted: whether they were
    learned from these books. spoken: reads the words of all scenes, a language at a time. cast: None where none was
    looked for.
    """

    books: Sequence[BookSigns]
    sizes: tuple[int, ...]
    distances: np.ndarray
    novel: np.ndarray
    characters: int
    sample: np.ndarray
    quantiser: Quantiser
    keywords: Sequence[Mapping[str, tuple[str, ...]]] = ()
    fitted: bool = True
    spoken: Callable[[], Iterable[SpokenScenes]] = tuple
    cast: CastSize | None = None


@dataclass(frozen=True)
class Metric:
    """One metric.

    key: as in `metrics.json`; `levelL` stands for each level, from level1. says: what it tells, in a few words. unit:
    what is counted. low, high: the least and the most it can be. better: the direction that one would wish, empty where
    it depends. given_by: the function that computes it, perhaps with others; it leaves out what the evidence can't
    tell. named: whether it is a number for each of several things. costly: whether it can be null.
    """

    key: str
    says: str
    unit: str
    low: float
    high: float
    better: Literal["higher", "lower", ""]
    given_by: Callable[[Evidence], dict[str, MetricValue]]
    named: bool = False
    costly: bool = False

    @property
    def range(self) -> str:
        """The range for people: `0 to 1`, `1 and up`, `any`."""
        if math.isinf(self.low):
            return "any"
        return f"{self.low:g} and up" if math.isinf(self.high) else f"{self.low:g} to {self.high:g}"

    def matches(self, key: str) -> bool:
        """Whether a key of `metrics.json` is this metric."""
        pattern = re.escape(self.key).replace("levelL", f"level[1-{MAX_LEVELS}]")
        return re.fullmatch(pattern, key) is not None

    def allows(self, value: object) -> bool:
        """Whether a value, from whatever JSON, is one that the metric can have. Rounding is forgiven."""
        if value is None:
            return self.costly
        if self.named:
            return isinstance(value, dict) and all(self._within(each) for each in value.values())
        return self._within(value)

    def _within(self, value: object) -> bool:
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        return self.low - 1e-3 <= value <= self.high + 1e-3
