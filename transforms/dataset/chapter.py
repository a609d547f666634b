"""What a scene that opens a chapter begins with."""

from __future__ import annotations

import re

# A further line of a heading is a short paragraph that doesn't end as a sentence does.
_LONGEST_HEADING = 80
# `PART FOUR / The Stockade / Chapter 16 / Narrative Continued by the Doctor / How the Ship Was Abandoned`.
_HEADING_LINES = 5
_ENDED = re.compile(r"""[.!?…。！？,;:；，][”’»」』）)"']*$""")


def split_heading(text: str) -> tuple[str, str]:
    """The heading of a scene that opens a chapter, lines of it as `PART TWO / CHAPTER I`, and the text after it."""
    blocks = [block for block in re.split(r"\n\s*\n", text.strip()) if block.strip()]
    lines = 1
    while lines < len(blocks) - 1 and _is_heading(blocks[lines]):
        lines += 1
    if lines > _HEADING_LINES:  # a text whose every line is a block
        lines = 1
    return " / ".join(" ".join(block.split()) for block in blocks[:lines]), "\n\n".join(blocks[lines:])


def _is_heading(block: str) -> bool:
    return len(block) <= _LONGEST_HEADING and block[:1].isalnum() and not _ENDED.search(block.strip())
