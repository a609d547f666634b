"""Short names for topics and for letters, each of one to three keywords, that differ from each other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

_MOST_WORDS = 3


def sign_names(glosses: Sequence[Mapping[str, Sequence[str]]], languages: Sequence[str]) -> list[str]:
    """The names of topics, or of letters; empty where no keywords are left to tell one from those before it.

    glosses: per topic and language its keywords, the most telling first. languages: in which names are sought, in this
    order; the first that has keywords of a topic names it. A name is the two most telling words, or one where there is
    but one; where another topic has them already, in whatever order, three words, or two others. Topics that come first
    choose first.

    >>> sign_names([{"en": ["sea", "ship"]}, {"en": ["ship", "sea", "mast"]}, {"ru": ["дождь"]}], ["en", "ru"])
    ['sea, ship', 'ship, sea, mast', 'дождь']
    """
    taken: set[frozenset[str]] = set()
    names = []
    for gloss in glosses:
        found = next((words for words in _candidates(gloss, languages) if _set(words) not in taken), ())
        if found:
            taken.add(_set(found))
        names.append(", ".join(found))
    return names


def _set(words: Sequence[str]) -> frozenset[str]:
    return frozenset(word.casefold() for word in words)


def _candidates(gloss: Mapping[str, Sequence[str]], languages: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for language in languages:
        words = list(dict.fromkeys(gloss.get(language, ())))
        if words:
            yield tuple(words[:2])
            yield tuple(words[:_MOST_WORDS])
            for count in (2, _MOST_WORDS, 1):
                yield from itertools.combinations(words, count)
