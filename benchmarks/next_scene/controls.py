"""What a trained concept model owes to training and to the order of scenes: beside the best that needs no training, on
books in any order, in each language, and in bits of topics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.meanings.intervals import Estimate, estimate
from benchmarks.next_scene.figures import ASKED, right_by_kind
from benchmarks.next_scene.likeness import Way
from benchmarks.next_scene.questions import Question

# Languages that have rows of their own.
LANGUAGES = ("en", "ru", "zh")
OTHERS = "others"
# What the model chooses by before training, as a way that needs none.
START = "the model before training"


@dataclass(frozen=True)
class InLanguage:
    """books, right: those asked about, and right answers. ahead: of `Control.best`, question by question."""

    books: int
    right: dict[str, Estimate]
    ahead: dict[str, Estimate]


@dataclass(frozen=True)
class Control:
    """A concept form trained on so many books; means over seeds, intervals over test books.

    best: by kind, the untrained way on the same codes with most right answers; it is chosen on the test books, which
    favours it. right: its answers. ahead: the model's right answers less those, question by question. shuffled: right
    answers on books with their scenes in any order. topics: bits of a topic, and gain: how many fewer than the unigram
    of the same training books; None for models of vectors.
    """

    form: str
    books: int
    seeds: int
    best: dict[str, str]
    right: dict[str, Estimate]
    ahead: dict[str, Estimate]
    shuffled: dict[str, Estimate]
    languages: dict[str, InLanguage]
    topics: Estimate | None
    gain: Estimate | None


def controls(
    runs: Sequence[Mapping[str, Any]],
    questions: Sequence[Question],
    ways: Sequence[Way],
    unigram: Mapping[int, Sequence[np.ndarray]],
) -> list[Control]:
    """One of every concept form and number of books. unigram: bits of each topic of the test books by that number."""
    grouped: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for run in runs:
        if run["marks"][run["best"]].get("start"):
            grouped.setdefault((run["form"], run["books"]), []).append(run)
    return [_control(own, questions, ways, unigram[key[1]]) for key, own in sorted(grouped.items())]


def _control(
    runs: Sequence[Mapping[str, Any]], questions: Sequence[Question], ways: Sequence[Way], unigram: Sequence[np.ndarray]
) -> Control:
    marks = [run["marks"][run["best"]] for run in runs]
    form = str(runs[0]["form"])

    def mean(key: str) -> np.ndarray:
        return np.mean([mark[key] for mark in marks], axis=0)

    hits, start = mean("hits"), mean("start")
    rivals = {way.name: np.asarray(way.hits) for way in ways if _same_codes(way.form, form)} | {START: start}
    best, rival = {}, np.zeros(len(questions))
    for kind in ASKED:
        mine = [i for i, question in enumerate(questions) if question.kind == kind]
        if mine:
            best[kind] = max(rivals, key=lambda name: float(rivals[name][mine].mean()))
            rival[mine] = rivals[best[kind]][mine]
    languages = {}
    for language in (*LANGUAGES, OTHERS):
        own = [i for i, q in enumerate(questions) if (q.language if q.language in LANGUAGES else OTHERS) == language]
        if own:
            asked = [questions[i] for i in own]
            right, ahead = (right_by_kind([values[own]], asked) for values in (hits, hits - rival))
            languages[language] = InLanguage(len({question.book for question in asked}), right, ahead)
    topics = gain = None
    if any(len(mark["bits"]["topics"]) for mark in marks):
        told = np.mean([mark["bits"]["topics"] for mark in marks], axis=0)
        scenes = np.array([len(row) - 1 for row in unigram])
        guessed = np.array([row[1:].sum() for row in unigram])
        books = np.arange(len(unigram))
        topics, gain = (estimate(v, books, scenes, int(scenes.sum())) for v in (told, guessed - told))
    return Control(
        form=form,
        books=runs[0]["books"],
        seeds=len(runs),
        best=best,
        right=right_by_kind([rival], questions),
        ahead=right_by_kind([hits - rival], questions),
        shuffled=right_by_kind([mean("shuffled")], questions),
        languages=languages,
        topics=topics,
        gain=gain,
    )


def _same_codes(way: str, form: str) -> bool:
    """Whether an untrained way reads no more than a model does: `cast` no more than `two glyphs + cast`."""
    return set(way.split(" + ")) <= set(form.split(" + "))
