"""How well the cast of a novel matches the people who are in it."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import Enum

from benchmarks.people.known import OTHER, UNSPACED, Known, occurrences, overlapping
from scenesign.transforms.cast.cast import Cast

# A person of a list counts when the text names it so often.
LEAST_NAMED = 5
# So many members, the most mentioned, are judged for precision, and so many of each scene.
MOST_MENTIONED, FIRST_OF_SCENE = 20, 4
# Somebody is in a member when this share of its occurrences are theirs.
IN_MEMBER = 0.1


class Kind(Enum):
    """What most of a member's occurrences are."""

    PERSON = "a person"
    OTHER = "a place, animal or thing"
    NOISE = "neither"


@dataclass(frozen=True)
class Joining:
    """B-cubed over mentions: of the mentions put together with one, how many are of the same person; of those of the
    same person, how many are put together with it. Shares, 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True)
class PeopleScore:
    """All figures of one novel.

    people: how many count. found, found_mentions: the share of them, and of their mentions, that are the person of
    some member. kinds: shares of the most mentioned members. members_each: members per person found.
    persons_each: persons per member. on_stage: the share of the first ids of scenes that are a person. missed, noise:
    names, for reading.
    """

    people: int
    found: float
    found_mentions: float
    kinds: dict[Kind, float]
    members_each: float
    persons_each: float
    joining: Joining
    on_stage: float
    missed: tuple[str, ...]
    noise: tuple[str, ...]


@dataclass(frozen=True)
class Meaning:
    """Of a member. persons: how often it stands for each person, by index. person: that of most, None without any."""

    kind: Kind
    persons: Counter[int]

    @property
    def person(self) -> int | None:
        if self.kind is not Kind.PERSON or not self.persons:
            return None
        return min(self.persons, key=lambda person: (-self.persons[person], person))


def meaning(owners: Sequence[int | None]) -> Meaning:
    """What a member means whose occurrences lie on these owners of known names, None where no known name is."""
    persons = Counter(owner for owner in owners if owner is not None and owner >= 0)
    others = sum(owner == OTHER for owner in owners)
    people = sum(owner is not None for owner in owners) - others
    kind = Kind.PERSON if people >= others else Kind.OTHER
    return Meaning(kind if 2 * max(people, others) >= len(owners) and owners else Kind.NOISE, persons)


def b_cubed(pairs: Sequence[tuple[int, Hashable]]) -> Joining:
    """pairs: of each mention its person and what it was put together with."""
    persons = Counter(person for person, _ in pairs)
    groups = Counter(group for _, group in pairs)
    both = Counter(pairs)
    if not pairs:
        return Joining(0.0, 0.0)
    precision = sum(n * n / groups[group] for (_, group), n in both.items()) / len(pairs)
    recall = sum(n * n / persons[person] for (person, _), n in both.items()) / len(pairs)
    return Joining(precision, recall)


def judge(known: Known, text: str, starts: Sequence[int], cast: Cast, least_named: int = LEAST_NAMED) -> PeopleScore:
    """text: of the novel. starts: offsets of the scenes, ascending from 0. least_named: a person so often counts."""
    gold = occurrences(text, known.names(), known.language)
    members: dict[str, list[int]] = defaultdict(list)
    for number, member in enumerate(cast.members, 1):
        for name in member.names:
            members[name].append(number)
    alone = {name for name, _ in known.names()} if known.language in UNSPACED else None
    forms = [form for form in members if alone is None or len(form) > 1 or form in alone]
    ours = occurrences(text, [(form, i) for i, form in enumerate(forms)], known.language)

    def member_at(form: int, start: int) -> int:
        """Of the members that have a form, the one that the scene names first."""
        here = cast.scenes[bisect_right(starts, start) - 1]
        own = members[forms[form]]
        return next((number for number in here if number in own), own[0])

    owners: dict[int, list[int | None]] = defaultdict(list)
    for place, match in zip(ours, overlapping(ours, gold), strict=True):
        owners[member_at(place.owner, place.start)].append(match.owner if match else None)
    meanings = {number: meaning(owners[number]) for number in range(1, len(cast.members) + 1)}
    named = Counter(place.owner for place in gold if place.owner >= 0)
    people = sorted(person for person, count in named.items() if count >= least_named)
    whose = {number: what.person for number, what in meanings.items() if what.person is not None}
    found = set(whose.values()) & set(people)
    top = sorted(meanings, key=lambda number: (-cast.members[number - 1].mentions, number))[:MOST_MENTIONED]
    kinds = Counter(meanings[number].kind for number in top)
    pairs: list[tuple[int, Hashable]] = []
    for place, match in zip(gold, overlapping(gold, ours), strict=True):
        if place.owner >= 0:
            pairs.append((place.owner, member_at(match.owner, match.start) if match else ("alone", place.start)))
    first = [meanings[number].kind for here in cast.scenes for number in here[:FIRST_OF_SCENE]]
    return PeopleScore(
        people=len(people),
        found=_share(len(found), len(people)),
        found_mentions=_share(sum(named[p] for p in found), sum(named[p] for p in people)),
        kinds={kind: _share(kinds[kind], len(top)) for kind in Kind},
        members_each=_share(sum(p in found for p in whose.values()), len(found)),
        persons_each=_share(sum(len(_within(meanings[number].persons)) for number in whose), len(whose)),
        joining=b_cubed(pairs),
        on_stage=_share(first.count(Kind.PERSON), len(first)),
        missed=tuple(known.persons[p][0] for p in people if p not in found),
        noise=tuple(cast.members[number - 1].names[0] for number in top if meanings[number].kind is Kind.NOISE),
    )


def _within(persons: Counter[int]) -> list[int]:
    return [person for person, count in persons.items() if count >= IN_MEMBER * persons.total()]


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
