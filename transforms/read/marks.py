"""What in a page stands apart from its text, told by element, type, role, class or form: marks, notes, furniture."""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Mapping

from scenesign.transforms.text.aozora import described_letter


class Apart(str, enum.Enum):
    """Why a piece of a page is no part of the text; the value is what a note calls it."""

    HIDDEN = "pieces that the page hides"
    NOTE_MARK = "note marks"
    PAGE_MARK = "page numbers"
    NOTE = "notes"
    CONTENTS = "lists of contents"
    IMPRINT = "imprints, licences or advertisements"
    FURNITURE = "pieces of navigation or site furniture"


# epub:type, and the DPUB-ARIA roles without their `doc-`.
_TYPES = {
    Apart.NOTE_MARK: {"noteref", "annoref", "biblioref-mark", "backlink"},
    Apart.PAGE_MARK: {"pagebreak"},
    Apart.NOTE: {"footnote", "footnotes", "endnote", "endnotes", "rearnote", "rearnotes"},
    Apart.CONTENTS: {"toc", "landmarks", "page-list", "pagelist", "loi", "lot", "loa", "lov", "toc-brief", "ncx"},
    Apart.IMPRINT: {"imprint", "imprimatur", "copyright-page", "colophon", "other-credits", "published-works"},
}
_BY_TYPE = {name: kind for kind, names in _TYPES.items() for name in names}
_SITE_ROLES = frozenset(
    {"navigation", "banner", "contentinfo", "complementary", "search", "menu", "menubar", "toolbar", "dialog", "alert"}
)
_SITE_ELEMENTS = frozenset({"nav", "footer", "aside", "header", "menu", "dialog"})
_NOTE_MARK_CLASS = re.compile(
    r"(?:note|foot-?note|end-?note|fn)[-_]?(?:ref|call|mark|anchor|link|back(?:ref|link)?)|fnref|fnanchor|"
    r"(?:foot|end)note-?back-?(?:ref|link)|mso(?:foot|end)notereference"
)
_EDIT_LINK = frozenset({"mw-editsection", "editsection"})
_PAGE_MARK_CLASS = re.compile(
    r"(?:ws-|tei-)?(?:page-?_?(?:num(?:ber)?s?|no|nr|break)|pgno|pgnum|pb|folio)|x-ebookmaker-pageno"
)
_RAISED_CLASSES = frozenset({"superscript", "super", "sup"})
_NOTE_CLASS = re.compile(r"(?:foot|end|rear)-?notes?(?:[-_]?(?:text|body|content|list|block))?|mso(?:foot|end)notetext")
_SITE_CLASS = re.compile(
    r"(?:site|page|main|global|top|bottom|side|sub|foot|blog|book|chapter|post|entry|wp)?[-_]?"
    r"(?:nav(?:bar|igation|box|links?|header)?|menu|footer|breadcrumbs?|pagination|pager|sidebar|toolbar)"
    r"(?:[-_](?:top|bottom|main|list|wrapper|container|links?|bar|menu))?|"
    r"(?:site|page|global|top)-?header|masthead|copyright|prev-?next|cookies?(?:[-_]?(?:bar|banner|notice|consent))?|"
    r"adverts?|advertisement|ads|ad|adsbygoogle|ad-(?:banner|block|box|container)|share|sharing|share-?(?:buttons?|bar|links)|"
    r"social(?:-?(?:links|media|share|buttons|bar))?|comment-?list|comments|disqus_thread|related(?:-?posts)?|newsletter|"
    r"subscribe|skip-?(?:links?|nav|to-content)|noprint|printfooter|catlinks|mw-jump-link|wx-?qrcode|bottem\d?|con_top|"
    r"readinline|page_?chapter"
)
_CONTENTS_CLASS = re.compile(r"toc|table-?of-?contents|contents-?list|mulu")
_DROP_CAP_CLASS = re.compile(
    r"drop-?_?(?:cap(?:s|ital)?|letter)s?\d*|dropped|initials?\d*|initial-?(?:letter|cap)|lettrine\d*|letra|versal|dcap|"
    r"first-?letter|fl|big-?letter|illuminated|raised-?cap|ornate"
)
_LETTER_CLASS = re.compile(r"gaiji.*|glyph|letter|char(?:acter)?|inline-?char|symbol|emoji|ivs|external-?character")
_HIDING_STYLE = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)

_DIGITS = r"(?:\d{1,4}|[０-９]{1,4}|[ivxlc]{1,6}|[a-z]|[①-⑳]|[*†‡§¶‖#＊※]{1,4})"
_WORDS = r"(?:fn|note|notes|n|anm|nota|прим|сн|註|注|注释|註釋|訳注|脚注|주|각주)\.?"
_MARK = re.compile(rf"(?:{_DIGITS}|{_WORDS}\s?{_DIGITS})[.)]?", re.IGNORECASE)
_BRACKETED_MARK = re.compile(
    rf"[\[(（【〔\uff3b{{]\s?(?:{_DIGITS}|{_WORDS}\s?{_DIGITS}?)\s?[\])）】〕\uff3d}}]", re.IGNORECASE
)
_RAISED = re.compile(
    r"[\[(（〔［]?(?:\d{1,3}|[*†‡§]{1,3}|[①-⑳㉑-㊿]|(?:fn|notes?|anm|прим|примеч|сн|註|注|注释|註釋|訳注|脚注|주|각주)\.?\s?"
    r"\d{0,3})[\])）〕］]?",
    re.IGNORECASE,
)
_NOTE_TARGET = re.compile(
    r"(?:.*[-_.:])?(?:_?(?:fn|ftn|edn|en|nt|n|r|note|foot|footnote|endnote|rearnote|notes|cite_note|cite|anm|"
    r"fussnote|nota|note_|snoska|prim|zhu|linknote)(?:ref|anchor|text|body)?)[-_.:]?(?:\d[\w.:-]{0,30}|[a-z*†‡])?",
    re.IGNORECASE,
)
_BACK = re.compile(r"[↩↑⇑⮐⏎^←☝¶⤴#⬆🔙\ufe0e\ufe0f\s]{1,4}|\[?(?:back|return|zurück|назад|返回|戻る)\]?", re.IGNORECASE)
_PAGE_NUMBER = re.compile(
    r"[\[({<|—–-]?\s?(?:(?:p|pg|pp|page|seite|s|стр|с|str|pag|pág|頁|页|第)\.?\s?)?"
    r"(?:\d{1,4}|[ivxlcdm]{1,9})(?:\s?[-–/]\s?\d{1,4})?\s?(?:頁|页|ページ)?\.?\s?[\])}>|—–-]?",
    re.IGNORECASE,
)
_PAGE_ANCHOR = re.compile(
    r"(?:p|pg|pb|page|pagenum|seite|pagina|página|стр|str)[-_.]?0*(\d{1,4}|[ivxlcdm]{1,9})", re.IGNORECASE
)
_NUMERAL = re.compile(r"\d+|(?<![^\W_])[ivxlcdm]+(?![^\W_])", re.IGNORECASE)
_LONGEST_MARK = 30  # characters; what is longer says something
_LETTERS, _LETTERS_IN_CLASS = 2, 12  # characters of an image's alternative text that stand for letters


def words_of(attributes: Mapping[str, str], *names: str) -> frozenset[str]:
    """The words of some attributes, in small letters."""
    return frozenset(word for name in names for word in attributes.get(name, "")[:2000].lower().split())


def types_of(attributes: Mapping[str, str]) -> frozenset[str]:
    """What EPUB and DPUB-ARIA say that an element is."""
    typed = next((key for key in attributes if key.endswith(":type")), "")
    words = words_of(attributes, typed) | {word.removeprefix("doc-") for word in words_of(attributes, "role")}
    return frozenset(word.rpartition(":")[2] for word in words)


def is_hidden(attributes: Mapping[str, str]) -> bool:
    """Whether an element says that it isn't shown."""
    if attributes.get("hidden", "until-found").lower() != "until-found":
        return True
    return attributes.get("aria-hidden", "").lower() == "true" or bool(
        _HIDING_STYLE.search(attributes.get("style", ""))
    )


def apart(name: str, attributes: Mapping[str, str], inline: bool, site: bool) -> Apart | None:
    """What an element is that stands apart from the text, by what it says of itself; its content still has a word.

    site: the page is one of a site, where furniture is called by many names; in a book they style its text.
    """
    if not attributes and name not in _SITE_ELEMENTS:
        return None
    if is_hidden(attributes):
        return Apart.HIDDEN
    for word in sorted(types_of(attributes)):
        if word in _BY_TYPE:
            return _BY_TYPE[word]
    classes = words_of(attributes, "class")
    for pattern, kind in ((_PAGE_MARK_CLASS, Apart.PAGE_MARK), (_NOTE_MARK_CLASS, Apart.NOTE_MARK)):
        if any(map(pattern.fullmatch, classes)):
            return kind
    if any(map(_NOTE_CLASS.fullmatch, classes)) and name not in ("body", "html", "a", "sup"):
        return Apart.NOTE
    if classes & _EDIT_LINK or name == "nav" or "navigation" in attributes.get("role", ""):
        return Apart.FURNITURE
    if inline or not site or name in ("body", "html", "main", "article"):
        return None
    classes |= words_of(attributes, "id")
    if any(map(_CONTENTS_CLASS.fullmatch, classes)):
        return Apart.CONTENTS
    if name in _SITE_ELEMENTS or words_of(attributes, "role") & _SITE_ROLES:
        return Apart.FURNITURE
    return Apart.FURNITURE if any(map(_SITE_CLASS.fullmatch, classes)) else None


def is_strong(name: str, attributes: Mapping[str, str]) -> bool:
    """Whether an element is furniture by what it is, not only by what it is called."""
    return name in _SITE_ELEMENTS or bool(words_of(attributes, "role") & _SITE_ROLES)


def is_short_mark(text: str, kind: Apart) -> bool:
    """Whether text that is called a mark can be one."""
    if kind is Apart.PAGE_MARK:
        return not text or _PAGE_NUMBER.fullmatch(text) is not None
    return len(text) <= _LONGEST_MARK


def is_page_anchor(identity: str, text: str) -> bool:
    """Whether an anchor is that of a printed page, `page12`, and its text nothing but the number of that page."""
    anchor = _PAGE_ANCHOR.fullmatch(identity[:40])
    if anchor is None or not text or not _PAGE_NUMBER.fullmatch(text):
        return False
    return [number.lower() for number in _NUMERAL.findall(text)][-1:] == [anchor[1].lower()]


def is_raised(name: str, attributes: Mapping[str, str]) -> bool:
    """Whether an element stands above the line."""
    return name == "sup" or not words_of(attributes, "class").isdisjoint(_RAISED_CLASSES)


def is_note_mark(text: str, href: str, raised: bool, stuck: bool) -> bool:
    """Whether a link is the mark of a note. raised: it stands above the line. stuck: it touches what is before it."""
    if len(text) > _LONGEST_MARK or ":" in href.split("#")[0]:
        return False
    inside = "#" in href
    target = bool(inside and _NOTE_TARGET.fullmatch(href.rpartition("#")[2]))
    if raised:
        return bool(_MARK.fullmatch(text) or _BRACKETED_MARK.fullmatch(text)) and (inside or text[-1:].isdecimal())
    if _BRACKETED_MARK.fullmatch(text):
        return inside and (stuck or target)
    return target and _MARK.fullmatch(text) is not None and (stuck or not any(map(str.isalnum, text)))


def is_raised_number(text: str, before: str) -> bool:
    """Whether a number above the line without a link marks a note: it follows a word or a stop, not a unit or x."""
    if not _RAISED.fullmatch(text):
        return False
    if not text.isdecimal():
        return True
    word = re.search(r"\w{1,40}$", before[-40:])
    if not word:
        return before[-1:] != "" and before[-1:] in ".,;:!?…”’»)\"'。，！？」』）"
    return len(word[0]) >= 4 and word[0].isalpha()


def goes_back(text: str, href: str) -> bool:
    """Whether a link leads from a note to its mark, or to a heading itself."""
    return bool(text) and "#" in href and _BACK.fullmatch(text) is not None


def can_open_note(text: str, href: str) -> bool:
    """Whether a link at the start of a paragraph may be a note's number that leads to its mark."""
    return "#" in href and bool(_MARK.fullmatch(text) or _BRACKETED_MARK.fullmatch(text))


def is_drop_cap(attributes: Mapping[str, str]) -> bool:
    """Whether an element holds the large letter that opens a chapter."""
    return any(map(_DROP_CAP_CLASS.fullmatch, words_of(attributes, "class")))


def image_letters(attributes: Mapping[str, str]) -> str:
    """The letters that an image may stand for, "" where its alternative text is more or other than that."""
    text = unicodedata.normalize("NFC", " ".join(attributes.get("alt", "")[:200].split()))
    classes = words_of(attributes, "class")
    if letter := described_letter(text):
        return letter
    named = is_drop_cap(attributes) or any(map(_LETTER_CLASS.fullmatch, classes))
    if not text or len(text) > (_LETTERS_IN_CLASS if named else _LETTERS):
        return ""
    if named:
        return text
    plain = all(unicodedata.category(char)[0] in "LMNPS" for char in text)
    return text if plain and not (text.isascii() and not text.isalpha()) else ""
