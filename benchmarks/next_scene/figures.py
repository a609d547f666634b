"""From the raw results of runs to figures with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.next_scene.plan import Entry
from benchmarks.next_scene.questions import CHANCE, KINDS

_DRAWS = 2000
Hits = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Interval:
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{100 * self.mean:.1f} % ({100 * self.low:.1f}-{100 * self.high:.1f})"

    @property
    def above_chance(self) -> bool:
        return self.low > CHANCE


def interval(rows: np.ndarray) -> Interval:
    """Mean over seeds and questions, float [seeds, questions]; seeds and questions are both drawn again (bootstrap)."""
    draw = np.random.default_rng(0)
    seeds, questions = rows.shape
    means = np.empty(_DRAWS)
    for i in range(_DRAWS):
        weights = np.bincount(draw.integers(questions, size=questions), minlength=questions)
        means[i] = (rows[draw.integers(seeds, size=seeds)] @ weights).mean() / questions
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(rows.mean()), float(low), float(high))


def of_kind(hits: Hits, kind: str, language: str = "") -> np.ndarray:
    """Hits of one kind of question, of one language or of all, float [questions]."""
    keys = [key for key in sorted(hits) if key.startswith(f"{kind}/") and (not language or key.endswith(language))]
    return np.concatenate([np.asarray(hits[key], np.float64) for key in keys])


def accuracy(seeds: Sequence[Hits], kind: str, language: str = "") -> Interval:
    """Share of questions answered rightly."""
    return interval(np.stack([of_kind(hits, kind, language) for hits in seeds]))


@dataclass(frozen=True)
class Reading:
    """All questions, answered with so much read. flops: per question."""

    context: int
    opening: int
    flops: float
    accuracy: dict[str, Interval]


@dataclass(frozen=True)
class Curve:
    """A quantity at the marks of training FLOPs: its mean over seeds, the least and the most of them."""

    flops: tuple[float, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class FormFigures:
    """A form, over its seeds; means where one number stands. bits: per character, by language, of the best models.

    best_flops, passes: of training at the mark of the lowest dev score, on average. memory: MB of training above
    that of the libraries. seconds_per_flops: of training, per 1e12.
    """

    name: str
    main: bool
    text: bool
    units: int
    parameters: int
    training_units: int
    flops_per_unit: float
    flops_per_pass: float
    best_flops: float
    passes: float
    last_is_best: bool
    seconds: float
    seconds_per_pass: float
    memory: float
    corpus_bytes: int
    readings: tuple[Reading, ...]
    by_language: dict[str, Interval]
    curves: dict[str, Curve]
    bits: dict[str, tuple[float, float, float]]


def summarise(entry: Entry, runs: Sequence[Mapping[str, Any]]) -> FormFigures:
    """A form's figures from the results of its seeds."""
    first = runs[0]

    def mean(key: str) -> float:
        return float(np.mean([run[key] for run in runs]))

    best = [run["marks"][run["best"]] for run in runs]
    readings = tuple(
        Reading(
            first["answers"][i]["context"],
            first["answers"][i]["opening"],
            float(np.mean([run["answers"][i]["flops"] for run in runs])),
            {kind: accuracy([run["answers"][i]["hits"] for run in runs], kind) for kind in KINDS},
        )
        for i in range(len(first["answers"]))
    )
    languages = sorted({key.split("/")[1] for key in first["answers"][0]["hits"]})
    hits = [run["answers"][0]["hits"] for run in runs]
    speed = sum(run["seconds"] for run in runs) / sum(run["marks"][-1]["flops"] for run in runs)
    bits = {
        language: tuple(float(f([mark["bits_per_character"][language] for mark in best])) for f in (np.mean, min, max))
        for language in best[0]["bits_per_character"]
    }
    return FormFigures(
        name=entry.key,
        main=entry.main,
        text=entry.text,
        units=first["units"],
        parameters=first["parameters"],
        training_units=first["training_units"],
        flops_per_unit=first["flops_per_unit"],
        flops_per_pass=first["flops_per_pass"],
        best_flops=float(np.mean([mark["flops"] for mark in best])),
        passes=float(np.mean([mark["flops"] for mark in best])) / first["flops_per_pass"],
        last_is_best=all(run["best"] == len(run["marks"]) - 1 for run in runs),
        seconds=mean("seconds"),
        seconds_per_pass=speed * first["flops_per_pass"],
        memory=float(np.mean([run["memory"] - run["idle"] for run in runs])),
        corpus_bytes=first["corpus_bytes"],
        readings=readings,
        by_language={f"{k}/{language}": accuracy(hits, k, language) for k in KINDS for language in languages},
        curves=_curves(runs),
        bits=bits,  # type: ignore[arg-type]
    )


def _curves(runs: Sequence[Mapping[str, Any]]) -> dict[str, Curve]:
    """Accuracy by kind, dev bits per scene, and bits per character by language, at the marks that all seeds reached."""
    count = min(len(run["marks"]) for run in runs)
    marks = [[run["marks"][i] for run in runs] for i in range(count)]

    def curve(value: Any) -> Curve:
        rows = np.asarray([[value(mark) for mark in seeds] for seeds in marks])
        flops = tuple(float(np.mean([mark["flops"] for mark in seeds])) for seeds in marks)
        return Curve(flops, *(tuple(map(float, f(rows, axis=1))) for f in (np.mean, np.min, np.max)))

    found = {kind: curve(lambda mark, kind=kind: of_kind(mark["hits"], kind).mean()) for kind in KINDS}
    found["dev"] = curve(lambda mark: mark["dev"])
    for language in marks[0][0]["bits_per_character"]:
        found[f"bits/{language}"] = curve(lambda mark, language=language: mark["bits_per_character"][language])
    return found
