"""Search for signs by meaning: a phrase or a few sentences in any language, level-1 signs by similarity.

A codeword is what a kind of scene has beyond the common run of scenes, so a query must lose what it owes to its own
common run before the two can be compared. For full sentences that is the language's mean, as for scenes. A phrase
such as "a storm at sea" has little in common with scenes: taking their mean from it *adds* that mean's opposite, and
the nearest signs are then those least like an average scene. What phrases have in common is best told by other short
texts, and the glossary is full of them: its keywords. So the mean of a sample of keywords is taken off a phrase, and
the more full sentences a query has, the more of the language's mean takes its place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scenesign.schemas.records import Block, BlockKind
from scenesign.transforms.scenes.embed import embed_texts
from scenesign.transforms.scenes.sentences import split_sentences
from scenesign.transforms.signs.glossary import SignEntry
from scenesign.transforms.signs.inventory import Inventory
from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.text.clean import normalise

# A longer text is a scene or more: it has signs of its own.
LONGEST_QUERY = 4_000
# Keywords per language whose mean stands for what short texts have in common; more of them change little.
SAMPLED_KEYWORDS = 100
# Full sentences after which the language's mean counts as much as that of the keywords.
_PRIOR_SENTENCES = 2.0
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
    flat = " ".join(normalise(text).split())
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


def search_signs(
    inventory: Inventory, glossary: Sequence[SignEntry], model: Any, text: str, language: str
) -> list[tuple[SignEntry, float]]:
    """All level-1 signs with their similarity (cosine) to a query, most similar first.

    model: the inventory's embedder. language: ISO 639-1; one that the inventory has no mean for gets the mean of all.
    Raises ValueError as `parse_query` does.
    """
    query = parse_query(text, language)
    common = common_to_short_texts(model, glossary, inventory.info.dimensions)
    vector = query_vector(inventory, query, embed_texts(model, query.pieces), common)
    return [(glossary[sign], similarity) for sign, similarity in inventory.quantiser.rank(vector)]
