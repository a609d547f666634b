"""Search for signs by meaning: a phrase or a few sentences in any language, level-1 signs by similarity.

A codeword is what a kind of scene has beyond the common run of scenes, so a query must lose what it owes to its own
common run before the two can be compared. For full sentences that is the language's mean, as for scenes. A phrase
such as "a storm at sea" has little in common with scenes: taking their mean from it *adds* that mean's opposite, and
the nearest signs are then those least like an average scene. What phrases have in common is best told by other short
texts, and the glossary is full of them: its keywords. So the mean of a sample of keywords is taken off a phrase, and
the more full sentences a query has, the more of the language's mean takes its place.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scenesign.schemas.inventory import InventoryInfo
from scenesign.schemas.records import Block, BlockKind
from scenesign.transforms.scenes.embed import embed_texts
from scenesign.transforms.scenes.embedders import embedder_info, kept_embedder, pinned
from scenesign.transforms.scenes.sentences import split_sentences
from scenesign.transforms.signs.glossary import SignEntry, read_glossary
from scenesign.transforms.signs.inventory import Inventory, check_embedder, inventory_folder, load_inventory
from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.text.language import detect_among
from scenesign.transforms.text.language_codes import language_code
from scenesign.transforms.text.lines import flatten

# A longer text is a scene or more: it has signs of its own.
LONGEST_QUERY = 4_000
# Keywords per language whose mean stands for what short texts have in common; more of them change little.
SAMPLED_KEYWORDS = 100
# Full sentences after which the language's mean counts as much as that of the keywords.
_PRIOR_SENTENCES = 2.0
# Best similarity below which little was found: random letters get up to .14, and phrases for what a library of 31
# novels does hold got .19 and more.
_WEAK = 0.15
_FULL_SENTENCE = re.compile(r"""[.!?…。！？．‽؟।｡][”’»」』）)\]"']*$""")


@dataclass(frozen=True)
class Query:
    """A query as the units that are embedded; sentences: how many of them are full ones."""

    pieces: tuple[str, ...]
    language: str
    sentences: int


def parse_query(text: str, language: str) -> Query:
    """Cuts a query into sentences.

    language: ISO 639-1. Raises ValueError for a query without a letter, or longer than LONGEST_QUERY characters.
    """
    flat = flatten(text)
    if not any(char.isalpha() for char in flat):
        raise ValueError("there is no word in the query; describe a scene in a few words")
    if len(flat) > LONGEST_QUERY:
        raise ValueError(
            f"the query has {len(flat):,} characters, more than {LONGEST_QUERY:,}; "
            "`scenesign encode` finds the signs of longer texts"
        )
    spans = split_sentences(flat, (Block(0, len(flat), BlockKind.PARAGRAPH),), language)
    pieces = tuple(flat[span.start : span.end] for span in spans)
    return Query(pieces, language, sum(bool(_FULL_SENTENCE.search(piece)) for piece in pieces))


def sample_keywords(glossary: Sequence[SignEntry]) -> dict[str, list[str]]:
    """Up to SAMPLED_KEYWORDS keywords of each language, spread evenly over its alphabet."""
    words: dict[str, set[str]] = {}
    for entry in glossary:
        for language, found in entry.keywords.items():
            words.setdefault(language, set()).update(found)
    sampled = {}
    for language in sorted(words):
        ordered = sorted(words[language])
        picks = np.linspace(0, len(ordered) - 1, min(SAMPLED_KEYWORDS, len(ordered))).astype(int)
        sampled[language] = [ordered[i] for i in picks]
    return sampled


def common_to_short_texts(model: Any, glossary: Sequence[SignEntry], dimensions: int) -> np.ndarray:
    """Mean vector of keywords, every language counting once: float32 [dimensions]; zeros without keywords."""
    means = [embed_texts(model, words).mean(axis=0) for words in sample_keywords(glossary).values() if words]
    return np.asarray(np.mean(means, axis=0) if means else np.zeros(dimensions), dtype=np.float32)


def query_vector(inventory: Inventory, query: Query, vectors: np.ndarray, common: np.ndarray) -> np.ndarray:
    """The neutral unit vector of a query: float32 [D].

    vectors: unit vectors of its pieces, float32 [pieces, D]; common: what short texts share, float32 [D].
    """
    pooled = unit(vectors.mean(axis=0))
    neutraliser = inventory.neutraliser
    mean = neutraliser.language_means.get(query.language, neutraliser.global_mean)
    phrase = _PRIOR_SENTENCES / (query.sentences + _PRIOR_SENTENCES)
    # the neutraliser takes the language's mean off; the phrase's part of it is exchanged beforehand
    return np.asarray(neutraliser((pooled + phrase * (mean - common))[None, :], query.language)[0])


@dataclass(frozen=True)
class SignMatch:
    """A sign and how much a query is like it: the cosine of the two, 1 at most."""

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
    def keywords(self) -> Mapping[str, tuple[str, ...]]:
        """What sets its scenes apart: words by language, best first."""
        return self.entry.keywords


@dataclass(frozen=True)
class SearchResult:
    """The signs most like a query, the most similar first.

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


def search(
    dataset: str | os.PathLike[str], text: str, *, language: str | None = None, top: int | None = 10
) -> SearchResult:
    """Signs of level 1 by meaning. The first few are hints, not answers: read their keywords and examples.

    dataset: folder of a dataset or inventory, local or in an object store, or the name of a script.
    text: a phrase or a few sentences, in any language of the embedder.
    language: code or English name; the likeliest of the inventory's when not given. One that the inventory has no mean
    for gets the mean of all, and a note. top: how many to give at most; None for all.

    Raises FileNotFoundError when there is no such inventory, ValueError when it is damaged or of another embedder, for
    a text without a letter, an unknown language, and for one longer than LONGEST_QUERY characters.

    >>> for match in scenesign.search("out/demo", "a storm at sea", top=1):
    ...     print(match.similarity > 0.2, "wind" in match.keywords["en"])
    True True
    """
    if top is not None and top < 1:
        raise ValueError(f"top: {top} is no number of signs; give 1 or more, or None for all")
    stated = language_code(language or "")
    folder = inventory_folder(dataset)
    inventory = load_inventory(folder)
    info = inventory.info
    check_embedder(info, folder)
    code = stated or detect_among(text, info.languages)
    query = parse_query(text, code)
    _, glossary = read_glossary(folder)
    model = kept_embedder(pinned(info.embedder, info.embedder_version))
    common = common_to_short_texts(model, glossary, info.dimensions)
    vector = query_vector(inventory, query, embed_texts(model, query.pieces), common)
    ranked = inventory.quantiser.rank(vector)
    matches = tuple(SignMatch(glossary[sign], similarity) for sign, similarity in ranked[:top])
    return SearchResult(text, code, matches, tuple(_doubts(info, code, matches[0].similarity)))


def _doubts(info: InventoryInfo, language: str, best: float) -> Iterator[str]:
    """Why what was found may mean little."""
    spoken = embedder_info(info.embedder).languages
    if spoken and language not in spoken:
        yield f"embedder {info.embedder} was not trained on '{language}': what is found may mean little"
    elif language not in info.languages:
        known = ", ".join(sorted(info.languages))
        yield f"the inventory has no mean for '{language}' (it knows {known}); the mean of all is used"
    if best < _WEAK:
        yield f"no sign is much like this (best similarity {best:.2f}); these books may hold no such scene"
