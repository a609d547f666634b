"""A query: what someone looks for in a phrase or a few sentences, and what of its vector tells of a scene.

Scenes are compared by what they have beyond the common run of scenes, so a query must lose what it owes to its own
common run. For full sentences that is the language's mean, as for scenes. A phrase such as "a storm at sea" has little
in common with scenes: taking their mean from it *adds* that mean's opposite, and what is found is then least like an
average scene. What phrases have in common is best told by other short texts, and the glossary is full of them: the
first keywords of its topics, three at a time. Measured by titles of chapters, their mean over all languages does as well
as that of the query's own language. The more full sentences a query has, the more of the language's mean takes its
place.

Something is always nearest. Whether it is near is told by asking for nothing: the same phrases with their letters drawn
anew find scenes too, but none as close, and all scenes are much alike to them.
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
from scenesign.transforms.signs.neutralise import Neutraliser, unit
from scenesign.transforms.text.lines import flatten

# A longer text is a scene or more: it has signs of its own.
LONGEST_QUERY = 4_000
# Phrases per language whose mean stands for what short texts have in common; more of them change little.
SAMPLED_PHRASES = 32
_PHRASE_WORDS = 3
# Meaningless phrases that a query is weighed against, and the share of them that may find as much as it does.
NULLS = 100
CHANCE = 0.2
# Full sentences after which the language's mean counts as much as that of phrases.
_PRIOR_SENTENCES = 2.0
_FULL_SENTENCE = re.compile(r"""[.!?…。！？．‽؟।｡][”’»」』）)\]"']*$""")


@dataclass(frozen=True)
class Query:
    """A query as the units that are embedded; sentences: how many of them are full ones."""

    pieces: tuple[str, ...]
    language: str
    sentences: int


@dataclass(frozen=True, eq=False)
class QueryVectors:
    """What scenes are compared with, less what is common: unit vectors.

    asked: float32 [D]. nulls: of phrases without a meaning, float32 [n, D]; n is 0 where no glossary gives phrases.
    """

    asked: np.ndarray
    nulls: np.ndarray

    @property
    def all(self) -> np.ndarray:
        """The query, then the nulls: float32 [1 + n, D]."""
        return np.concatenate([self.asked[None], self.nulls])


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


def sample_phrases(glossary: Sequence[SignEntry]) -> dict[str, list[str]]:
    """Up to SAMPLED_PHRASES phrases of each language, each of the first keywords of a topic, spread over the topics."""
    phrases: dict[str, list[str]] = {}
    for entry in glossary:
        for language, words in entry.keywords.items():
            if words:
                phrases.setdefault(language, []).append(" ".join(words[:_PHRASE_WORDS]))
    sampled = {}
    for language, found in sorted(phrases.items()):
        picks = np.linspace(0, len(found) - 1, min(SAMPLED_PHRASES, len(found))).astype(int)
        sampled[language] = [found[i] for i in picks]
    return sampled


def meaningless(phrases: Sequence[str], count: int = NULLS) -> list[str]:
    """Phrases as long as these with letters drawn at random from all of theirs; the same for the same phrases."""
    letters = [char for phrase in phrases for char in phrase if char.isalpha()]
    draw = np.random.default_rng(0)
    return [
        "".join(letters[draw.integers(len(letters))] if char.isalpha() else char for char in phrase)
        for phrase in (phrases[i % len(phrases)] for i in range(count if letters else 0))
    ]


def query_vectors(model: Any, query: Query, neutraliser: Neutraliser, glossary: Sequence[SignEntry]) -> QueryVectors:
    """Embeds a query and the phrases that it is weighed against."""
    phrases = sample_phrases(glossary)
    own = phrases.get(query.language) or [phrase for found in phrases.values() for phrase in found]
    mean = neutraliser.mean_of(query.language)
    means = [embed_texts(model, found).mean(axis=0) for found in phrases.values()]
    common = np.asarray(np.mean(means, axis=0) if means else np.zeros_like(mean), dtype=np.float32)
    asked = less_common(embed_texts(model, query.pieces).mean(axis=0), query.sentences, mean, common)
    nulls = embed_texts(model, meaningless(own)) - common if own else np.zeros((0, len(mean)), dtype=np.float32)
    return QueryVectors(asked, unit(nulls))


def less_common(vector: np.ndarray, sentences: int, mean: np.ndarray, common: np.ndarray) -> np.ndarray:
    """A query's vector less what it owes to its common run, at unit length: float32 [D].

    mean: of its language's scenes; common: of phrases; both float32 [D]. sentences: full ones in the query.
    """
    phrase = _PRIOR_SENTENCES / (sentences + _PRIOR_SENTENCES)
    return unit(unit(vector) - phrase * common - (1.0 - phrase) * mean)


def closeness(best: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """How much there is to a query's best match, for the query and its nulls alike: float [1 + n].

    best: the greatest cosine with a scene; spread: the standard deviation of the cosines with all scenes. A query about
    nothing that scenes differ in is much the same to all of them, whatever happens to come first.
    """
    return np.asarray(best * spread)


def chance(found: np.ndarray) -> float | None:
    """The share of nulls that are as close as the query, found[0]; None without nulls. found: float [1 + n]."""
    return float((found[1:] >= found[0]).mean()) if len(found) > 1 else None
