"""FindCast: who is on stage in each scene of a book."""

from __future__ import annotations

from collections.abc import Sequence

from scenesign.transforms.cast.cast import Cast, number_cast
from scenesign.transforms.cast.names import cased_mentions


def find_cast(text: str, starts: Sequence[int], language: str) -> Cast:
    """The cast of a book.

    text: its clean text. starts: offsets of its scenes, ascending from 0. language: ISO 639-1.
    """
    mentions = cased_mentions(text, language)
    return number_cast(mentions, {m.key: m.key for m in mentions}, starts)
