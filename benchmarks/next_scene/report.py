"""What the experiment leaves: tables, a verdict per claim, a chart, and all figures as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.meanings.intervals import Estimate, estimate
from benchmarks.next_scene.chart import draw
from benchmarks.next_scene.controls import LANGUAGES, Control, controls
from benchmarks.next_scene.costs import WATTS, Preparation, joules, passes_to_pay
from benchmarks.next_scene.figures import ASKED, FormFigures, right_by_kind, summarise
from benchmarks.next_scene.likeness import Way
from benchmarks.next_scene.plan import SIGNS
from benchmarks.next_scene.questions import KINDS, Question
from benchmarks.next_scene.shelf import Shelf
from benchmarks.next_scene.verdicts import Verdict, judge, lead, share

# Right answers of an untrained way by kind, under its name and the form that it reads.
Simple = Sequence[tuple[str, str, dict[str, Estimate]]]
# Models that share the signs once they are made, for the table of what pays.
MODELS = (1, 10)


def report(
    output: Path,
    scale: Mapping[str, Any],
    shelf: Shelf,
    questions: Sequence[Question],
    runs: Sequence[Mapping[str, Any]],
    ways: Sequence[Way],
    counted: Mapping[str, Sequence[np.ndarray]],
    unigram: Mapping[int, Sequence[np.ndarray]],
    made: Preparation,
) -> str:
    """Writes convergence.json, convergence.md and convergence.png; returns the Markdown.

    counted: see `topic_bits`. unigram: the same of unigrams of so many training books.
    """
    figures = summarise(runs, questions)
    checked = controls(runs, questions, ways, unigram)
    simple = [(way.name, way.form, right_by_kind([way.hits], questions)) for way in ways]
    bits = {name: _by_book(rows) for name, rows in counted.items()}
    verdicts = judge(figures, checked, simple, made)
    told = {
        "scale": scale,
        "books": {name: _listed(shelf, name) for name in ("train", "validation", "test")},
        "figures": [asdict(form) for form in figures],
        "untrained": [{"name": n, "form": f, "right": {k: asdict(e) for k, e in own.items()}} for n, f, own in simple],
        "controls": [asdict(control) for control in checked],
        "topic_bits": {name: asdict(found) for name, found in bits.items()},
        "preparation": asdict(made),
        "verdicts": [asdict(verdict) for verdict in verdicts],
    }
    (output / "convergence.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    head = (
        f"Trained on up to {len(shelf.train.works)} works ({shelf.train.characters:,} characters, "
        f"{shelf.train.scenes:,} scenes), chosen by {len(shelf.validation.works)}, asked about {len(shelf.test.works)} "
        f"({shelf.test.scenes:,} scenes) of other authors; {len(questions):,} questions; "
        "intervals hold 95 of 100 samples of the books with replacement."
    )
    text = markdown(head, figures, checked, simple, bits, made, verdicts)
    (output / "convergence.md").write_text(text, encoding="utf-8")
    draw(figures, checked, simple, made, output / "convergence.png")
    return text


def _listed(shelf: Shelf, side: str) -> list[str]:
    return [f"{work.language}: {work.title}" for work in getattr(shelf, side).works]


def _by_book(rows: Sequence[np.ndarray]) -> Estimate:
    """Bits of all scenes but the first of each book, which a model has nothing to go by."""
    rest = [row[1:] for row in rows]
    return estimate(np.concatenate(rest), np.repeat(np.arange(len(rest)), [len(row) for row in rest]))


def markdown(
    head: str,
    figures: Sequence[FormFigures],
    checked: Sequence[Control],
    simple: Simple,
    bits: Mapping[str, Estimate],
    made: Preparation,
    verdicts: Sequence[Verdict],
) -> str:
    """The tables and verdicts."""
    lines = [head, "", *trained_table(figures), "", *control_table(checked), "", *language_table(checked), ""]
    lines += [*untrained_table(simple), "", *topic_table(checked, bits), ""]
    lines += [*cost_table(figures), "", *paying_table(figures, made), ""]
    lines += [f"- **{v.claim}: {v.found}.** {v.why[0].upper()}{v.why[1:]}." for v in verdicts]
    return "\n".join(lines).rstrip() + "\n"


def trained_table(figures: Sequence[FormFigures]) -> list[str]:
    """A row per form, number of books and mark."""
    lines = [
        "| trained on | books | seeds | training FLOPs | passes | far | near | chapter | FLOPs of an answer "
        "| bits per character |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for form in figures:
        for place, point in enumerate(form.points):
            right = [share(point.right[kind]) for kind in ASKED]
            best = " (best)" if form.text and place == form.best else ""
            each = ", ".join(f"{k} {v:.2f}" for k, v in point.bits.items() if k in LANGUAGES)
            row = [form.form, f"{form.books}", f"{form.seeds}", f"{point.flops:.1e}{best}"]
            row += [f"{point.flops / form.flops_per_pass:.2g}", *right, f"{form.answer_flops:.1e}", each]
            lines.append("| " + " | ".join(row) + " |")
    return lines


def control_table(checked: Sequence[Control]) -> list[str]:
    """Trained models beside the best untrained way on the same codes, and on books in any order."""
    lines = [
        "| trained on | books | seeds | untrained: far | near | model's lead: far | near "
        "| scenes in any order: far | near |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for own in checked:
        row = [own.form, f"{own.books}", f"{own.seeds}", *(share(own.right[kind]) for kind in KINDS)]
        row += [lead(own.ahead[kind]) for kind in KINDS] + [share(own.shuffled[kind]) for kind in KINDS]
        lines.append("| " + " | ".join(row) + " |")
    return lines


def language_table(checked: Sequence[Control]) -> list[str]:
    """The signs' model on the whole shelf, language by language."""
    signs = max((own for own in checked if own.form == SIGNS), key=lambda own: own.books, default=None)
    if signs is None:
        return []
    lines = [
        f"| {SIGNS}, language | books asked about | far | near | lead: far | near |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for language, found in signs.languages.items():
        row = [language, f"{found.books}", *(share(found.right[kind]) for kind in KINDS)]
        lines.append("| " + " | ".join([*row, *(lead(found.ahead[kind]) for kind in KINDS)]) + " |")
    return lines


def untrained_table(simple: Simple) -> list[str]:
    lines = ["| without training | reads | far | near | chapter |", "|---|---|---:|---:|---:|"]
    for name, form, right in simple:
        lines.append("| " + " | ".join([name, form, *(share(right[kind]) for kind in ASKED)]) + " |")
    return lines


def topic_table(checked: Sequence[Control], bits: Mapping[str, Estimate]) -> list[str]:
    """Bits of a topic of the test books, by what foretells it, and how many fewer than by the same books' unigram."""
    lines = ["| topics foretold by | books | bits per scene | fewer than unigram |", "|---|---:|---:|---:|"]
    lines += [f"| {name} | | {found.show('{:.2f}')} | |" for name, found in bits.items()]
    for own in checked:
        if own.topics and own.gain:
            row = [own.form, f"{own.books}", own.topics.show("{:.2f}"), own.gain.show("{:.2f}")]
            lines.append("| " + " | ".join(row) + " |")
    return lines


def cost_table(figures: Sequence[FormFigures]) -> list[str]:
    lines = [
        f"| form | books | parameters | FLOPs of a pass | seconds | kJ at {WATTS:.0f} W | peak memory, MB | data, kB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    return lines + [
        f"| {f.form} | {f.books} | {f.parameters:,} | {f.flops_per_pass:.1e} | {f.seconds_per_pass:,.2g} "
        f"| {joules(f.seconds_per_pass) / 1e3:,.2g} | {f.memory:,.0f} | {f.data_bytes / 1e3:,.0f} |"
        for f in figures
    ]


def paying_table(figures: Sequence[FormFigures], made: Preparation) -> list[str]:
    """From how many passes over the text on signs are cheaper, by books and models that share the signs."""
    energy = joules(made.embedding_seconds) / 1e3
    lines = [
        f"Making the signs of all training books: {made.embedding_seconds:,.0f} s on one core"
        + (f" and {made.embedding_flops:.1e} FLOPs" if made.embedding_flops else "")
        + f" to embed {made.sentences:,} sentences with {made.embedder}, {energy:,.1f} kJ.",
        "",
        "| signs instead of tokens | books | models | cheaper in FLOPs from passes | in seconds, energy from passes |",
        "|---|---:|---:|---:|---:|",
    ]
    tokens = {form.books: form for form in figures if form.form == "tokens"}
    whole = max(tokens, default=0)
    for form in figures:
        if form.form != SIGNS or form.books not in tokens:
            continue
        text = tokens[form.books]
        part = text.training_units / tokens[whole].training_units
        for models in MODELS:
            flops = made.embedding_flops and passes_to_pay(
                made.embedding_flops * part / models, text.flops_per_pass, form.flops_per_pass
            )
            seconds = passes_to_pay(
                made.embedding_seconds * part / models, text.seconds_per_pass, form.seconds_per_pass
            )
            shown = ["never" if value is None else f"{value:.2g}" for value in (flops, seconds)]
            lines.append("| " + " | ".join([form.form, f"{form.books}", f"{models}", *shown]) + " |")
    return lines
