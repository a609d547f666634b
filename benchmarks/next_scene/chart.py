"""The chart of the experiment: what training bought, by both yardsticks, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.next_scene.baselines import Preparation
from benchmarks.next_scene.figures import FormFigures, Interval
from benchmarks.next_scene.questions import CHANCE

# Okabe and Ito's palette: told apart by most colour-blind readers, and in print.
COLOURS = {
    "characters": "#CC79A7",
    "tokens": "#D55E00",
    "signs + tokens": "#E69F00",
    "signs": "#0072B2",
    "signs, two levels": "#56B4E9",
}
MARKERS = {"characters": "D", "tokens": "s", "signs + tokens": "^", "signs": "o", "signs, two levels": "v"}
LANGUAGES = {"en": "English", "ru": "Russian", "zh": "Chinese"}


def draw(
    forms: Sequence[FormFigures],
    simple: Sequence[tuple[str, float, dict[str, Interval]]],
    preparation: Preparation,
    path: Path,
) -> None:
    """Writes the chart as a PNG. simple: name, FLOPs per question and accuracy by kind of the untrained ways."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    main = [form for form in forms if form.main]
    languages = sorted({key.split("/")[1] for form in main for key in form.curves if key.startswith("bits/")})
    figure = Figure(figsize=(10.5, 11.5), dpi=130, layout="constrained")
    above, middle, below = figure.subfigures(3, 1, height_ratios=(1.15, 1.0, 1.05))  # type: ignore[misc]
    left, right = above.subplots(1, 2, width_ratios=(1.0, 1.1))
    _training(left, main)
    _inference(right, main, simple)
    above.suptitle("Which of 32 scenes comes next?", weight="bold", fontsize=12)
    above.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=6, frameon=False, fontsize=9)
    axes = middle.subplots(1, max(1, len(languages)), squeeze=False)[0]
    for axis, language in zip(axes, languages, strict=False):
        _bits(axis, main, language)
    middle.suptitle("Bits per character of unseen books (lower is better)", weight="bold", fontsize=12)
    dear, heavy = below.subplots(1, 2)
    _cost(dear, main, preparation)
    _memory(heavy, main)
    below.suptitle("What the training books cost", weight="bold", fontsize=12)
    figure.savefig(path, metadata={"Software": None})


def _style(form: FormFigures) -> dict[str, Any]:
    return {"color": COLOURS.get(form.name, "#555555"), "marker": MARKERS.get(form.name, "o"), "ms": 5}


def _training(axis: Any, forms: Sequence[FormFigures]) -> None:
    for form in forms:
        curve = form.curves["far"]
        axis.plot(curve.flops, curve.mean, label=form.name, lw=1.6, **_style(form))
        axis.fill_between(curve.flops, curve.low, curve.high, color=COLOURS.get(form.name), alpha=0.13, lw=0)
    _chance(axis)
    axis.set_xscale("log")
    axis.set_xlabel("training FLOPs (shaded: range of seeds)")
    axis.set_ylabel("right answers to some far questions")


def _inference(
    axis: Any, forms: Sequence[FormFigures], simple: Sequence[tuple[str, float, dict[str, Interval]]]
) -> None:
    """A row per form and reading and per untrained way, cheapest answer first."""
    rows = [
        (
            f"{form.name}, {reading.context} + {reading.opening}" if i else form.name,
            reading.flops, reading.accuracy, COLOURS.get(form.name, "#555555"),
        )
        for form in forms
        for i, reading in enumerate(form.readings)
    ]  # fmt: skip
    rows += [(name, flops, found, "#555555") for name, flops, found in simple]
    rows.sort(key=lambda row: row[1])
    for place, (_, _, found, colour) in enumerate(rows):
        for kind, offset, filled in (("far", -0.14, True), ("near", 0.14, False)):
            own = found[kind]
            axis.errorbar(
                [own.mean], [place + offset], xerr=[[own.mean - own.low], [own.high - own.mean]], fmt="o", ms=4, lw=1,
                color=colour, markerfacecolor=colour if filled else "white",
            )  # fmt: skip
    names = [f"{name} ({flops:.0e} FLOPs)" if flops else f"{name} (no model)" for name, flops, _, _ in rows]
    axis.set_yticks(range(len(rows)), names, fontsize=7.5)
    axis.invert_yaxis()
    axis.axvline(CHANCE, color="#000000", lw=1, ls="--")
    axis.set_xlim(left=0)
    axis.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    axis.set_xlabel("right answers (filled: far, hollow: near)")
    axis.grid(alpha=0.25)


def _chance(axis: Any) -> None:
    axis.axhline(CHANCE, color="#000000", lw=1, ls="--", label="chance")
    axis.set_ylim(bottom=0)
    axis.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    axis.grid(alpha=0.25)


def _bits(axis: Any, forms: Sequence[FormFigures], language: str) -> None:
    for form in forms:
        curve = form.curves.get(f"bits/{language}")
        if curve:
            axis.plot(curve.flops, curve.mean, lw=1.6, **_style(form))
            axis.fill_between(curve.flops, curve.low, curve.high, color=COLOURS.get(form.name), alpha=0.13, lw=0)
    axis.set_xscale("log")
    axis.set_title(LANGUAGES.get(language, language), fontsize=10)
    axis.set_xlabel("training FLOPs")
    axis.grid(alpha=0.25)


def _cost(axis: Any, forms: Sequence[FormFigures], preparation: Preparation) -> None:
    places = range(len(forms))
    axis.barh(places, [form.flops_per_pass for form in forms], color=[COLOURS.get(form.name) for form in forms])
    made = preparation.embedding_flops
    if made:
        with_signs = [i for i, form in enumerate(forms) if "signs" in form.name]
        axis.scatter([made] * len(with_signs), with_signs, marker="|", s=320, color="#000000", lw=2)
        axis.annotate("embedding the books,\nonce, to find their signs", (made, with_signs[0]), (-8, 0), va="center",
                      textcoords="offset points", ha="right", fontsize=8).set_in_layout(False)  # fmt: skip
    axis.set_yticks(list(places), [form.name for form in forms])
    axis.invert_yaxis()
    axis.set_xscale("log")
    axis.set_xlabel("FLOPs of one pass of training")
    axis.grid(alpha=0.25, axis="x")


def _memory(axis: Any, forms: Sequence[FormFigures]) -> None:
    places = range(len(forms))
    axis.barh(places, [form.memory for form in forms], color=[COLOURS.get(form.name) for form in forms])
    axis.set_yticks(list(places), [])
    axis.invert_yaxis()
    axis.set_xlabel("peak memory of training, MB above the libraries")
    axis.grid(alpha=0.25, axis="x")
