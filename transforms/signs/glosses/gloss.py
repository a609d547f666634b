"""Glosses: the keywords of topics and of letters in every language that has evidence for them, and names of topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenesign.schemas.parts import AssignmentEntry
from scenesign.transforms.signs.glosses.keywords import keywords, telling
from scenesign.transforms.signs.glosses.scene_words import save_words
from scenesign.transforms.signs.glosses.sign_names import sign_names
from scenesign.transforms.signs.glosses.spoken import SpokenScenes, read_spoken, spoken_languages, topic_shares
from scenesign.transforms.signs.glosses.vocabulary import LanguageMap, Vocabulary, fit_language, join_languages
from scenesign.transforms.signs.glyphs import LETTER_VALUES
from scenesign.transforms.signs.inventory import Inventory
from scenesign.transforms.signs.numbering import letter_count, letter_ids
from scenesign.transforms.signs.quantisers.quantiser import Quantiser
from scenesign.transforms.support import storage

# Names are sought in this language first.
_NAMING_LANGUAGE = "en"


@dataclass(frozen=True)
class Glosses:
    """Keywords by language of every topic and every letter, in the order of ids, and names made of them.

    A language without evidence is left out. Topics have names that differ; letters, names that differ among themselves.
    vocabulary: the words that scenes hold, by language.
    """

    topics: tuple[dict[str, tuple[str, ...]], ...]
    letters: tuple[dict[str, tuple[str, ...]], ...]
    names: tuple[str, ...]
    letter_names: tuple[str, ...]
    vocabulary: Vocabulary


def gloss(inventory: Inventory, assignments: Sequence[AssignmentEntry], words: str) -> Glosses:
    """Reads the scenes of all books, a language at a time, for what tells topics and letters.

    inventory: with its topics as they are published; its letters are those that scenes were assigned. words: the
    folder where the words of each language are kept, see `words_uri`.
    """
    topics: list[dict[str, tuple[str, ...]]] = [{} for _ in range(inventory.info.sizes[0])]
    letters: list[dict[str, tuple[str, ...]]] = [{} for _ in range(letter_count(len(inventory.info.sizes)))]
    sizes = spoken_languages(assignments)
    points = topic_points(inventory.quantiser)
    maps: dict[str, LanguageMap | None] = {}
    for language in sizes:
        spoken = read_spoken(language, assignments, inventory)
        save_words(words_uri(words, language), spoken.words)
        # whatever parts the books came in, so that sums come to the same bits
        rows = np.concatenate([np.arange(first, end) for _, first, end in sorted(spoken.books)] or [np.zeros(0, int)])
        maps[language] = fit_language(spoken.vectors[rows], spoken.words.present[rows], spoken.words.shown)
        for entry, found in zip(topics, topic_keywords(spoken, points), strict=True):
            if found:
                entry[language] = shown(spoken, found)
        for entry, found in zip(letters, letter_keywords(spoken), strict=True):
            if found:
                entry[language] = shown(spoken, found)
    evidence = sorted(sizes, key=lambda code: (code != _NAMING_LANGUAGE, -sizes[code], code))
    names, letter_names = (tuple(sign_names(entries, evidence)) for entries in (topics, letters))
    vocabulary = join_languages(maps, inventory.info.dimensions)
    return Glosses(tuple(topics), tuple(letters), names, letter_names, vocabulary)


def words_uri(folder: str, language: str) -> str:
    """The file for the words that the scenes of a language hold."""
    return storage.join(folder, f"{language}.words.parquet")


def shown(spoken: SpokenScenes, found: Sequence[int]) -> tuple[str, ...]:
    """Keywords as they are written."""
    return tuple(spoken.words.shown[word] for word in found)


def topic_points(quantiser: Quantiser) -> np.ndarray:
    """The neutral vector that each topic stands for, float32 [topics, D]."""
    codes = np.zeros((quantiser.sizes[0], len(quantiser.sizes)), dtype=np.int32)
    codes[:, 0] = np.arange(len(codes))
    return quantiser.decode(codes, 1)


def topic_keywords(spoken: SpokenScenes, points: np.ndarray) -> list[list[int]]:
    """Keywords of every topic, as indices of words. points: where topics lie, float32 [topics, D]."""

    def belongs(first: int, end: int) -> np.ndarray:
        return topic_shares(spoken.vectors[first:end], points)

    return keywords(spoken.words, telling(spoken.words, belongs, len(points)))


def letter_keywords(spoken: SpokenScenes) -> list[list[int]]:
    """Keywords of every letter, as indices of words. The values of one letter are told from each other."""
    ids = letter_ids(spoken.codes)
    values = np.eye(LETTER_VALUES, dtype=np.float32)
    found: list[list[int]] = []
    for place in range(ids.shape[1]):
        carried = values[ids[:, place] - LETTER_VALUES * place]

        def belongs(first: int, end: int, carried: np.ndarray = carried) -> np.ndarray:
            return carried[first:end]

        found += keywords(spoken.words, telling(spoken.words, belongs, LETTER_VALUES))
    return found
