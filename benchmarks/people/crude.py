"""The rule that a cast has to beat: words with a capital inside a sentence, none joined with another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from scenesign.transforms.cast.cast import Cast, Mention, number_cast

LEAST = 3
_STEMMED = frozenset({"ru", "pl"})
_WORD = re.compile(r"[^\W\d_]+")
# After these a sentence goes on.
_INSIDE = re.compile(r"[\w,)] $")


def crude_cast(text: str, starts: Sequence[int], language: str) -> Cast:
    """Words with a capital inside a sentence LEAST times or more, wherever they stand; of Russian and Polish ones the
    last two letters are cut. Empty in scripts without capitals."""
    words = [(found.start(), found.group()) for found in _WORD.finditer(text)]
    inside = Counter(
        _stem(word, language)
        for start, word in words
        if word[0].isupper() and len(word) > 1 and _INSIDE.search(text[max(0, start - 2) : start])
    )
    mentions = [
        Mention(start, word, _stem(word, language))
        for start, word in words
        if word[0].isupper() and inside[_stem(word, language)] >= LEAST
    ]
    return number_cast(mentions, {mention.key: mention.key for mention in mentions}, starts)


def _stem(word: str, language: str) -> str:
    word = word.lower()
    return word[: max(3, len(word) - 2)] if language in _STEMMED else word
