"""Figures of a report, by hand; charts appear for the metrics that are there, and only for those."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scenesign.pipeline.report import figures as report_figures
from scenesign.pipeline.report.data import BookSize
from scenesign.pipeline.report.figures import (
    Sample,
    bits_per_scene,
    charts,
    cost_rows,
    measure_samples,
    number,
    size_rows,
)
from tests.reports import card, report

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


def titles(metrics: dict[str, object]) -> list[str]:
    return [chart.title for chart in charts(replace(report(), metrics=metrics))]


def test_charts_follow_the_metrics() -> None:
    assert titles({}) == []
    assert titles({"cosine/mean": 0.6}) == ["Fidelity"]
    assert titles({"ami/sign_book": None, "ami/sign_language": 0.1}) == ["Neutrality"]
    assert titles({"translations/shared": 0.8, "level1/retrieval_at_1": 0.3}) == ["Retrieval", "Translations"]
    metrics = {"level1/cosine": 0.5, "cosine/mean": 0.5, "bits/uniform": 8.0, "bits/bigram": 6.0}
    fidelity, bits = charts(replace(report(), metrics=metrics))
    assert [bar.label for bar in fidelity.bars] == ["cosine, 1 glyph"]
    assert [(bar.label, bar.share, bar.text) for bar in bits.bars] == [
        ("uniform", 1.0, "8.00"),
        ("bigram", 0.75, "6.00"),
    ]


def test_levels_are_compared_side_by_side() -> None:
    metrics = {"level1/retrieval_at_1": 0.25, "level2/retrieval_at_1": 0.5, "retrieval_scenes": 1000}
    (chart,) = charts(replace(report(levels=2), metrics=metrics))
    assert [(bar.label, bar.text) for bar in chart.bars] == [("1 glyph", "25 %"), ("2 glyphs", "50 %")]
    assert "1,000 scenes" in chart.caption


def test_a_bar_never_leaves_its_track() -> None:
    (chart,) = charts(replace(report(), metrics={"ami/sign_book": -0.01, "ami/sign_language": 1.5}))
    assert [bar.share for bar in chart.bars] == [0.0, 1.0]
    assert chart.bars[0].text == "-0.01"


@pytest.mark.parametrize("value", [None, "0.5", True, float("nan"), float("inf"), [1]])
def test_what_is_no_number_is_left_out(value: object) -> None:
    assert number({"a": value}, "a") is None
    assert number({"a": 2}, "a") == 2.0
    assert number({}, "a") is None


def test_books_and_languages_per_sign() -> None:
    from tests.reports import manifest

    signs = tuple(
        replace(card(i, 4), books=b, languages=dict.fromkeys(("en", "ru", "zh")[:n], 1))
        for i, (b, n) in enumerate(((1, 1), (2, 2), (4, 3), (5, 3)))
    )
    sizes = (BookSize("en", 9, 9),) * 5
    languages, books = charts(replace(report(), manifest=manifest(books=3), metrics={}, signs=signs, books=sizes))
    assert [(bar.label, bar.text) for bar in languages.bars] == [
        ("1 language", "25 %"),
        ("2 languages", "25 %"),
        ("3 languages", "50 %"),
    ]
    assert [(bar.label, bar.text) for bar in books.bars] == [
        ("1 book", "25 %"),
        ("2 books", "25 %"),
        ("3 to 5 books", "50 %"),
    ]
