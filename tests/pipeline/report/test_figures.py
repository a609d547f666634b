"""Figures of a report, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scenesign.pipeline.report import figures as report_figures
from scenesign.pipeline.report.data import BookSize
from scenesign.pipeline.report.figures import (
    Sample,
    bits_per_scene,
    cost_rows,
    measure_samples,
    number,
    size_rows,
)
from tests.reports import report

RATE = {"en": Sample(100, 0.25, 2.0)}


def test_sizes_of_one_language_have_no_sum() -> None:
    (row,) = size_rows(report(signs=8, scenes=6), RATE)
    assert (row.language, row.characters, row.signs, row.tokens) == ("en", 6000, 6, 1500)
    assert row.tokens_per_sign == 250
    assert row.characters_per_sign == 1000
    assert row.text_bits == 12_000


def test_a_sum_without_some_tokens_has_none() -> None:
    from tests.reports import manifest

    data = replace(report(), manifest=manifest(books=3))
    rows = size_rows(data, RATE | {"ru": Sample(1, 0.5, 1.0)})
    assert [row.language for row in rows] == ["en", "ru", "zh", ""]
    assert rows[-1].characters == sum(row.characters for row in rows[:-1])
    assert rows[2].tokens is None
    assert rows[-1].tokens is None
    assert cost_rows(replace(data, books=(BookSize("zh", 10, 1),)), RATE) == []


def test_bits_are_the_entropy_of_use() -> None:
    metrics = {"level1/perplexity": 2**1.5, "level2/perplexity": 4.0, "level3/perplexity": None}
    assert bits_per_scene(metrics, 1) == pytest.approx(1.5)
    assert bits_per_scene(metrics, 3) == pytest.approx(3.5)


def test_costs_of_two_books_by_hand() -> None:
    # 400 and 800 tokens against 2 and 4 signs; llama-3-8b: 8.03e9 weights, 32 layers, 8 heads of 128
    data = replace(report(), books=(BookSize("en", 1600, 2), BookSize("en", 3200, 4)))
    rows = {row.name.split(",")[0]: row for row in cost_rows(data, RATE)}
    assert (rows["sequence of the mean book"].text, rows["sequence of the mean book"].signs) == (600, 3)
    assert rows["training"].text == pytest.approx(6 * 8.03e9 * 1200)
    assert rows["training"].factor == pytest.approx(200)
    scores = rows["attention scores of all books"]
    assert (scores.text, scores.signs) == (400**2 + 800**2, 2**2 + 4**2)
    assert scores.factor == 200**2
    assert rows["KV cache of the mean book"].text == 2 * 32 * 8 * 128 * 2 * 600
    assert rows["weights"].factor == rows["training state"].factor == 1


def test_tokens_are_counted_on_the_sample() -> None:
    found = measure_samples({"en": ("hello world",), "zh": ()})
    assert found["en"].characters == 11
    assert found["en"].tokens_per_character == pytest.approx(2 / 11)
    assert found["zh"].tokens_per_character == 0


def test_without_a_tokenizer_there_are_no_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_figures, "_tokenizer", lambda: report_figures.MissingTokenizer("x", "gone"))
    samples = measure_samples({"en": ("hello world",)})
    (row,) = size_rows(report(), samples)
    assert row.tokens is None
    assert cost_rows(report(), samples) == []


@pytest.mark.parametrize("value", [None, "0.5", True, float("nan"), float("inf"), [1]])
def test_what_is_no_number_is_left_out(value: object) -> None:
    assert number({"a": value}, "a") is None
    assert number({"a": 2}, "a") == 2.0
    assert number({}, "a") is None
