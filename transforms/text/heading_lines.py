"""What a line alone says of itself: a heading, a scene break, or one that may be a heading if it counts up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from scenesign.transforms.text.heading_words import WORDS, HeadingWords
from scenesign.transforms.text.lines import CJK
from scenesign.transforms.text.numerals import CHINESE, DIGITS, HANGUL, ROMAN, numeral_of

LONGEST_HEADING = 110  # characters; a longer line is prose, whatever it begins with
LONGEST_TITLE = 80  # characters of a title line under a heading
LONGEST_CHINESE_TITLE = 30
_LONGEST_RUN_IN = 80  # characters in which a heading that runs into prose has its end
_LONGEST_RUN_IN_TITLE = 40
_LONGEST_RUN_IN_WORD = 20
_LONGEST_NUMERAL = 16
_LONGEST_WORDS = 28  # characters of a number in words

# Alone on a line. Hyphens, dots and the like only from three on; dots of silence ("……") stay prose.
_BREAK = re.compile(
    r"(?:[*＊⁂※#~～◇◆☆★○●□■❦❧✻✽❖§]\s*){1,30}|(?:[-–—―_=·•・]\s*){3,120}|"
    r"(?:\.\s*){5,200}|(?:[-—–~*]\s*[*oO0]\s*){1,9}[-—–~*]"
)
_OPENING = "\"'“‘«„「『【〔［[（(《〈<*_=~#§|•· -—–"
_CLOSING = "\"'”’»“‘」』】〕］]）)》〉>*_=~#|•· -—–"
_AROUND_WORDS = ".,:;()[]-–—"
_GLUED_WORD = re.compile(r"[^\W\d_]+(?=[.\d:#-])")
_QUOTES = "\"'“‘«„「『"
_OVER = re.compile(r"[（(]?(?:全?[书書文]?完|[终終])[）)]?")
_SPACED = re.compile(r"(?:\S ){3,40}\S")
_CHINESE_PUNCTUATION = re.compile(r"[。！？；…”’』」]")
_SEPARATOR = ".:：·—–-―)]）］】〕》、．"
_GLUED = ",;!?…。！？；，"
_TWO_SENTENCES = re.compile(r"[.!?…]\s+\S+\s+\S+\s+\S")
_ENDS_SENTENCE = tuple(".!?…:。！？؟۔")
_ANY_NUMERAL = rf"(?:{ROMAN}|{DIGITS})"
_CHINESE_NUMBER = rf"(?:{CHINESE}|{DIGITS}|{ROMAN})"
# Units of a book that Chinese and Japanese count; after the first five a title may follow without a space.
_BOOK_UNITS = "回章卷巻话話"
_LINE_UNITS = "节節部集篇編编幕折場场齣出夜帖景封"
_CHINESE = re.compile(
    rf"(?:正文\s*)?第\s*(?P<number>{_CHINESE_NUMBER})\s*(?P<unit>部分|封信|[{_BOOK_UNITS}{_LINE_UNITS}])(?P<rest>.*)|"
    rf"(?P<unit2>[卷巻]|[其そ][の之ノ]|巻[の之ノ])\s*之?(?P<number2>{_CHINESE_NUMBER})(?P<rest2>.*)|"
    rf"(?P<number3>{_CHINESE_NUMBER})\s*(?P<unit3>[章回话話节節幕])(?P<rest3>.*)|"
    rf"第(?P<number4>{_CHINESE_NUMBER})(?P<rest4>)|{CHINESE}[のノ之](?P<number5>{CHINESE})(?P<rest5>)",
    re.DOTALL,
)
_KOREAN = re.compile(
    rf"제\s*(?P<number>{DIGITS}|{HANGUL}|{CHINESE})\s*(?P<unit>[장부권편회화막절話章])(?!\w)(?P<rest>.*)|"
    rf"(?P<number2>{DIGITS})\s*(?P<unit2>[장부권편회화막절])(?!\w)(?P<rest2>.*)|"
    r"(?P<number3>첫|한|두|세|네|다섯|여섯|일곱|여덟|아홉|열)\s*번째\s+(?P<unit3>장|이야기|편지|날|막)(?!\w)(?P<rest3>.*)"
)
_THAI = re.compile(
    rf"(?P<unit>{WORDS['th'].divisions})\s*(?P<number>{DIGITS}|{'|'.join(WORDS['th'].numbers.values())}"
    rf"|{WORDS['th'].last})(?![\d\u0e00-\u0e7f])(?P<rest>.*)"
)
_NUMERAL = re.compile(
    rf"(?:№|[Nn][°º.]|§)?\s*(?P<number>{DIGITS}|{ROMAN}|{CHINESE})(?:\s*[-—–.)\]、．°º]|\.[°ºª])?"
)
_NUMBERED = re.compile(
    rf"(?P<number>{DIGITS}|[IVXLCDMІХ\u2160-\u216f]{{1,8}}|{CHINESE})\.?[ªº°]?"
    r"(?P<mark>\s*[.．)）\]］】〕、:：](?:\s*[-—–]+\s*)?|\s+[-—–]+\s*[:：]?|\s*[-—–]+\s+|\s)\s*(?P<title>\S.*)"
)
_NAMED = re.compile(rf"(?P<word>[^\W\d_]{{3,20}})\s+(?P<number>{_ANY_NUMERAL})(?![\w'’-])(?P<rest>.*)")
_LATIN = {code: words for code, words in WORDS.items() if words.numbers and code not in ("th", "ko")}
_DIVISIONS = {
    word: tuple(code for code, words in _LATIN.items() if word in words.divisions.split("|"))
    for entry in _LATIN.values()
    for word in entry.divisions.split("|")
}
_ALONE = re.compile(
    rf"(?:{'|'.join(words.alone for words in WORDS.values())})(?:[.:]|\s*[.:—–-]\s*(?P<rest>\w.*))?", re.IGNORECASE
)
_DATED = re.compile(rf"(?:{'|'.join(words.months for words in WORDS.values() if words.months)})(?!\w)", re.IGNORECASE)
CONTENTS = re.compile(
    r"(?:table of )?contents|оглавление|содержание|目\s*[录錄次]|inhalt(?:sverzeichni(?:s|ß))?|table(?: des .*)?|sommaire|"
    r"[ií]ndice|spis .*|inhoud(?:sopgave)?|içindekiler|الفهرس|فهرس|المحتويات|สารบัญ|목차|차례",
    re.IGNORECASE,
)


_NOTE_MARKS = ("]", ")", "）", "］")
_MARKED = re.compile(r"[.:—–-]")
_ROMAN_FIRST = re.compile(rf"{ROMAN}\b")
_MARKS = str.maketrans("．）：–—", ".):--")


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


def is_break(line: str) -> bool:
    """Whether a line is nothing but a typographic scene break such as `* * *`."""
    line = line.strip()
    return 0 < len(line) <= 200 and not line[0].isalpha() and _BREAK.fullmatch(line) is not None


def is_heading(line: str) -> bool:
    """Whether a line alone says that it is a heading: `CHAPTER IV`, `Drittes Kapitel`, `第四回 ...`, `Epilogue`."""
    line = line.strip()
    if not 0 < len(line) <= LONGEST_HEADING or "\n" in line:
        return False
    counted = counted_line(line)
    return counted.sure if counted else _is_alone(line)


def may_be_heading(line: str) -> bool:
    """Whether a line is a heading, or would be one if lines like it count up through the book."""
    line = line.strip()
    return 0 < len(line) <= LONGEST_HEADING and (counted_line(line) is not None or _is_alone(line))


def run_in(line: str) -> int:
    """Characters of a heading at the head of a line of prose, `第一回　title　prose`; 0 where there is none."""
    bare = line.lstrip(_OPENING[:18] + "\u3000 ")
    if bare[:1] not in ("第", "正", "卷", "巻"):
        return 0
    match = _CHINESE.match(bare[:_LONGEST_RUN_IN])
    rest = (match["rest"] or "") if match and match["unit"] else ""
    if not match or not rest[:1].isspace() or len(bare) - match.start("rest") <= _LONGEST_RUN_IN_TITLE:
        return 0
    head = at = match.start("rest")
    words = 0
    for word in re.finditer(r"\S+", bare[at:_LONGEST_RUN_IN]):
        if words == 3 or len(word[0]) > _LONGEST_RUN_IN_WORD or word.end() + at == _LONGEST_RUN_IN:
            break
        if _CHINESE_PUNCTUATION.search(word[0]) or word[0][-1] in "，：":
            break
        words, head = words + 1, at + word.end()
    else:
        return 0
    return len(line) - len(bare) + head


def numeral_value(line: str) -> tuple[int, str] | None:
    """Value and style (`digits`, `roman`, `chinese`) of a line that is only a numeral, such as `IV.` or `【二】`."""
    bare = line.strip().lstrip(_OPENING).rstrip(_CLOSING)
    match = _NUMERAL.fullmatch(bare) if len(bare) <= _LONGEST_NUMERAL else None
    return numeral_of(match["number"]) if match else None


def counted_line(line: str) -> Counted | None:
    """What number a line bears and in which form; None for one without a number, or a number in a sentence."""
    bare = line.lstrip(_OPENING)
    start = len(line) - len(bare)
    if not bare:
        return None
    first = bare[0]
    if first in "第正卷巻其そ" or (first in _CHINESE_FIRST or first.isdigit()):
        match = _CHINESE.match(bare)
        found = _chinese(match, start) if match else None
        if found:
            return found
    if first == "제" or first.isdigit() or "번째" in bare[:6]:
        match = _KOREAN.match(bare)
        if match:
            return _worded(match, "ko", start)
    if first.islower():
        return _division(bare, start) or (_bare_numeral(line) if len(line) <= _LONGEST_NUMERAL else None)
    if "\u0e00" <= first <= "\u0e7f" and not first.isdigit():
        match = _THAI.match(bare)
        return _worded(match, "th", start) if match else None
    value = _bare_numeral(line) if len(line) <= _LONGEST_NUMERAL else None
    if value:
        return value
    if line[0] in _QUOTES or "*" in line[:start] or (line[0] in "—–-" and not bare[0].isdigit() and not _ROMAN_FIRST.match(bare)):
        return _division(bare, start)
    return _division(bare, start) or _words_alone(bare, start) or _numbered(bare, start) or _named(bare, start) or _words_titled(bare, start)


def is_title(text: str, strict: bool) -> bool:
    """Whether a line can be a title. strict: not if it ends like a sentence or opens speech."""
    chinese = CJK.search(text) is not None
    if "\n" in text or not 0 < len(text) <= (LONGEST_CHINESE_TITLE if chinese else LONGEST_TITLE):
        return False
    if (text.startswith(tuple(_QUOTES)) and strict) or text.startswith(("—", "–", "-", "「", "『")):
        return False
    if not any(char.isalpha() for char in text) or text[0].islower():
        return False
    if text.isupper() and not chinese:
        return not text.endswith((",", ";"))
    if chinese:
        return not text.endswith(_ENDS_TITLE) and not _CHINESE_PUNCTUATION.search(text)
    if not strict:
        return (
            not text.endswith((",", ";", ":"))
            and len(text) <= 50
            and not re.search(r"[.!?…]\s+[A-ZА-ЯЁ]\w*\s+\w+\s", text)
        )
    return not text.endswith(_ENDS_TITLE)


_ENDS_TITLE = tuple('.!?…,;:。！？，；：”»"」、-—–؟،')
_CHINESE_FIRST = frozenset("〇零○一二三四五六七八九十百千两兩廿卅卌壹贰貳叁參肆伍陆陸柒捌玖拾佰")


def _bare_numeral(line: str) -> Counted | None:
    value = numeral_value(line)
    return Counted(value[1], value[0], False, len(line), False) if value else None


def _is_alone(line: str) -> bool:
    bare = line.strip(_OPENING + _CLOSING)
    if not bare or len(bare) > 100 or bare[0].islower():
        return False
    match = _ALONE.fullmatch(_closed_up(bare))
    return bool(match) and _is_title_rest(". " + (match["rest"] or "")) and not line.endswith(("!", "?"))


def _closed_up(text: str) -> str:
    """A word in spaced letters (`P R O L O G U E`) without its spaces."""
    return text.replace(" ", "") if _SPACED.fullmatch(text) else text


def _chinese(match: re.Match[str], start: int) -> Counted | None:
    number = match["number"] or match["number2"] or match["number3"] or match["number4"] or match["number5"]
    unit = match["unit"] or match["unit2"] or match["unit3"] or ""
    rest = match["rest"] or match["rest2"] or match["rest3"] or ""
    value = numeral_of(number)
    if not value or (not unit and not match.end() == len(match.string)):
        return None
    head = start + len(match.string[: match.end()]) - len(rest)
    bare = rest.strip()
    form = "第" + unit[0] if unit else "第"
    if not bare.strip(_CLOSING):
        return Counted(form, value[0], bool(match["unit"] or match["unit2"]) and unit != "封信", len(match.string) + start, False)
    spaced = rest[0].isspace() or rest[0] in "：:、．.·-—（(《【】〕］）)]「『“"
    if _OVER.fullmatch(bare.rstrip(_CLOSING)):
        return None
    words = len(bare) <= 40 and not _CHINESE_PUNCTUATION.search(bare.rstrip("」』”！？…")) and not bare.endswith(("，", ","))
    if not words:
        return None
    if not spaced and (match["unit3"] or unit not in _BOOK_UNITS or len(bare) > 20 or "，" in bare):
        return None
    return Counted(form, value[0], spaced and not match["unit3"] and unit != "封信", head, True)


def _worded(match: re.Match[str], code: str, start: int) -> Counted | None:
    """A heading in Korean or Thai, whose words have forms of their own."""
    groups = {key.rstrip("23"): text for key, text in match.groupdict().items() if text is not None}
    rest = groups.get("rest", "")
    if not _is_title_rest(rest) or rest.rstrip().endswith(("다.", "요.", "까?")):
        return None
    numeral = numeral_of(groups["number"])
    value = numeral[0] if numeral else _value(groups["number"], code)
    bare = bool(rest.strip(_CLOSING + _SEPARATOR))
    return Counted(f"{code} {groups['unit']}", value, True, start + match.end() - len(rest), bare)


def _division(bare: str, start: int) -> Counted | None:
    """`Chapter 4`, `Kapitel Eins`, `Drittes Kapitel`, `3. Bölüm`: a word for a part and a number on either side."""
    spaced = _SPACED.match(bare)
    if spaced and spaced.end() == len(bare):
        bare = bare.replace(" ", "")
        for word in _DIVISIONS:
            if bare.lower().startswith(word) and numeral_of(bare[len(word) :].strip(_SEPARATOR)):
                return Counted(word, numeral_of(bare[len(word) :].strip(_SEPARATOR))[0], True, start + len(spaced[0]), False)
        return None
    words = [word.strip(_AROUND_WORDS) for word in bare[:60].lower().split(None, 5)[:5]]
    glued = _GLUED_WORD.match(words[0])
    if glued:
        words[0] = glued[0]
    if _DIVISIONS.keys().isdisjoint(words):
        return None
    for at, word in enumerate(words):
        for code in _DIVISIONS.get(word, ()):
            forms = _forms(code)
            match = (at < 2 and forms[0].match(bare)) or forms[1].match(bare)
            if not match or not _orders(match, code):
                continue
            rest = bare[match.end() :]
            if _is_title_rest(rest) or (bare[: match.end()].isupper() and _is_long_title(rest)):
                number = match["number"] or match["words"]
                numeral = numeral_of(number)
                value = numeral[0] if numeral else _value(number, code)
                titled = bool(rest.strip(_CLOSING + _SEPARATOR))
                return Counted(match["unit"].lower(), value, True, start + match.end(), titled)
    return None


def _orders(match: re.Match[str], code: str) -> bool:
    """Whether a number before its word says which it is, not how many: `Third Act`, `3. Akt`, but `three acts`."""
    if "words" not in match.re.groupindex:
        return True
    if match["number"]:
        return bool(match["mark"]) or match["unit"][0].isupper() or code == "ru"
    return not re.fullmatch(WORDS[code].cardinals, re.split(r"[-\s]", match["words"])[-1], re.IGNORECASE)


@lru_cache(maxsize=None)
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


@lru_cache(maxsize=None)
def _tokens(code: str) -> tuple[tuple[int, re.Pattern[str]], ...]:
    numbers = sorted(WORDS[code].numbers.items(), reverse=True)
    return tuple((value, re.compile(text, re.IGNORECASE)) for value, text in numbers)


@lru_cache(maxsize=None)
def _token(code: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern.pattern})" for _, pattern in _tokens(code)), re.IGNORECASE)


@lru_cache(maxsize=None)
def _bare_words() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((code, re.compile(_number_pattern(words), re.IGNORECASE)) for code, words in _LATIN.items())


def _words_alone(bare: str, start: int) -> Counted | None:
    """`ONE`, `Premier`, `Erstes`: a number in words and nothing else."""
    text = bare.rstrip(_CLOSING + ".")
    if len(text) > _LONGEST_WORDS or not text[:1].isupper() or text.count(" ") > 3:
        return None
    for code, pattern in _bare_words():
        if pattern.fullmatch(text):
            return Counted(f"{code} words", _value(text, code), False, start + len(bare), False)
    return None


def _words_titled(bare: str, start: int) -> Counted | None:
    """`ONE: The Mill`, `DRUGI WIECZÓR`: a number in words, apart from the title by a mark or by capitals."""
    if not bare[0].isupper() or len(bare) > LONGEST_TITLE:
        return None
    if not bare[:3].isupper() and not _MARKED.search(bare[:_LONGEST_WORDS]):
        return None
    for code, pattern in _bare_words():
        match = pattern.match(bare)
        rest = bare[match.end() :] if match else ""
        mark = re.match(r"\s*[.:—–-]\s*|\s+", rest)
        if match and mark and is_numbered_title(rest[mark.end() :]) and (match[0].isupper() or not mark[0].isspace()):
            return Counted(f"{code} words {mark[0].strip()}", _value(match[0], code), False, start + match.end(), True)
    return None


def _numbered(bare: str, start: int) -> Counted | None:
    """`I. The Beginning`, `1 Title`, `一　title`: a number and a title."""
    match = _NUMBERED.match(bare)
    if match and match["mark"].strip()[:1] in _NOTE_MARKS and not CJK.match(match["number"]):
        return None  # [1] and (1) are notes
    value = numeral_of(match["number"]) if match else None
    if match is None or value is None:
        return None
    title = match["title"].strip()
    if numeral_of(title.rstrip(".")):
        return None
    if _DATED.match(title) or not is_numbered_title(title) or (match["mark"].isspace() and "，" in title):
        return None
    if title[0].isdigit() and not match["mark"][-1].isspace():
        return None  # 74.18
    mark = bare[match.end("number") : match.start("title")].strip(" ªº°")[:1]
    return Counted(f"{value[1]} {mark.translate(_MARKS)}", value[0], False, start + match.start("title"), True)


def _named(bare: str, start: int) -> Counted | None:
    """`Stave 2`, `Livro III`: any word that comes again and again with a number that counts up."""
    match = _NAMED.match(bare)
    value = numeral_of(match["number"]) if match else None
    if match is None or value is None or not match["word"][0].isupper() or _DATED.fullmatch(match["word"]):
        return None
    rest = match["rest"].strip()
    if rest.strip(_CLOSING + _SEPARATOR) and not (rest[0] in _SEPARATOR and is_numbered_title(rest.lstrip(_SEPARATOR + " "))):
        return None
    return Counted(f"= {match['word'].lower()}", value[0], False, start + match.end("number"), bool(rest))


def is_numbered_title(title: str) -> bool:
    """Whether what follows a number on its line is a title, not a sentence or a list's item."""
    bare = title.lstrip("\"'“«„‘「『¿¡(（《…. ")
    if not bare or len(title) > LONGEST_TITLE or title.endswith((",", ";", "，", "；", "、")):
        return False
    chinese = "\u3040" <= bare[0] <= "\u9fff"
    if chinese:
        return len(title) <= LONGEST_CHINESE_TITLE and not _CHINESE_PUNCTUATION.search(title.rstrip("」』！？…"))
    return not bare[0].islower() and bare[0].isalnum() and any(char.isalpha() for char in bare) and not _TWO_SENTENCES.search(title)


def _is_title_rest(rest: str) -> bool:
    """Whether what follows `Chapter 4` on its line is a title (or nothing), not the rest of a sentence."""
    bare = rest.strip()
    if not bare or not bare.strip(_SEPARATOR + _CLOSING):
        return True
    separated = bare[0] in _SEPARATOR + "("
    title = bare.lstrip(_SEPARATOR + "( ")
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
    if title.endswith((",", ";", "،", "，")) or _TWO_SENTENCES.search(title):
        return False
    # "Part One The Old Buccaneer" is a title, "Book I The man walked on." a sentence
    return separated or not title.endswith(_ENDS_SENTENCE)


def _is_long_title(rest: str) -> bool:
    """What a novel of old says of a chapter: a sentence of its own after `CHAPTER IV.`."""
    bare = rest.strip()
    return bare[:1] in ".:—–-" and not _TWO_SENTENCES.search(bare)
