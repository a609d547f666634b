"""The registry of metrics, `protocol.md` and the metrics of a dataset say the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scenesign.transforms.metrics.metric import Metric
from scenesign.transforms.metrics.registry import METRICS, compute_metrics, metric_of
from tests.conftest import ROOT
from tests.transforms.metrics.evidence import evidence


def documented() -> Iterator[tuple[str, str, str, str]]:
    """(key, unit, range, better) of every row of the table in section 7; rows of several keys give each of them."""
    section = (ROOT / "protocol.md").read_text(encoding="utf-8").split("\n## 7. Metrics\n")[1].split("\n## 8.")[0]
    for line in section.splitlines():
        if line.startswith("| `"):
            keys, unit, range_, better, _ = (cell.strip() for cell in line.strip("|").split("|"))
            for key in re.findall(r"`([^`]+)`", keys):
                yield key, unit, range_, better


def test_the_protocol_documents_the_metrics_there_are() -> None:
    declared = [(metric.key, metric.unit, metric.range, metric.better) for metric in METRICS]
    assert sorted(documented()) == sorted(declared)
    assert len({key for key, *_ in declared}) == len(METRICS)


def test_every_metric_of_a_dataset_is_declared_once_and_within_its_range(demo: Path) -> None:
    found = json.loads((demo / "report" / "metrics.json").read_text(encoding="utf-8"))
    for key, value in found.items():
        (metric,) = [metric for metric in METRICS if metric.matches(key)]
        assert metric.allows(value), (key, value)
    # the demo has translations and two levels, so that nothing is missing
    assert {metric.key for metric in METRICS} == {found_metric.key for key in found if (found_metric := metric_of(key))}


def test_metrics_that_the_evidence_cannot_tell_are_left_out() -> None:
    found = compute_metrics(evidence([[0], [1]]))
    assert not [key for key in found if key.startswith(("bits/", "translations/"))]
    assert found["characters_per_scene"] == 100
    assert found["cosine/mean"] == found["novel/share"] == 0.5
    assert all(metric_of(key) for key in found)


SHARE = Metric("levelL/share", "", "share", 0, 1, "", lambda _: {})


@pytest.mark.parametrize(
    ("key", "matched"),
    [
        ("level1/share", True), ("level4/share", True), ("level5/share", False), ("level10/share", False),
        ("levelL/share", False), ("level1/share/x", False), ("xlevel1/share", False), ("level1_share", False),
    ],
)  # fmt: skip
def test_a_pattern_matches_levels_and_nothing_else(key: str, matched: bool) -> None:
    assert SHARE.matches(key) is matched


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf"), "1", None, True, [0.5], {"a": 0.5}])
def test_what_is_no_share_is_not_allowed(value: object) -> None:
    assert not SHARE.allows(value)
    assert SHARE.allows(0)
    assert SHARE.allows(1.0)


def test_named_and_costly_metrics_have_values_of_their_kind() -> None:
    named = Metric("pairs", "", "share", 0, 1, "", lambda _: {}, named=True)
    assert named.allows({"a": 0.5, "b": 1})
    assert not named.allows({"a": 0.5, "b": 2})
    assert not named.allows(0.5)
    assert Metric("ami", "", "AMI", -1, 1, "", lambda _: {}, costly=True).allows(None)
