"""How much text a scene stands for."""

from __future__ import annotations

import math

from scenesign.transforms.metrics.metric import Evidence, Metric, MetricValue


def scene_length(evidence: Evidence) -> dict[str, MetricValue]:
    """Characters of all books over their scenes."""
    return {"characters_per_scene": round(evidence.characters / max(1, len(evidence.distances)), 2)}


METRICS = (Metric("characters_per_scene", "text of a scene", "characters", 0, math.inf, "", scene_length),)
