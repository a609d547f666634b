"""The cast of a book: its recurring names, numbered in order of first appearance, and who is in which scene."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# A book has no more members than this: those mentioned most. The inventory's tokenizer has a token for each.
MOST_MEMBERS = 256


@dataclass(frozen=True)
class Mention:
    """A name where it stands.

    start: offset of its first character in the book's text. form: as it is written there. key: what all forms of one
    name share in this book.
    """

    start: int
    form: str
    key: str


@dataclass(frozen=True)
class CastMember:
    """Somebody (or something) that a book keeps naming.

    names: as they stand, most frequent first. first_scene: index. scenes: how many name it. mentions: how often.
    """

    names: tuple[str, ...]
    first_scene: int
    scenes: int
    mentions: int


@dataclass(frozen=True)
class Cast:
    """members: the one at index i has id i + 1. scenes: for each the ids of those it names, most mentioned first."""

    members: tuple[CastMember, ...]
    scenes: tuple[tuple[int, ...], ...]


def number_cast(mentions: Sequence[Mention], persons: Mapping[str, str], starts: Sequence[int]) -> Cast:
    """The cast that mentions make.

    persons: the person that each key names; keys without one are left out. starts: offsets of the scenes, ascending
    from 0. Of two that a scene mentions equally often, the one that came first in the book goes first.
    """
    counts: dict[str, int] = Counter(persons[m.key] for m in mentions if m.key in persons)
    chosen = set(sorted(counts, key=lambda person: (-counts[person], person))[:MOST_MEMBERS])
    ids: dict[str, int] = {}
    names: list[Counter[str]] = []
    found: list[Counter[int]] = [Counter() for _ in starts]
    for mention in sorted(mentions, key=lambda m: (m.start, m.key)):
        person = persons.get(mention.key)
        if person not in chosen:
            continue
        number = ids.setdefault(person, len(ids) + 1)
        if number > len(names):
            names.append(Counter())
        names[number - 1][mention.form] += 1
        found[bisect_right(starts, mention.start) - 1][number] += 1
    members = []
    for number, forms in enumerate(names, 1):
        places = [scene for scene, here in enumerate(found) if number in here]
        ordered = tuple(sorted(forms, key=lambda form: (-forms[form], form)))
        members.append(CastMember(ordered, places[0], len(places), forms.total()))
    scenes = tuple(tuple(sorted(here, key=lambda number: (-here[number], number))) for here in found)
    return Cast(tuple(members), scenes)
