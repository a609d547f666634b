"""What commands share that print text of books in a terminal or as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from scenesign.schemas.records import printable
from scenesign.transforms.cast.cast import CastMember

# JSON escapes controls below U+0020 itself; these move a terminal's cursor or turn its text too.
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def plain_line(text: str) -> str:
    """Text of a book on one line, never markup and never a terminal's escape."""
    return printable(" ".join(text.split()))


def names_of(cast: Iterable[CastMember]) -> str:
    """Names in a line, each the one that is used most; members whose names are kept back are left out."""
    return plain_line(", ".join(member.name for member in cast if member.names))


def json_line(row: Mapping[str, object]) -> str:
    """An object as JSON on one line, whose text is never a terminal's escape."""
    text = json.dumps(row, ensure_ascii=False)
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
