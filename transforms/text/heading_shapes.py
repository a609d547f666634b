"""Shapes of titles: what may stand around, after and in the place of a number in a heading."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scenesign.transforms.text.lines import CJK

LONGEST_HEADING = 110  # characters; a longer line is prose, whatever it begins with
LONGEST_LISTED = 300  # characters of a heading that lists what its chapter holds, parted by dashes
LONGEST_TITLE = 80  # characters of a title line under a heading
LONGEST_CHINESE_TITLE = 30
OPENING = "\"'“‘«„「『【〔［[（(《〈<*_=~#§|•· -—–●◎◆◇■□▲△★☆※"
CLOSING = "\"'”’»“‘」』】〕］]）)》〉>*_=~#|•· -—–"
SEPARATORS = ".:：·—–-―)]）］】〕》、．"
QUOTES = "\"'“‘«„「『"
SENTENCE_ENDS = tuple(".!?…。！？؟\"'”’»」』")
_GLUED = ",;!?…。！？；，"
_ENDS_SENTENCE = tuple(".!?…:。！？؟۔")
_ENDS_TITLE = tuple('.!?…,;:。！？，；：”»"」、-—–؟،')
CHINESE_PUNCTUATION = re.compile(r"[。！？；…”’』」]")
# `「南」の風`: a name in quotes and more; speech ends with its quote
NAME_FIRST = re.compile(r"[「『][^「」『』]{1,12}[」』](?:(?!と)[^「」『』。！？、…]+|と[「『][^「」『』]{1,12}[」』])")
_TWO_SENTENCES = re.compile(r"(?:(?<!\bMr)(?<!\bMrs)(?<!\bDr)(?<!\bSt)(?<!\bM)\.|[!?…])\s+\S+\s+\S+\s+\S")


@dataclass(frozen=True)
class Counted:
    """A line with a number that may be a heading.

    form: lines of one form count together. value: of the number, 0 where it stands for no value (`last`). sure: whether
    the line is a heading whatever the others say. head: characters before a title or prose on the same line. titled:
    whether there is one.
    """

    form: str
    value: int
    sure: bool
    head: int
    titled: bool


def is_title(text: str, strict: bool, longest: int = LONGEST_TITLE) -> bool:
    """Whether a line can be a title. strict: not if it ends like a sentence or opens speech. longest: in letters."""
    chinese = CJK.search(text) is not None
    if "\n" in text or not 0 < len(text) <= (LONGEST_CHINESE_TITLE if chinese else longest):
        return False
    if chinese and NAME_FIRST.fullmatch(text):
        return True
    if (text.startswith(tuple(QUOTES)) and strict) or text.startswith(("—", "–", "-", "「", "『")):
        return False
    if not any(char.isalpha() for char in text) or text[0].islower():
        return False
    if text.isupper() and not chinese:
        return not text.endswith((",", ";"))
    if chinese:
        return not text.endswith(_ENDS_TITLE) and not CHINESE_PUNCTUATION.search(text)
    if not strict:
        return (
            not text.endswith((",", ";", ":"))
            and len(text) <= 50
            and not re.search(r"[.!?…]\s+[A-ZА-ЯЁ]\w*\s+\w+\s", text)
        )
    return not text.endswith(_ENDS_TITLE)


def is_numbered_title(title: str) -> bool:
    """Whether what follows a number on its line is a title, not a sentence or a list's item."""
    bare = title.lstrip("\"'“«„‘「『¿¡(（《…. ")
    if not bare or len(title) > LONGEST_TITLE or title.endswith((",", ";", "，", "；", "、")):
        return False
    chinese = "\u3040" <= bare[0] <= "\u9fff"
    if chinese:
        return len(title) <= LONGEST_CHINESE_TITLE and not CHINESE_PUNCTUATION.search(title.rstrip("」』！？…"))
    return (
        not bare[0].islower()
        and bare[0].isalnum()
        and any(char.isalpha() for char in bare)
        and (title.isupper() or not _TWO_SENTENCES.search(title))
    )


def is_listed_title(title: str) -> bool:
    """`The journey -- The inn -- What was found there`: what a chapter holds, parted by dashes."""
    return len(title) <= LONGEST_LISTED and re.search(r"[.!?]?\s*[-—–]{1,2}\s", title) is not None


def is_title_rest(rest: str) -> bool:
    """Whether what follows `Chapter 4` on its line is a title (or nothing), not the rest of a sentence."""
    bare = rest.strip()
    if not bare or not bare.strip(SEPARATORS + CLOSING):
        return True
    separated = bare[0] in SEPARATORS + "("
    title = bare.lstrip(SEPARATORS + "( ")
    if not title or bare[0] in _GLUED:
        return False
    first = title.lstrip("\"'“«„‘「『¿¡*_…")[:1]
    cased = first.isupper() or first.islower()
    if first.islower() and not (separated and len(title) <= LONGEST_TITLE and not title.endswith(_ENDS_SENTENCE)):
        return False
    if not (cased or first.isalnum() or separated):
        return False
    if title.isupper():
        return True
    if (title.endswith((",", ";", "،", "，")) and not separated) or _TWO_SENTENCES.search(title):
        return False
    # "Part One The Old Buccaneer" is a title, "Book I The man walked on." a sentence
    return separated or not title.endswith(_ENDS_SENTENCE)


def is_long_title(rest: str) -> bool:
    """What a novel of old says of a chapter: a sentence of its own after `CHAPTER IV.`."""
    bare = rest.strip()
    return bare[:1] in ".:—–-" and not _TWO_SENTENCES.search(bare)
