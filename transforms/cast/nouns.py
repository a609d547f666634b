"""Which words are nouns like others, in German, where every noun has a capital and a capital tells no name.

A noun has an article, a number or an adjective before it; a name hardly ever does. The fewer of a book's mentions say
so, the more it matters whether the dictionary has the word.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from scenesign.transforms.cast.titles import ARTICLES, DEEDS, DETERMINERS, NOMINATIVES, SPEECH
from scenesign.transforms.signs.glosses.words import lemma_dictionaries
from scenesign.transforms.support.threads import made_once

if TYPE_CHECKING:
    from simplemma.strategies import DictionaryLookupStrategy

# Of a name's mentions no more than this share follow a determiner or an adjective: of a word the dictionary lacks, and
# of one that it has.
_UNKNOWN, _KNOWN = 0.35, 0.12
# Whoever has a title before the name so often is somebody.
_TITLED = 0.2
# The share of a word of the dictionary is believed from so many mentions on.
_LEAST_TOLD = 5
# Whoever speaks so often, and in this share of the mentions, is somebody: a name that the dictionary has or lacks, in
# spite of articles and adjectives (das Bärbel, die alte Kathrein), and any word that stands mostly without them (Huck).
_LEAST_SPOKEN, _SPEAKING, _MOSTLY = 2, 0.03, 0.5
# So is whoever has articles, hardly anything else, and acts in this share of so many mentions: a name, and any word.
_LEAST_POINTED, _NAME_ACTS, _NOUN_ACTS = 20, 0.1, 0.2
_ENDINGS = ("e", "en", "er", "es", "em")
_NOUN_ENDINGS = ("n", "en", "er", "es", "ern", "nen")
# Determiners of what a clause isn't about.
_OBLIQUE = DETERMINERS - NOMINATIVES
_SMALL_ONES = ("chen", "lein")
# Books share most of their words, and the packed dictionary is slow to look up.
_CACHED_FORMS = 1 << 16


@dataclass(frozen=True, slots=True)
class Place:
    """Where a word with a capital stands.

    base: its nominative. form: as it is written. earlier, before, after: the two words before it and the one behind it,
    in small letters, empty for none. titled: whether a form of address stands before it.
    """

    base: str
    form: str
    earlier: str
    before: str
    after: str
    titled: bool

    @property
    def speaks(self) -> bool:
        """Whether a verb of speech stands beside it, and nothing says that it isn't who speaks."""
        if self.before in _OBLIQUE:
            return False
        verb = self.earlier if self.before in NOMINATIVES else self.before
        return verb in SPEECH or self.after in SPEECH


@dataclass
class _Told:
    """Counts over the places of a word. joined: behind a determiner or an adjective. pointed: behind an article."""

    count: int = 0
    titled: int = 0
    joined: int = 0
    pointed: int = 0
    speaks: int = 0
    acts: int = 0


def german_nouns(places: Iterable[Place]) -> frozenset[str]:
    """Nominatives of those that are no names."""
    words: dict[str, _Told] = defaultdict(_Told)
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    adjective = cache(_adjective)
    for place in places:
        told = words[place.base]
        told.count += 1
        told.titled += place.titled
        told.joined += place.before in DETERMINERS or adjective(place.before)
        told.pointed += place.before in ARTICLES
        told.speaks += place.speaks
        told.acts += place.speaks or place.after in DEEDS
        forms[place.base][place.form] += 1
    return frozenset(base for base, told in words.items() if not _somebody(told, forms[base]))


def _somebody(told: _Told, forms: Mapping[str, int]) -> bool:
    if told.titled >= _TITLED * told.count:
        return told.joined <= 0.5 * told.count
    lemma = _lemma(max(forms, key=lambda form: (forms[form], form)))
    speaks = told.speaks >= max(_LEAST_SPOKEN, _SPEAKING * told.count)
    described = told.joined - told.pointed
    if speaks or told.count >= _LEAST_POINTED:
        named = lemma is None or not _declined(lemma)
        if speaks and (described if named else told.joined) <= _MOSTLY * told.count:
            return True
        least, most = (_NAME_ACTS, _UNKNOWN) if named else (_NOUN_ACTS, _KNOWN)
        if told.count >= _LEAST_POINTED and told.acts >= least * told.count and described <= most * told.count:
            return True
    if lemma is None:
        return told.joined <= _UNKNOWN * told.count
    return not lemma[0].islower() and told.count >= _LEAST_TOLD and told.joined <= _KNOWN * told.count


def _declined(lemma: str) -> bool:
    """Whether the dictionary has cases or plurals of a noun; names have none, nor do the small ones: Mädchen."""
    return lemma.endswith(_SMALL_ONES) or any(_lemma(lemma + ending) == lemma for ending in _NOUN_ENDINGS)


def _adjective(word: str) -> bool:
    """Whether a small word is an adjective with an ending: its lemma has none, and isn't that of a verb."""
    if not word.endswith(_ENDINGS):
        return False
    lemma = _lemma(word)
    return lemma is not None and lemma[0].islower() and not lemma.endswith("n") and len(lemma) < len(word)


@lru_cache(_CACHED_FORMS)
def _lemma(form: str) -> str | None:
    return _dictionary().get_lemma(form, "de")


@made_once(heavy=True)
def _dictionary() -> DictionaryLookupStrategy:
    from simplemma.strategies import DictionaryLookupStrategy

    return DictionaryLookupStrategy(lemma_dictionaries())
