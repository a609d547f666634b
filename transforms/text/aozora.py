"""Aozora Bunko's markup of Japanese texts: readings, typists' notes, letters that JIS lacked, legend, colophon."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_LEGEND = re.compile(
    r"^-{10,}[ ]*\n(?:(?!-{10,})[^\n]*\n){0,80}?【テキスト中に現れる記号について】"
    r"(?:[^\n]*\n(?!-{10,})){0,80}[^\n]*\n-{10,}[^\n]*$",
    re.MULTILINE,
)
_LEGEND_REACH = 6_000
# the books that a text was typed from, and who typed it
_COLOPHON = re.compile(r"^[ 　]*(?:底本：|底本　|［＃本文終わり］)", re.MULTILINE)
_COLOPHON_REACH = 6_000
_COLOPHON_SIGNS = ("入力：", "校正：", "青空文庫", "初版", "発行", "出版")
_NOTE = re.compile(r"［＃[^［］\n]{0,200}］")
_PAGE_BREAK = re.compile(r"［＃改(?:ページ|丁|頁|見開き|段)］")
_READING = re.compile(r"《[^《》\n]{1,60}》")
_KANA_READING = re.compile(
    r"(?<=[々〆ヶ\u3400-\u9fff\uf900-\ufaff］])《[\u3041-\u30ff 　]{1,40}》"
    r"|(?<=｜)([^｜《》\n]{1,40})《[^《》\n]{1,40}》"
)
_STRESSED = re.compile(r"《《([^《》\n]{1,60})》》")
_GAIJI = re.compile(r"※［＃([^［］\n]{0,200})］")
_CODE_POINT = re.compile(r"U\+([0-9A-Fa-f]{4,6})")
_JIS = re.compile(r"(?:水準|非漢字、|、)([12])-([0-9]{1,2})-([0-9]{1,2})(?![0-9])")
_GETA = "〓"  # the printer's stand-in for a letter that is not at hand
_RUN_IN = r"(?:同行|窓)?"
_LEVEL = "[大中小]"
_HEADING_NOTE = re.compile(rf"［＃「[^\n]{{1,120}}?」は({_RUN_IN}){_LEVEL}見出し］")
_HEADING_SPAN = re.compile(
    rf"［＃(?:ここから)?({_RUN_IN}){_LEVEL}見出し］\n?([^\n［]{{1,120}})\n?［＃(?:ここで)?{_RUN_IN}{_LEVEL}見出し終わり］"
)
_ACCENTED = re.compile(r"〔([\x20-\x7e]{1,200})〕")
_ACCENT = re.compile(r"([A-Za-z])([`'^~:&,_])")
_ACCENTS = dict(zip("`'^~:&,_", "\u0300\u0301\u0302\u0303\u0308\u030a\u0327\u0304", strict=True))
_OTHERS = re.compile(r"[訳譯編校]$|(?:翻訳|編集|校訂|挿絵)")
_MOST_HEAD, _LONGEST_HEAD = 7, 60  # lines over the legend, characters of each
_LEAST_READINGS, _MANY_READINGS, _MANY_NOTES = 3, 10, 3


@dataclass(frozen=True)
class Aozora:
    """A text without the markup.

    headings: lines that a note called headings. note: what was done; "" for nothing. title, author: as the first lines
    name them; "" where they don't.
    """

    text: str
    headings: frozenset[str] = frozenset()
    note: str = ""
    title: str = ""
    author: str = ""


def resolve_aozora(text: str) -> Aozora:
    """The text of a file in Aozora Bunko's markup, resolved; any other text as it is.

    Several signs must show that it is one: its legend, its notes, readings in kana behind ideographs, its colophon.
    Without legend and notes only readings in kana go.
    """
    signs = _find_signs(text)
    if signs is None:
        return Aozora(text)
    body = text[: signs.colophon]
    if signs.legend:
        body = body[: signs.legend.start()] + body[signs.legend.end() :]
    cut = len(text) - len(body)
    accented = signs.legend is not None and "アクセント分解" in signs.legend[0]
    body, done = _resolved(body, signs.noted)
    head, _ = _resolved(text[: signs.legend.start()] if signs.legend else "", signs.noted)
    title, author = _title_and_author(_without_notes(head).split("\n"))
    body, headings = _with_headings(body)
    body = _without_notes(body)
    if accented:
        body = _ACCENTED.sub(lambda found: _ACCENT.sub(_composed, found[1]), body)
    return Aozora(body, headings, _told(done, cut), title, author)


def resolve_aozora_paragraphs(texts: list[str]) -> tuple[list[str], str]:
    """The same for the paragraphs of a page, each in its place, and the note; those of the colophon are empty."""
    signs = _find_signs("\n".join(texts))
    if signs is None:
        return texts, ""
    result: list[str] = []
    done: Counter[str] = Counter()
    at = cut = 0
    for text in texts:
        start, at = at, at + len(text) + 1
        if start >= signs.colophon or (signs.legend and signs.legend.start() <= start < signs.legend.end()):
            cut += len(text)
            result.append("")
        else:
            body, found = _resolved(text, signs.noted)
            done += found
            result.append(_without_notes(body))
    return result, _told(done, cut)


def _title_and_author(lines: Sequence[str]) -> tuple[str, str]:
    """What stands over the legend: title, subtitles, author, and those who did something else for the book."""
    head = [flat for line in lines if (flat := _flat(line))]
    names = [line for line in head[1:] if not _OTHERS.search(line)]
    if len(head) > _MOST_HEAD or any(len(line) > _LONGEST_HEAD for line in head) or not head:
        return "", ""
    return head[0], names[-1] if names else ""


@dataclass(frozen=True)
class _Signs:
    """That a text is in the markup. noted: it has a legend or notes. colophon: where it starts, in characters."""

    legend: re.Match[str] | None
    noted: bool
    colophon: int


def _find_signs(text: str) -> _Signs | None:
    if "《" not in text and "［＃" not in text and "底本" not in text[-_COLOPHON_REACH:]:
        return None
    legend = _LEGEND.search(text, 0, _LEGEND_REACH)
    colophon = _find_colophon(text)
    readings = sum(1 for _ in _KANA_READING.finditer(text))
    notes = sum(1 for _ in _NOTE.finditer(text))
    noted = legend is not None or notes > 0
    signs = 2 * (legend is not None) + noted + (notes >= _MANY_NOTES) + (colophon < len(text))
    signs += (readings >= _LEAST_READINGS) + (readings >= _MANY_READINGS)
    return _Signs(legend, noted, colophon) if signs >= 2 else None


def _resolved(text: str, noted: bool) -> tuple[str, Counter[str]]:
    """A text without readings, with the letters that notes describe, and how many there were of each."""
    text, read = _without_readings(text, noted)
    text, missing = _with_letters(text)
    text = text.replace("／″＼", "〴〵").replace("／＼", "〳〵") if noted else text
    return text, Counter(readings=read, notes=text.count("［＃"), missing=missing)


def _told(done: Counter[str], cut: int) -> str:
    told = [f"{done['readings']:,} readings", f"{done['notes']:,} notes"]
    if done["missing"]:
        told.append(f"{done['missing']:,} letters without a code ({_GETA})")
    if cut:
        told.append(f"legend and colophon of {cut:,} characters")
    return f"Aozora markup resolved ({', '.join(told)})"


def _find_colophon(text: str) -> int:
    for found in _COLOPHON.finditer(text, max(0, len(text) - _COLOPHON_REACH)):
        if sum(sign in text[found.start() :] for sign in _COLOPHON_SIGNS) >= 2:
            return found.start()
    return len(text)


def _without_readings(text: str, noted: bool) -> tuple[str, int]:
    text, stressed = _STRESSED.subn(r"\1", text)
    text, read = (_READING.subn("", text)) if noted else _KANA_READING.subn(r"\1", text)
    return text.replace("｜", ""), read + stressed


def _with_letters(text: str) -> tuple[str, int]:
    """Letters that the typist described, where the note gives their code; and how many it doesn't."""
    missing = 0

    def letter(found: re.Match[str]) -> str:
        nonlocal missing
        character = described_letter(found[1])
        missing += not character
        return character or _GETA

    return _GAIJI.sub(letter, text), missing


def described_letter(note: str) -> str:
    """The character of `第3水準1-84-76` (plane, row, cell of JIS X 0213) or `U+5653`; "" without one."""
    if point := _CODE_POINT.search(note):
        value = int(point[1], 16)
        sound = value <= 0x10FFFF and unicodedata.category(chr(value))[0] not in "CZ"
        return unicodedata.normalize("NFC", chr(value)) if sound else ""
    if jis := _JIS.search(note):
        plane, row, cell = (int(part) for part in jis.groups())
        if 1 <= row <= 94 and 1 <= cell <= 94:
            code = bytes([0x8F] * (plane == 2) + [0xA0 + row, 0xA0 + cell])
            return unicodedata.normalize("NFC", code.decode("euc_jis_2004", "ignore"))
    return ""


def _with_headings(text: str) -> tuple[str, frozenset[str]]:
    """Headings alone on their lines, with blank lines around them, and which they are."""
    if "見出し" not in text:
        return text, frozenset()
    headings: set[str] = set()

    def span(found: re.Match[str]) -> str:
        if found[1]:
            return found[2]
        headings.add(_flat(found[2]))
        return f"\n\n{found[2]}\n\n"

    lines = []
    for line in _HEADING_SPAN.sub(span, text).split("\n"):
        note = _HEADING_NOTE.search(line)
        if note and not note[1] and (flat := _flat(_without_notes(line))):
            headings.add(flat)
            line = f"\n{flat}\n"
        lines.append(line)
    return "\n".join(lines), frozenset(headings)


def _flat(line: str) -> str:
    return line.strip(" \t\u3000")


def _without_notes(text: str) -> str:
    text = _PAGE_BREAK.sub("\n\n", text)
    return _NOTE.sub("", _NOTE.sub("", text))  # a note may quote another


def _composed(found: re.Match[str]) -> str:
    whole = unicodedata.normalize("NFC", found[1] + _ACCENTS[found[2]])
    return whole if len(whole) == 1 else found[0]
