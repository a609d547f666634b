"""FindCast: who is on stage in each scene of a book."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from scenesign.transforms.cast.cast import Cast, number_cast
from scenesign.transforms.cast.names import cased_mentions
from scenesign.transforms.cast.persons import one_person
from scenesign.transforms.cast.sexes import sex_votes


def find_cast(text: str, starts: Sequence[int], language: str) -> Cast:
    """The cast of a book.

    text: its clean text. starts: offsets of its scenes, ascending from 0. language: ISO 639-1.
    """
    mentions = cased_mentions(text, language)
    counts = Counter(mention.key for mention in mentions)
    return number_cast(mentions, one_person(counts, language, sex_votes(text, mentions, language)), starts)
