"""The chart of the language comparison: what each language costs beside English, and its tokens per word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from scenesign.pipeline.languages.claims import CLAIMS, direction
from scenesign.pipeline.languages.svg import inline_svg
from scenesign.schemas.language_names import language_name
from scenesign.schemas.languages import LanguageCost

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

# Okabe and Ito's palette: told apart by most colour-blind readers, and in print.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = ("o", "s", "^", "D", "v", "P")
BAND = "#F6D55C"
PREFERRED = ("zh", "ru")
WIDTH, DPI = 6.2, 200  # narrow, so that its text can be read on a telephone too
PANEL_WIDTH = 4.0
ROW = 0.36  # height of a tokenizer
WORDS_TITLE = "Tokens per word"


@dataclass(frozen=True)
class Panels:
    """The chart in pieces, each an SVG: a panel per language for its cost and for its tokens per word, and a legend."""

    cost_title: str
    costs: tuple[str, ...]
    words_title: str
    words: tuple[str, ...]
    legend: str


@dataclass(frozen=True)
class ChartData:
    """What the panels share. costs, words: rows of `rows` that are drawn in the upper and lower ones; the limits are of
    the axes of all upper and of all lower panels, for panels that show one unit have one scale.
    """

    costs: tuple[LanguageCost, ...]
    words: tuple[LanguageCost, ...]
    base: str
    others: tuple[str, ...]
    tokenizers: tuple[str, ...]
    subwords: tuple[str, ...]
    corpora: tuple[str, ...]
    cost_limits: tuple[float, float]
    word_limits: tuple[float, float]


def chart_data(rows: Sequence[LanguageCost]) -> ChartData:
    """Chooses what is drawn: up to two languages beside the base language, and corpora that have this base."""
    base = rows[0].base_language
    # ratios to different languages can't share an axis: corpora without the first one's base are in the
    # tables only
    shown = [row for row in rows if row.kind != "signs" and row.base_language == base]
    tokenizers = _by_cost(shown, base)
    others = _languages(shown, base)
    costs = [row for row in shown if row.language in others]
    words = [row for row in shown if row.kind == "subword"] or shown
    words = [row for row in words if row.language in (base, *others)]
    drawn = [row.premium for row in costs] + [row.attention_ratio for row in costs if row.kind == "subword"]
    per_word = [row.tokens_per_word for row in words if row.tokens_per_word is not None]
    per_word += [
        claim.high for claim in CLAIMS if claim.figure == "tokens_per_word" and claim.language in (base, *others)
    ]
    return ChartData(
        costs=tuple(costs),
        words=tuple(words),
        base=base,
        others=tuple(others),
        tokenizers=tuple(tokenizers),
        subwords=tuple(name for name in tokenizers if any(row.tokenizer == name for row in words)),
        corpora=tuple(dict.fromkeys(row.corpus for row in shown)),
        cost_limits=(min([0.5, *drawn]) / 1.12, max([2.2, *drawn]) * 1.12),
        word_limits=(0.9, max([2.0, *per_word]) + 0.2),
    )


def draw_chart(rows: Sequence[LanguageCost], path: Path) -> None:
    """Writes the chart as a PNG.

    Above: cost relative to the base language, by tokenizer and corpus, for up to two languages: linear cost
    (tokens, so FLOPs and KV-cache) as a filled mark with its 95 % interval, attention scores (n squared) as a
    hollow one.
    Below: tokens per word. The founding note's claimed bands are shaded.
    """
    from matplotlib.figure import Figure

    data = chart_data(rows)
    with _plain_text():
        heights = (1.2 + ROW * len(data.tokenizers), 1.9 + 0.8 * ROW * len(data.subwords))
        figure = Figure(figsize=(WIDTH, sum(heights)), dpi=DPI, layout="constrained")
        upper, lower = figure.subfigures(2, 1, height_ratios=heights)  # type: ignore[misc]
        top = upper.subplots(1, len(data.others), sharex=True, sharey=True, squeeze=False)[0]
        for axis, language in zip(top, data.others, strict=True):
            _premiums(axis, data, language)
        per_word = (data.base, *data.others)
        bottom = lower.subplots(1, len(per_word), sharex=True, sharey=True, squeeze=False)[0]
        for axis, language in zip(bottom, per_word, strict=True):
            _words(axis, data, language)
        upper.suptitle(cost_title(data), fontsize=12, weight="bold")
        lower.suptitle(WORDS_TITLE, fontsize=12, weight="bold")
        lower.legend(handles=_legend(data), loc="outside lower center", ncols=2, fontsize=9, frameon=False)
        # no creation date or version: the same rows give the same file
        figure.savefig(path, metadata={"Software": None})


def draw_panels(rows: Sequence[LanguageCost]) -> Panels:
    """The same panels one by one, as SVG that may stand in a page: it has no style of its own."""
    from matplotlib.figure import Figure

    data = chart_data(rows)
    with _plain_text():

        def panel(name: str, height: float, draw: Callable[[Axes], None], label: str) -> str:
            figure = Figure(figsize=(PANEL_WIDTH, height), layout="constrained")
            draw(figure.subplots())
            return inline_svg(figure, name, label)

        costs = tuple(
            panel(f"cost-{i}", 1 + ROW * len(data.tokenizers), partial(_premiums, data=data, language=language),
                  f"{cost_title(data)}: {language_name(language)}")
            for i, language in enumerate(data.others)
        )  # fmt: skip
        words = tuple(
            panel(f"words-{i}", 0.7 + 0.8 * ROW * len(data.subwords), partial(_words, data=data, language=language),
                  f"{WORDS_TITLE}: {language_name(language)}")
            for i, language in enumerate((data.base, *data.others))
        )  # fmt: skip
        handles = _legend(data)
        figure = Figure(figsize=(PANEL_WIDTH, 0.1 + 0.2 * len(handles)))
        figure.legend(handles=handles, loc="upper left", fontsize=9, frameon=False, borderaxespad=0)
        return Panels(cost_title(data), costs, WORDS_TITLE, words, inline_svg(figure, "legend", "Legend"))


def _plain_text() -> AbstractContextManager[None]:
    """While it lasts no `$` in a name of a corpus or a tokenizer begins a formula."""
    from matplotlib import rc_context

    return rc_context({"text.parse_math": False})


def cost_title(data: ChartData) -> str:
    """What the upper panels show."""
    return f"Cost of the same text, {language_name(data.base)} = 1"


def _by_cost(rows: Sequence[LanguageCost], base: str) -> list[str]:
    """Subword tokenizers, dearest first, then the anchors: read from the top down, the lists get cheaper."""
    names = list(dict.fromkeys(row.tokenizer for row in rows))
    anchors = {row.tokenizer for row in rows if row.kind != "subword"}

    def mean(name: str) -> float:
        values = [row.premium for row in rows if row.tokenizer == name and row.language != base]
        return sum(values) / len(values)

    return sorted(names, key=lambda name: (name in anchors, -mean(name)))


def _languages(rows: Sequence[LanguageCost], base: str) -> list[str]:
    found = [code for code in dict.fromkeys(row.language for row in rows) if code != base]
    return sorted(found, key=lambda c: PREFERRED.index(c) if c in PREFERRED else len(PREFERRED))[:2]


def _rows_of(tokenizers: Sequence[str], corpora: Sequence[str], row: LanguageCost) -> float:
    """Height of a mark: tokenizers one below the other, corpora side by side within each."""
    spread = 0.6 / max(1, len(corpora) - 1)
    offset = (corpora.index(row.corpus) - (len(corpora) - 1) / 2) * spread if len(corpora) > 1 else 0.0
    return tokenizers.index(row.tokenizer) + offset


class _Style(TypedDict):
    color: str
    marker: str


def _style(row: LanguageCost, corpora: Sequence[str]) -> _Style:
    i = corpora.index(row.corpus)
    return {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)]}


def _premiums(axis: Axes, data: ChartData, language: str) -> None:
    rows = [row for row in data.costs if row.language == language]
    _rows_ruled(axis, data.tokenizers)
    axis.axvline(1, color="black", lw=1)
    for claim in CLAIMS:
        if claim.figure == "premium" and claim.language == language and data.base == "en":
            axis.axvspan(claim.low, claim.high, color=BAND, alpha=0.75, lw=0, zorder=0)
    for row in rows:
        style, y = _style(row, data.corpora), _rows_of(data.tokenizers, data.corpora, row)
        if row.kind == "subword":  # nothing pays attention to the anchors' bytes and characters
            axis.plot([row.premium, row.attention_ratio], [y, y], color=style["color"], lw=0.8, alpha=0.45)
            axis.plot(row.attention_ratio, y, **style, mfc="white", ms=4.2, mew=1.0, ls="none")
        axis.plot(row.premium, y, **style, ms=4.6, mew=0, ls="none")
        if row.premium_low is not None and row.premium_high is not None:
            axis.plot([row.premium_low, row.premium_high], [y, y], color="black", lw=1.6, zorder=5)
    axis.set_xscale("log")
    low, high = data.cost_limits
    axis.set_xlim(low, high)
    ticks = [t for t in (0.0625, 0.125, 0.25, 0.5, 1, 2, 4, 8, 16) if low <= t <= high]
    axis.set_xticks(ticks, [f"{t:g}" if t >= 1 else f"1/{1 / t:.0f}" for t in ticks], minor=False)
    axis.set_xticks([], minor=True)
    axis.set_xlabel("\u2190 cheaper    dearer \u2192", fontsize=9.5)
    axis.set_title(language_name(language), fontsize=11)


def _words(axis: Axes, data: ChartData, language: str) -> None:
    _rows_ruled(axis, data.subwords)
    for claim in CLAIMS:
        if claim.figure == "tokens_per_word" and claim.language == language:
            axis.axvspan(claim.low, claim.high, color=BAND, alpha=0.75, lw=0, zorder=0)
    for row in data.words:
        if row.language == language and row.tokens_per_word is not None:
            y = _rows_of(data.subwords, data.corpora, row)
            axis.plot(row.tokens_per_word, y, **_style(row, data.corpora), ms=4.6, mew=0, ls="none")
    axis.set_xlim(*data.word_limits)
    axis.set_xticks(range(1, int(data.word_limits[1]) + 1))
    axis.set_title(language_name(language), fontsize=11)


def _rows_ruled(axis: Axes, tokenizers: Sequence[str]) -> None:
    axis.set_ylim(len(tokenizers) - 0.5, -0.5)
    axis.set_yticks(range(len(tokenizers)), tokenizers, fontsize=10)
    for i in range(0, len(tokenizers), 2):
        axis.axhspan(i - 0.5, i + 0.5, color="#F2F2F2", lw=0, zorder=-1)
    axis.tick_params(axis="y", length=0)
    axis.tick_params(axis="x", labelsize=10)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)


def _legend(data: ChartData) -> list[Artist]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    sources = {row.corpus: row.source_language for row in (*data.costs, *data.words)}
    marks: list[Artist] = [
        Line2D(
            [], [], ls="none", ms=6, color=COLOURS[i % len(COLOURS)], marker=MARKERS[i % len(MARKERS)],
            label=f"{corpus} ({direction(sources[corpus])})",
        )
        for i, corpus in enumerate(data.corpora)
    ]  # fmt: skip
    return [
        *marks,
        Line2D([], [], ls="none", marker="o", color="0.35", ms=6, label="filled: tokens, so FLOPs and KV-cache"),
        Line2D([], [], ls="none", marker="o", color="0.35", mfc="white", label="hollow: attention (n squared)"),
        Line2D([], [], color="black", lw=2, label="95 % interval"),
        Patch(color=BAND, alpha=0.75, label="claimed for tokens in the founding note"),
    ]
