"""FindCast: who is on stage in each scene of a book."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from scenesign.transforms.cast.cast import Cast, number_cast
from scenesign.transforms.cast.names import CASED, cased_mentions
from scenesign.transforms.cast.persons import one_person
from scenesign.transforms.cast.sexes import sex_votes
from scenesign.transforms.cast.trained import person_evidence


def find_cast(text: str, starts: Sequence[int], language: str, spacy_model: str | None = None) -> Cast:
    """The cast of a book; nobody in a language whose names aren't known.

    text: its clean text. starts: offsets of its scenes, ascending from 0. language: ISO 639-1. spacy_model: name or
    folder of an installed spaCy pipeline that names people, used for the books in its language.
    """
    if language not in CASED:
        return number_cast([], {}, starts)
    mentions = cased_mentions(text, language, person_evidence(text, language, spacy_model))
    counts = Counter(mention.key for mention in mentions)
    return number_cast(mentions, one_person(counts, language, sex_votes(text, mentions, language)), starts)
