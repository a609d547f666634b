"""Title and author from a book's first lines and from its file name, where these say so; nothing is guessed.

A line says who wrote a book by a label (`Author:`, `作者：`), by a word (`by`, `von`, `تأليف`, `著`), or by its form: a
name with initials or a Russian patronymic. Any other line is only believed to be a name where the file name has its
last word too, or, above a title in capitals, where it has none itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scenesign.transforms.text.file_names import FileName, folded
from scenesign.transforms.text.heading_lines import is_heading, numeral_value
from scenesign.transforms.text.lines import CJK

LONGEST_LINE = 90  # characters; a longer one is prose, and the title page is over
_MOST_LINES = 14
_LONGEST_NAME = 60
_MOST_ABOVE_LABEL = 3  # lines of title and subtitles over the author's label
_LABELS = (
    ("title", r"title|название|书名|書名|作品名|題名|제목|titel|titre|título|titolo|tytuł|العنوان"),
    (
        "author",
        r"authors?|by|автор|作者|著者|지은이|저자|autore?|auteur|auteure|schrijver|verfasser|yazar|yazan|المؤلف|ผู้แต่ง",
    ),
)
_LABELLED = re.compile("|".join(rf"(?:{words})\s*[:：]\s*(?P<{name}>\S.*)" for name, words in _LABELS), re.IGNORECASE)
_KINDS_OF_BOOK = (
    r"novels?|novella|stor(?:y|ies)|tales?|romance|history|roman|romanzo|novela|novelle|erzählung|märchen|powieść|récit|"
    r"conte|racconto|роман|повест[ьи]|рассказы?|поэма|小說|小说|長篇"
)
_KIND = re.compile(rf"\b(?:{_KINDS_OF_BOOK})\b", re.IGNORECASE)
_BY = r"(?:written\s+)?by|von|par|door|por|di|от"
_BY_NAME = re.compile(rf"(?:.*\b(?:{_KINDS_OF_BOOK})\b.*?\s)?(?:{_BY})\s+(?P<name>\S.*)", re.IGNORECASE)
_WRITTEN_BY = re.compile(
    r"(?:written by|geschrieben von|écrit par|escrito p[eo]r|scritto da)\s+(?P<name>\S.*)", re.IGNORECASE
)
_ENDS_WITH_BY = re.compile(r"(?:.*\s)?(?:by|von|par|door|por)|.{0,20}\b(?:تأليف|تاليف|بقلم)\s*[:：]?", re.IGNORECASE)
_ARABIC_BY = re.compile(r"(?:تأليف|تاليف|بقلم)\s*[:：]?\s*(?P<name>\S.*)")
_OTHERS_WORK = re.compile(
    r"translat|edited|illustrat|revised|retold|adapted|with\s+an?\s+intro|übersetz|übertrag|aus\s+dem\s|bearbeit|"
    r"herausgegeben|nacherzählt|traduit|tradui|traduzion|traducci|traduç|tradott|vertaal|naverteld|bewerkt|uitgave|"
    r"перев[её]л|перевод|przekł|ترجمة|訳|譯|译|校",
    re.IGNORECASE,
)
_CHINESE_AUTHOR = re.compile(
    r"[\[【（(]?(?:《?(?P<title>[^《》/／\[\]]{1,30}?)》?\s*[/／\s]\s*)?(?:[〔［（(\[][^〔〕［］（）()\[\]]{1,4}[〕］）)\]]\s*)?"
    r"(?P<name>[\u3400-\u9fff\u3040-\u30ff·．・ ]{2,16}?)\s*(?:[著撰作]|编著|編著|编撰|編撰)\s*[\]】）)]?"
)
_CHINESE_BOTH = re.compile(
    r"《(?P<title>[^《》]{1,30})》\s*(?:[〔［（(\[][^〔〕［］（）()\[\]]{1,4}[〕］）)\]]\s*)?"
    r"(?P<name>[\u3400-\u9fff·．・]{2,8})\s*(?:[（(][^（）()]{1,4}[）)])?"
)
_KOREAN_AUTHOR = re.compile(r"(?P<name>[가-힣]{2,5})\s*(?:지음|씀|저|著)")
_INITIALS = re.compile(r"(?:\w+\.?\s)?(?:[^\W\d_]\.[\s-]?){1,4}(?=[^\W\d_]{2})")
_PATRONYMIC = re.compile(r"\w+(?:[оеё]вич|ич|[оеё]вна|ична)", re.IGNORECASE)
_WORD_OF_NAME = re.compile(r"(?:[^\W\d_]\.){1,4}(?:[^\W\d_]+)?|[^\W\d_]+(?:['’-][^\W\d_]+)*|[^\W\d_]{1,4}\.")
_PARTICLE = re.compile(
    r"de|du|des|van|von|vom|zu|der|den|het|la|le|di|da|do|dos|das|del|della|y|e|i|ter|ten|af|of|und|фон", re.IGNORECASE
)
_NO_NAME = re.compile(
    r"\b(?:the|an?(?!\.)|authors?|die|les|los|las|gli|verfasser|autor|автора?|company|co\.|press|publish\w*|verlag|editore|"
    r"éditeur|gebr\.|druk|druck|edition)(?!\w)",
    re.IGNORECASE,
)
# "I. Verchov" may be a chapter, "Dedicated to P. V. Anenkov" is no name
_NO_AUTHOR = re.compile(r"[IVX]\.\s|посвящ|dedicat|gewidmet|dédié", re.IGNORECASE)
_NAME_AND_TITLE = re.compile(r"(?P<name>.{5,60}?[^\W\d_]{3})\.\s+(?P<title>\S.*)")


@dataclass(frozen=True)
class TitlePage:
    """What a book says of itself; empty where it doesn't."""

    title: str = ""
    author: str = ""


def read_title_page(lines: Sequence[str], file: FileName) -> TitlePage:
    """Title and author from the first lines of a book, as they are printed.

    file: what its name says; a line that agrees with it is believed where it would not be alone.
    """
    page = _page(lines)
    labelled = _labelled(page)
    if labelled.title or labelled.author:
        labels = [at for at, line in enumerate(page) if _LABELLED.fullmatch(line)]
        above = page[0] if 0 < labels[0] <= _MOST_ABOVE_LABEL else ""
        return TitlePage(labelled.title or _bare(above), labelled.author)
    at, author = _author(page, file)
    if author:
        after = [line for line in page[at + 1 :] if not _OTHERS_WORK.search(line)]
        confirmed = [line for line in (*page[:at], *after) if file.names(line)]
        title = _title_beside(page[at], author) or next(iter(confirmed or page[:at] or after), "")
        return TitlePage(_bare(title), _bare(author))
    confirmed = [line for line in page if file.names(line)]
    # a single line over the first heading can be nothing else
    alone = len({folded(line) for line in page}) == 1 and len(page) < len(lines) and _is_heading(lines[len(page)])
    title = confirmed[0] if confirmed else page[0] if alone and not file.title else ""
    return TitlePage(_bare(title))


def _page(lines: Sequence[str]) -> list[str]:
    """The lines before the first heading or prose; none where a book begins with prose."""
    page: list[str] = []
    for line in lines[:_MOST_LINES]:
        line = " ".join(line.split())
        if len(line) > LONGEST_LINE or _is_heading(line):
            break
        page.append(_bare(line))
    return page


def _is_heading(line: str) -> bool:
    return is_heading(line) or numeral_value(line) is not None or line[:1].isdigit()


def _labelled(page: Sequence[str]) -> TitlePage:
    found = {"title": "", "author": ""}
    for line in page:
        match = _LABELLED.fullmatch(line)
        if match:
            for name in found:
                found[name] = found[name] or (match[name] or "").strip()
    return TitlePage(_bare(found["title"]), _bare(found["author"]))


def _author(page: Sequence[str], file: FileName) -> tuple[int, str]:
    """The line with the author's name, and the name; (-1, "") where no line says so."""
    file = file.settled(page)
    for at, line in enumerate(page):
        name = re.sub(rf"^(?:{_BY})\s", "", line, flags=re.IGNORECASE).strip()
        if not file.has_author(name) or not (is_name(name) or (at and _is_chinese(name))):
            continue
        # the name of a title's hero may be in the file name too: the title stands first
        if not file.is_title(name) or (at and folded(page[0]) != folded(name) and file.is_title(page[0])):
            return at, name
    # below "translated from" stand names of others, whatever word leads to them
    others = next((at for at, line in enumerate(page) if _OTHERS_WORK.search(line)), len(page))
    for at, line in enumerate(page[:others]):
        name = _named(line, file, first=at == 0)
        if not name and at and _ENDS_WITH_BY.fullmatch(line):
            name = _name_below(page[at + 1 : others])
        if name:
            return at, name
    if len(page) > 1 and is_name(page[0]) and not _KIND.search(page[0]) and not _KIND.search(page[1]):
        above, title = page[0], page[1]
        in_capitals = title.isupper() and not above.isupper() and len(above.split()) < 5
        if in_capitals or _has_patronymic(above.split()) or file.names(title):
            return 0, above
    for at, line in enumerate(page[: min(4, others)]):
        if len(page) > 1 and is_name(line) and _INITIALS.match(line) and not _NO_AUTHOR.match(line):
            return at, line
    return -1, ""


def _named(line: str, file: FileName, first: bool) -> str:
    """The name in a line that says by a word that it is the author's."""
    for pattern in (_CHINESE_BOTH, _CHINESE_AUTHOR, _KOREAN_AUTHOR, _ARABIC_BY):
        match = pattern.fullmatch(line)
        if match and (not first or match.groupdict().get("title")):
            return match["name"].strip()
    # a first line is the title, with all its words: "By Proxy", "Von Kopf bis Fuß"
    match = (_WRITTEN_BY if first else _BY_NAME).fullmatch(line)
    if match and is_name(match["name"], most_words=6, least_words=1):
        return match["name"]
    match = _NAME_AND_TITLE.fullmatch(line) if first else None
    if match and is_name(match["name"]):
        words = match["name"].split()
        if _has_patronymic(words) or _INITIALS.match(match["name"]) or file.names(match["title"]):
            return match["name"]
    return ""


def _title_beside(line: str, name: str) -> str:
    """The title that shares its line with the author's name."""
    for pattern in (_CHINESE_BOTH, _CHINESE_AUTHOR, _NAME_AND_TITLE):
        match = pattern.fullmatch(line)
        if match and match["name"].strip() == name and match["title"]:
            return match["title"].strip()
    return ""


def _has_patronymic(words: Sequence[str]) -> bool:
    return len(words) > 2 and any(_PATRONYMIC.fullmatch(word) for word in words[1:])


def _is_chinese(line: str) -> bool:
    return 2 <= len(line) <= 12 and all(CJK.match(char) or char in " -·．・" for char in line)


def _name_below(page: Sequence[str]) -> str:
    """The name that stands under a "by" of its own: on one line, or a word a line."""
    if page and len(page[0].split()) > 1 and is_name(page[0]):
        return page[0]
    words: list[str] = []
    for line in page[:5]:
        if len(line.split()) > 1 or not is_name(line, least_words=1):
            break
        words.append(line)
    return " ".join(words)


def is_name(line: str, most_words: int = 5, least_words: int = 2) -> bool:
    """Whether a line has the form of a person's name: words with capitals, particles such as `van`, no marks."""
    words = line.replace(",", " ").split()
    if not least_words <= len(words) <= most_words or len(line) > _LONGEST_NAME:
        return False
    plain = [word for word in words if not _PARTICLE.fullmatch(word)]
    return (
        not _NO_NAME.search(line)
        and bool(plain)
        and all(
            _WORD_OF_NAME.fullmatch(word) is not None and (word[0].isupper() or not word[0].islower()) for word in plain
        )
    )


def _bare(text: str) -> str:
    """Without the marks that stand around a title or name on a page."""
    text = text.strip(' \t,;:*_=~«»"“”„[]【】')
    if text.startswith("《") and text.endswith("》"):
        text = text[1:-1]
    # "RALPH IRON." but "Jr." and initials keep theirs
    return text[:-1].rstrip() if re.search(r"\w{4,}\.$", text) else text
