"""What people of a novel are called: lists made by reading it, and where their names stand in its text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

WORKS = Path(__file__).parent / "works"
# Whom a name stands for, if not one person: several of them, or a place, an animal, a thing.
SHARED, OTHER = -1, -2
SIDES = ("dev", "test")
# In these languages no space parts the words.
UNSPACED = frozenset({"zh", "ja", "th"})
_FIELDS = ("source", "title", "author", "language", "side")
_LETTER = r"[^\W\d_]"
_WORD_START = re.compile(rf"(?<!{_LETTER}){_LETTER}")


@dataclass(frozen=True)
class Known:
    """A novel and those in it.

    source: how its file is called, with `*` and `?`. side: `dev`, which rules may be tried on, or `test`. persons: the
    names of each as they stand in the text; `~` after a word allows an ending of up to three letters. shared: names of
    several people. others: names of places, animals and things.
    """

    source: str
    title: str
    author: str
    language: str
    side: str
    persons: tuple[tuple[str, ...], ...]
    shared: tuple[str, ...]
    others: tuple[str, ...]

    def names(self) -> list[tuple[str, int]]:
        """Each name with the index of its person, SHARED or OTHER."""
        own = [(name, person) for person, names in enumerate(self.persons) for name in names]
        return [*own, *((name, SHARED) for name in self.shared), *((name, OTHER) for name in self.others)]

    def is_of(self, source: str, language: str) -> bool:
        """Whether a book is this work."""
        return language == self.language and fnmatchcase(source.rsplit("/", 1)[-1], self.source)


def read_known(path: Path) -> Known:
    """One list. Raises ValueError naming file and line when a line isn't of its form, or a name has two owners."""
    fields: dict[str, str] = {}
    persons: list[tuple[str, ...]] = []
    lone: dict[str, list[str]] = {"shared": [], "other": []}
    owned: set[str] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        kind, *values = line.split("\t")
        if not values or not all(values) or (kind != "person" and len(values) > 1):
            raise ValueError(
                f"{path}:{number}: wants a word of {', '.join(_FIELDS)}, person, shared, other, and a name"
            )
        if kind in _FIELDS:
            fields[kind] = values[0]
            continue
        if kind == "person":
            persons.append(tuple(values))
        elif kind in lone:
            lone[kind] += values
        else:
            raise ValueError(f"{path}:{number}: '{kind}' is none of {', '.join(_FIELDS)}, person, shared, other")
        twice = [name for i, name in enumerate(values) if name in owned or name in values[:i]]
        if twice:
            raise ValueError(f"{path}:{number}: '{twice[0]}' stands twice; a name of several people is `shared`")
        owned.update(values)
    lacking = [field for field in _FIELDS if field not in fields]
    if lacking or fields["side"] not in SIDES:
        raise ValueError(f"{path}: lacks {', '.join(lacking) or 'a side: dev or test'}")
    return Known(**fields, persons=tuple(persons), shared=tuple(lone["shared"]), others=tuple(lone["other"]))


def read_all(folder: Path = WORKS) -> list[Known]:
    """All lists of a folder, by name."""
    return [read_known(path) for path in sorted(folder.glob("*.tsv"))]


@dataclass(frozen=True)
class Occurrence:
    """Characters `[start, end)` of a text that are a name. owner: what was given with the name."""

    start: int
    end: int
    owner: int


def occurrences(text: str, names: Iterable[tuple[str, int]], language: str) -> list[Occurrence]:
    """Where names stand: the longest at each place, none within another, in order.

    Names begin and end where words do; in languages of UNSPACED anywhere. Between two words of a name there is white
    space, after a dot too.
    """
    spaced = language not in UNSPACED
    by_opening: dict[str, list[tuple[re.Pattern[str], int]]] = defaultdict(list)
    for name, owner in names:
        by_opening[name.rstrip("~")[:2]].append((_pattern(name, spaced), owner))
    firsts = {opening[0] for opening in by_opening}
    found: list[Occurrence] = []
    last = 0
    for start in _starts(text, spaced):
        if start < last or text[start] not in firsts:
            continue
        ends = [
            (match.end(), owner)
            for opening in (text[start : start + 2], text[start])
            for pattern, owner in by_opening.get(opening, ())
            if (match := pattern.match(text, start))
        ]
        if ends:
            last = max(end for end, _ in ends)
            found.append(Occurrence(start, last, next(owner for end, owner in ends if end == last)))
    return found


def _starts(text: str, spaced: bool) -> Iterator[int]:
    return (match.start() for match in _WORD_START.finditer(text)) if spaced else iter(range(len(text)))


def _pattern(name: str, spaced: bool) -> re.Pattern[str]:
    words = [re.escape(word.rstrip("~.")) + (_LETTER + "{0,3}" if word.endswith("~") else "") for word in name.split()]
    return re.compile(r"\.?\s+".join(words) + (rf"(?!{_LETTER})" if spaced else ""))


def overlapping(places: Sequence[Occurrence], others: Sequence[Occurrence]) -> list[Occurrence | None]:
    """For each place, that of the others which covers most of it, the first of equals; both in order."""
    found: list[Occurrence | None] = []
    at = 0
    for place in places:
        while at < len(others) and others[at].end <= place.start:
            at += 1
        best, most = None, 0
        for other in others[at:]:
            if other.start >= place.end:
                break
            shared = min(place.end, other.end) - max(place.start, other.start)
            if shared > most:
                best, most = other, shared
        found.append(best)
    return found
