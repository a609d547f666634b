"""Names in scripts that have capitals: words that keep theirs inside a sentence."""

from __future__ import annotations

import re
from collections import Counter

from scenesign.transforms.cast.cast import Mention

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# After these a capital tells nothing: a sentence, a speech or a line begins.
_OPENING = re.compile(r"(?:[.!?…:;—–\"“”„«»‘’'(\[*_\-]\s*|\n\s*|^)$")
LEAST_MENTIONS = 3


def cased_mentions(text: str, language: str) -> list[Mention]:
    """Capitalised words of a text that are hardly ever written small, wherever they stand."""
    inside: Counter[str] = Counter()
    small: Counter[str] = Counter()
    words = [(m.start(), m.group()) for m in _WORD.finditer(text)]
    for start, word in words:
        if word[0].islower():
            small[_key(word, language)] += 1
        elif word[0].isupper() and not word.isupper() and not _OPENING.search(text[max(0, start - 8) : start]):
            inside[_key(word, language)] += 1
    known = {key for key, count in inside.items() if count >= LEAST_MENTIONS and count > 4 * small[key]}
    return [
        Mention(start, word, _key(word, language))
        for start, word in words
        if word[0].isupper() and _key(word, language) in known
    ]


def _key(word: str, language: str) -> str:
    word = re.split("['’]", word.lower())[0]
    if language in ("ru", "pl") and len(word) > 3:
        return word[: max(3, len(word) - 2)]
    return word
