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


def card_licence(statements: Iterable[str]) -> str | list[str]:
    """What the card's `license` says of books with these licences: one identifier, or all that occur."""
    found = sorted({identifier(statement) for statement in statements}) or [UNKNOWN]
    return found[0] if len(found) == 1 else found


def tally(statements: Iterable[str]) -> list[tuple[str, str, int]]:
    """(statement, identifier, books), the most frequent first; a missing statement is `none stated`."""
    counts = Counter(statement or "none stated" for statement in statements)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(text, UNKNOWN if text == "none stated" else identifier(text), n) for text, n in ranked]
