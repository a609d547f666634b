"""What commands share that print text of books in a terminal or as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from scenesign.schemas.records import printable

# JSON escapes controls below U+0020 itself; these move a terminal's cursor or turn its text too.
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def plain_line(text: str) -> str:
    """Text of a book on one line, never markup and never a terminal's escape."""
    return printable(" ".join(text.split()))


def json_line(row: Mapping[str, object]) -> str:
    """An object as JSON on one line, whose text is never a terminal's escape."""
    text = json.dumps(row, ensure_ascii=False)
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
