"""The charts of a report: a few bars each, with what they mean in a sentence. A chart is there when its figures are.

What can't be otherwise is left out: that the topics of the only book are its own, that one scene has one language.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scenesign.pipeline.report.data import ReportData
from scenesign.pipeline.report.figures import number
from scenesign.transforms.metrics.verdicts import alike_translations, foretelling, marks_of_books

_BOOK_BINS = ((1, 1), (2, 2), (3, 5), (6, 10), (11, 20), (21, 10**9))
# Adjusted mutual information below this is what chance gives.
_LUCK = 0.005


@dataclass(frozen=True)
class Bar:
    """One line of a chart. share: length of the bar, 0..1; text: the value as people read it, with its unit."""

    label: str
    share: float
    text: str


@dataclass(frozen=True)
class Chart:
    """A few bars on one scale. caption: what they mean; scale: what a bar is; baseline: where a line is drawn, 0..1."""

    title: str
    caption: str
    scale: str
    bars: tuple[Bar, ...]
    baseline: float | None = None


def charts(data: ReportData) -> list[Chart]:
    """The charts whose figures are there."""
    drawn = [
        _foretelling(data.metrics),
        _translations(data.metrics),
        _marks_of_books(data),
        _languages_of_topics(data),
        _books_of_topics(data),
        _likeness(data.metrics, data.levels),
        _recognition(data.metrics, data.levels),
    ]
    return [chart for chart in drawn if chart is not None]


def _percent_bar(label: str, share: float) -> Bar:
    text = f"{100 * share:.0f} %" if share >= 0.01 or share == 0 else f"{100 * share:.1f} %"
    return Bar(label, _on_track(share), text)


def _on_track(share: float) -> float:
    return max(0.0, min(1.0, share))


def _foretelling(metrics: Mapping[str, Any]) -> Chart | None:
    named = (("an even guess", "uniform"), ("how frequent topics are", "unigram"), ("the topic before", "bigram"))
    found = {label: value for label, key in named if (value := number(metrics, f"bits/{key}")) is not None}
    full = max(found.values(), default=0.0)
    if len(found) < len(named) or not full:
        return None
    bars = tuple(Bar(label, _on_track(value / full), f"{value:.2f} bits") for label, value in found.items())
    scale = (
        "What the next topic of a book not seen costs in bits, guessed by each of these: the shorter, the better. The "
        "line is the better guess without the topic before: its bar saves something only where it ends before the line."
    )
    without = min(found[label] for label, key in named if key != "bigram")
    return Chart("Foretelling the next topic", foretelling(metrics), scale, bars, without / full)


def _translations(metrics: Mapping[str, Any]) -> Chart | None:
    caption = alike_translations(metrics)
    if caption is None:
        return None
    named = (
        ("translations", "shared"),
        ("different works", "chance"),
        ("translations, in order", "shared_in_order"),
        ("different works, in order", "chance_in_order"),
    )
    found = [(label, number(metrics, f"translations/{key}")) for label, key in named]
    # that works which have nothing in common share nothing goes without a bar
    bars = tuple(_percent_bar(label, value) for label, value in found if value is not None and round(value, 2))
    scale = "Topics that two books in different languages have in common. Translations are files of one name."
    return Chart("Translations", caption, scale, bars) if bars else None


def _marks_of_books(data: ReportData) -> Chart | None:
    books, languages = len(data.books), len({book.language for book in data.books})
    caption = marks_of_books(data.metrics, books)
    if caption is None:
        return None
    found = [("its book", number(data.metrics, "ami/sign_book"))]
    if 1 < languages < books:  # a language to a book says the same twice
        found.append(("its language", number(data.metrics, "ami/sign_language")))
    bars = tuple(
        Bar(label, _on_track(value), "as by luck" if value < _LUCK else f"{value:.2f}")
        for label, value in found
        if value is not None
    )
    scale = (
        "Adjusted mutual information of topic and book: 0 where it is as by luck, 1 where one gives the other away. "
        "The lower, the better."
    )
    return Chart("What a topic gives away", caption, scale, bars)


def _spread(counts: Iterable[int]) -> tuple[Counter[int], int]:
    seen = Counter(counts)
    return seen, sum(seen.values())


def _languages_of_topics(data: ReportData) -> Chart | None:
    spoken = len(data.manifest.counts.by_language)
    seen, topics = _spread(len(sign.languages) for sign in data.signs if sign.count > 1)
    if not 1 < spoken < len(data.books) or not topics:  # a language to a book would say what its books say
        return None
    bars = tuple(
        _percent_bar(f"{count} language{'s' if count > 1 else ''}", seen[count] / topics) for count in sorted(seen)
    )
    several = 1 - seen[1] / topics
    caption = f"{100 * several:.0f} % of topics with several scenes are told in more than one language."
    scale = f"Share of the {topics:,} topics with two scenes or more, by how many of the {spoken} languages have them."
    return Chart("Languages of a topic", caption, scale, bars)


def _books_of_topics(data: ReportData) -> Chart | None:
    books = len(data.books)
    seen, topics = _spread(sign.books for sign in data.signs if sign.count > 1)
    if books < 2 or not topics:
        return None
    bars = []
    for low, high in _BOOK_BINS:
        count = sum(seen[number] for number in seen if low <= number <= high)
        most = min(high, books)
        if count:
            label = f"{low} book{'s' if low > 1 else ''}" if low == most else f"{low} to {most:,} books"
            bars.append(_percent_bar(label, count / topics))
    caption = f"{100 * (1 - seen[1] / topics):.0f} % of topics with several scenes are found in more than one book."
    scale = f"Share of the {topics:,} topics with two scenes or more, by how many of the {books:,} books have them."
    return Chart("Books of a topic", caption, scale, tuple(bars))


def _likeness(metrics: Mapping[str, Any], levels: int) -> Chart | None:
    found = [(name, number(metrics, f"level{level}/cosine")) for level, name in _level_names(levels)]
    bars = tuple(Bar(name, _on_track(value), f"{value:.2f}") for name, value in found if value is not None)
    if not bars:
        return None
    caption = "How like a scene its glyphs are: what is common to their kind stays, what is of this scene alone goes."
    scale = (
        "Cosine of a scene's vector, book and language taken out, and the one that its glyphs stand for: 1 where "
        "nothing is lost."
    )
    return Chart("Likeness", caption, scale, bars)


def _recognition(metrics: Mapping[str, Any], levels: int) -> Chart | None:
    bars = tuple(
        _percent_bar(name, found)
        for level, name in _level_names(levels)
        if (found := number(metrics, f"level{level}/retrieval_at_1")) is not None
    )
    if not bars:
        return None
    among = number(metrics, "retrieval_scenes")
    crowd = f"{among:,.0f} scenes" if among else "others"
    caption = f"How often a scene is found among {crowd} by its glyphs alone."
    scale = f"By luck it would be {100 / among:.2g} %." if among and among > 1 else ""
    return Chart("Recognition", caption, scale, bars)


def _level_names(levels: int) -> list[tuple[int, str]]:
    return [(level, f"{level} glyph{'s' if level > 1 else ''}") for level in range(1, levels + 1)]
