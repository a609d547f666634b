"""The chart of the language comparison: what each language costs beside English, and its tokens per word."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from scenesign.pipeline.languages.claims import CLAIMS, NAMES, direction
from scenesign.schemas.languages import LanguageCost

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

# Okabe and Ito's palette: told apart by most colour-blind readers, and in print.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = ("o", "s", "^", "D", "v", "P")
BAND = "#F6D55C"
PREFERRED = ("zh", "ru")
WIDTH, DPI = 9.0, 150


def draw_chart(rows: Sequence[LanguageCost], path: Path) -> None:
    """Writes the chart as a PNG.

    Above: cost relative to the base language, by tokenizer and corpus, for up to two languages: linear cost
    (tokens, so FLOPs and KV-cache) as a filled mark with its 95 % interval, attention scores (n squared) as a
    hollow one.
    Below: tokens per word. The founding note's claimed bands are shaded.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    base = rows[0].base_language
    # ratios to different languages can't share an axis: corpora without the first one's base are in the
    # tables only
    shown = [row for row in rows if row.kind != "signs" and row.base_language == base]
    tokenizers = _by_cost(shown, base)
    corpora = list(dict.fromkeys(row.corpus for row in shown))
    others = _languages(shown, base)
    heights = (1.0 + 0.46 * len(tokenizers), 1.6 + 0.28 * len(tokenizers))
    figure = Figure(figsize=(WIDTH, sum(heights)), dpi=DPI, layout="constrained")
    upper, lower = figure.subfigures(2, 1, height_ratios=heights)  # type: ignore[misc]
    top = upper.subplots(1, len(others), sharey=True, squeeze=False)[0]
    for axis, language in zip(top, others, strict=True):
        _premiums(axis, [r for r in shown if r.language == language], tokenizers, corpora, language, base)
    per_word = [base, *others]
    words = [row for row in shown if row.kind == "subword"] or shown
    subwords = [t for t in tokenizers if any(row.tokenizer == t for row in words)]
    bottom = lower.subplots(1, len(per_word), sharey=True, squeeze=False)[0]
    for axis, language in zip(bottom, per_word, strict=True):
        _words(axis, [r for r in words if r.language == language], subwords, corpora, language)
    upper.suptitle(f"The same text costs this many times its {_name(base)} version", fontsize=12, weight="bold")
    lower.suptitle("Tokens per word", fontsize=12, weight="bold")
    lower.legend(handles=_legend(shown, corpora), loc="outside lower center", ncols=3, fontsize=8.5, frameon=False)
    # no creation date or version: the same rows give the same file
    figure.savefig(path, metadata={"Software": None})


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


def _premiums(
    axis: Axes,
    rows: Sequence[LanguageCost],
    tokenizers: Sequence[str],
    corpora: Sequence[str],
    language: str,
    base: str,
) -> None:
    _rows_ruled(axis, tokenizers)
    axis.axvline(1, color="black", lw=1)
    for claim in CLAIMS:
        if claim.figure == "premium" and claim.language == language and base == "en":
            axis.axvspan(claim.low, claim.high, color=BAND, alpha=0.75, lw=0, zorder=0)
    for row in rows:
        style, y = _style(row, corpora), _rows_of(tokenizers, corpora, row)
        if row.kind == "subword":  # nothing pays attention to the anchors' bytes and characters
            axis.plot([row.premium, row.attention_ratio], [y, y], color=style["color"], lw=0.8, alpha=0.45)
            axis.plot(row.attention_ratio, y, **style, mfc="white", ms=4.2, mew=1.0, ls="none")
        axis.plot(row.premium, y, **style, ms=4.6, mew=0, ls="none")
        if row.premium_low is not None and row.premium_high is not None:
            axis.plot([row.premium_low, row.premium_high], [y, y], color="black", lw=1.6, zorder=5)
    axis.set_xscale("log")
    drawn = [r.premium for r in rows] + [r.attention_ratio for r in rows if r.kind == "subword"]
    low, high = min([0.5, *drawn]), max([2.2, *drawn])
    axis.set_xlim(low / 1.12, high * 1.12)
    ticks = [t for t in (0.0625, 0.125, 0.25, 0.5, 1, 2, 4, 8, 16) if low / 1.12 <= t <= high * 1.12]
    axis.set_xticks(ticks, [f"{t:g}×" if t >= 0.5 else f"1/{1 / t:.0f}×" for t in ticks], minor=False)
    axis.set_xticks([], minor=True)
    axis.set_xlabel(f"\u2190 cheaper than {_name(base)}      dearer \u2192", fontsize=9)
    axis.set_title(_name(language), fontsize=11)


def _words(
    axis: Axes,
    rows: Sequence[LanguageCost],
    tokenizers: Sequence[str],
    corpora: Sequence[str],
    language: str,
) -> None:
    _rows_ruled(axis, tokenizers)
    high = 2.0
    for claim in CLAIMS:
        if claim.figure == "tokens_per_word" and claim.language == language:
            axis.axvspan(claim.low, claim.high, color=BAND, alpha=0.75, lw=0, zorder=0)
            high = max(high, claim.high)
    for row in rows:
        if row.tokens_per_word is not None:
            y = _rows_of(tokenizers, corpora, row)
            axis.plot(row.tokens_per_word, y, **_style(row, corpora), ms=4.6, mew=0, ls="none")
            high = max(high, row.tokens_per_word)
    axis.set_xlim(0.9, high + 0.2)
    axis.set_title(_name(language), fontsize=11)


def _rows_ruled(axis: Axes, tokenizers: Sequence[str]) -> None:
    axis.set_ylim(len(tokenizers) - 0.5, -0.5)
    axis.set_yticks(range(len(tokenizers)), tokenizers, fontsize=10)
    for i in range(0, len(tokenizers), 2):
        axis.axhspan(i - 0.5, i + 0.5, color="#F2F2F2", lw=0, zorder=-1)
    axis.tick_params(axis="y", length=0)
    axis.tick_params(axis="x", labelsize=9)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)


def _legend(rows: Sequence[LanguageCost], corpora: Sequence[str]) -> list[Artist]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    sources = {row.corpus: row.source_language for row in rows}
    marks: list[Artist] = [
        Line2D(
            [], [], ls="none", ms=6, color=COLOURS[i % len(COLOURS)], marker=MARKERS[i % len(MARKERS)],
            label=f"{corpus} ({direction(sources[corpus])})",
        )
        for i, corpus in enumerate(corpora)
    ]  # fmt: skip
    return [
        *marks,
        Line2D([], [], ls="none", marker="o", color="0.35", ms=6, label="filled: tokens, FLOPs, KV-cache"),
        Line2D([], [], ls="none", marker="o", color="0.35", mfc="white", label="hollow: attention (n squared)"),
        Line2D([], [], color="black", lw=2, label="95 % interval"),
        Patch(color=BAND, alpha=0.75, label="claimed for tokens in the founding note"),
    ]


def _name(language: str) -> str:
    return NAMES.get(language, language)
