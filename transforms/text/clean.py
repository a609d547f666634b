"""Raw text to clean text: noise and Gutenberg boilerplate gone, hard-wrapped lines joined, blocks found."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from scenesign.schemas.records import Block, BlockKind
from scenesign.transforms.support.limits import Limits, limit_lines
from scenesign.transforms.text.headings import LONGEST_HEADING, find_headings, is_break, is_heading, numeral_value
from scenesign.transforms.text.licences import GUTENBERG

_NEWLINES = re.compile(r"\r+\n?|[\x0b\x85\u2028]")
_PARAGRAPH_MARKS = re.compile(r"[\x0c\u2029]")
# C0 and C1 controls, soft hyphen, zero-width and direction marks, byte-order mark, code points that are no
# characters, and the tags that hide text from the eye.
# ZWJ and ZWNJ stay: Persian and Indic words are spelled with them.
_REMOVED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufdd0-\ufdef\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_TERMINAL_CODE = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")
_SPACES = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f]")
_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_INNER_SPACES = re.compile(r"(?<=\S)[ \t]+")
_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")

_GUTENBERG_START = re.compile(
    r"^[^\n]{0,20}\*\*\*\s*START OF (?:THE|THIS) PROJECT GUTENBERG[^\n]*(?:\n[^\n*]+)?\*\*\*[^\n]*$"
    r"|^\*END\*?\s*THE SMALL PRINT![^\n]*$|^[^\n]*\*END\*[ ]*$|^\*END THE SMALL PRINT[^\n]*$",
    re.MULTILINE | re.IGNORECASE,
)
_GUTENBERG_END = re.compile(
    r"^[^\n]{0,20}\*\*\*\s*END OF (?:THE|THIS) PROJECT GUTENBERG"
    r"|^[ ]*\**[ \t]*(?:This is the )?End of (?:the |this )?Project Gutenberg(?:['’]s|\s+E)",
    re.MULTILINE | re.IGNORECASE,
)
_CREDIT = re.compile(
    r"(?:produced by|e-?text (?:was )?(?:produced|prepared)|transcribed (?:from|by)|prepared by|"
    r"html version by|this e-?(?:text|book) (?:was )?(?:produced|prepared|created)|"
    r"scanned (?:and proofed )?by|\[?this file was)",
    re.IGNORECASE,
)
# Counted and reported, never cut: no rule tells a site's notice from a sentence that speaks of one.
_SITE_NOTICES = ("http://", "https://", "www.", "更新时间", "本章字数", "仅供读者预览", "小时内删除", "章节内容开始")
_LOST_MARK = re.compile(r"(?:^|(?<=[ \n]))\?(?= )")
_MANY_LOST = 50
_MANY_ENDNOTES = 5
_PARAGRAPH = re.compile(r"\s*([^\n]+(?:\n[ \t]*[^\n \t][^\n]*)*)")
_FIELD = re.compile(r"^(Title|Author):[ ]*(.+(?:\n[ ]{2,}\S.*)*)", re.MULTILINE)
_GUTENBERG_TERMS = re.compile(r"under\s+the\s+terms\s+of\s+the\s+Project\s+Gutenberg\s+Licen[cs]e", re.IGNORECASE)
# No header or footer is longer; a mark beyond this is in the book itself.
_LONGEST_HEADER = 40_000

# A hard-wrapped text has a right margin: few lines beyond it, many close to it.
_WIDEST_MARGIN = 110
_WIDEST_CHINESE_MARGIN = 60
_LEAST_FULL_SHARE = 0.35
_LEAST_LINES = 12  # too few lines show no margin
_ENDS = tuple(".!?…:。！？：”’\"'»」』)）*—–")
_DASHES = ("—", "–", "-", "―")
_VERSE_WIDTH = 60
_VERSE_CHINESE_WIDTH = 25
_LONG_JOIN = 2_000


@dataclass(frozen=True)
class CleanText:
    """A book's clean text and its blocks.

    title, author, license: from a Project Gutenberg header, else empty. notes: what was done, for the manifest.
    """

    text: str
    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = ()
    title: str = ""
    author: str = ""
    license: str = ""


@dataclass(frozen=True)
class _Frame:
    """The book lies at [start, end) of its file; the rest is what its header said."""

    start: int
    end: int
    title: str = ""
    author: str = ""
    license: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Line:
    text: str  # without indentation
    indent: int  # characters; a tab counts eight


@dataclass(frozen=True)
class _Layout:
    """How a book's lines are laid out. margin: the length of a full line, 0 where each is a paragraph."""

    margin: int
    chinese: bool
    indented_starts: bool
    paragraph_indent: int
    text: str

    @cached_property
    def words(self) -> Counter[str]:
        """Words of the book, for the hyphens at line ends."""
        return Counter(re.findall(r"\w+(?:-\w+)*", self.text.lower()))


def clean(raw: str, language: str | None = None, most_lines: int = Limits.book_lines) -> CleanText:
    """Clean text of a plain-text book. `language` (ISO 639-1) is a hint only. Raises RejectError `too-large`."""
    text = limit_lines(normalise(raw), most_lines)
    frame = _gutenberg_frame(text)
    notes = list(frame.notes)
    text = text[frame.start : frame.end]
    lines = [_line(line) for line in text.split("\n")]
    layout = _layout(lines, text, language)
    if layout.margin:
        notes.append(f"hard-wrapped lines joined (margin {layout.margin})")
    notes += _oddities(text)
    paragraphs = [paragraph for paragraph in _paragraphs(lines, layout) if paragraph]
    result = assemble(find_headings(paragraphs))
    numbered = _endnotes(result)
    if numbered >= _MANY_ENDNOTES:
        notes.append(f"{numbered} numbered notes at the end (kept)")
    return CleanText(result.text, result.blocks, tuple(notes), frame.title, frame.author, frame.license)


def clean_paragraphs(paragraphs: Iterable[tuple[str, BlockKind | None]]) -> CleanText:
    """Clean text of a book whose format gives its paragraphs; a kind of None is decided by form."""
    texts: list[str] = []
    kinds: list[BlockKind | None] = []
    for text, kind in paragraphs:
        lines = (" ".join(line.split()) for line in normalise(text).split("\n"))
        body = "\n".join(line for line in lines if line)
        if body:
            texts.append(body)
            kinds.append(kind)
    frame = _gutenberg_frame("\n\n".join(texts))
    if frame.notes:
        texts = list(_within(texts, frame))
        kinds = [kind for text, kind in zip(texts, kinds, strict=True) if text]
        texts = [text for text in texts if text]
    result = assemble(find_headings(texts, kinds))
    return CleanText(result.text, result.blocks, frame.notes, frame.title, frame.author, frame.license)


def assemble(blocks: Iterable[tuple[str, BlockKind]]) -> CleanText:
    """Joins blocks by a blank line and notes where each lies. Blocks without text are left out."""
    parts: list[str] = []
    spans: list[Block] = []
    at = 0
    for text, kind in blocks:
        text = text.strip()
        if text:
            spans.append(Block(at, at + len(text), kind))
            parts.append(text)
            at += len(text) + 2
    return CleanText("\n\n".join(parts), tuple(spans))


def normalise(raw: str) -> str:
    """One kind of line end and of space, composed letters (NFC), no invisible or control characters."""
    text = _NEWLINES.sub("\n", raw)
    if "\x1b" in text:
        text = _TERMINAL_CODE.sub("", text)
    if not text.isascii():
        if _SURROGATE.search(text):
            text = _SURROGATE_PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
            text = _SURROGATE.sub("\ufffd", text)
        text = _SPACES.sub(" ", text)
        text = unicodedata.normalize("NFC", text)
    text = _PARAGRAPH_MARKS.sub("\n\n", text)
    return _REMOVED.sub("", text)


def _oddities(text: str) -> list[str]:
    """What a person should know of a text that no rule may mend."""
    notes = []
    marks = [mark for mark in _SITE_NOTICES if mark in text]
    if marks:
        notices = sum(any(mark in line for mark in marks) for line in text.split("\n"))
        notes.append(f"{notices} lines look like notices of a web site (kept)")
    if "\n? " in text or " ? " in text:
        lost = len(_LOST_MARK.findall(text))
        if lost >= _MANY_LOST:
            notes.append(f"{lost} lone question marks: dashes were lost before the file came here")
    return notes


def _endnotes(book: CleanText) -> int:
    """How many footnotes a plain text has gathered at its end, each under a line with its number."""
    texts = [book.text[block.start : block.end] for block in book.blocks]
    found, at = 0, len(texts) - 2
    while at >= 0 and texts[at].isdecimal() and (not found or int(texts[at]) + 1 == int(texts[at + 2])):
        found, at = found + 1, at - 2
    return found


def join_lines(lines: Sequence[str], words: Counter[str] | None = None) -> str:
    """One paragraph from its wrapped lines.

    Chinese and Japanese join without a space. A hyphen at a line end goes only when `words` knows the joined
    word better than the hyphenated one; it never gets a space after it.
    """
    joined = [lines[0]] if lines else []
    for before, line in itertools.pairwise(lines):
        if _CJK.match(before[-1:]) and _CJK.match(line[:1]):
            joined.append(line)
        elif before.endswith("-") and before[-2:-1].isalpha() and line[:1].isalpha():
            head = re.search(r"\w+-$", before)
            tail = re.match(r"\w+", line)
            if head and tail and words is not None:
                whole, split = head[0][:-1] + tail[0], head[0] + tail[0]
                if words[whole.lower()] > words[split.lower()]:
                    joined[-1] = joined[-1][:-1]
            joined.append(line)
        else:
            joined.append(" " + line)
    return "".join(joined)


def _line(line: str) -> _Line:
    body = line.lstrip(" \t\u3000")
    indent = sum(8 if char == "\t" else 1 for char in line[: len(line) - len(body)])
    return _Line(_one_spaced(body), indent)


def _one_spaced(body: str) -> str:
    body = body.rstrip(" \t\u3000")
    return _INNER_SPACES.sub(" ", body) if "  " in body or "\t" in body else body


def _gutenberg_frame(text: str) -> _Frame:
    """Project Gutenberg's header and footer around a book, where they are."""
    opening = text[:_LONGEST_HEADER].lower()
    if "gutenberg" not in opening and "gutenberg" not in text[-_LONGEST_HEADER:].lower():
        return _Frame(0, len(text))
    fields: dict[str, str] = {}
    start, end = 0, len(text)
    for match in _GUTENBERG_START.finditer(text, 0, _LONGEST_HEADER):
        start = match.end()
    if start:
        for name, value in _FIELD.findall(text[:start]):
            fields.setdefault(name, " ".join(value.split()))
        start = _past_credits(text, start)
    footer = _GUTENBERG_END.search(text, max(start, len(text) - _LONGEST_HEADER))
    if footer:
        end = footer.start()
    cut = start + len(text) - end
    return _Frame(
        start,
        end,
        title=fields.get("Title", ""),
        author=fields.get("Author", ""),
        license=GUTENBERG if _GUTENBERG_TERMS.search(text[:_LONGEST_HEADER]) else "",
        notes=(f"Project Gutenberg boilerplate removed ({cut:,} characters)",) if cut else (),
    )


def _within(texts: Iterable[str], frame: _Frame) -> Iterator[str]:
    """What of each paragraph lies in the frame, where blank lines join them."""
    at = 0
    for text in texts:
        yield text[max(0, frame.start - at) : max(0, frame.end - at)].strip()
        at += len(text) + 2


def _past_credits(text: str, at: int) -> int:
    """Where the paragraphs end that stand right under the header and say who typed the book in."""
    while True:
        match = _PARAGRAPH.match(text, at)
        if match is None or len(match[1]) > 600 or not _CREDIT.match(match[1].strip()):
            return at
        at = match.end()


def _layout(lines: Sequence[_Line], text: str, language: str | None) -> _Layout:
    """Whether the book is hard-wrapped, at which margin, and how it marks paragraphs."""
    full = [line for line in lines if line.text]
    lengths = sorted(len(line.text) + line.indent for line in full)
    sample = text[:20_000]
    chinese = language in ("zh", "ja") or len(_CJK.findall(sample)) > len(sample) / 3
    if len(full) < _LEAST_LINES:
        return _Layout(0, chinese, False, 0, text)
    margin = lengths[int(len(lengths) * 0.97)]
    close = sum(length >= margin * 0.8 for length in lengths) / len(lengths)
    runs = sum(bool(a.text) and bool(b.text) for a, b in itertools.pairwise(lines))
    wrapped = (
        margin <= (_WIDEST_CHINESE_MARGIN if chinese else _WIDEST_MARGIN)
        and margin >= 20
        and close >= _LEAST_FULL_SHARE
        # a margin with blank lines between all its lines is chance
        and runs >= 0.2 * len(full)
    )
    starts = [b.indent for a, b in itertools.pairwise(lines) if a.text and b.text and b.indent > a.indent]
    indented = wrapped and len(starts) > 0.02 * len(full)
    usual = Counter(starts).most_common(1)[0][0] if starts else 0
    return _Layout(margin if wrapped else 0, chinese, indented, usual, text)


def _paragraphs(lines: Sequence[_Line], layout: _Layout) -> list[str]:
    """The paragraphs of a book, each one string; verse keeps its lines."""
    result: list[str] = []
    group: list[_Line] = []
    under_heading = False
    for line, following in zip([*lines, _Line("", 0)], [*lines[1:], _Line("", 0), _Line("", 0)], strict=False):
        # "AT / last came the year": words in capitals that open a chapter are no title
        titled = under_heading and line.text.isupper() and not following.text[:1].islower()
        alone = bool(line.text) and len(line.text) <= LONGEST_HEADING
        alone = alone and (titled or _stands_alone(line.text, group, layout))
        if group and (alone or not line.text):
            result += _wrapped_group(group, layout) if layout.margin else _plain_group(group, layout)
            group = []
        if alone:
            result.append(line.text)
            under_heading = not is_break(line.text)
        elif line.text:
            group.append(line)
            under_heading = False
    return result


def _stands_alone(text: str, group: Sequence[_Line], layout: _Layout) -> bool:
    """Headings and scene breaks never join the lines around them."""
    if is_break(text):
        return True
    if is_heading(text):
        # "it is written in\nBook II" is no heading: the line before it is full and its sentence goes on
        before = group[-1] if layout.margin and group else None
        goes_on = before and _unfinished(before.text) and len(before.text) + before.indent > 0.7 * layout.margin
        return not goes_on or text.isupper()
    return len(text) <= 8 and numeral_value(text) is not None and (not group or group[-1].text.endswith(_ENDS))


def _unfinished(text: str) -> bool:
    return (text[-1].isalpha() and text[-1].islower()) or text[-1] in ",;-，、"


def _wrapped_group(group: list[_Line], layout: _Layout) -> list[str]:
    """Paragraphs of one blank-line group in a hard-wrapped book."""
    result: list[str] = []
    current: list[_Line] = [group[0]]
    for before, line in itertools.pairwise(group):
        if _starts_paragraph(before, line, layout):
            result.append(_join_or_keep(current, layout))
            current = []
        current.append(line)
    result.append(_join_or_keep(current, layout))
    return result


def _starts_paragraph(before: _Line, line: _Line, layout: _Layout) -> bool:
    ended = before.text.endswith(_ENDS)
    if line.text.startswith(_DASHES) and ended and _opens_with_capital(line.text[1:]):
        return True
    if layout.indented_starts:
        if not ended and line.indent and before.indent and len(before.text) < 0.7 * layout.margin:
            return False  # verse set as far in as a paragraph
        # deeper than a paragraph's first line is verse or a letter head; its lines stay together
        return 0 < line.indent <= layout.paragraph_indent + 1 or (
            line.indent == 0 and before.indent > layout.paragraph_indent + 1
        )
    # the next word had room on the line before: the line was ended on purpose
    room = layout.margin - len(before.text) - before.indent
    word = 1 if layout.chinese else len(line.text.split(None, 1)[0]) + 1
    return ended and room > word + 2 and not line.text[:1].islower()


def _opens_with_capital(text: str) -> bool:
    first = text.lstrip(" .…\"'«“„(")[:1]
    return first.isupper() or bool(_CJK.match(first))


def _join_or_keep(lines: Sequence[_Line], layout: _Layout) -> str:
    """One paragraph: wrapped prose becomes one line, short-line matter (verse, addresses) keeps its lines."""
    texts = [line.text for line in lines]
    if len(texts) == 1:
        return texts[0]
    if _is_wrapped_prose(lines, layout):
        return join_lines(texts, layout.words if any(text.endswith("-") for text in texts[:-1]) else None)
    return "\n".join(texts)


def _is_wrapped_prose(lines: Sequence[_Line], layout: _Layout) -> bool:
    """Whether line ends in a paragraph fell where the margin was, not where a poet or clerk wanted them."""
    joints = list(itertools.pairwise(lines))
    # set-off matter has a margin of its own, but one of two or three lines proves nothing
    widest = max(len(line.text) + line.indent for line in lines)
    margin = layout.margin if len(lines) < 4 or widest > layout.margin * 0.85 else widest
    full = 0.0
    for before, line in joints:
        word = 0 if layout.chinese else len(line.text.split(None, 1)[0]) + 1
        reaches = len(before.text) + before.indent + word > margin * 0.9
        full += reaches
    small = sum(line.text[0].islower() for _, line in joints)
    if full >= 0.65 * len(joints) and (margin > 0.75 * layout.margin or small >= 0.3 * len(joints)):
        return True
    return small >= 0.5 * len(joints) and not layout.chinese


def _plain_group(group: list[_Line], layout: _Layout) -> list[str]:
    """Paragraphs of one blank-line group where each line is a paragraph, but for verse and insets."""
    result: list[str] = []
    run: list[_Line] = []
    width = _VERSE_CHINESE_WIDTH if layout.chinese else _VERSE_WIDTH

    def close() -> None:
        if len(run) >= 3 and _is_inset(run, layout):
            result.append(join_lines([line.text for line in run]))
        elif run:
            result.append("\n".join(line.text for line in run))
        run.clear()

    for line in group:
        if run:
            before = run[-1]
            goes_on = not before.text.endswith(_ENDS) and line.text[0].islower() and not layout.chinese
            short = len(before.text) <= width and len(line.text) <= width
            verse = short and (before.text[-1] in ",;，；" or not before.text.endswith(_ENDS))
            # a long one is joined at the end instead: growing it line by line would copy it each time
            if goes_on and len(run) == 1 and len(before.text) < _LONG_JOIN and not (short and before.text[-1] in ",;"):
                run[-1] = _Line(join_lines([before.text, line.text]), before.indent)
                continue
            if not (verse or goes_on):
                close()
        run.append(line)
    close()
    return result


def _is_inset(run: Sequence[_Line], layout: _Layout) -> bool:
    """A hard-wrapped letter or quotation inside a book that is not wrapped."""
    lengths = [len(line.text) for line in run]
    if layout.chinese:
        # lines cut at one length, without regard to clauses
        return min(lengths[:-1]) >= max(lengths) - 4 and sum(t.text[-1] in "，。；！？" for t in run[:-1]) < 0.5 * (
            len(run) - 1
        )
    small = sum(line.text[0].islower() for line in run[1:])
    return small >= 0.5 * (len(run) - 1)
