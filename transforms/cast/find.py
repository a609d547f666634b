"""Who is on stage in each scene of a book."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from scenesign.transforms.cast.arabic import arabic_mentions
from scenesign.transforms.cast.cast import Cast, Mention, number_cast
from scenesign.transforms.cast.chinese import chinese_mentions
from scenesign.transforms.cast.japanese import japanese_mentions
from scenesign.transforms.cast.korean import korean_mentions
from scenesign.transforms.cast.names import cased_mentions
from scenesign.transforms.cast.persons import one_person
from scenesign.transforms.cast.sexes import sex_votes
from scenesign.transforms.cast.trained import person_evidence, with_people

_WITHOUT_CAPITALS: Mapping[str, Callable[[str], list[Mention]]] = {
    "ar": arabic_mentions,
    "ja": japanese_mentions,
    "ko": korean_mentions,
    "zh": chinese_mentions,
}


def find_cast(text: str, starts: Sequence[int], language: str, spacy_model: str | None = None) -> Cast:
    """The cast of a book: nobody where a script has no capitals and no rules of its own, as Thai.

    text: its clean text. starts: offsets of its scenes, ascending from 0. language: ISO 639-1. spacy_model: name or
    folder of an installed spaCy pipeline, which is asked who is a person in books of its language.
    """
    if language in _WITHOUT_CAPITALS:
        mentions = with_people(text, _WITHOUT_CAPITALS[language](text), language, spacy_model)
        return number_cast(mentions, {mention.key: mention.key for mention in mentions}, starts)
    mentions = cased_mentions(text, language, person_evidence(text, language, spacy_model))
    counts = Counter(mention.key for mention in mentions)
    return number_cast(mentions, one_person(counts, language, sex_votes(text, mentions, language)), starts)
