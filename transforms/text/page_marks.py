"""Numbers of printed pages that a text has in brackets between its words: `[Pg 12]`, `[S. 12]`."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

_MARK = re.compile(
    r"[\[{［](?P<word>pg|pag|p|page|seite|s|стр|с|pág|blz|str|頁|页)\.?[ \xa0]?"
    r"(?P<number>\d{1,4}|(?<=\w )[ivxlc]{1,8})[\]}］]"
    r"|[\[［]第?(?P<page>\d{1,4})[頁页][\]］]",
    re.IGNORECASE,
)
_ALONE = re.compile(r"^[ \t\u3000]*\0(?:[ \t\u3000]*\0)*[ \t\u3000]*\n?", re.MULTILINE)
_SURE = frozenset({"pg", "page"})
_LEAST = 3  # marks that count up; of those that could refer to a page of some other book


@dataclass(frozen=True)
class PageMarks:
    """The marks of pages in a text. words: what stands in the brackets before the number, "" for a number first."""

    words: frozenset[str] = frozenset()

    def taken_out(self, text: str) -> tuple[str, int]:
        """A text, or a part of it, without the marks, and how many there were."""
        if not self.words:
            return text, 0
        found = 0

        def take(mark: re.Match[str]) -> str:
            nonlocal found
            if _word(mark) not in self.words:
                return mark[0]
            found += 1
            return "\0"

        text = _MARK.sub(take, text)
        return _ALONE.sub("", text).replace(" \0 ", " ").replace("\0", "") if found else text, found


def find_page_marks(text: str) -> PageMarks:
    """The marks of pages: every `[Pg 12]` and `[Page 12]`, and others where three or more count up."""
    numbers: dict[str, list[int]] = {}
    for mark in _MARK.finditer(text):
        number = mark["number"] or mark["page"]
        numbers.setdefault(_word(mark), []).append(int(number) if number.isdecimal() else 0)
    return PageMarks(frozenset(word for word, found in numbers.items() if word in _SURE or _counts_up(found)))


def _word(mark: re.Match[str]) -> str:
    return (mark["word"] or "").lower()


def _counts_up(numbers: list[int]) -> bool:
    return len(numbers) >= _LEAST and all(a < b or not a for a, b in itertools.pairwise(numbers))
