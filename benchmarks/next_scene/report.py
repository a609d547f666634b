"""What the experiment leaves: a table, a verdict per claim, a chart, and all figures as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.next_scene.baselines import Baseline, Preparation
from benchmarks.next_scene.books import Shelf
from benchmarks.next_scene.chart import draw
from benchmarks.next_scene.figures import FormFigures, Interval, accuracy, summarise
from benchmarks.next_scene.plan import Entry
from benchmarks.next_scene.questions import CHOICES, KINDS


@dataclass(frozen=True)
class Verdict:
    """claim: in the founding note's sense. found: `holds`, `fails` or `holds when`. why: the figures behind it."""

    claim: str
    found: str
    why: str


def report(
    output: Path,
    scale: Mapping[str, Any],
    shelf: Shelf,
    entries: Sequence[Entry],
    results: Mapping[str, Sequence[Mapping[str, Any]]],
    baselines: Sequence[Baseline],
    preparation: Preparation,
    seconds: float,
) -> str:
    """Writes convergence.json, convergence.md and convergence.png; returns the Markdown. results: runs per entry."""
    forms = [summarise(entry, results[entry.key]) for entry in entries]
    simple = [(b.name, b.flops, {kind: accuracy([b.hits], kind) for kind in KINDS}) for b in baselines]
    verdicts = judge(forms, simple, preparation)
    told = {
        "scale": scale,
        "books": {
            "train": [work.source for work in shelf.train],
            "test": [work.source for work in shelf.test],
            "copies": list(shelf.copies),
            "characters": preparation.characters,
            "scenes": sum(shelf.cut.values()),
        },
        "forms": [asdict(form) for form in forms],
        "simple": [
            {"name": name, "flops": flops, "accuracy": {kind: asdict(found) for kind, found in own.items()}}
            for name, flops, own in simple
        ],
        "preparation": asdict(preparation),
        "verdicts": [asdict(verdict) for verdict in verdicts],
        "seconds": round(seconds),
    }
    (output / "convergence.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    text = markdown(forms, simple, preparation, verdicts, shelf, int(scale["seeds"]))
    (output / "convergence.md").write_text(text)
    draw(forms, simple, preparation, output / "convergence.png")
    return text


def judge(
    forms: Sequence[FormFigures], simple: Sequence[tuple[str, float, dict[str, Interval]]], preparation: Preparation
) -> list[Verdict]:
    """A verdict per claim; none where the forms it is about were not run."""
    known = {form.name: form for form in forms}
    if not {"tokens", "signs"} <= known.keys():
        return []
    tokens, signs = known["tokens"], known["signs"]
    found = [_shorter(tokens, signs), _cheaper(tokens, signs, preparation), _lighter(tokens, signs)]
    found += [_sooner(tokens, signs), _same_meaning(tokens, signs, simple)]
    if "signs + tokens" in known and tokens.bits:
        found.append(_beside(tokens, known["signs + tokens"]))
    return found


def _shorter(tokens: FormFigures, signs: FormFigures) -> Verdict:
    ratio = tokens.training_units / signs.training_units
    why = f"{signs.training_units:,} units of signs stand for {tokens.training_units:,} tokens, {ratio:,.0f} for one"
    return Verdict("Signs make the training sequences short", "holds" if ratio > 1 else "fails", why)


def _cheaper(tokens: FormFigures, signs: FormFigures, preparation: Preparation) -> Verdict:
    saved = tokens.flops_per_pass - signs.flops_per_pass
    why = f"a pass costs {signs.flops_per_pass:.1e} FLOPs against {tokens.flops_per_pass:.1e}"
    made = preparation.embedding_flops
    if saved <= 0 or made is None:
        return Verdict("Training costs less", "holds" if saved > 0 else "fails", why)
    passes = made / saved
    return Verdict(
        "Training costs less",
        "holds" if passes < 0.1 else "holds when",
        f"{why}, but making the signs takes {made:.1e} once: it pays from {passes:.2g} passes over the text on, "
        "summed over all models of this size that are trained on it, and sooner for larger ones",
    )


def _lighter(tokens: FormFigures, signs: FormFigures) -> Verdict:
    why = (
        f"the books are {signs.corpus_bytes / 1e3:,.0f} kB as signs and {tokens.corpus_bytes / 1e3:,.0f} kB as tokens; "
        f"training peaks at {signs.memory:.0f} and {tokens.memory:.0f} MB above the libraries, since the body, its "
        "optimiser and a batch are of the same size and only the rows of the vocabulary are fewer"
    )
    return Verdict("Training needs less memory", "holds" if signs.memory < 0.9 * tokens.memory else "fails", why)


def _sooner(tokens: FormFigures, signs: FormFigures) -> Verdict:
    why = (
        f"the sign model is at its best after {signs.best_flops:.1e} FLOPs, {signs.passes:.1f} passes over its books, "
        f"and gets worse from there; the token model after {tokens.best_flops:.1e} or {tokens.passes:.2f} passes"
    )
    if tokens.last_is_best:
        why += ", where its budget ended: it was still getting better"
    return Verdict("Training is done sooner", "holds" if signs.best_flops < tokens.best_flops else "fails", why)


def _same_meaning(
    tokens: FormFigures, signs: FormFigures, simple: Sequence[tuple[str, float, dict[str, Interval]]]
) -> Verdict:
    own, theirs = signs.readings[0].accuracy["far"], tokens.readings[0].accuracy["far"]
    why = f"the next scene is found by signs in {own}, by tokens in {theirs}; chance is {100 / CHOICES:.1f} %"
    if simple:
        name, _, best = max(simple, key=lambda row: row[2]["far"].mean)
        why += f"; without training, '{name}' finds {best['far']}"
        if best["far"].low > own.high:
            return Verdict("What is learned is worth as much", "fails", why)
    if not own.above_chance or own.high < theirs.low:
        return Verdict("What is learned is worth as much", "fails", why)
    return Verdict("What is learned is worth as much", "holds" if own.low > theirs.high else "holds when", why)


def _beside(tokens: FormFigures, both: FormFigures) -> Verdict:
    """Signs beside tokens, their own cost counted."""
    pairs = {language: (both.bits[language], tokens.bits[language]) for language in tokens.bits}
    why = "bits per character with and without: " + ", ".join(
        f"{language} {a[0]:.3f} ({a[1]:.3f}-{a[2]:.3f}) and {b[0]:.3f} ({b[1]:.3f}-{b[2]:.3f})"
        for language, (a, b) in pairs.items()
    )
    if all(a[2] < b[1] for a, b in pairs.values()):
        return Verdict("Signs help a token model", "holds", why)
    if any(a[2] < b[1] for a, b in pairs.values()):
        return Verdict(
            "Signs help a token model", "holds when", why + "; the ranges of seeds part in some languages only"
        )
    return Verdict("Signs help a token model", "fails", why)


def markdown(
    forms: Sequence[FormFigures],
    simple: Sequence[tuple[str, float, dict[str, Interval]]],
    preparation: Preparation,
    verdicts: Sequence[Verdict],
    shelf: Shelf,
    seeds: int,
) -> str:
    """The tables and verdicts."""
    languages = ", ".join(sorted({work.language for work in shelf.test}))
    lines = [
        f"{len(shelf.train)} books of {preparation.characters:,} characters and {sum(shelf.cut.values()):,} scenes "
        f"trained on, {len(shelf.test)} whole books held out ({languages}), {seeds} seeds, 95 % intervals over seeds "
        "and questions; bits per character with the range of seeds.",
        "",
        "| form | vocabulary | units of training | FLOPs of a pass | best at (passes) | far | near | FLOPs per answer "
        "| bits per character |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for form in forms:
        bits = ", ".join(f"{k} {v[0]:.2f} ({v[1]:.2f}-{v[2]:.2f})" for k, v in form.bits.items()) or "none"
        for i, reading in enumerate(form.readings):
            said = [form.name, f"{form.units:,}", f"{form.training_units:,}", f"{form.flops_per_pass:.1e}"]
            said.append(f"{form.best_flops:.1e} ({form.passes:.2g})")
            if i:
                said = [f"{form.name}, reading {reading.context} and {reading.opening}", *[""] * 4]
            found = [str(reading.accuracy[kind]) for kind in KINDS]
            lines.append("| " + " | ".join([*said, *found, f"{reading.flops:.1e}", "" if i else bits]) + " |")
    for name, flops, own in simple:
        cost = f"{flops:.1e}" if flops else "none"
        lines.append(f"| *{name}* | | | | | {own['far']} | {own['near']} | {cost} | |")
    lines += [
        "",
        "| form | parameters | seconds of a pass | peak memory, MB | training data, kB |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {f.name} | {f.parameters:,} | {f.seconds_per_pass:,.2g} | {f.memory:.0f} | {f.corpus_bytes / 1e3:,.0f} |"
        for f in forms
    ]
    made = f"{preparation.embedding_flops:.1e} FLOPs and " if preparation.embedding_flops else ""
    lines += [
        "",
        f"Making the signs: {made}{preparation.embedding_seconds:,.0f} s on one thread to embed "
        f"{preparation.sentences:,} sentences with {preparation.embedder}, {preparation.fitting_seconds:.0f} s to fit "
        "the inventory.",
        "",
        *[f"- **{v.claim}: {v.found}.** {v.why[0].upper()}{v.why[1:]}." for v in verdicts],
    ]
    return "\n".join(lines) + "\n"
