"""What a line alone says of itself: a heading, a scene break, or one that may be a heading if it counts up."""

from __future__ import annotations

import bisect
import re

from scenesign.transforms.text.heading_divisions import (
    CHINESE_DIVISION,
    KOREAN_DIVISION,
    SPACED,
    THAI_DIVISION,
    chinese_division,
    number_after,
    word_division,
    worded_division,
    words_alone,
    words_titled,
)
from scenesign.transforms.text.heading_shapes import (
    CHINESE_PUNCTUATION,
    CLOSING,
    LONGEST_HEADING,
    OPENING,
    QUOTES,
    SEPARATORS,
    Counted,
    is_listed_title,
    is_numbered_title,
    is_title_rest,
)
from scenesign.transforms.text.heading_words import WORDS
from scenesign.transforms.text.lines import CJK
from scenesign.transforms.text.numerals import CHINESE, DIGITS, ROMAN, numeral_of

_DIVISION_FIRST = ("第", "正", "卷", "巻")
_LONGEST_RUN_IN = 80  # characters in which a heading that runs into prose has its end
_LONGEST_RUN_IN_TITLE = 40
_LONGEST_RUN_IN_WORD = 20
_LONGEST_NUMERAL = 16
# Alone on a line. Hyphens, dots and the like only from three on; dots of silence ("……") stay prose.
_BREAK = re.compile(
    r"(?:[*＊⁂※#~～◇◆☆★○●□■❦❧✻✽❖§]\s*){1,30}|(?:[-–—―_=·•・]\s*){3,120}|"
    r"(?:\.\s*){5,200}|(?:[-—–~*]\s*[*oO0]\s*){1,9}[-—–~*]"
)
_ANY_NUMERAL = rf"(?:{ROMAN}|{DIGITS})"
_NUMERAL = re.compile(rf"(?:№|[Nn]\.?[°º]|§)?\s*(?P<number>{DIGITS}|{ROMAN}|{CHINESE})(?:\s*[-—–.)\]、．°º]|\.[°ºª])?")
_NUMBERED = re.compile(
    rf"(?P<number>{DIGITS}|[IVXLCDMІХ\u2160-\u216f]{{1,8}}|{CHINESE})\.?[ªº°]?"
    r"(?P<mark>\s*[.．)）\]］】〕、:：](?:\s*[-—–]+\s*)?|\s+[-—–]+\s*[:：]?|\s*[-—–]+\s+|\s)\s*(?P<title>\S.*)"
)
_NAMED = re.compile(r"(?P<word>[^\W\d_]{3,20})\s+(?:the\s+)?(?P<rest>\w.*)", re.IGNORECASE)
# What counts up through a book beside its parts.
_NO_PART = re.compile(
    r"(?:foot|end)?notes?|figures?|fig|illustrations?|plates?|tables?|pages?|lines?|items?|questions?|(?:fuß|end)noten?|"
    r"anmerkung|abbildung|abb|tafel|tabelle|seite|remarque|planche|tableau|notas?|figuras?|p[áa]gina|tabla|lámina|nota|"
    r"figura|tavola|tabella|(?:voet)?noot|afbeelding|bladzijde|przypis|rycina|strona|tabela|"
    r"сноска|примечание|рисунок|рис|страница|стр|таблица|вопрос",
    re.IGNORECASE,
)
_NAMED_NUMBER = re.compile(rf"{_ANY_NUMERAL}(?![\w'’-])")
# By script, so that a line is compared with few words: the languages of each and where its letters begin.
_SCRIPTS = {"ru": "\u0400", "ar": "\u0600", "th": "\u0e00", "zh ja": "\u2e80", "ko": "\uac00"}
_RANGES = (*_SCRIPTS.values(), "\ue000")
_ALONE = tuple(
    re.compile(
        rf"(?:{'|'.join(WORDS[code].alone for code in codes)})(?:[.:]|\s*[.:—–-]\s*(?P<rest>\w.*))?", re.IGNORECASE
    )
    for codes in (
        [code for code in WORDS if code not in " ".join(_SCRIPTS).split()],
        *(codes.split() for codes in _SCRIPTS),
    )
)
_LONGEST_ALONE = 40  # characters of a word alone, or of what stands before its mark
_AROUND = OPENING + CLOSING
_ALONE_MARK = re.compile(r"[.:—–-]")
_MONTHS = tuple(
    re.compile(
        "|".join(f"(?P<m{at}>{month})" for at, month in enumerate(re.split(r"\|(?![^()]*\))", words.months), 1)),
        re.IGNORECASE,
    )
    for words in WORDS.values()
    if words.months
)
_DATED = re.compile(rf"(?:{'|'.join(words.months for words in WORDS.values() if words.months)})(?!\w)", re.IGNORECASE)
CONTENTS = re.compile(
    r"(?:table of )?contents|оглавление|содержание|目\s*[录錄次]|inhalt(?:sverzeichni(?:s|ß))?|table(?: des .*)?|"
    r"sommaire|[ií]ndice|spis .*|inhoud(?:sopgave)?|içindekiler|الفهرس|فهرس|المحتويات|สารบัญ|목차|차례",
    re.IGNORECASE,
)
_MONTH_ALONE = re.compile(r"(?P<month>[^\W\d_]{3,12})(?:\s+\d{4})?")
_NOTE_MARKS = ("]", ")", "）", "］")
_ROMAN_FIRST = re.compile(rf"{ROMAN}\b")
_MARKS = str.maketrans("．）：–—", ".):--")


def is_break(line: str) -> bool:
    """Whether a line is nothing but a typographic scene break such as `* * *`."""
    if line[:1].isalnum():
        return False
    line = line.strip()
    return 0 < len(line) <= 200 and not line[0].isalpha() and _BREAK.fullmatch(line) is not None


def is_heading(line: str) -> bool:
    """Whether a line alone says that it is a heading: `CHAPTER IV`, `Drittes Kapitel`, `第四回 ...`, `Epilogue`."""
    line = line.strip()
    if not 0 < len(line) <= LONGEST_HEADING or "\n" in line:
        return False
    counted = counted_line(line)
    return counted.sure if counted else is_lone_word(line)


def may_be_heading(line: str) -> bool:
    """Whether a line is a heading, or would be one if lines like it count up through the book."""
    line = line.strip()
    return 0 < len(line) <= LONGEST_HEADING and (counted_line(line) is not None or is_lone_word(line))


def run_in(line: str) -> int:
    """Characters of a heading at the head of a line of prose, `第一回　title　prose`; 0 where there is none."""
    if line[:1].isalpha() and line[0] not in _DIVISION_FIRST:
        return 0
    bare = line.lstrip(OPENING[:18] + "\u3000 ")
    if bare[:1] not in _DIVISION_FIRST:
        return 0
    match = CHINESE_DIVISION.match(bare[:_LONGEST_RUN_IN])
    if (
        not match
        or not match["unit"]
        or not match["rest"][:1].isspace()
        or len(bare) - match.start("rest") <= _LONGEST_RUN_IN_TITLE
    ):
        return 0
    head = at = match.start("rest")
    words = 0
    for word in re.finditer(r"\S+", bare[at:_LONGEST_RUN_IN]):
        if words == 3 or len(word[0]) > _LONGEST_RUN_IN_WORD or word.end() + at == _LONGEST_RUN_IN:
            break
        if CHINESE_PUNCTUATION.search(word[0]) or word[0][-1] in "，：":
            break
        words, head = words + 1, at + word.end()
    else:
        return 0
    return len(line) - len(bare) + head


def numeral_value(line: str) -> tuple[int, str] | None:
    """Value and style (`digits`, `roman`, `chinese`) of a line that is only a numeral, such as `IV.` or `【二】`."""
    bare = line.strip().lstrip(OPENING).rstrip(CLOSING)
    match = _NUMERAL.fullmatch(bare) if len(bare) <= _LONGEST_NUMERAL else None
    return numeral_of(match["number"]) if match else None


def counted_line(line: str) -> Counted | None:
    """What number a line bears and in which form; None for one without a number, or a number in a sentence."""
    bare = line.lstrip(OPENING)
    start = len(line) - len(bare)
    if not bare:
        return None
    first = bare[0]
    if first in "第正卷巻其そ" or (first in _CHINESE_FIRST or first.isdigit()):
        match = CHINESE_DIVISION.match(bare)
        found = chinese_division(match, start) if match else None
        if found:
            return found
    if first == "제" or first.isdigit() or "번째" in bare[:6]:
        match = KOREAN_DIVISION.match(bare)
        if match:
            return worded_division(match, "ko", start)
    if first.islower():
        return word_division(bare, start) or (_bare_numeral(line) if len(line) <= _LONGEST_NUMERAL else None)
    if "\u0e00" <= first <= "\u0e7f" and not first.isdigit():
        match = THAI_DIVISION.match(bare)
        return worded_division(match, "th", start) if match else None
    value = _bare_numeral(line) if len(line) <= _LONGEST_NUMERAL else None
    if value:
        return value
    if (
        line[0] in QUOTES
        or "*" in line[:start]
        or (line[0] in "—–-" and not bare[0].isdigit() and not _ROMAN_FIRST.match(bare))
    ):
        return word_division(bare, start)
    return (
        word_division(bare, start)
        or words_alone(bare, start)
        or _month(bare, start)
        or _numbered(bare, start)
        or _named(bare, start)
        or words_titled(bare, start)
    )


_NUMERAL_FIRST = frozenset("IVXLCDMІХ〇零○一二三四五六七八九十百千两兩廿卅卌壹贰貳叁參叄肆伍陆陸柒捌玖拾佰")
_CHINESE_FIRST = frozenset("〇零○一二三四五六七八九十百千两兩廿卅卌壹贰貳叁參肆伍陆陸柒捌玖拾佰")


def _bare_numeral(line: str) -> Counted | None:
    value = numeral_value(line)
    return Counted(value[1], value[0], False, len(line), False) if value else None


def is_lone_word(line: str) -> bool:
    """Whether a line is one of the words that are a heading without a number: `Prologue`, `Vorwort: To the Reader`."""
    if len(line) > _LONGEST_ALONE and not _ALONE_MARK.search(line, 0, _LONGEST_ALONE):
        return False
    bare = line.strip(_AROUND)
    if not bare or len(bare) > 100 or bare[0].islower():
        return False
    if line.endswith(("!", "?")):
        return False
    script = bisect.bisect_right(_RANGES, bare[0]) % len(_ALONE)
    match = _ALONE[script].fullmatch(_closed_up(bare))
    if match is None:
        return False
    return is_title_rest(". " + (match["rest"] or ""))


def _closed_up(text: str) -> str:
    """A word in spaced letters (`P R O L O G U E`) without its spaces."""
    return text.replace(" ", "") if SPACED.fullmatch(text) else text


def _numbered(bare: str, start: int) -> Counted | None:
    """`I. The Beginning`, `1 Title`, `一　title`: a number and a title."""
    if bare[0].isalpha() and bare[0] not in _NUMERAL_FIRST:
        return None
    match = _NUMBERED.match(bare)
    if match is None or (match["mark"].strip()[:1] in _NOTE_MARKS and not CJK.match(match["number"])):
        return None  # [1] and (1) are notes
    value = numeral_of(match["number"])
    if value is None:
        return None
    title = match["title"].strip()
    if numeral_of(title.rstrip(".")):
        return None
    listed = match["mark"].strip()[:1] in ("-", "—", "–") and is_listed_title(title)
    if _DATED.match(title) or not (listed or is_numbered_title(title)) or (match["mark"].isspace() and "，" in title):
        return None
    if title[0].isdigit() and not match["mark"][-1].isspace():
        return None  # 74.18
    mark = bare[match.end("number") : match.start("title")].strip(" ªº°")[:1]
    return Counted(f"{value[1]} {mark.translate(_MARKS)}", value[0], False, start + match.start("title"), True)


def _named(bare: str, start: int) -> Counted | None:
    """`Stave 2`, `Night the First`, `Ночь первая`: any word that comes again and again with a number that counts up."""
    match = _NAMED.match(bare)
    if match is None or not match["word"][0].isupper() or _NO_PART.fullmatch(match["word"]):
        return None
    numeral = _NAMED_NUMBER.match(match["rest"])
    if numeral:
        found = numeral_of(numeral[0])
        value, end = (found[0] if found else 0), numeral.end()
    else:
        value, end = number_after(match["rest"])
    rest = match["rest"][end:].strip()
    if not value or (rest.strip(CLOSING + SEPARATORS) and not _is_marked_title(rest)):
        return None
    if _DATED.fullmatch(match["word"]):
        return None
    return Counted(f"= {match['word'].lower()}", value, False, start + match.start("rest") + end, bool(rest))


def _month(bare: str, start: int) -> Counted | None:
    """`NOVEMBRE`, `March 1887`: the months of a diary or a school year count up."""
    match = _MONTH_ALONE.fullmatch(bare.rstrip(CLOSING + "."))
    if match is None or not bare[0].isupper():
        return None
    for months in _MONTHS:
        month = months.fullmatch(match["month"])
        if month and month.lastgroup:
            return Counted("months", int(month.lastgroup[1:]), False, start + len(bare), False)
    return None


def _is_marked_title(rest: str) -> bool:
    return rest[0] in SEPARATORS and is_numbered_title(rest.lstrip(SEPARATORS + " "))
