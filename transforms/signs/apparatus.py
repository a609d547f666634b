"""Scenes that are no scenes: rows of dots, lists of contents, notes, publishers' lists, numbers of verses.

They are found by their form alone, in any script. Such a scene has its sign like every other; topics are not fitted on
it, and no keyword or example is taken from it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import ne

# Letters that a scene has at least, be they ideographs; a row of marks has fewer.
_LEAST_LETTERS = 16
# Of the characters that are no white space, letters and their marks are at least this share in prose.
_LEAST_LETTER_SHARE = 0.6
# Digits to letters: prices, pages, dates, verses. Prose of any script stays well below.
_MOST_DIGITS = 0.08
# Words of two letters and more with a capital, to all of them; German prose has half as many.
_MOST_CAPITALS = 0.6
# Lists: so many lines, most of which end as no sentence does and are short.
_LIST_LINES = 5
_LIST_SHARE = 0.75
_LONGEST_ITEM = 60
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+")
# What may close a line of prose or verse: a mark, and quotation marks or brackets after it.
_CLOSED = re.compile(r"[.!?…,;:—–\-。！？．，、；：」』”’»«\"')）\]】؟،؛۔*_~]$")
_ENDS_IN_NUMBER = re.compile(r"(?:\d|[.…·\s][ivxlcdm]+)\.?$", re.IGNORECASE)


def is_apparatus(text: str) -> bool:
    """Whether the text of a scene is no prose or verse but a list, notes, numbers or marks.

    >>> is_apparatus(". . . . . . . ."), is_apparatus("The boat had gone, and nobody knew when it would be back.")
    (True, False)
    """
    words = _WORD.findall(text)
    letters = _characters(words)
    if letters < _LEAST_LETTERS or letters < _LEAST_LETTER_SHARE * _characters(text.split()):
        return True
    return _characters(_NUMBER.findall(text)) > _MOST_DIGITS * letters or _is_in_capitals(words) or _is_list(text)


def _characters(pieces: Sequence[str]) -> int:
    return len("".join(pieces))


def _is_in_capitals(words: Sequence[str]) -> bool:
    firsts = [word[0] for word in words if len(word) > 1]
    return sum(map(ne, firsts, map(str.lower, firsts))) > _MOST_CAPITALS * len(firsts)


def _is_list(text: str) -> bool:
    """Whether most lines, and most of the text, are short items that end as no sentence and no line of verse does."""
    lines = [line for line in (line.strip() for line in text.splitlines()) if line]
    items = [line for line in lines if len(line) <= _LONGEST_ITEM and _is_item(line)]
    most = len(lines) >= _LIST_LINES and len(items) >= _LIST_SHARE * len(lines)
    return most and _characters(items) >= _LIST_SHARE * _characters(lines)


def _is_item(line: str) -> bool:
    return not _CLOSED.search(line) or _ENDS_IN_NUMBER.search(line) is not None
