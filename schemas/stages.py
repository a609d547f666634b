"""What each stage of a run did to the books that came to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SizeSpread:
    """Sizes of the books of a stage. quantiles: that of each share of the books, `0.05` to `0.95`."""

    count: int
    sum: int
    mean: float
    deviation: float
    least: int
    most: int
    quantiles: Mapping[str, int]


@dataclass(frozen=True)
class StageCounts:
    """came_in = went_out + those in `refused`, by reason.

    stage: the step of the graph. noted: of those that went out, the ones that it has a note on. sizes: of those that
    went out, by unit.
    """

    stage: str
    came_in: int
    went_out: int
    refused: Mapping[str, int] = field(default_factory=dict)
    noted: int = 0
    sizes: Mapping[str, SizeSpread] = field(default_factory=dict)
