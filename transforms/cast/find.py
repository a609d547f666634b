"""FindCast: who is on stage in each scene of a book."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from scenesign.transforms.cast.arabic import arabic_mentions
from scenesign.transforms.cast.cast import Cast, Mention, number_cast
from scenesign.transforms.cast.chinese import chinese_mentions
from scenesign.transforms.cast.japanese import japanese_mentions
from scenesign.transforms.cast.korean import korean_mentions
from scenesign.transforms.cast.names import cased_mentions

_WITHOUT_CAPITALS: Mapping[str, Callable[[str], list[Mention]]] = {
    "ar": arabic_mentions,
    "ja": japanese_mentions,
    "ko": korean_mentions,
    "zh": chinese_mentions,
}


def find_cast(text: str, starts: Sequence[int], language: str) -> Cast:
    """The cast of a book.

    text: its clean text. starts: offsets of its scenes, ascending from 0. language: ISO 639-1.
    """
    mentions = _WITHOUT_CAPITALS[language](text) if language in _WITHOUT_CAPITALS else cased_mentions(text, language)
    return number_cast(mentions, {m.key: m.key for m in mentions}, starts)
