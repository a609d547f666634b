"""Search for topics by meaning: the signs of level 1 by their likeness to a phrase or a few sentences."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from scenesign.schemas.inventory import InventoryInfo
from scenesign.transforms.embedders.registry import embedder_info, kept_embedder, pinned
from scenesign.transforms.signs.glosses.glossary import SignEntry, read_glossary
from scenesign.transforms.signs.inventory import (
    Inventory,
    check_embedder,
    inventory_folder,
    load_inventory,
    no_mean_note,
)
from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.signs.query import (
    CHANCE,
    QueryVectors,
    chance,
    closeness,
    is_gibberish,
    parse_query,
    query_language,
    query_vectors,
)
from scenesign.transforms.text.language_codes import language_code


@dataclass(frozen=True)
class SignMatch:
    """A topic and how much a query is like it: the cosine of the two, 1 at most."""

    entry: SignEntry
    similarity: float

    @property
    def sign(self) -> int:
        """Its id."""
        return self.entry.sign

    @property
    def glyph(self) -> str:
        """Its character."""
        return self.entry.glyph

    @property
    def name(self) -> str:
        """Its name, "" where it has none."""
        return self.entry.name

    @property
    def keywords(self) -> Mapping[str, tuple[str, ...]]:
        """What sets its scenes apart: words by language, best first."""
        return self.entry.keywords


@dataclass(frozen=True, eq=False)
class Asked:
    """A query put to an inventory.

    language: ISO 639-1. gibberish: whether no word of it is known. notes: why to trust what it finds less.
    """

    text: str
    language: str
    gibberish: bool
    vectors: QueryVectors
    inventory: Inventory
    glossary: tuple[SignEntry, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class TopicSearch:
    """The topics most like a query, the most similar first.

    language: ISO 639-1, that the query was taken for. notes: why to trust them less, a line each.
    """

    query: str
    language: str
    matches: tuple[SignMatch, ...]
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[SignMatch]:
        return iter(self.matches)

    def __len__(self) -> int:
        return len(self.matches)

    def __getitem__(self, rank: int) -> SignMatch:
        return self.matches[rank]


def search_topics(
    where: str | os.PathLike[str], text: str, *, language: str | None = None, top: int | None = 10
) -> TopicSearch:
    """Topics by meaning. The first few are hints, not answers: read their keywords and examples.

    where: a dataset or inventory, or the name of a script. The rest, and what is raised, as in `scenesign.search`;
    top: None for all.
    """
    check_top(top)
    asked = ask(where, text, language)
    matches = rank_topics(asked)
    notes = list(asked.notes)
    if topic_chance(asked) > CHANCE:
        best = matches[0].similarity
        notes.append(f"no topic is much like this (best similarity {best:.2f}); there may be none for such a scene")
    return TopicSearch(text, asked.language, matches[:top], tuple(notes))


def check_top(top: int | None) -> None:
    """Raises ValueError for a number of results that is none."""
    if top is not None and top < 1:
        raise ValueError(f"top: {top} is no number of results; give 1 or more, or None for all")


def ask(where: str | os.PathLike[str], text: str, language: str | None) -> Asked:
    """Reads and embeds a query for an inventory.

    Raises FileNotFoundError when there is no such inventory, ValueError when it is damaged or of another embedder, for
    a text without a letter or longer than LONGEST_QUERY, and for an unknown language.
    """
    stated = language_code(language or "")
    folder = inventory_folder(where)
    inventory = load_inventory(folder)
    info = inventory.info
    check_embedder(info, folder)
    code = stated or query_language(text, info.languages)
    query = parse_query(text, code)
    _, glossary = read_glossary(folder)
    model = kept_embedder(pinned(info.embedder, info.embedder_version))
    vectors = query_vectors(model, query, inventory.neutraliser.mean_of(code), glossary)
    gibberish = is_gibberish(text, code)
    notes = tuple(_doubts(info, code, gibberish))
    return Asked(text, code, gibberish, vectors, inventory, tuple(glossary), notes)


def rank_topics(asked: Asked) -> tuple[SignMatch, ...]:
    """All topics, the most similar first."""
    ranked = asked.inventory.quantiser.rank(_damped(asked, asked.vectors.asked[None])[0])
    return tuple(SignMatch(asked.glossary[sign], similarity) for sign, similarity in ranked)


def topic_chance(asked: Asked) -> float:
    """The share of meaningless phrases that find a topic as close."""
    rank = asked.inventory.quantiser.rank
    found = [np.array([s for _, s in rank(vector)]) for vector in _damped(asked, asked.vectors.all)]
    return chance(closeness(np.array([s.max() for s in found]), np.array([s.std() for s in found])))


def _damped(asked: Asked, vectors: np.ndarray) -> np.ndarray:
    """Centred vectors as neutral ones are: float32 [n, D]."""
    damp = asked.inventory.neutraliser.damping.get(asked.language)
    return unit(damp(vectors) if damp else vectors)


def _doubts(info: InventoryInfo, language: str, gibberish: bool) -> Iterator[str]:
    """Why what is found may mean little."""
    spoken = embedder_info(info.embedder).languages
    if spoken and language not in spoken:
        yield f"embedder {info.embedder} was not trained on '{language}': what is found may mean little"
    elif note := no_mean_note(language, info.languages):
        yield note
    if gibberish:
        yield (
            f"no word of this is in the dictionary of '{language}': a name, or nothing; what is found may be like it "
            "in spelling alone"
        )
