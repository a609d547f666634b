"""Figures as tables for people."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.meanings.intervals import ALL, Figure

_FORMS = {
    "topics with keywords": "{:.0f}",
    "lift": "{:.2f}",
    "bits shared, at least": "{:.2f}",
    "bits shared, counted": "{:.2f}",
}
TITLES = {
    "a": "Chapters found by their titles",
    "b": "Keywords of topics",
    "c": "The next scene among 32",
    "d": "What glyphs keep, give away and share with a translation",
    "e": "Glyphs that change when a sentence is dropped",
}


def tables(figures: Sequence[Figure]) -> list[str]:
    """Lines of Markdown: a table per part and measure, a row per way, a column per language."""
    lines: list[str] = []
    for part, title in TITLES.items():
        mine = [figure for figure in figures if figure.part == part]
        if mine:
            lines += [f"### {title}", ""]
        for measure in dict.fromkeys(figure.measure for figure in mine):
            lines += [*table([figure for figure in mine if figure.measure == measure]), ""]
    return lines[:-1]


def table(figures: Sequence[Figure]) -> list[str]:
    """One measure. Of pairs of languages only what sums them up is shown: there may be a hundred of them."""
    measure = figures[0].measure
    languages = sorted({figure.language for figure in figures}, key=lambda language: (language != ALL, language))
    languages = [language for language in languages if " " not in language]
    cells = {(figure.way, figure.language): figure.value.show(_FORMS.get(measure, "{:.3f}")) for figure in figures}
    ways = dict.fromkeys(figure.way for figure in figures)
    return [
        f"| {measure} | {' | '.join(languages)} |",
        "|---|" + "---:|" * len(languages),
        *(f"| {way} | {' | '.join(cells.get((way, one), '') for one in languages)} |" for way in ways),
    ]
