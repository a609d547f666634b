"""Whether a book speaks of a name as of a man or a woman: by the pronoun or the verb that follows it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest

from scenesign.transforms.cast.cast import Mention

_LOOK_AHEAD = 48
# What a man and what a woman is called by, as the first of either that follows the name.
_PRONOUNS = {
    "en": ("he|his|him|himself", "she|her|hers|herself"),
    "de": ("er|sein|seine|seinen|seinem|seiner|ihm|ihn", "ihr|ihre|ihren|ihrem|ihrer"),
    "fr": ("il|lui-même", "elle|elle-même"),
    "it": ("egli|lui", "ella|lei"),
    "es": ("él", "ella"),
    "pt": ("ele|dele", "ela|dela"),
    "nl": ("hij|hem|zijn", "zij|haar"),
    "ru": (r"он|его|ему|\w+[аеиыяу]л(?:ся)?", r"она|ее|её|ей|\w+[аеиыяу]ла(?:сь)?"),
    "pl": (r"on|jego|jemu|\w+[aeiyąęu]ł", r"ona|jej|\w+[aeiyąęu]ła"),
}


def sex_votes(text: str, mentions: Sequence[Mention], language: str) -> dict[str, tuple[int, int]]:
    """For each key how many of its mentions speak of a man, and how many of a woman."""
    if language not in _PRONOUNS:
        return {}
    men, women = _PRONOUNS[language]
    told = re.compile(rf"\b(?:({men})|({women}))\b")
    votes: dict[str, Counter[int]] = {}
    for mention, after in zip_longest(mentions, mentions[1:]):
        end = mention.start + len(mention.form)
        stop = min(end + _LOOK_AHEAD, after.start if after else len(text))
        found = told.search(text, end, stop)
        if found:
            votes.setdefault(mention.key, Counter())[1 if found.group(1) else 2] += 1
    return {key: (tally[1], tally[2]) for key, tally in votes.items()}
