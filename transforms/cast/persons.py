"""Which keys are one person: Mr Darcy, Fitzwilliam Darcy and Darcy, but not Miss Darcy.

A shorter name belongs to a longer one that has all its words, where the book hardly knows another such. Names that
others share (Bennet) stay by themselves, and so do people whom the book calls a man here and a woman there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from scenesign.transforms.cast.titles import EITHER, GIRL, MAN, SAINT, WIFE, WOMEN, short_names

# A longer name has this share of the mentions of all that could be meant, and at least so many.
_MOSTLY = 0.8
_LEAST_TOLD = 2
# It is used for at least so many of a thousand mentions of the shorter one: a given name, or a surname.
_RARELY, _SURNAMES = 10, 30
# A name is believed to be that of a man (a woman) when this many votes say so, and this share of them.
_LEAST_VOTES = 5
_AGREED = 0.8
# Whoever is named less often doesn't recur.
_LEAST_MENTIONS = 3
# More keys than these, the rarest, are left as they are: no novel has as many.
_MOST_KEYS = 2048


def one_person(counts: Mapping[str, int], language: str, votes: Mapping[str, tuple[int, int]] = {}) -> dict[str, str]:
    """The person of each key, named by its most frequent key; keys of persons that don't recur are left out.

    counts: mentions of each key (see names.py). votes: of those how many say that it is a man, and how many a woman.
    """
    people = _People(counts, votes)
    people.join_addresses()
    people.join_shorter(least=2)
    people.join_surnames()
    people.join_shorter(least=1)
    people.join_short_names(short_names(language))
    people.join_rare()
    return people.named()


class _People:
    """Keys in groups that grow."""

    def __init__(self, counts: Mapping[str, int], votes: Mapping[str, tuple[int, int]]) -> None:
        self._counts = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_MOST_KEYS])
        self._others = [key for key in counts if key not in self._counts]
        self._parent = {key: key for key in self._counts}
        self._kind = {key: key.partition(":")[0] for key in self._counts}
        self._words = {key: tuple(key.partition(":")[2].split()) for key in self._counts}
        self._votes = {key: Counter(self._told(key, *votes.get(key, (0, 0)))) for key in self._counts}
        self._having: dict[str, list[str]] = defaultdict(list)
        for key, words in self._words.items():
            for word in dict.fromkeys(words):
                self._having[word].append(key)

    def _told(self, key: str, man: int, woman: int) -> dict[bool, int]:
        if self._kind[key] == MAN:
            man += 5 * self._counts[key]
        elif self._kind[key] in WOMEN:
            woman += 5 * self._counts[key]
        return {True: man, False: woman}

    def _group(self, key: str) -> str:
        while self._parent[key] != key:
            self._parent[key] = self._parent[self._parent[key]]
            key = self._parent[key]
        return key

    def _man(self, key: str) -> bool | None:
        """Whether a key's group is a man's; None where that isn't known."""
        votes = self._votes[self._group(key)]
        return next((sex for sex, n in votes.items() if n >= max(_LEAST_VOTES, _AGREED * votes.total())), None)

    def _fit(self, one: str, other: str) -> bool:
        return None in (a := self._man(one), b := self._man(other)) or a == b

    def _join(self, one: str, other: str) -> bool:
        one, other = self._group(one), self._group(other)
        if one == other or not self._fit(one, other):
            return False
        if (self._counts[one], other) < (self._counts[other], one):
            one, other = other, one
        self._parent[other] = one
        self._votes[one].update(self._votes[other])
        return True

    def _foremost(self, keys: Iterable[str], apart: str) -> str | None:
        """The group that has most of the mentions of some keys, those of one group left out; None where none has."""
        told: Counter[str] = Counter()
        for key in keys:
            if self._group(key) != apart:
                told[self._group(key)] += self._counts[key]
        if not told:
            return None
        group, count = max(told.items(), key=lambda item: (item[1], item[0]))
        return group if count >= max(_LEAST_TOLD, _MOSTLY * told.total()) else None

    def _elements(self, key: str) -> frozenset[str]:
        kind = self._kind[key]
        return frozenset(self._words[key]) | (frozenset() if kind in ("", EITHER) else {kind + ":"})

    def _longer(self, key: str) -> list[str]:
        elements = self._elements(key)
        rarest = min(self._words[key], key=lambda word: len(self._having[word]))
        others = (other for other in self._having[rarest] if self._kind[other] != SAINT)
        return [other for other in others if elements < self._elements(other)]

    def join_addresses(self) -> None:
        """Captain Nemo is Nemo; Miss Jane is Jane where Jane is a given name and no Mr Jane is there."""
        first = Counter(words[0] for words in self._words.values() if len(words) > 1)
        last = Counter(words[-1] for words in self._words.values() if len(words) > 1)
        for key, kind in self._kind.items():
            words = self._words[key]
            plain = ":" + " ".join(words)
            if plain == key or plain not in self._counts or kind == SAINT:
                continue
            if kind == EITHER:
                self._join(key, plain)
            elif len(words) == 1 and first[words[0]] >= last[words[0]]:
                alike = [other for other in self._having[words[0]] if self._words[other] == words and other != plain]
                kinds = {self._kind[other] for other in alike} - {EITHER}
                girls = kinds <= WOMEN and not {WIFE, GIRL} <= kinds
                if girls or self._foremost(alike, "") == self._group(key):
                    self._join(key, plain)

    def join_shorter(self, least: int) -> None:
        """Karenin is Alexey Alexandrovitch Karenin: the longest first, and none of fewer words than `least`, a form of
        address counted as one.
        """
        keys = [key for key in self._counts if len(self._elements(key)) >= least]
        for key in sorted(keys, key=lambda key: (-len(self._elements(key)), key)):
            if self._kind[key] == SAINT:
                continue
            longer = self._longer(key)
            group = self._foremost(longer, self._group(key))
            if group is None:
                continue
            ours = [other for other in longer if self._group(other) == group]
            given = any(self._words[other][0] == self._words[key][0] for other in ours)
            needed = (_RARELY if given else _SURNAMES) * self._counts[key]
            if sum(self._counts[other] for other in ours) * 1000 >= needed:
                self._join(key, group)

    def join_surnames(self) -> None:
        """Mr Holmes is Sherlock Holmes where no other Holmes could be meant, and he is known to be a man."""
        for key, kind in self._kind.items():
            words = self._words[key]
            if len(words) != 1 or kind in ("", EITHER, SAINT):
                continue
            full = [k for k in self._having[words[0]] if len(self._words[k]) > 1 and self._words[k][-1] == words[0]]
            fitting = [other for other in full if self._fit(key, other)]
            group = self._foremost(fitting, self._group(key))
            if group is not None:
                rivals = [
                    other
                    for other in self._having[words[0]]
                    if self._words[other] == words and other != key and self._kind[other] not in ("", EITHER)
                ]
                same = [other for other in rivals if self._fit(key, other) and self._group(other) != self._group(key)]
                if sum(self._counts[other] for other in same) * 5 <= self._counts[key]:
                    self._join(key, group)

    def join_short_names(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Bill is William where both have the same surname and the book has no other Bill or William."""
        for short, whole in pairs:
            one, other = ":" + short, ":" + whole
            for key in self._having.get(short, ()):
                rest = self._words[key][1:]
                twin = f":{' '.join((whole, *rest))}"
                if rest and self._words[key][0] == short and twin in self._counts:
                    self._join(key, twin)
            if one in self._counts and other in self._counts and self._shared(one, short) & self._shared(other, whole):
                self._join(one, other)

    def _shared(self, key: str, name: str) -> set[str]:
        group = self._group(key)
        return {w for other in self._having[name] if self._group(other) == group for w in self._words[other]} - {name}

    def join_rare(self) -> None:
        """Words that stood side by side by chance are a mention of whom the book names most among them."""
        totals = self._totals()
        for key, words in self._words.items():
            if len(words) > 1 and totals[self._group(key)] < _LEAST_MENTIONS:
                single = [":" + word for word in words if ":" + word in self._counts]
                if single:
                    self._join(key, max(single, key=lambda k: (totals[self._group(k)], k)))

    def _totals(self) -> Counter[str]:
        totals: Counter[str] = Counter()
        for key, count in self._counts.items():
            totals[self._group(key)] += count
        return totals

    def named(self) -> dict[str, str]:
        totals = self._totals()
        return {key: self._group(key) for key in self._counts if totals[self._group(key)] >= _LEAST_MENTIONS}
