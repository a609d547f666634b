"""Which of 32 scenes comes next, guessed from who is in the scenes alone; and what the first id gives away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import adjusted_mutual_info_score

from benchmarks.meanings.intervals import ALL, Estimate, Figure, estimate
from benchmarks.next_scene.books import Work
from benchmarks.next_scene.questions import CHANCE, KINDS, Question, ask, hit
from benchmarks.people.known import UNSPACED
from scenesign.transforms.cast.cast import Cast

SIZES = (1, 2, 4, 8)
QUESTIONS = 160
PROMISED = ("en", "ru", "zh")
# Scenes that are remembered.
MEMORY = 4


@dataclass(frozen=True, eq=False)
class Staged:
    """A book and who is in it. texts: of its scenes; they join to its text."""

    source: str
    language: str
    texts: tuple[str, ...]
    cast: Cast

    def ids(self, most: int) -> list[frozenset[int]]:
        """The first ids of each scene, at most so many."""
        return [frozenset(here[:most]) for here in self.cast.scenes]


def shared_with_last(scenes: Sequence[frozenset[int]], question: Question) -> np.ndarray:
    """How many ids each choice shares with the last scene: float [choices]."""
    last = scenes[question.next - 1]
    return np.asarray([len(last & scenes[choice]) for choice in question.choices], dtype=np.float64)


def shared_with_memory(scenes: Sequence[frozenset[int]], question: Question) -> np.ndarray:
    """The same with the last MEMORY scenes, the one k scenes ago at 1/k; an id counts the logarithm of one in how many
    scenes read so far it is in. float [choices]."""
    read = scenes[: question.next]
    known = Counter(number for here in read for number in here)
    scores = np.zeros(len(question.choices))
    for ago, here in enumerate(reversed(read[-MEMORY:]), 1):
        weights = {number: float(np.log((1 + len(read)) / known[number])) / ago for number in here}
        scores += [sum(weights[number] for number in here & scenes[choice]) for choice in question.choices]
    return scores


def word_vectors(texts: Sequence[str], language: str) -> np.ndarray:
    """Words of scenes (else pairs of characters) by tf-idf, unit length: float [scenes, words]."""
    how = {"analyzer": "char", "ngram_range": (2, 2)} if language in UNSPACED else {"token_pattern": r"(?u)\b\w+\b"}
    try:
        return TfidfVectorizer(sublinear_tf=True, min_df=2, **how).fit_transform(texts)
    except ValueError:  # no word is in two scenes
        return np.zeros((len(texts), 1))


def guesses(books: Sequence[Staged], seeds: Sequence[int]) -> Iterator[Figure]:
    """Shares of next scenes that are told from 31 others of their book, by kind of question."""
    empty = np.zeros((0, 0), dtype=np.float32)
    works = [Work(str(i), "", b.language, b.source, b.texts, empty, frozenset()) for i, b in enumerate(books)]
    questions = [question for seed in seeds for question in ask(works, QUESTIONS, seed)]
    if not questions:
        return
    found: dict[str, list[float]] = {"chance": [CHANCE] * len(questions)}
    for most in SIZES:
        ids = [book.ids(most) for book in books]
        members = f"{most} {'member' if most == 1 else 'members'}"
        found[f"{members}, last scene"] = [hit(shared_with_last(ids[q.book], q)) for q in questions]
        found[f"{members}, last {MEMORY} scenes"] = [hit(shared_with_memory(ids[q.book], q)) for q in questions]
    asked = {question.book for question in questions}
    vectors = {i: word_vectors(books[i].texts, books[i].language) for i in asked}
    found["all words, last scene"] = [
        hit(_dense(vectors[q.book][list(q.choices)] @ vectors[q.book][q.next - 1].T)) for q in questions
    ]
    for way, hits in found.items():
        values = np.asarray(hits)
        for kind in KINDS:
            for language, among in _groups({question.language for question in questions}).items():
                mine = [i for i, q in enumerate(questions) if q.kind == kind and q.language in among]
                yield Figure("c", kind, way, language, estimate(values[mine], [questions[i].book for i in mine]))


def _groups(languages: set[str]) -> dict[str, set[str]]:
    """All languages, the three that the project promises, and each."""
    three = {"+".join(PROMISED): set(PROMISED)} if languages >= set(PROMISED) else {}
    return {ALL: languages, **three, **{language: {language} for language in sorted(languages)}}


def _dense(product: object) -> np.ndarray:
    return np.asarray(product.toarray() if hasattr(product, "toarray") else product, dtype=np.float64).reshape(-1)


def given_away(books: Sequence[Staged]) -> dict[str, float]:
    """Adjusted mutual information of the first id of a scene with its book and with its language.

    Beside it that of the number the same member would have if the most mentioned of each book were the first.
    """
    rows = [(i, book.language, here[0]) for i, book in enumerate(books) for here in book.cast.scenes if here]
    if not rows:
        return {}
    ranks = {i: by_mentions(book.cast) for i, book in enumerate(books)}
    groups = {"book": [i for i, _, _ in rows], "language": [language for _, language, _ in rows]}
    numbers = {
        "the first id": [number for _, _, number in rows],
        "its place by mentions": [ranks[i][number - 1] for i, _, number in rows],
    }
    return {
        f"{what} with the {group}": float(adjusted_mutual_info_score(owners, ids))
        for what, ids in numbers.items()
        for group, owners in groups.items()
    }


def by_mentions(cast: Cast) -> list[int]:
    """Of each member its place among those of its book by mentions, from 0; the first of equals first."""
    order = sorted(range(len(cast.members)), key=lambda i: (-cast.members[i].mentions, i))
    return [place for _, place in sorted(zip(order, range(len(order)), strict=True))]


def per_scene(books: Sequence[Staged]) -> Iterator[tuple[str, Estimate]]:
    """How many members scenes have, by language."""
    for language in (ALL, *sorted({book.language for book in books})):
        rows = [
            (len(here), i)
            for i, book in enumerate(books)
            if language in (ALL, book.language)
            for here in book.cast.scenes
        ]
        yield language, estimate([n for n, _ in rows], [i for _, i in rows])
