"""Which blocks of a book are headings and scene breaks, by their form and by how they count through it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scenesign.schemas.records import BlockKind

LONGEST_HEADING = 110  # characters; a longer line is prose, whatever it begins with
# Blocks at the start of a book that may be its title page, and their characters where a heading follows.
_TITLE_PAGE_BLOCKS = 8
_LONGEST_TITLE_PAGE = 400
LONGEST_TITLE = 80  # characters of a title line under a heading
LONGEST_CHINESE_TITLE = 30
# Bare numerals: least characters between two of them, and in the median gap. A footnote is shorter.
_LEAST_GAP = 60
_LEAST_MEDIAN_GAP = 400

_ROMAN = r"[IVXLCDM]+|[ivxlcdm]+"
_ENGLISH_NUMBER = (
    rf"(?:{_ROMAN}|\d{{1,3}}|the\s+\w+|(?:twenty|thirty|forty|fifty)[-\s]?\w*|one|two|three|four|five|six|seven|"
    r"eight|nine|ten|eleven|twelve|\w+teen|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last)"
)
_RUSSIAN_ORDINAL = (
    r"(?:перв|втор|трет|четв[её]рт|пят|шест|седьм|восьм|девят|десят|\w+надцат|двадцат|тридцат|сороков|последн)"
    r"(?:ая|ый|ой|ий|ое|ье|ья|яя|ее)"
)
_RUSSIAN_NUMBER = (
    rf"(?:{_ROMAN}|[ІХ]+|\d{{1,3}}(?:-?[яйе])?|(?:двадцать|тридцать|сорок|пятьдесят)\s+{_RUSSIAN_ORDINAL}|"
    rf"{_RUSSIAN_ORDINAL}|"
    r"один|два|три|четыре|пять|шесть|семь|восемь|девять|десять|\w+надцать)"
)
_CHINESE_DIGITS = "〇零一二三四五六七八九十百千两兩廿卅0-9０-９"
_ENGLISH = re.compile(
    r"(?:chapter|book|part|volume|vol\.|phase|letter|canto|act|scene|stave|section)\s+"
    rf"{_ENGLISH_NUMBER}(?![\w'’-])(?P<rest>.*)",
    re.IGNORECASE,
)
_RUSSIAN = re.compile(
    r"(?:глава|часть|книга|том|письмо|действие|акт|сцена|явление|раздел|песнь|картина|тетрадь)\s+"
    rf"{_RUSSIAN_NUMBER}(?![\w-])(?P<rest>.*)",
    re.IGNORECASE,
)
_RUSSIAN_REVERSED = re.compile(rf"{_RUSSIAN_ORDINAL}\s+(?:глава|часть|книга|песнь)", re.IGNORECASE)
_CHINESE = re.compile(
    rf"(?:正文\s*)?第[{_CHINESE_DIGITS}]{{1,9}}[回章卷节節部集篇幕折话話](?P<rest>.*)|卷之?[{_CHINESE_DIGITS}]{{1,4}}(?P<rest2>.*)"
)
_CHINESE_PUNCTUATION = re.compile(r"[。！？；…”’』」]")
_STANDALONE = re.compile(
    r"(?:prologue|epilogue|introduction|introductory|preface|foreword|afterword|conclusion|postscript|interlude|"
    r"contents|table of contents|appendix|"
    r"пролог|эпилог|предисловие|введение|вступление|послесловие|заключение|оглавление|содержание|примечания|приложение"
    r")(?:[.:]|\s*[.:—–-]\s*(?P<rest>\w.*))?",
    re.IGNORECASE,
)
_CHINESE_STANDALONE = re.compile(
    r"(?:楔\s*子|自?序|序\s*[言章幕曲]|前言|引[子言]|尾[声聲]|[后後][记記]|跋|"
    r"[终終][章曲]|目[录錄]|附[录錄]|番外.{0,20}|[上中下][卷部篇])"
)
_NUMERAL = re.compile(
    rf"[-—–\[(]?\s*(?:(\d{{1,3}})|({_ROMAN}|[ІХ]+)|([一二三四五六七八九十百]{{1,5}}))\s*[-—–.)\]、．]?"
)
# Alone on a line. Hyphens, dots and the like only from three on; dots of silence ("……") stay prose.
_BREAK = re.compile(
    r"(?:[*＊⁂※#~～◇◆☆★○●□■❦❧✻✽❖§]\s*){1,30}|(?:[-–—―_=·•・]\s*){3,120}|"
    r"(?:\.\s*){5,200}|(?:[-—–~*]\s*[*oO0]\s*){1,9}[-—–~*]"
)
_CONTENTS = re.compile(r"(?:table of )?contents|оглавление|содержание|目[录錄]", re.IGNORECASE)
_ENDS_SENTENCE = (
    ".",
    "!",
    "?",
    "…",
    ",",
    ";",
    ":",
    "。",
    "！",
    "？",
    "，",
    "；",
    "：",
    "”",
    "»",
    '"',
    "」",
    "、",
    "-",
    "—",
    "–",
)
_OPENS_SPEECH = tuple("\"'“‘«„「『（(—–-[*")
_LOOKALIKES = str.maketrans("ІХіхVС", "IXixVC")


@dataclass(frozen=True)
class _Numeral:
    """A block that is a bare number. block: its index. style: digits, Roman or Chinese."""

    block: int
    value: int
    style: str


def is_break(line: str) -> bool:
    """Whether a line is nothing but a typographic scene break such as `* * *`."""
    line = line.strip()
    return 0 < len(line) <= 200 and not line[0].isalpha() and _BREAK.fullmatch(line) is not None


def is_heading(line: str) -> bool:
    """Whether a line alone says that it is a heading: `CHAPTER IV`, `Глава 4`, `第四回 ...`, `Epilogue`."""
    line = line.strip()
    if not 0 < len(line) <= LONGEST_HEADING or "\n" in line:
        return False
    match = _ENGLISH.fullmatch(line) or _RUSSIAN.fullmatch(line)
    if match:
        return _is_title_rest(match["rest"])
    match = _CHINESE.fullmatch(line)
    if match:
        rest = match["rest"] or match["rest2"] or ""
        spaced = not rest or rest[0].isspace() or rest[0] in "：:、．.【（(《"
        return (
            len(rest) <= 40
            and not _CHINESE_PUNCTUATION.search(rest)
            and (spaced or (len(rest) <= 20 and "，" not in rest))
        )
    match = _STANDALONE.fullmatch(line)
    if match:
        return line[0].isupper() and _is_title_rest(". " + (match["rest"] or "")) and not line.endswith(("!", "?"))
    return bool(_CHINESE_STANDALONE.fullmatch(line) or (_RUSSIAN_REVERSED.fullmatch(line) and line[0].isupper()))


def numeral_value(line: str) -> tuple[int, str] | None:
    """Value and style (`digits`, `roman`, `chinese`) of a line that is only a number, such as `IV.`."""
    match = _NUMERAL.fullmatch(line.strip())
    if match is None:
        return None
    if match[1]:
        return int(match[1]), "digits"
    if match[2]:
        letters = match[2].translate(_LOOKALIKES).upper()
        value = _roman_value(letters)
        return (value, "roman") if value else None
    value = _chinese_value(match[3])
    return (value, "chinese") if value else None


def find_headings(texts: Sequence[str], kinds: Sequence[BlockKind | None] | None = None) -> list[tuple[str, BlockKind]]:
    """The blocks of a book with what each is, in order.

    A heading that shares its block with prose is split off, so the result may be longer than `texts`; only
    white space is lost. kinds: what the file format said of a block (`<h1>`), kept as it is; None where it
    said nothing.
    """
    blocks = list(_split_lines(texts, kinds or [None] * len(texts)))
    lines = [text for text, _ in blocks]
    found = [kind for _, kind in blocks]
    for at, (text, kind) in enumerate(blocks):
        if kind is None and "\n" not in text:
            if is_break(text):
                found[at] = BlockKind.BREAK
            elif is_heading(text):
                found[at] = BlockKind.HEADING
    for at in _counting_numerals(lines, found):
        found[at] = BlockKind.HEADING
    for at in _titles(lines, found):
        found[at] = BlockKind.HEADING
    result = [(text, kind or BlockKind.PARAGRAPH) for text, kind in zip(lines, found, strict=True)]
    page = _title_page(lines, found)
    titles = [
        (line, kind if kind is BlockKind.BREAK else BlockKind.HEADING)
        for text, kind in result[:page]
        for line in text.split("\n")
    ]
    return titles + result[page:]


def _is_title_rest(rest: str) -> bool:
    """Whether what follows `Chapter 4` on its line is a title (or nothing), not the rest of a sentence."""
    bare = rest.strip()
    if not bare or not bare.strip(".:—–-)] "):
        return True
    separated = bare[0] in ".:—–-)("
    title = bare.lstrip(".:—–-)( ")
    if not title or (title.islower() and not separated):
        return False
    first = title.lstrip("\"'“«„‘")[:1]
    if not (first.isupper() or first.isdigit() or (separated and not first.isalpha())):
        return False
    if title.isupper():
        return True
    if title.endswith((",", ";")) or re.search(r"[.!?…]\s+\S+\s+\S+\s+\S", title):
        return False
    # "Part One The Old Buccaneer" is a title, "Book I The man walked on." a sentence
    return separated or not title.endswith((".", "!", "?", "…", ":"))


def _split_lines(texts: Sequence[str], kinds: Sequence[BlockKind | None]) -> Iterator[tuple[str, BlockKind | None]]:
    """Cuts headings, breaks and leading numerals out of blocks of several lines."""
    for text, kind in zip(texts, kinds, strict=True):
        if kind is not None or "\n" not in text:
            yield text, kind
            continue
        rest: list[str] = []
        lines = text.split("\n")
        for number, line in enumerate(lines):
            leads = number == 0 and numeral_value(line) is not None
            if leads or is_heading(line) or is_break(line):
                if rest:
                    yield "\n".join(rest), None
                    rest = []
                yield line, None
            else:
                rest.append(line)
        if rest:
            yield "\n".join(rest), None


def _counting_numerals(texts: Sequence[str], kinds: Sequence[BlockKind | None]) -> Iterable[int]:
    """Blocks that are bare numerals and count up from 1 through the book, with prose between them."""
    numerals = []
    for at, text in enumerate(texts):
        if kinds[at] is None and len(text) <= 12:
            value = numeral_value(text)
            if value:
                numerals.append(_Numeral(at, *value))
    listed = set(_listed(numerals))
    yield from listed
    rest = [numeral for numeral in numerals if numeral.block not in listed]
    # prefix sums, so that looking at all that lies between two blocks costs nothing
    prose, higher = [0], [0]
    for text, kind in zip(texts, kinds, strict=True):
        prose.append(prose[-1] + (len(text) if kind is None else 0))
        higher.append(higher[-1] + (kind is BlockKind.HEADING))
    for style in ("roman", "digits", "chinese"):
        chains = _chains([n for n in rest if n.style == style], prose, higher)
        gaps = sorted(gap for _, chain_gaps in chains for gap in chain_gaps)
        if gaps and gaps[len(gaps) // 2] >= _LEAST_MEDIAN_GAP:
            members = [n for chain, _ in chains for n in chain]
            if not _are_pages(members, texts):
                yield from (n.block for n in members)


def _listed(numerals: Sequence[_Numeral]) -> Iterator[int]:
    """Numerals in a table of contents: three or more that count up with nothing between."""
    run: list[_Numeral] = []
    for numeral in [*numerals, None]:
        if numeral and run and numeral.block == run[-1].block + 1 and numeral.value == run[-1].value + 1:
            run.append(numeral)
            continue
        if len(run) >= 3:
            yield from (n.block for n in run)
        run = [numeral] if numeral else []


def _chains(
    numerals: Sequence[_Numeral], prose: Sequence[int], headings: Sequence[int]
) -> list[tuple[list[_Numeral], list[int]]]:
    """Runs 1, 2, 3, ... and the characters of prose after each member but the last.

    A run may start again at 1 below a higher heading; a lone number is no run unless another came before.
    """
    chains: list[tuple[list[_Numeral], list[int]]] = []
    members: list[_Numeral] = []
    gaps: list[int] = []

    def close() -> None:
        if len(members) > 1 or (members and chains):
            chains.append((list(members), list(gaps)))
        members.clear()
        gaps.clear()

    for numeral in numerals:
        if members:
            last = members[-1]
            gap = prose[numeral.block] - prose[last.block + 1]
            higher = headings[numeral.block] > headings[last.block]
            # one heading lost to a typing error must not cost all the later ones
            if gap >= _LEAST_GAP and 1 <= numeral.value - last.value <= 2:
                members.append(numeral)
                gaps.append(gap)
                continue
            if numeral.value != 1 or not (higher or len(members) == 1):
                continue
            if not higher:
                members.clear()  # a stray "I" before the count began
            close()
        if numeral.value == 1:
            members.append(numeral)
    close()
    return chains


def _are_pages(numerals: Sequence[_Numeral], texts: Sequence[str]) -> bool:
    """Page numbers: they cut sentences in two, headings never do."""
    before = [texts[n.block - 1].rstrip() for n in numerals if n.block]
    open_ended = sum(bool(text) and (text[-1].islower() or text[-1] in ",;-") for text in before)
    return len(numerals) >= 5 and open_ended > 0.25 * len(before)


def _titles(texts: Sequence[str], kinds: Sequence[BlockKind | None]) -> list[int]:
    """Title lines right under a heading.

    A line that ends like a sentence is one only where most headings of the book have such a line.
    """
    heads = [
        at
        for at, kind in enumerate(kinds[:-1])
        if kind is BlockKind.HEADING
        and kinds[at + 1] is None
        and at + 2 < len(texts)
        and not _CONTENTS.fullmatch(texts[at].strip(". "))
    ]
    clear = [at + 1 for at in heads if _is_title(texts[at + 1], strict=True)]
    loose = [at + 1 for at in heads if _is_title(texts[at + 1], strict=False)]
    chosen = loose if len(heads) >= 3 and len(loose) > 0.6 * len(heads) else clear
    # a title stands over something longer than itself, or over the next heading
    return [
        at
        for at in chosen
        if kinds[at + 1] is not None or (len(texts[at + 1]) > len(texts[at]) / 2 and not texts[at + 1][0].islower())
    ]


def _title_page(texts: Sequence[str], kinds: Sequence[BlockKind | None]) -> int:
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
        size += len(text)
        all_titles &= all(_is_title(line, strict=True) or re.match(r"by\b", line) for line in lines)
    return 0


def _is_title(text: str, strict: bool) -> bool:
    chinese = "\u3400" <= text[:1] <= "\u9fff"
    if "\n" in text or not 0 < len(text) <= (LONGEST_CHINESE_TITLE if chinese else LONGEST_TITLE):
        return False
    if (text.startswith(_OPENS_SPEECH[:8]) and strict) or text.startswith(_OPENS_SPEECH[10:12]):
        return False
    if not any(char.isalpha() for char in text) or text[0].islower():
        return False
    if text.isupper():
        return not text.endswith((",", ";"))
    if chinese:
        return not text.endswith(_ENDS_SENTENCE) and not _CHINESE_PUNCTUATION.search(text)
    if not strict:
        return (
            not text.endswith((",", ";", ":"))
            and len(text) <= 50
            and not re.search(r"[.!?…]\s+[A-ZА-ЯЁ]\w*\s+\w+\s", text)
        )
    return not text.endswith(_ENDS_SENTENCE)


def _roman_value(letters: str) -> int:
    """Value of a well-formed Roman numeral, else 0."""
    if not re.fullmatch(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})", letters):
        return 0
    values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}[char] for char in letters]
    return sum(-v if i + 1 < len(values) and values[i + 1] > v else v for i, v in enumerate(values))


def _chinese_value(text: str) -> int:
    """Value below 1,000 of a Chinese numeral, else 0."""
    total, digit = 0, 0
    for char in text:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            if digit:
                return 0
            digit = "一二三四五六七八九".index(char) + 1
    return total + digit
