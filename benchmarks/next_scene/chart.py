"""The chart of the experiment: right answers by training, by books and without training, and what a pass costs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.meanings.intervals import Estimate
from benchmarks.next_scene.controls import Control
from benchmarks.next_scene.costs import Preparation
from benchmarks.next_scene.figures import FormFigures
from benchmarks.next_scene.plan import SIGNS
from benchmarks.next_scene.questions import CHANCE

# Okabe and Ito's palette: told apart by most colour-blind readers, and in print.
COLOURS = {
    "characters": "#CC79A7",
    "tokens": "#D55E00",
    "topics": "#999999",
    "two glyphs": "#56B4E9",
    "four glyphs": "#009E73",
    "topics + cast": "#F0E442",
    "two glyphs + cast": "#0072B2",
    "four glyphs + cast": "#117733",
    "vectors + cast": "#E69F00",
}


def draw(
    figures: Sequence[FormFigures],
    checked: Sequence[Control],
    simple: Sequence[tuple[str, str, dict[str, Estimate]]],
    made: Preparation,
    path: Path,
) -> None:
    """Writes the chart as a PNG. simple: name, form and right answers by kind of the untrained ways."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    whole = max((form.books for form in figures), default=0)
    largest = [form for form in figures if form.books == whole]
    figure = Figure(figsize=(10.5, 9.5), dpi=130, layout="constrained")
    (training, books), (ways, cost) = figure.subplots(2, 2, height_ratios=(1.0, 1.2))
    for form in largest:
        _line(training, form, [point.flops for point in form.points], [point.right["far"] for point in form.points])
    training.set(xscale="log", xlabel="training FLOPs", title=f"Next scene found (far), {whole} books")
    for name in dict.fromkeys(form.form for form in figures):
        own = sorted((form for form in figures if form.form == name), key=lambda form: form.books)
        if len(own) > 1:
            _line(books, own[-1], [form.books for form in own], [form.at_best.right["far"] for form in own])
    for control in checked:
        if (control.form, control.books) == (SIGNS, whole):
            books.axhline(control.right["far"].mean, color=COLOURS[SIGNS], lw=1, ls=":", label="same signs, untrained")
    sizes = sorted({form.books for form in figures})
    books.set(xscale="log", xlabel="training books", title="Next scene found (far), by training books")
    books.set_xticks(sizes, [str(size) for size in sizes])
    books.set_xticks([], minor=True)
    for axis, place in ((training, "center right"), (books, (0.28, 0.24))):
        axis.axhline(CHANCE, color="#000000", lw=1, ls="--", label="chance")
        axis.set_ylim(bottom=0)
        axis.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        axis.grid(alpha=0.25)
        axis.legend(frameon=False, fontsize=7.5, loc=place)
    _ways(ways, simple)
    _cost(cost, largest, made)
    figure.savefig(path, metadata={"Software": None})


def _line(axis: Any, form: FormFigures, places: Sequence[float], right: Sequence[Estimate]) -> None:
    colour = COLOURS.get(form.form, "#555555")
    below = [max(0.0, found.mean - found.low) for found in right]
    above = [max(0.0, found.high - found.mean) for found in right]
    axis.errorbar(
        places, [found.mean for found in right], yerr=[below, above], label=form.form, color=colour, marker="o", ms=4,
        lw=1.4, elinewidth=0.8, capsize=2,
    )  # fmt: skip


def _ways(axis: Any, simple: Sequence[tuple[str, str, dict[str, Estimate]]]) -> None:
    for place, (_, form, right) in enumerate(simple):
        found = right["far"]
        error = [[max(0.0, found.mean - found.low)], [max(0.0, found.high - found.mean)]]
        axis.errorbar([found.mean], [place], xerr=error, fmt="o", ms=4, lw=1, color=COLOURS.get(form, "#555555"))
    names = [f"{form}: {name.split(',')[0]}" for name, form, _ in simple]
    axis.set_yticks(range(len(names)), names, fontsize=7)
    axis.invert_yaxis()
    axis.axvline(CHANCE, color="#000000", lw=1, ls="--")
    axis.set_xlim(left=0)
    axis.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    axis.set_title("Next scene found (far), without training")
    axis.grid(alpha=0.25)


def _cost(axis: Any, forms: Sequence[FormFigures], made: Preparation) -> None:
    rows = [(form.form, form.flops_per_pass, COLOURS.get(form.form, "#555555")) for form in forms]
    if made.embedding_flops:
        rows.append(("embedding, once", made.embedding_flops, "#000000"))
    axis.barh(range(len(rows)), [flops for _, flops, _ in rows], color=[colour for _, _, colour in rows])
    axis.set_yticks(range(len(rows)), [name for name, _, _ in rows], fontsize=8)
    axis.invert_yaxis()
    if rows:
        axis.set_xscale("log")
        axis.set_xlim(left=min(flops for _, flops, _ in rows) / 10)
    axis.set_title("FLOPs of one pass over the training books")
    axis.grid(alpha=0.25, axis="x")
