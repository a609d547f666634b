"""How many members the casts of books have, and how many scenes name one."""

from __future__ import annotations

import math

from scenesign.transforms.metrics.metric import Evidence, Metric, MetricValue


def cast_size(evidence: Evidence) -> dict[str, MetricValue]:
    """Members per book, and the share of scenes that name one; nothing where no cast was looked for."""
    if evidence.cast is None:
        return {}
    return {
        "cast/members": round(evidence.cast.members / max(1, len(evidence.books)), 2),
        "cast/scenes": round(evidence.cast.scenes / max(1, len(evidence.distances)), 6),
    }


METRICS = (
    Metric("cast/members", "members of a book's cast", "members", 0, math.inf, "", cast_size),
    Metric("cast/scenes", "scenes that name a member", "share", 0, 1, "", cast_size),
)
