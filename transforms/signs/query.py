"""A query: what someone looks for in a phrase or a few sentences, and what of its vector tells of a scene.

Scenes are compared by what they have beyond the common run of scenes, so a query must lose what it owes to its own
common run. For full sentences that is the language's mean, as for scenes. A phrase such as "a storm at sea" has little
in common with scenes: taking their mean from it *adds* that mean's opposite, and what is found is then least like an
average scene. What phrases have in common is best told by other short texts, and the glossary is full of them: the
first keywords of its topics, three at a time, or as many words of an example. Their mean over all languages does as
well as that of the query's own. The more full sentences a query has, the more of the language's mean takes its place.

Something is always nearest. Whether it is near is told by asking for nothing: phrases of random letters find scenes
too, but few that are as close, and all scenes are much alike to them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scenesign.schemas.records import Block, BlockKind
from scenesign.transforms.embedders.texts import embed_texts
from scenesign.transforms.scenes.sentences import split_sentences
from scenesign.transforms.signs.glosses.glossary import SignEntry
from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.text.language import detect_among
from scenesign.transforms.text.lines import flatten

if TYPE_CHECKING:
    from scenesign.transforms.embedders.texts import Embedder

# A longer text is a scene or more: it has signs of its own.
LONGEST_QUERY = 4_000
# Phrases per language whose mean stands for what short texts have in common; more of them change little.
SAMPLED_PHRASES = 32
_PHRASE_WORDS = 3
# Letters about as often as English has them; for all languages, as random characters of Chinese mean something.
_LETTERS = "eeeeeeeeeeeetttttttttaaaaaaaaooooooooiiiiiiinnnnnnnsssssshhhhhhrrrrrrddddllllcccuuummmwwffggyyppbbvk"
# Meaningless phrases that a query is weighed against, and the share of them that may find as much as it does.
NULLS = 100
CHANCE = 0.2
# Full sentences after which the language's mean counts as much as that of phrases.
_PRIOR_SENTENCES = 2.0
# Of more words than these the letters tell the language.
_FEW_WORDS = 4
_WORD = re.compile(r"[^\W\d_]+")
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

    asked: float32 [D]. nulls: of phrases without a meaning, float32 [NULLS, D].
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
    """Up to SAMPLED_PHRASES phrases of each language, spread over the topics.

    A phrase is of the first keywords of a topic, or of words from the middle of an example where it has none.
    """
    phrases: dict[str, list[str]] = {}
    for entry in glossary:
        found = {language: " ".join(words[:_PHRASE_WORDS]) for language, words in entry.keywords.items()}
        for example in entry.examples:
            if not found.get(example.language):
                found[example.language] = _middle(example.text)
        for language, phrase in found.items():
            if phrase:
                phrases.setdefault(language, []).append(phrase)
    sampled = {}
    for language, told in sorted(phrases.items()):
        picks = np.linspace(0, len(told) - 1, min(SAMPLED_PHRASES, len(told))).astype(int)
        sampled[language] = [told[i] for i in picks]
    return sampled


def _middle(text: str) -> str:
    words = text.split()
    if len(words) > 2 * _PHRASE_WORDS:
        first = len(words) // 2
        return " ".join(words[first : first + _PHRASE_WORDS])
    # written without spaces between words
    return text[len(text) // 2 :][: 2 * _PHRASE_WORDS]


def meaningless() -> list[str]:
    """NULLS phrases of random letters, always the same."""
    draw, letters = np.random.default_rng(0), list(_LETTERS)
    return [
        " ".join("".join(draw.choice(letters, length)) for length in draw.integers(4, 9, _PHRASE_WORDS))
        for _ in range(NULLS)
    ]


def query_vectors(model: Embedder, query: Query, mean: np.ndarray, glossary: Sequence[SignEntry]) -> QueryVectors:
    """Embeds a query and the phrases that it is weighed against. mean: of its language's scenes, float32 [D]."""
    phrases = sample_phrases(glossary)
    means = [embed_texts(model, found).mean(axis=0) for found in phrases.values()]
    common = np.asarray(np.mean(means, axis=0) if means else np.zeros_like(mean), dtype=np.float32)
    asked = less_common(embed_texts(model, query.pieces).mean(axis=0), query.sentences, mean, common)
    return QueryVectors(asked, unit(embed_texts(model, meaningless()) - common))


def is_gibberish(text: str, language: str) -> bool:
    """Whether no word of a text is in the dictionary of its language; False where there is no dictionary."""
    return _known(text, language) == 0.0


def query_language(text: str, languages: Mapping[str, int]) -> str:
    """The likeliest language of a query among some, ISO 639-1; empty for a text without a letter.

    Letters alone tell little of a word or two: "funeral" looks French. So where the dictionary of the likeliest lacks
    words of the query, the language of most books is preferred, or the next likeliest, if theirs has more of them.
    languages: and how many books each has.
    """
    likeliest = detect_among(text, languages)
    if not likeliest or len(_WORD.findall(text)) > _FEW_WORDS:
        return likeliest
    best, share = likeliest, _known(text, likeliest)
    # a dictionary takes a second to load, so that not all are asked
    second = detect_among(text, languages.keys() - {likeliest})
    for code in (max(languages, key=lambda code: (languages[code], code)), second):
        if share in (None, 1.0):
            break
        if code and (found := _known(text, code) or 0.0) > share:
            best, share = code, found
    return best


def _known(text: str, language: str) -> float | None:
    """The share of a text's words that the dictionary of a language has; None without words or a dictionary."""
    from simplemma import is_known
    from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

    words = _WORD.findall(text)
    if not words or language not in SUPPORTED_LANGUAGES:
        return None
    return sum(any(is_known(form, language) for form in (word, word.lower())) for word in words) / len(words)


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


def chance(found: np.ndarray) -> float:
    """The share of nulls that are as close as the query. found: closeness of the query, then of each null."""
    return float((found[1:] >= found[0]).mean())
