"""Charts of a report: for the metrics that are there, without empty bars, in words that agree with their bars."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scenesign.pipeline.report.charts import Chart, charts
from scenesign.pipeline.report.data import BookSize, ReportData
from tests.reports import card, manifest, report

BITS = {"bits/uniform": 9.0, "bits/unigram": 8.0, "bits/bigram": 6.0}
SHELF = (BookSize("en", 9, 9), BookSize("en", 9, 9), BookSize("ru", 9, 9), BookSize("zh", 9, 9), BookSize("zh", 9, 9))


def drawn(metrics: dict[str, object], books: tuple[BookSize, ...] = SHELF) -> list[Chart]:
    """The charts of metrics alone: no topic has a second scene."""
    signs = tuple(replace(card(i, 4), count=1) for i in range(4))
    return charts(replace(report(), metrics=metrics, signs=signs, books=books))


def bars(chart: Chart) -> list[tuple[str, str]]:
    return [(bar.label, bar.text) for bar in chart.bars]


def test_charts_follow_the_metrics() -> None:
    def titles(metrics: dict[str, object]) -> list[str]:
        return [chart.title for chart in drawn(metrics)]

    assert titles({}) == []
    assert titles({"ami/sign_book": None, "level1/cosine": float("nan"), "bits/uniform": 9.0}) == []
    assert titles({"level1/cosine": 0.5, "level1/retrieval_at_1": 0.3}) == ["Likeness", "Recognition"]
    assert titles({"translations/shared": 0.8, "translations/shared_in_order": 0.7, "ami/sign_book": 0.1} | BITS) == [
        "Foretelling the next topic",
        "Translations",
        "What a topic gives away",
    ]


def test_bits_have_a_line_at_the_better_guess_and_a_sentence_that_agrees() -> None:
    (chart,) = drawn(BITS | {"bits/saved": 2.0, "bits/saved_error": 0.1})
    assert bars(chart) == [
        ("an even guess", "9.00 bits"),
        ("how frequent topics are", "8.00 bits"),
        ("the topic before", "6.00 bits"),
    ]
    assert [bar.share for bar in chart.bars] == pytest.approx([1.0, 8 / 9, 6 / 9])
    assert chart.baseline == pytest.approx(8 / 9)
    assert chart.caption.startswith("The next topic can be foretold much better")


@pytest.mark.parametrize(
    ("unigram", "bigram", "known"), [(9.4, 9.3, "an even guess"), (6.9, 7.3, "how frequent topics are")]
)
def test_bits_that_save_nothing_say_so(unigram: float, bigram: float, known: str) -> None:
    (chart,) = drawn(BITS | {"bits/unigram": unigram, "bits/bigram": bigram})
    assert chart.baseline is not None
    assert chart.bars[-1].share > chart.baseline
    assert chart.caption == f"On this shelf the next topic can't be foretold better than by {known}."


def test_levels_are_compared_side_by_side() -> None:
    metrics = {"level1/retrieval_at_1": 0.25, "level2/retrieval_at_1": 0.5, "retrieval_scenes": 1000}
    (chart,) = charts(replace(report(levels=2), metrics=metrics, signs=()))
    assert bars(chart) == [("1 glyph", "25 %"), ("2 glyphs", "50 %")]
    assert "1,000 scenes" in chart.caption
    assert chart.scale == "By luck it would be 0.1 %."


def test_a_bar_never_leaves_its_track_and_luck_is_no_negative_number() -> None:
    (chart,) = drawn({"ami/sign_book": 1.5, "ami/sign_language": -0.01})
    assert [bar.share for bar in chart.bars] == [1.0, 0.0]
    assert bars(chart) == [("its book", "1.50"), ("its language", "as by luck")]


def test_what_is_so_by_construction_has_no_bar() -> None:
    both = {"ami/sign_book": 0.2, "ami/sign_language": 0.2}
    (chart,) = drawn(both, SHELF[1:4])  # a language to a book
    assert bars(chart) == [("its book", "0.20")]
    assert drawn(both, SHELF[:1]) == []
    shared = {"translations/shared": 0.5, "translations/shared_in_order": 0.4}
    (chart,) = drawn(shared | {"translations/chance": 0.0, "translations/chance_in_order": 0.0})
    assert bars(chart) == [("translations", "50 %"), ("translations, in order", "40 %")]
    assert "0 %." not in chart.caption


def spread(books: tuple[BookSize, ...] = SHELF) -> ReportData:
    """Four topics of two scenes and more, in 1, 2, 4 and 5 books and 1, 2, 3 and 3 languages; and one of one scene."""
    signs = tuple(
        replace(card(i, 4), count=5, books=b, languages=dict.fromkeys(("en", "ru", "zh")[:n], 1))
        for i, (b, n) in enumerate(((1, 1), (2, 2), (4, 3), (5, 3)))
    )
    once = replace(card(4, 8), count=1, books=1, languages={"en": 1})
    return replace(report(), manifest=manifest(books=3), metrics={}, signs=(*signs, once), books=books)


def test_books_and_languages_of_topics() -> None:
    languages, books = charts(spread())
    assert bars(languages) == [("1 language", "25 %"), ("2 languages", "25 %"), ("3 languages", "50 %")]
    assert bars(books) == [("1 book", "25 %"), ("2 books", "25 %"), ("3 to 5 books", "50 %")]
    assert languages.caption == "75 % of topics with several scenes are told in more than one language."
    assert books.caption == "75 % of topics with several scenes are found in more than one book."
    assert "the 4 topics with two scenes or more" in books.scale


def test_bars_that_no_topic_falls_in_are_left_out() -> None:
    data = spread()
    (chart,) = [c for c in charts(replace(data, signs=data.signs[:2])) if c.title == "Books of a topic"]
    assert bars(chart) == [("1 book", "50 %"), ("2 books", "50 %")]
