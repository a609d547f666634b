"""Headings without a number: titles under headings, set-off titles, tables of contents, the title page."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from scenesign.schemas.records import BlockKind
from scenesign.transforms.text.heading_counts import Between
from scenesign.transforms.text.heading_lines import CONTENTS
from scenesign.transforms.text.heading_shapes import LONGEST_HEADING, LONGEST_TITLE, NAME_FIRST, is_title
from scenesign.transforms.text.lines import CJK

# Blocks at the start of a book that may be its title page, and their characters where a heading follows.
_TITLE_PAGE_BLOCKS = 8
_LONGEST_TITLE_PAGE = 400
_LONGEST_TITLE_UNDER = 160  # where most headings of the book have a title under them
_SAMPLE = 500  # paragraphs that show what is usual in a book
_MOST_USUAL_LOOSE = 0.3  # of the paragraphs
_MOST_USUAL_TOLD = 0.6
_LONGEST_SUMMARY = 300  # characters of a sentence that tells what a chapter holds
_SENTENCE_ENDS = tuple(".!?…。！？؟")
IDEOGRAPH_LETTERS = 2  # that an ideograph says more than a letter
_MOST_ENTRIES = 600  # lines of a table of contents
_LONGEST_NUMBER = 4  # letters of an entry that is no name
_LEADING_NUMBER = re.compile(r"\W*\d+\W*")
_CLOSING_MARKS = "’»)）]】〕」』\u0e30-\u0e4e"
_WHOLE_ENDS = ("」", "』", "）")  # of a sentence in Japanese, without a stop
# what begins no sentence in Japanese: the line before belongs to it
_GOES_ON = re.compile(r"[はもにへ]、|を|の[一-\u9fff]|と(?:いう|いっ|の|は|も)")
_CLOSING_QUOTES = " \"'”’»“」』)）"
# Titles that stand alone in a book without numbers: how many, letters between in the median, and the longest part of
# the book without one.
_LEAST_SET_OFF = 4
_LEAST_SET_OFF_GAP = 700
_SHORT_PART = 200
_LEAST_DISTINCT = 0.7
_LEAST_OPENING = 25  # characters of what follows
_MOST_WITHOUT = 0.35
_LONGEST_SET_OFF = 60
_MANY_SET_OFF = 6  # for each heading that was found otherwise


def titles_under(texts: Sequence[str], kinds: Sequence[BlockKind | None], inner: Sequence[bool]) -> list[int]:
    """Title lines right under a heading.

    A line that ends like a sentence is one only where most headings of the book have such a line, and few of its
    paragraphs are such lines or most headings have a clear title. inner: whether a line shares its block with the one
    before; a title shares none with verse.
    """
    heads = [
        at
        for at, kind in enumerate(kinds[:-1])
        if kind is BlockKind.HEADING
        and kinds[at + 1] is None
        and at + 2 < len(texts)
        and not (inner[at + 2] and not _ends_sentence(texts[at + 2].split("\n", 1)[0]))
        and not CONTENTS.fullmatch(texts[at].strip(". "))
    ]
    clear = [at + 1 for at in heads if is_title(texts[at + 1], strict=True)]
    loose = [at + 1 for at in heads if is_title(texts[at + 1], strict=False)]
    told = [at + 1 for at in heads if _is_summary(texts[at + 1])]
    chosen = clear
    if len(heads) >= 3 and len(clear) > 0.6 * len(heads):
        chosen = [at + 1 for at in heads if is_title(texts[at + 1], strict=True, longest=_LONGEST_TITLE_UNDER)]
    if len(heads) >= 3 and len(loose) > 0.6 * len(heads):
        usual = _usual(texts, kinds)
        rare = sum(is_title(text, strict=False) for text in usual) <= _MOST_USUAL_LOOSE * len(usual)
        if rare or len(clear) > 0.6 * len(heads):
            chosen = sorted({*chosen, *loose})
    if len(heads) >= 5 and len(told) > 0.8 * len(heads) > len(clear):
        usual = _usual(texts, kinds)
        if sum(map(_is_summary, usual)) <= _MOST_USUAL_TOLD * len(usual):
            chosen = told
    # a title stands over something longer than itself, or over the next heading
    return [
        at
        for at in chosen
        if kinds[at + 1] is not None or (len(texts[at + 1]) > len(texts[at]) / 2 and not texts[at + 1][0].islower())
    ]


def _usual(texts: Sequence[str], kinds: Sequence[BlockKind | None]) -> list[str]:
    """Paragraphs from all over the book but not under a heading."""
    prose = [at for at in range(1, len(texts)) if kinds[at] is None and kinds[at - 1] is not BlockKind.HEADING]
    return [texts[at] for at in prose[:: 1 + len(prose) // _SAMPLE]]


def _ends_sentence(text: str) -> bool:
    return text.endswith(_WHOLE_ENDS) or text.rstrip(_CLOSING_QUOTES).endswith(_SENTENCE_ENDS)


def _is_summary(text: str) -> bool:
    """A sentence that may tell what a chapter holds: `How the Mill Was Sold, and to Whom.`"""
    inner = text.rstrip(_CLOSING_QUOTES + "".join(_SENTENCE_ENDS))
    speech = text.startswith(("—", "–", "-", "“", "‘", '"', "'", "«", "»", "„"))
    return (
        "\n" not in text
        and not CJK.search(text)
        and len(text) <= _LONGEST_SUMMARY
        and not speech
        and not text.endswith((",", ";", ":", "-", "—", "–"))  # a line of verse
        and not re.search(r"[!?…]|[.]\s+\S+\s+\S+\s", inner)
    )


def set_off_titles(texts: Sequence[str], kinds: Sequence[BlockKind | None], between: Between) -> list[int]:
    """Titles of chapters without numbers, in a book that has no other headings: short lines that end like no sentence,
    stand alone between whole sentences, and part the book evenly."""
    chosen = [
        at
        for at, text in enumerate(texts[:-1])
        if 0 < len(text) <= _LONGEST_SET_OFF and kinds[at] is None and _is_set_off(texts, kinds, at)
    ]
    if len(chosen) < _LEAST_SET_OFF:
        return []
    heads = sum(
        kind is BlockKind.HEADING and (not at or kinds[at - 1] is not BlockKind.HEADING)
        for at, kind in enumerate(kinds)
    )
    whole = between.prose[-1]
    ends = [0, *(between.prose[at] for at in chosen), whole]
    parts = [b - a for a, b in itertools.pairwise(ends)]
    few = heads >= _LEAST_SET_OFF and len(chosen) < _MANY_SET_OFF * heads
    if few or max(parts) > _MOST_WITHOUT * whole:
        return []
    short = sum(part < _SHORT_PART for part in parts[1:-1])
    capitals = sum(texts[at].isupper() and texts[at][0].isalpha() for at in chosen) >= _LEAST_DISTINCT * len(chosen)
    if not capitals and len({_LEADING_NUMBER.sub("", texts[at]) for at in chosen}) < _LEAST_DISTINCT * len(chosen):
        return []  # signatures under letters, running heads, dates
    even = sorted(parts)[len(parts) // 2] >= _LEAST_SET_OFF_GAP and short <= 0.15 * len(parts)
    return chosen if even else []


def _is_set_off(texts: Sequence[str], kinds: Sequence[BlockKind | None], at: int) -> bool:
    text = texts[at]
    if text[-1].isdigit() or not (text[-1].isalnum() or text[-1] in _CLOSING_MARKS):
        return False
    if not is_title(text, strict=True):
        return False
    if not text[0].isalnum() and not NAME_FIRST.fullmatch(text):
        return False
    before, after = texts[at - 1] if at else "", texts[at + 1]
    if kinds[at + 1] is not None or after[:1].islower() or _GOES_ON.match(after) or is_title(after, strict=True):
        return False
    if len(after) < _LEAST_OPENING and any(char.isdigit() for char in after):
        return False  # a signature over the date of the next letter
    if not at or kinds[at - 1] is BlockKind.BREAK:
        return True
    return kinds[at - 1] is None and _ends_sentence(before)


def contents_entries(texts: Sequence[str], kinds: Sequence[BlockKind | None]) -> list[int]:
    """Lines of a table of contents under its heading, up to the first line of the book that it names."""
    found: list[int] = []
    for at, kind in enumerate(kinds):
        if (
            kind is not BlockKind.HEADING
            or (found and at <= found[-1])
            or not CONTENTS.fullmatch(texts[at].strip(". "))
        ):
            continue
        entries: set[str] = set()
        run: list[int] = []
        for entry in range(at + 1, min(at + 1 + _MOST_ENTRIES, len(texts))):
            name = re.sub(r"\W+\d*$|\W", "", texts[entry]).casefold()
            again = len(name) > _LONGEST_NUMBER and name in entries and not texts[entry][-1:].isdigit()
            if len(texts[entry]) > LONGEST_HEADING or again or kinds[entry] is BlockKind.BREAK:
                break
            entries.add(name)
            run.append(entry)
        else:
            continue
        ended = sum(texts[entry].endswith(_SENTENCE_ENDS) and kinds[entry] is None for entry in run)
        if len(run) >= 3 and ended <= 0.3 * len(run):
            found += [entry for entry in run if "\n" not in texts[entry]]
    return found


def title_page(texts: Sequence[str], kinds: Sequence[BlockKind | None]) -> int:
    """How many blocks the title page takes: title, author, "by", year, motto, before anything else in the book.

    Left as prose they would make a scene of their own in every book, and a sign that means "title". Short matter
    before the first heading is a title page whatever it says. Without a heading its lines must look like titles, and
    a sentence must follow: a text of short lines alone, such as verse, has no title page.
    """
    size = 0
    all_titles = True
    for at, (text, kind) in enumerate(zip(texts, kinds, strict=True)):
        if kind is BlockKind.HEADING:
            return at if size <= _LONGEST_TITLE_PAGE else 0
        lines = text.split("\n")
        if at >= _TITLE_PAGE_BLOCKS or max(map(len, lines)) > LONGEST_TITLE or text.startswith(("—", "–", "- ")):
            ends = text.rstrip("\"'”’»」』)").endswith((".", "!", "?", "…", "。", "！", "？"))
            return at if all_titles and kind is None and ends and len(text) > LONGEST_TITLE else 0
        size += len(text) + IDEOGRAPH_LETTERS * len(CJK.findall(text))
        all_titles &= all(is_title(line, strict=True) or re.match(r"by\b", line) for line in lines)
    return 0
