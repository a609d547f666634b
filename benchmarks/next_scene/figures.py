"""From the raw results of runs to figures with intervals over books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.meanings.intervals import Estimate, estimate
from benchmarks.next_scene.questions import CHAPTER, KINDS, Question

ASKED = (*KINDS, CHAPTER)


@dataclass(frozen=True)
class Point:
    """Models of a form after so many training FLOPs: means over seeds. right: share of right answers by kind.

    bits: per character, by language; of models of text.
    """

    flops: float
    seconds: float
    dev: float
    right: dict[str, Estimate]
    bits: dict[str, float]


@dataclass(frozen=True)
class FormFigures:
    """A form trained on so many books, with so many seeds. points: ascending by FLOPs; best: index of the one with the
    lowest dev score.

    flops_per_pass, seconds_per_pass: over the training books. memory: MB of training above that of the libraries, the
    most of any seed.
    """

    form: str
    books: int
    seeds: int
    text: bool
    units: int
    parameters: int
    training_units: int
    flops_per_pass: float
    seconds_per_pass: float
    answer_flops: float
    memory: float
    data_bytes: int
    points: tuple[Point, ...]
    best: int

    @property
    def at_best(self) -> Point:
        return self.points[self.best]

    def within(self, flops: float) -> Point:
        """The first point that has had no fewer training FLOPs than that, or the last: what equal FLOPs would buy."""
        return next((point for point in self.points if point.flops >= flops), self.points[-1])


def right_by_kind(seeds: Sequence[Sequence[float]], questions: Sequence[Question]) -> dict[str, Estimate]:
    """Share of right answers by kind, of all seeds, with intervals over books. seeds: hits of each in order."""
    mean = np.mean(np.asarray(seeds, np.float64), axis=0)
    found = {}
    for kind in ASKED:
        mine = [i for i, question in enumerate(questions) if question.kind == kind]
        found[kind] = estimate(mean[mine], [questions[i].book for i in mine])
    return found


def summarise(runs: Sequence[Mapping[str, Any]], questions: Sequence[Question]) -> list[FormFigures]:
    """Figures of every form and number of books, from the results of all runs."""
    grouped: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for run in runs:
        grouped.setdefault((run["form"], run["books"]), []).append(run)
    return [_figures(own, questions) for _, own in sorted(grouped.items(), key=lambda item: item[0])]


def _figures(runs: Sequence[Mapping[str, Any]], questions: Sequence[Question]) -> FormFigures:
    def mean(key: str) -> float:
        return float(np.mean([run[key] for run in runs]))

    first = runs[0]
    text = "topics" not in first["marks"][0]["bits"]
    points = []
    for marks in zip(*(run["marks"] for run in runs), strict=True):
        bits = {key: float(np.mean([mark["bits"][key] for mark in marks])) for key in marks[0]["bits"] if text}
        flops, seconds, dev = (float(np.mean([mark[key] for mark in marks])) for key in ("flops", "seconds", "dev"))
        points.append(Point(flops, seconds, dev, right_by_kind([mark["hits"] for mark in marks], questions), bits))
    last = points[-1]
    return FormFigures(
        form=first["form"],
        books=first["books"],
        seeds=len(runs),
        text=text,
        units=first["units"],
        parameters=first["parameters"],
        training_units=first["training_units"],
        flops_per_pass=mean("flops_per_pass"),
        seconds_per_pass=last.seconds / last.flops * mean("flops_per_pass") if last.flops else 0.0,
        answer_flops=mean("answer_flops"),
        memory=max(run["memory"] for run in runs),
        data_bytes=first["data_bytes"],
        points=tuple(points),
        best=round(mean("best")),
    )
