"""Choosing the next scene without training: by likeness to the last scenes, by who is on stage, and by both.

Each way gives the choices of a question a score. What is tried in ways of several settings is chosen on the validation
books, by the mean of far and near.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.next_scene.books import Work
from benchmarks.next_scene.questions import KINDS, Question, hit
from benchmarks.next_scene.shelf import Shelf, Side, Told
from scenesign.transforms.signs.neutralise import unit

Scorer = Callable[[Question], np.ndarray]
# Scenes that `the last 8` are.
LOOK_BACK = 8
# What is left of a scene's weight one scene later.
_TRAILS = (0.0, 0.5, 0.8)
_STAGES = (0.0, 0.5, 0.8)
_WEIGHTS = (0.0, 0.03, 0.1, 0.3, 1.0)


@dataclass(frozen=True)
class Way:
    """A way to choose. form: of the codes it reads. flops: of one answer, where it is products of vectors, else 0."""

    name: str
    form: str
    flops: float
    hits: tuple[float, ...]


def untrained(shelf: Shelf, questions: Sequence[Question], choosing: Sequence[Question]) -> list[Way]:
    """Hits of every way. questions: about the test books; choosing: about the validation books."""
    found = [Way("letters in common with the last", "text", 0.0, _hits(letters_in_common(shelf.test.works), questions))]
    for form, points in forms_of(shelf).items():
        asked, chosen = points(shelf.test), points(shelf.validation)
        width = 2.0 * asked[0].shape[1]
        size = len(questions[0].choices) * width if questions else 0.0
        found.append(Way("like the last", form, size, _hits(like_the_last(asked), questions)))
        found.append(Way(f"like the last {LOOK_BACK}", form, size, _hits(like_the_last(asked, LOOK_BACK), questions)))
        settings = best_setting(chosen, shelf.validation.told, choosing)
        scorer = together(asked, shelf.test.told, *settings)
        found.append(
            Way(f"likeness and cast, {_described(*settings)}", f"{form} + cast", size, _hits(scorer, questions))
        )
    for name, fading in (("cast in common with the last", 0.0), ("cast in common with the last ones", 0.5)):
        found.append(Way(name, "cast", 0.0, _hits(cast_in_common(shelf.test.told, fading), questions)))
    return found


def forms_of(shelf: Shelf) -> dict[str, Callable[[Side], list[np.ndarray]]]:
    """Where the scenes of a side's books are by each form, float32 [scenes, M] a book."""
    quantiser = shelf.inventory.quantiser

    def glyphs(levels: int) -> Callable[[Side], list[np.ndarray]]:
        return lambda side: [quantiser.coordinates(told.codes, levels=levels) for told in side.told]

    levels = len(quantiser.sizes)
    names = {1: "topics", 2: "two glyphs", 4: "four glyphs"}
    return {
        **{names[n]: glyphs(n) for n in names if n <= levels},
        "vectors": lambda side: [told.vectors for told in side.told],
    }


def _hits(score: Scorer, questions: Sequence[Question]) -> tuple[float, ...]:
    return tuple(hit(score(question)) for question in questions)


def like_the_last(books: Sequence[np.ndarray], back: int = 1) -> Scorer:
    """Cosine of each choice with the mean of the last scenes. books: vectors of the books, [scenes, D]."""
    units = [unit(rows.astype(np.float64)) for rows in books]

    def score(question: Question) -> np.ndarray:
        own = units[question.book]
        mean = own[max(0, question.next - back) : question.next].mean(axis=0)
        return np.asarray(own[list(question.choices)] @ mean)

    return score


def _trails(rows: np.ndarray, fading: float) -> np.ndarray:
    """Of each scene the sum of it and those before, `fading` of each left one later: float64 [scenes, D]."""
    found = np.array(rows, np.float64)
    for i in range(1, len(found)):
        found[i] += fading * found[i - 1]
    return found


def like_a_trail(books: Sequence[np.ndarray], fading: float) -> Scorer:
    """Cosine of each choice with what the scenes so far have left."""
    units = [unit(rows.astype(np.float64)) for rows in books]
    trails = [unit(_trails(rows, fading)) for rows in units]
    return lambda question: np.asarray(
        units[question.book][list(question.choices)] @ trails[question.book][question.next - 1]
    )


def cast_in_common(books: Sequence[Told], fading: float) -> Scorer:
    """Members in common with the scenes so far, the more the later and the rarer they were there."""
    stages = []
    for told in books:
        here = np.zeros((told.scenes, int(told.cast.max(initial=0)) + 1))
        np.put_along_axis(here, told.cast, 1.0, axis=1)
        here[:, 0] = 0.0
        rarity = 1.0 / np.sqrt(np.cumsum(here, axis=0) + 1.0)
        stages.append((here, _trails(here, fading) * rarity))

    def score(question: Question) -> np.ndarray:
        here, stage = stages[question.book]
        own = here[list(question.choices)]
        return np.asarray(own @ stage[question.next - 1] / np.sqrt(own.sum(axis=1) + 1.0))

    return score


def together(books: Sequence[np.ndarray], told: Sequence[Told], fading: float, stage: float, weight: float) -> Scorer:
    """Likeness to the trail of scenes, and `weight` times the cast in common."""
    likeness, company = like_a_trail(books, fading), cast_in_common(told, stage)
    return lambda question: likeness(question) + weight * company(question)


def best_setting(
    books: Sequence[np.ndarray], told: Sequence[Told], questions: Sequence[Question]
) -> tuple[float, float, float]:
    """Fading of the scenes, fading of the cast and its weight that answer most of the far and near questions."""
    asked = [question for question in questions if question.kind in KINDS]
    likeness = {fading: list(map(like_a_trail(books, fading), asked)) for fading in _TRAILS}
    company = {fading: list(map(cast_in_common(told, fading), asked)) for fading in _STAGES}

    def right(setting: tuple[float, float, float]) -> float:
        fading, stage, weight = setting
        return sum(hit(a + weight * b) for a, b in zip(likeness[fading], company[stage], strict=True))

    return max(itertools.product(_TRAILS, _STAGES, _WEIGHTS), key=right)


def _described(fading: float, stage: float, weight: float) -> str:
    return f"{weight:g} of the cast, fading by {fading:g} and {stage:g}"


def letters_in_common(works: Sequence[Work]) -> Scorer:
    """Cosine of tf-idf over runs of two to four letters with the scene before: names come back, in any script."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    kept: dict[int, object] = {}

    def rows(book: int) -> object:
        if book not in kept:
            kept.clear()
            work = works[book]
            texts = [work.body(i) for i in range(len(work.texts))]
            counted = TfidfVectorizer(analyzer="char", ngram_range=(2, 4), sublinear_tf=True, max_features=100_000)
            kept[book] = counted.fit_transform(texts)
        return kept[book]

    def score(question: Question) -> np.ndarray:
        own = rows(question.book)
        return np.asarray((own[list(question.choices)] @ own[question.next - 1].T).todense(), np.float64)[:, 0]  # type: ignore[index]

    return score
