"""Licences as inputs state them, and the identifiers that dataset cards use for them.

Nothing is guessed: a statement that isn't recognised counts as `other`, a missing one as `unknown`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

UNKNOWN, OTHER = "unknown", "other"
GUTENBERG = "Project Gutenberg License"
# Characters of a statement that are kept.
LONGEST = 300
_PLAIN = {
    "apache-2.0": r"apache[ -]?(?:licen[cs]e)?[, -]*(?:version )?2(?:\.0)?",
    "mit": r"(?:the )?mit(?: licen[cs]e)?",
    "gpl-3.0": r"gpl-?v?3(?:\.0)?(?:-only|-or-later)?",
    "gfdl": r"(?:gnu )?(?:gfdl|free documentation licen[cs]e)(?:-?\d\.\d\w*)?",
    "cc0-1.0": r"cc-?0(?:[- ]?1\.0)?|.*creativecommons\.org/publicdomain/zero/1\.0.*",
    "odc-by": r"odc-by(?:-1\.0)?",
    "pddl": r"pddl(?:-1\.0)?",
}
_LONGEST_IN_WORDS = 120  # characters of a statement that stays in its own words
_FULL_NAME = re.compile(
    r"(?:creative commons )?attribution(?:[- ](non-?commercial))?(?:[- ](share-?alike|no-?deriv\w*))? (\d\.\d)"
)
_NAMES = (  # how the texts of licences begin
    ("gpl-3.0", re.compile(r"gnu general public license version 3")),
    ("gfdl", re.compile(r"gnu free documentation license")),
    ("apache-2.0", re.compile(r"apache license,? version 2\.0")),
    ("mit", re.compile(r"(?:the )?mit license\b")),
    ("cc0-1.0", re.compile(r"(?:creative commons )?(?:legal code )?cc0 1\.0 universal")),
)
_LINK = re.compile(r"creativecommons\.org/(?:licenses/[a-z-]{2,8}/\d\.\d|publicdomain/zero/1\.0)")
_CREATIVE_COMMONS = re.compile(
    r"(?:.*creativecommons\.org/licenses/|cc[- ]?|creative commons[- ])(by(?:[- ]nc)?(?:[- ](?:sa|nd))?)"
    r"(?:[-/ ](\d\.\d))?(?:[/ -].*)?"
)


def identifier(statement: str) -> str:
    """The identifier of a stated licence, as dataset cards write it: `cc-by-sa-4.0`, `other`, `unknown`."""
    text = " ".join(statement.lower().split()).rstrip(".")
    if not text or text == UNKNOWN:
        return UNKNOWN
    for name, pattern in _PLAIN.items():
        if re.fullmatch(pattern, text):
            return name
    found = _CREATIVE_COMMONS.fullmatch(text)
    if found and found[2]:
        return f"cc-{found[1].replace(' ', '-')}-{found[2]}"
    return OTHER


def licence_line(statement: str) -> str:
    """A licence in one line: in its own words where they are few, else its identifier, else how it begins."""
    text = " ".join(statement.split())
    if len(text) <= _LONGEST_IN_WORDS:
        return text
    start = text[: 2 * LONGEST].lower()
    if links := {identifier(link[0]) for link in _LINK.finditer(text.lower())}:
        return ", ".join(sorted(links))
    if named := _FULL_NAME.match(start):
        parts = ("by", "nc" if named[1] else "", {"s": "sa", "n": "nd"}.get((named[2] or " ")[0], ""))
        return f"cc-{'-'.join(filter(None, parts))}-{named[3]}"
    for name, pattern in _NAMES:
        if pattern.match(start):
            return name
    first = next(line for line in map(str.strip, statement.splitlines()) if line)
    first = re.split(r"(?<=[.!?。！？])\s+", " ".join(first.split()), maxsplit=1)[0]
    if len(first) <= _LONGEST_IN_WORDS:
        return first
    return first[: _LONGEST_IN_WORDS - 1].rsplit(" ", 1)[0] + "…"


def card_licence(statements: Iterable[str]) -> str | list[str]:
    """What the card's `license` says of books with these licences: one identifier, or all that occur."""
    found = sorted({identifier(statement) for statement in statements}) or [UNKNOWN]
    return found[0] if len(found) == 1 else found


def tally(statements: Iterable[str]) -> list[tuple[str, str, int]]:
    """(statement, identifier, books), the most frequent first; a missing statement is `none stated`."""
    counts = Counter(statement or "none stated" for statement in statements)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(text, UNKNOWN if text == "none stated" else identifier(text), n) for text, n in ranked]
