"""The metrics of a dataset. A new one is a file beside this one, its line here, and its row in `protocol.md`."""

from __future__ import annotations

from scenesign.transforms.metrics import (
    cast,
    fidelity,
    gloss,
    learnability,
    length,
    neutrality,
    spread,
    translations,
    usage,
)
from scenesign.transforms.metrics.metric import Evidence, Metric, MetricValue

METRICS: tuple[Metric, ...] = (
    *usage.METRICS,
    *fidelity.METRICS,
    *spread.METRICS,
    *learnability.METRICS,
    *neutrality.METRICS,
    *length.METRICS,
    *cast.METRICS,
    *translations.METRICS,
    *gloss.METRICS,
)


def metric_of(key: str) -> Metric | None:
    """The metric that a key of `metrics.json` stands for; None for one that this version doesn't know."""
    return next((metric for metric in METRICS if metric.matches(key)), None)


def compute_metrics(evidence: Evidence) -> dict[str, MetricValue]:
    """Every metric that the evidence tells, by key."""
    found: dict[str, MetricValue] = {}
    for give in dict.fromkeys(metric.given_by for metric in METRICS):
        found |= give(evidence)
    return found
