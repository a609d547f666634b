"""Search by meaning: a phrase or a few sentences in any language, the scenes of a dataset and its topics by likeness.

Scenes lose the mean of their language, and the query what queries have in common (`transforms/signs/query.py`); the
directions in which this dataset's scenes differ most are then weighed down for both (`fit_whitening`). The query is
compared as it is with what is known of each scene: its vector, or a sketch of it.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from scenesign.transforms.dataset.chapter import split_heading
from scenesign.transforms.dataset.read import Dataset, DatasetBook, DatasetScene
from scenesign.transforms.dataset.scene_vectors import SceneVectors, fit_whitening, scene_vectors
from scenesign.transforms.signs.glosses.glossary import SignEntry, called
from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.signs.query import CHANCE, chance, closeness
from scenesign.transforms.signs.search import SignMatch, ask, check_top, rank_topics
from scenesign.transforms.signs.tally import opening
from scenesign.transforms.support.steady import steady_product
from scenesign.transforms.text.language_codes import language_code

# Characters of a scene's text that are shown.
_OPENING = 160
# Topics that a search names beside the scenes.
_TOPICS = 3


@dataclass(frozen=True)
class SceneMatch:
    """A scene and how much a query is like it.

    similarity: cosine of the two, 1 at most. chapter: the heading that it stands under, "" where there is none.
    opening: the first words of its text. topic: the glossary's entry of its first sign.
    """

    similarity: float
    book: DatasetBook = field(repr=False)
    scene: DatasetScene = field(repr=False)
    chapter: str
    opening: str
    topic: SignEntry = field(repr=False)

    @property
    def place(self) -> int:
        """Its number in the book, from 1."""
        return self.scene.index + 1


@dataclass(frozen=True)
class SearchResult:
    """The scenes most like a query, and the topics, the most similar first; iterating walks the scenes.

    language: ISO 639-1, that the query was taken for. chance: the share of phrases without a meaning that come as
    close to a scene as the query does. known: whether any of its words is in the dictionary, as far as there is one for
    its language. notes: why to trust what was found less, a line each.
    """

    query: str
    language: str
    scenes: tuple[SceneMatch, ...]
    topics: tuple[SignMatch, ...]
    chance: float
    known: bool = True
    notes: tuple[str, ...] = ()

    @property
    def close(self) -> bool:
        """Whether the query has a meaning, and finds more than most phrases that have none."""
        return self.known and self.chance <= CHANCE

    def __iter__(self) -> Iterator[SceneMatch]:
        return iter(self.scenes)

    def __len__(self) -> int:
        return len(self.scenes)

    def __getitem__(self, rank: int) -> SceneMatch:
        return self.scenes[rank]


def search(
    dataset: str | os.PathLike[str],
    text: str,
    *,
    language: str | None = None,
    top: int = 10,
    book: str | None = None,
    in_language: str | None = None,
) -> SearchResult:
    """Scenes of a dataset by meaning, across languages. The first few are hints, not answers: read them.

    dataset: its folder, local or in an object store.
    text: a phrase or a few sentences, in any language of the embedder.
    language: of the text, code or English name; the likeliest of the inventory's when not given. One that the
    inventory has no mean for gets the mean of all, and a note.
    top: how many scenes to give at most. book: only in books whose title or author holds this, or whose id begins with
    it. in_language: only in books of this language (code or English name).

    Raises FileNotFoundError when there is no such dataset, ValueError when it is damaged or of another embedder, when
    no book is as `book` and `in_language` say, for a text without a letter, an unknown language, and for a text longer
    than LONGEST_QUERY characters.

    >>> found = scenesign.search("out/demo", "a storm at sea", top=3)
    >>> found.close, len(found), found[0].similarity >= found[1].similarity
    (True, 3, True)
    """
    check_top(top)
    opened = Dataset(dataset)
    wanted = _books(opened, book, in_language)
    asked = ask(opened.folder, text, language)
    ranked, share = rank_scenes(opened, asked.vectors.all, wanted, top)
    notes = list(asked.notes)
    if share > CHANCE:
        notes.append(
            f"nothing here is close to this: {share:.0%} of phrases without a meaning find as much; these books "
            "may hold no such scene"
        )
    scenes = tuple(scene_match(opened, asked.glossary, *found) for found in ranked)
    return SearchResult(
        text, asked.language, scenes, rank_topics(asked)[:_TOPICS], share, not asked.gibberish, tuple(notes)
    )


def _books(dataset: Dataset, book: str | None, in_language: str | None) -> frozenset[str] | None:
    """Ids of the books to search in; None for all."""
    if book is None and in_language is None:
        return None
    code = language_code(in_language or "")
    part = (book or "").casefold()
    found = frozenset(
        entry.book_id
        for entry in dataset.manifest.books
        if code in ("", entry.language)
        and (part in entry.title.casefold() or part in entry.author.casefold() or entry.book_id.startswith(part))
    )
    if not found:
        named = " and ".join([f"title or author '{book}'"] * (book is not None) + [f"language '{code}'"] * bool(code))
        raise ValueError(f"{dataset.folder} has no book with {named}; `scenesign report` lists its books")
    return found


def rank_scenes(
    dataset: Dataset, queries: np.ndarray, books: Collection[str] | None, top: int
) -> tuple[list[tuple[float, str, int]], float]:
    """The scenes most like the first query: (similarity, book id, index), most similar first; ties as they are stored.

    queries: centred unit vectors, float32 [1 + n, D]: the query, and nulls. books: ids to search in; None for all.
    Also the share of nulls that come as close to a scene of the dataset as the query does.
    """
    whiten = fit_whitening(dataset, dataset.manifest.counts.scenes)
    asked = unit(steady_product(queries[:1], whiten)[0])
    best = np.full(len(queries), -1.0)
    sums, squares, count = np.zeros(len(queries)), np.zeros(len(queries)), 0
    found: list[tuple[float, int, str, int]] = []
    for chunk in scene_vectors(dataset):
        plain = steady_product(chunk.vectors, queries.T)
        if len(plain):
            best = np.maximum(best, plain.max(axis=0))
        sums += plain.sum(axis=0)
        squares += (plain**2).sum(axis=0)
        alike = (unit(steady_product(chunk.vectors, whiten)) * asked).sum(axis=1)
        found = sorted([*found, *_best_of(chunk, alike, books, count, top)])[:top]
        count += len(plain)
    spread = np.sqrt(np.maximum(squares / max(1, count) - (sums / max(1, count)) ** 2, 0.0))
    return [(-minus, book, place) for minus, _, book, place in found], chance(closeness(best, spread))


def _best_of(
    chunk: SceneVectors, similarity: np.ndarray, books: Collection[str] | None, first: int, top: int
) -> Iterator[tuple[float, int, str, int]]:
    """Of the scenes that are searched the best: minus similarity, number in the dataset, book, index."""
    rows = np.arange(len(similarity)) if books is None else np.flatnonzero(np.isin(chunk.books.astype(str), [*books]))
    minus = -np.round(similarity[rows].astype(np.float64), 6)
    for place in np.argsort(minus, kind="stable")[:top]:
        row = rows[place]
        yield float(minus[place]), first + int(row), str(chunk.books[row]), int(chunk.places[row])


def scene_match(
    dataset: Dataset, glossary: Sequence[SignEntry], similarity: float, book_id: str, place: int
) -> SceneMatch:
    """A scene of a dataset as it is shown, with the heading that it stands under. place: its index in the book."""
    book = dataset.book(book_id)
    chapter = ""
    for scene in book.scenes(vectors=False):
        heading, rest = split_heading(scene.text) if scene.opens_chapter else ("", scene.text)
        chapter = heading or chapter
        if scene.index == place:
            break
    return SceneMatch(similarity, book, scene, chapter, opening(rest, _OPENING), glossary[scene.signs[0]])


def topics_of(matches: Sequence[SignMatch], language: str) -> str:
    """Topics in a line, by their names in a language (ISO 639-1), else in any; those without are left out."""
    named = ((match, called(match.entry, language) or match.name) for match in matches)
    return "; ".join(f"{match.glyph} {name}" for match, name in named if name)
