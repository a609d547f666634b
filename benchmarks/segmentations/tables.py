"""The tables that are printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import mean, pstdev

from benchmarks.meanings.intervals import Estimate, estimate
from benchmarks.segmentations.answers import CHOSEN, OURS, TRIED, Row
from benchmarks.segmentations.scores import METRICS

SAMPLES = 2_000
KINDS = {"all *.ref": "ref", "all *.csv": "csv", "all gold": "gold"}
COLUMNS = {
    **{"Pk": "pk", "WindowDiff": "windowdiff", "F1@0": "f0", "P@3": "precision3", "R@3": "recall3", "F1@3": "f3"},
    **{"F1 lsx": "f_lsx", "B": "similarity"},
}


def interval(values: Sequence[float]) -> Estimate:
    """The mean over documents, with the middle 95 % of it over SAMPLES samples of them with replacement."""
    return estimate(values, range(len(values)), samples=SAMPLES)


def groups(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows by folder, then by kind; without empty ones."""
    chosen = {folder: [row for row in rows if row.folder == folder] for folder in sorted({row.folder for row in rows})}
    chosen |= {name: [row for row in rows if row.kind == kind] for name, kind in KINDS.items()}
    return {name: some for name, some in chosen.items() if some}


def by_method(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows by method, in the order in which methods come; without those that are only chosen from."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.method not in TRIED:
            found.setdefault(row.method, []).append(row)
    return found


def summaries(rows: Sequence[Row]) -> list[dict[str, object]]:
    """Mean, standard deviation and interval of each measure, by group and method, for JSON."""
    return [
        {"texts": group, "method": method, "documents": len(some)} | _summary(some)
        for group, all_of_it in groups(rows).items()
        for method, some in by_method(all_of_it).items()
    ]


def _summary(rows: Sequence[Row]) -> dict[str, object]:
    values = {metric: [row.scores[metric] for row in rows] for metric in (*METRICS, "found", "gold")}
    estimates = {metric: interval(some) for metric, some in values.items()}
    return {
        metric: {"mean": one.mean, "sd": pstdev(values[metric]), "low": one.low, "high": one.high}
        for metric, one in estimates.items()
    }


def files_table(rows: Sequence[Row]) -> list[str]:
    """Each document as ours has it."""
    lines = _head(["document", "sentences", *COLUMNS, "found/gold", "sentences/s"])
    for row in rows:
        if row.method == OURS:
            numbers = [f"{row.scores[metric]:.3f}" for metric in COLUMNS.values()]
            scenes = f"{row.scores['found']:.0f}/{row.scores['gold']:.0f}"
            rate = f"{row.scores['sentences_per_second']:,.0f}"
            lines.append(_line([row.document, str(row.sentences), *numbers, scenes, rate]))
    return lines


def groups_table(rows: Sequence[Row]) -> list[str]:
    """Each group for every method: means, with 95 % intervals over documents."""
    lines = _head(["texts", "documents", "method", *COLUMNS, "found/gold"])
    for group, all_of_it in groups(rows).items():
        for method, some in by_method(all_of_it).items():
            values = {metric: [row.scores[metric] for row in some] for metric in (*METRICS, "found", "gold")}
            numbers = [interval(values[metric]).show() for metric in COLUMNS.values()]
            scenes = f"{mean(values['found']):.1f}/{mean(values['gold']):.1f}"
            lines.append(_line([group, str(len(some)), method, *numbers, scenes]))
    return lines


def chosen_lines(rows: Sequence[Row]) -> list[str]:
    """Which penalties were chosen, and for how many documents, a line for each kind of these."""
    lines = []
    for name, kind in KINDS.items():
        times = Counter(row.scores["penalty"] for row in rows if row.kind == kind and row.method == CHOSEN)
        if times:
            lines.append(f"{CHOSEN}, {name}: " + ", ".join(f"{x:g} ({n})" for x, n in sorted(times.items())))
    return lines


def _head(names: Sequence[str]) -> list[str]:
    return [_line(names), "|" + "---|" * len(names)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
