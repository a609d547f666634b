"""What commands share that print text of books in a terminal or as JSON."""

from __future__ import annotations

import re

from scenesign.schemas.records import printable

# JSON escapes controls below U+0020 itself; these move a terminal's cursor or turn its text too.
UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def plain_line(text: str) -> str:
    """Text of a book on one line, never markup and never a terminal's escape."""
    return printable(" ".join(text.split()))
