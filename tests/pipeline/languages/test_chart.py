"""The chart: what its panels share, and that its SVG obeys a strict policy."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

from scenesign.pipeline.languages.chart import chart_data, draw_panels
from scenesign.pipeline.languages.measure import measure_tokens
from scenesign.pipeline.languages.tokenizers import ANCHORS
from scenesign.schemas.languages import LanguageCost, ModelShape, ParallelText

SHAPE = ModelShape("tiny", 1, 1, 1, 1, 1)
TEXT = ParallelText("c & d", {"en": ("a b",) * 6, "ru": ("аб вг",) * 6, "zh": ("中文",) * 6}, source_language="en")


def rows(tokenizer: str, russian: float, chinese: float, per_word: float) -> list[LanguageCost]:
    """The rows of a subword tokenizer whose costs are given."""
    made = measure_tokens(TEXT, [ANCHORS["characters"]], SHAPE)
    costs = {"en": 1.0, "ru": russian, "zh": chinese}
    return [
        replace(row, tokenizer=tokenizer, kind="subword", premium=costs[row.language], premium_low=None,
                attention_ratio=costs[row.language] ** 2, tokens_per_word=per_word)
        for row in made
    ]  # fmt: skip


def test_panels_of_one_unit_share_limits_that_hold_all_marks() -> None:
    data = chart_data([*rows("t", 3.0, 0.4, 1.1), *rows("u", 1.5, 0.9, 4.5)])
    assert (data.base, data.others, data.tokenizers) == ("en", ("zh", "ru"), ("t", "u"))
    low, high = data.cost_limits
    assert low < 0.4**2  # attention of Chinese, drawn on the axis of Russian as well
    assert high > 3.0**2
    assert data.word_limits[0] < 1 < 4.5 < data.word_limits[1]


def test_claims_are_within_the_limits_where_no_mark_is() -> None:
    data = chart_data(rows("t", 1.0, 1.0, 1.0))
    assert data.cost_limits[0] < 0.5
    assert data.word_limits[1] > 2.5


def test_panels_are_svg_without_styles_scripts_or_shared_ids() -> None:
    measured = [*rows("t<b>", 3.0, 0.4, 1.1), *rows(r"$\frac{$", 1.5, 0.9, 2.0)]
    panels = draw_panels(measured)
    assert (len(panels.costs), len(panels.words)) == (2, 3)
    every = [*panels.costs, *panels.words, panels.legend]
    for text in every:
        root = ET.fromstring(text)
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-label"]
        assert not re.search(r"<style|<script| style=|<metadata|DOCTYPE", text)
        targets = set(re.findall(r'(?:href="|url\()#([^")]+)', text))
        assert targets <= {element.attrib.get("id") for element in root.iter()}
        assert set(re.findall(r"#[0-9a-f]{6}\b", text)).isdisjoint({"#000000", "#ffffff", "#f2f2f2"})
    ids = [name for text in every for name in set(re.findall(r' id="([^"]+)"', text))]
    assert len(ids) == len(set(ids))
    assert draw_panels(measured) == panels


def test_drawing_changes_nothing_of_a_programs_own_charts() -> None:
    import matplotlib

    matplotlib.use("svg")
    before = matplotlib.rcParams.copy()
    draw_panels(rows("t", 1.0, 1.0, 1.0))
    assert matplotlib.rcParams == before
