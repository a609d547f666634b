"""Which words are nouns like others, in German, where every noun has a capital and a capital tells no name.

A noun has an article, a number or an adjective before it; a name hardly ever does. The fewer of a book's mentions say
so, the more it matters whether the dictionary has the word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from scenesign.transforms.cast.titles import ARTICLES, DEEDS, DETERMINERS
from scenesign.transforms.support.threads import made_once

# Of a name's mentions no more than this share follow a determiner or an adjective: of a word the dictionary lacks, and
# of one that it has.
_UNKNOWN, _KNOWN = 0.35, 0.12
# Whoever has a title before the name so often is somebody.
_TITLED = 0.2
# The share of a word of the dictionary is believed from so many mentions on.
_LEAST_TOLD = 5
# Whoever acts in this share of so many mentions is somebody, in spite of an article: das Heidi, der Großvater.
_LEAST_POINTED = 20
_ACTING = 0.1
_ENDINGS = ("e", "en", "er", "es", "em")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a word with a capital stands.

    base: its nominative. form: as it is written. before, after: the words beside it, in small letters, empty for none.
    titled: whether a form of address stands before it.
    """

    base: str
    form: str
    before: str
    after: str
    titled: bool


def german_nouns(places: Iterable[Place]) -> frozenset[str]:
    """Nominatives of those that are no names."""
    told: Counter[str] = Counter()
    joined: Counter[str] = Counter()
    pointed: Counter[str] = Counter()
    acting: Counter[str] = Counter()
    titled: Counter[str] = Counter()
    forms: dict[str, Counter[str]] = {}
    adjective = cache(_adjective)
    for place in places:
        told[place.base] += 1
        titled[place.base] += place.titled
        joined[place.base] += place.before in DETERMINERS or adjective(place.before)
        pointed[place.base] += place.before in ARTICLES
        acting[place.base] += place.after in DEEDS
        forms.setdefault(place.base, Counter())[place.form] += 1
    somebody = {
        base
        for base, count in told.items()
        if count >= _LEAST_POINTED
        and acting[base] >= _ACTING * count
        and joined[base] - pointed[base] <= _KNOWN * count
    }
    return frozenset(
        base for base in told.keys() - somebody if _noun(told[base], joined[base], titled[base], forms[base])
    )


def _noun(told: int, joined: int, titled: int, forms: Mapping[str, int]) -> bool:
    if titled >= _TITLED * told:
        return joined > 0.5 * told
    lemma = _lemma(max(forms, key=lambda form: (forms[form], form)))
    if lemma is None:
        return joined > _UNKNOWN * told
    return lemma[0].islower() or told < _LEAST_TOLD or joined > _KNOWN * told


def _adjective(word: str) -> bool:
    """Whether a small word is an adjective with an ending: its lemma has none, and isn't that of a verb."""
    if not word.endswith(_ENDINGS):
        return False
    lemma = _lemma(word)
    return lemma is not None and lemma[0].islower() and not lemma.endswith("n") and len(lemma) < len(word)


def _lemma(form: str) -> str | None:
    return _dictionary().get_lemma(form, "de")


@made_once()
def _dictionary():  # type: ignore[no-untyped-def]
    from simplemma.strategies import DictionaryLookupStrategy
    from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory

    return DictionaryLookupStrategy(DefaultDictionaryFactory())
