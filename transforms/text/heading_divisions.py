"""Headings of a word and a number, `Chapter 4`, `Drittes Kapitel`, `第四回`, and numbers in words."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from scenesign.transforms.text.heading_shapes import (
    CHINESE_PUNCTUATION,
    CLOSING,
    LONGEST_TITLE,
    SEPARATORS,
    Counted,
    is_long_title,
    is_numbered_title,
    is_title_rest,
)
from scenesign.transforms.text.heading_words import WORDS, HeadingWords
from scenesign.transforms.text.numerals import CHINESE, DIGITS, HANGUL, ROMAN, numeral_of

_LONGEST_CHINESE_REST = 40
_LONGEST_WORDS = 28  # characters of a number in words
SPACED = re.compile(r"(?:\S ){3,40}\S")
_OVER = re.compile(r"[（(]?(?:全?[书書文]?完|[终終])[）)]?")
_CACHED_WORDS = 4_096  # first words of lines: few are new
_AROUND_WORDS = ".,:;()[]-–—"
_GLUED_WORD = re.compile(r"[^\W\d_]+(?=[.\d:#-])")
_CHINESE_NUMBER = rf"(?:{CHINESE}|{DIGITS}|{ROMAN})"
# Units of a book that Chinese and Japanese count; after the first five a title may follow without a space.
_BOOK_UNITS = "回章卷巻话話"
_LINE_UNITS = "节節部集篇編编幕折場场齣出夜帖景封"
_COUNTED_UNITS = "类類则則种種案夕天季册冊段计計条條"  # headings only where they count up
CHINESE_DIVISION = re.compile(
    rf"(?:正文\s*)?第\s*(?P<number>{_CHINESE_NUMBER})\s*"
    rf"(?P<unit>部分|封信|[{_BOOK_UNITS}{_LINE_UNITS}{_COUNTED_UNITS}])(?P<rest>.*)|"
    rf"(?P<unit2>[卷巻]|[其そ][の之ノ]|巻[の之ノ])\s*之?(?P<number2>{_CHINESE_NUMBER})(?P<rest2>.*)|"
    rf"(?P<number3>{_CHINESE_NUMBER})\s*(?P<unit3>[章回话話节節幕])(?P<rest3>.*)|"
    rf"第(?P<number4>{_CHINESE_NUMBER})(?P<rest4>)|{CHINESE}[のノ之](?P<number5>{CHINESE})(?P<rest5>)",
    re.DOTALL,
)
KOREAN_DIVISION = re.compile(
    rf"제\s*(?P<number>{DIGITS}|{HANGUL}|{CHINESE})\s*(?P<unit>[장부권편회화막절話章])(?!\w)(?P<rest>.*)|"
    rf"(?P<number2>{DIGITS})\s*(?P<unit2>[장부권편회화막절])(?!\w)(?P<rest2>.*)|"
    r"(?P<number3>첫|한|두|세|네|다섯|여섯|일곱|여덟|아홉|열)\s*번째\s+(?P<unit3>장|이야기|편지|날|막)(?!\w)(?P<rest3>.*)"
)
THAI_DIVISION = re.compile(
    rf"(?P<unit>{WORDS['th'].divisions})\s*(?P<number>{DIGITS}|{'|'.join(WORDS['th'].numbers.values())}"
    rf"|{WORDS['th'].last})(?![\d\u0e00-\u0e7f])(?P<rest>.*)"
)
_LATIN = {code: words for code, words in WORDS.items() if words.numbers and code not in ("th", "ko")}
_DIVISIONS = {
    word: tuple(code for code, words in _LATIN.items() if word in words.divisions.split("|"))
    for entry in _LATIN.values()
    for word in entry.divisions.split("|")
}
_QUOTED_NAME = re.compile(r"“[^“”]{1,10}”")
_HALVES = re.compile(r"[^\s，：、]{2,16}[ \u3000]+[^\s，：、]{4,16}")
_DIVISION_WORDS = frozenset(_DIVISIONS)
_MARKED = re.compile(r"[.:—–-]")
_MARKED_OFF = re.compile(r"\s*[.:—–-]\s*|\s+")


def chinese_division(match: re.Match[str], start: int) -> Counted | None:
    number = match["number"] or match["number2"] or match["number3"] or match["number4"] or match["number5"]
    unit = match["unit"] or match["unit2"] or match["unit3"] or ""
    rest = match["rest"] or match["rest2"] or match["rest3"] or ""
    value = numeral_of(number)
    if not value or (not unit and match.end() != len(match.string)):
        return None
    head = start + len(match.string[: match.end()]) - len(rest)
    bare = rest.strip()
    form = "第" + unit[0] if unit else "第"
    # a chapter without its 第 and a letter are headings only where they count up
    sure = bool(match["unit"] or match["unit2"]) and unit != "封信" and unit not in _COUNTED_UNITS
    if not bare.strip(CLOSING):
        return Counted(form, value[0], sure, len(match.string) + start, False)
    spaced = rest[0].isspace() or rest[0] in "：:、．.·-—（(《【】〕］）)]「『“"
    if _OVER.fullmatch(bare.rstrip(CLOSING)):
        return None
    stopped = CHINESE_PUNCTUATION.search(
        _QUOTED_NAME.sub("", bare).rstrip("」』”！？…").replace("」", "").replace("』", "")
    ) or bare.endswith(("，", ","))
    if len(bare) > _LONGEST_CHINESE_REST or stopped:
        return None
    # two halves of a title with a space between: prose has none
    spaced = spaced or (unit in _BOOK_UNITS and not match["unit3"] and _HALVES.fullmatch(bare) is not None)
    if not spaced and (match["unit3"] or unit not in _BOOK_UNITS or len(bare) > 20 or "，" in bare):
        return None
    return Counted(form, value[0], spaced and sure, head, True)


def worded_division(match: re.Match[str], code: str, start: int) -> Counted | None:
    """A heading in Korean or Thai, whose words have forms of their own."""
    groups = {key.rstrip("23"): text for key, text in match.groupdict().items() if text is not None}
    rest = groups.get("rest", "")
    if not is_title_rest(rest) or rest.rstrip().endswith(("다.", "요.", "까?")):
        return None
    numeral = numeral_of(groups["number"])
    value = numeral[0] if numeral else _value(groups["number"], code)
    bare = bool(rest.strip(CLOSING + SEPARATORS))
    return Counted(f"{code} {groups['unit']}", value, True, start + match.end() - len(rest), bare)


def word_division(bare: str, start: int) -> Counted | None:
    """`Chapter 4`, `Kapitel Eins`, `Drittes Kapitel`, `3. Bölüm`: a word for a part and a number on either side."""
    if bare[1:2] == " " and SPACED.fullmatch(bare):
        return _spaced_division(bare, start)
    words = [word.strip(_AROUND_WORDS) for word in bare[:60].lower().split(None, 5)[:5]]
    glued = None if words[0].isalpha() else _GLUED_WORD.match(words[0])
    if glued:
        words[0] = glued[0]
    if _DIVISION_WORDS.isdisjoint(words):
        return None
    for at, word in enumerate(words):
        for code in _DIVISIONS.get(word, ()):
            forms = _forms(code)
            match = (at < 2 and forms[0].match(bare)) or forms[1].match(bare)
            if not match or not _orders(match, code):
                continue
            rest = bare[match.end() :]
            if is_title_rest(rest) or (bare[: match.end()].isupper() and is_long_title(rest)):
                number = match["number"] or match["words"]
                numeral = numeral_of(number)
                value = numeral[0] if numeral else _value(number, code)
                titled = bool(rest.strip(CLOSING + SEPARATORS))
                return Counted(match["unit"].lower(), value, True, start + match.end(), titled)
    return None


def _spaced_division(bare: str, start: int) -> Counted | None:
    """`C H A P T E R I V`."""
    closed = bare.replace(" ", "")
    for word in _DIVISIONS:
        if closed.lower().startswith(word):
            value = numeral_of(closed[len(word) :].strip(SEPARATORS))
            if value:
                return Counted(word, value[0], True, start + len(bare), False)
    return None


def _orders(match: re.Match[str], code: str) -> bool:
    """Whether a number before its word says which it is, not how many: `Third Act`, `3. Akt`, but `three acts`."""
    if "words" not in match.re.groupindex:
        return True
    if match["number"]:
        return bool(match["mark"]) or match["unit"][0].isupper() or code == "ru"
    return not re.fullmatch(WORDS[code].cardinals, re.split(r"[-\s]", match["words"])[-1], re.IGNORECASE)


@cache
def _forms(code: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The word before its number and after it, in one language."""
    words = WORDS[code]
    numbers = _number_pattern(words)
    after = r"(?![\w'’]|-\w)"
    article = rf"(?:(?:{words.articles})\s+)?" if words.articles else ""
    last = f"|{words.last}" if words.last else ""
    before = re.compile(
        rf"{article}(?P<unit>{words.divisions})(?:\s*[.:#№-]\s*|\s+(?:n[°ºo]\.?|no\.|№|#|the|der|das|die)?\s*)"
        rf"(?P<number>\d{{1,4}}|{ROMAN}|{numbers}{last})(?:-?[яйе]|\.?[ºª°]|er|re|e)?{after}",
        re.IGNORECASE,
    )
    behind = re.compile(
        rf"{article}(?:(?P<number>\d{{1,3}}|(?-i:[IVXLCDMІХ]{{1,8}}))"
        rf"(?P<mark>\s*(?:-?(?:я|й|е)|\.?[ºª°]|[.)]|st|nd|rd|th|er|re|[eè]me|de|ste|e))?|(?P<words>{numbers}{last}))"
        rf"\s*(?P<unit>{words.divisions}){after}",
        re.IGNORECASE,
    )
    return before, behind


def _number_pattern(words: HeadingWords) -> str:
    """A number in words, simple or compound. Higher ones first: `sixteen` before `six`."""
    token = "|".join(text for _, text in sorted(words.numbers.items(), reverse=True))
    joiner = rf"(?:[-\s]|(?:{words.joiners}))" if words.joiners else r"[-\s]"
    return rf"(?:{token})(?:{joiner}{{0,3}}(?:{token})){{0,3}}"


def _value(text: str, code: str) -> int:
    """Value of a number in words, 0 where they stand for none, such as `last`."""
    return sum(
        next(value for value, pattern in _tokens(code) if pattern.fullmatch(token[0]))
        for token in _token(code).finditer(text)
    )


@cache
def _tokens(code: str) -> tuple[tuple[int, re.Pattern[str]], ...]:
    numbers = sorted(WORDS[code].numbers.items(), reverse=True)
    return tuple((value, re.compile(text, re.IGNORECASE)) for value, text in numbers)


@cache
def _token(code: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern.pattern})" for _, pattern in _tokens(code)), re.IGNORECASE)


@cache
def _all_numbers() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((code, re.compile(_number_pattern(words), re.IGNORECASE)) for code, words in _LATIN.items())


@lru_cache(_CACHED_WORDS)
def _bare_words(first: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Patterns of numbers in words, of the languages in which one begins as a word does."""
    return tuple((code, pattern) for code, pattern in _all_numbers() if pattern.match(first))


def _first_word(text: str) -> str:
    return text[:_LONGEST_WORDS].split(None, 1)[0]


def words_alone(bare: str, start: int) -> Counted | None:
    """`ONE`, `Premier`, `Erstes`: a number in words and nothing else."""
    text = bare.rstrip(CLOSING + ".")
    if len(text) > _LONGEST_WORDS or not text[:1].isupper() or text.count(" ") > 3:
        return None
    for code, pattern in _bare_words(_first_word(text)):
        if pattern.fullmatch(text):
            return Counted(f"{code} words", _value(text, code), False, start + len(bare), False)
    return None


def words_titled(bare: str, start: int) -> Counted | None:
    """`ONE: The Mill`, `DRUGI WIECZÓR`: a number in words, apart from the title by a mark or by capitals."""
    if not bare[0].isupper() or len(bare) > LONGEST_TITLE:
        return None
    if not bare[:3].isupper() and not _MARKED.search(bare[:_LONGEST_WORDS]):
        return None
    for code, pattern in _bare_words(_first_word(bare)):
        match = pattern.match(bare)
        rest = bare[match.end() :] if match else ""
        mark = _MARKED_OFF.match(rest)
        if match and mark and is_numbered_title(rest[mark.end() :]) and (match[0].isupper() or not mark[0].isspace()):
            return Counted(f"{code} words {mark[0].strip()}", _value(match[0], code), False, start + match.end(), True)
    return None


def number_after(text: str) -> tuple[int, int]:
    """Value and length of a number in words at the head of a text; zeros where there is none."""
    if len(text) > LONGEST_TITLE:
        return 0, 0
    for code, pattern in _bare_words(_first_word(text)):
        match = pattern.match(text)
        if match and not text[match.end() : match.end() + 1].isalnum():
            return _value(match[0], code), match.end()
    return 0, 0
