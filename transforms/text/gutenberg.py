"""Project Gutenberg's header and footer: where the book lies between its marks, and what the header says of it."""

from __future__ import annotations

import re

# No header or footer is longer; a mark beyond this is in the book itself.
LONGEST_HEADER = 40_000
_START = re.compile(
    r"^[^\n]{0,20}\*\*\*\s*START OF (?:THE|THIS) PROJECT GUTENBERG[^\n]*(?:\n[^\n*]+\*\*\*[^\n]*)?$"
    r"|^\*END\*?\s*THE SMALL PRINT![^\n]*$|^[^\n]*\*END\*[ ]*$|^\*END THE SMALL PRINT[^\n]*$",
    re.MULTILINE | re.IGNORECASE,
)
_END = re.compile(
    r"^[^\n]{0,20}\*\*\*\s*END OF (?:THE|THIS) PROJECT GUTENBERG"
    r"|^[ ]*\**[ \t]*(?:This is the |The )?End of (?:the |this )?Project Gutenberg(?:['’]s|\s+(?:E|of\s+Australia))",
    re.MULTILINE | re.IGNORECASE,
)
_FIELD = re.compile(r"^[ ]{0,3}(Title|Author):[ ]*(.+(?:\n[ ]{2,}(?!\w+:)\S.*)*)", re.MULTILINE)
_TERMS = re.compile(r"under\s+the\s+terms\s+of\s+the\s+Project\s+Gutenberg\s+Licen[cs]e", re.IGNORECASE)


def find_marks(text: str) -> tuple[int, int]:
    """Where the book starts and ends by the marks of header and footer; all of the text where there are none."""
    start, end = 0, len(text)
    if "gutenberg" not in text[:LONGEST_HEADER].lower() and "gutenberg" not in text[-LONGEST_HEADER:].lower():
        return start, end
    for match in _START.finditer(text, 0, LONGEST_HEADER):
        start = match.end()
    footer = _END.search(text, max(start, len(text) - LONGEST_HEADER))
    return start, footer.start() if footer else end


def header_fields(header: str) -> dict[str, str]:
    """`Title` and `Author`, as a header gives them."""
    fields: dict[str, str] = {}
    for name, value in _FIELD.findall(header):
        fields.setdefault(name, " ".join(value.split()))
    return fields


def states_terms(header: str) -> bool:
    """Whether a header says that its text is under the Project Gutenberg License."""
    return _TERMS.search(header) is not None
