"""Lines of a plain-text book to its paragraphs: was it wrapped to a margin, how does it mark them, what is verse."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from scenesign.transforms.text.heading_lines import is_break, is_heading, may_be_heading, numeral_value
from scenesign.transforms.text.heading_shapes import LONGEST_HEADING
from scenesign.transforms.text.lines import CJK, HANGUL, Spelling, join_lines

_INNER_SPACES = re.compile(r"(?<=\S)[ \t]+")
# A hard-wrapped text has a right margin: few lines beyond it, many close to it.
_WIDEST_MARGIN = 110
_WIDEST_CHINESE_MARGIN = 60
_LEAST_FULL_SHARE = 0.35
_LEAST_FULL = 0.6  # of the margin; a shorter line was ended on purpose
_LEAST_LINES = 12  # too few lines show no margin
_ENDS = tuple(".!?…:。！？：”’\"'»」』)）*—–")
_DASHES = ("—", "–", "-", "―")
_VERSE_WIDTH = 60
_VERSE_WIDE_WIDTH = 25
# of the margin: lines of a poem are seldom longer, set in they may be
_VERSE_SHARE = 0.75
_WIDE_VERSE_SHARE = 0.9
_COLUMN_SHARE = 0.5
_STANZA = 5  # lines; that few show less
_LONGEST_STANZA = 100  # lines
_LONG_JOIN = 2_000


@dataclass(frozen=True)
class Line:
    """A line of a text and how far in it stands."""

    text: str  # without indentation
    indent: int  # characters; a tab counts eight


@dataclass(frozen=True)
class Layout:
    """How a book's lines are laid out. margin: the length of a full line, 0 where each is a paragraph.

    chinese: written without spaces. wide: in letters of double width, Korean ones too. verse: a book of verse.
    """

    margin: int
    chinese: bool
    wide: bool
    indented_starts: bool
    paragraph_indent: int
    text: str
    verse: bool = False

    @cached_property
    def spelling(self) -> Spelling:
        """What the book itself says of the words at its line ends."""
        return Spelling(self.text)


def laid_out(text: str) -> list[Line]:
    """The lines of a text, blank ones too."""
    return [_line(line) for line in text.split("\n")]


def _line(line: str) -> Line:
    body = line.lstrip(" \t\u3000")
    indent = len(line) - len(body)
    if indent:
        indent += 7 * line.count("\t", 0, indent)
    return Line(_one_spaced(body), indent)


def _one_spaced(body: str) -> str:
    body = body.rstrip(" \t\u3000")
    return _INNER_SPACES.sub(" ", body) if "  " in body or "\t" in body else body


def find_layout(lines: Sequence[Line], text: str, language: str | None) -> Layout:
    """Whether the book is hard-wrapped, at which margin, and how it marks paragraphs."""
    full = [line for line in lines if line.text]
    lengths = sorted(len(line.text) + line.indent for line in full)
    sample = text[:20_000]
    ideographs = len(CJK.findall(sample))
    chinese = language in ("zh", "ja") or ideographs > len(sample) / 3
    wide = chinese or ideographs + len(HANGUL.findall(sample)) > len(sample) / 3
    if len(full) < _LEAST_LINES:
        return Layout(0, chinese, wide, False, 0, text)
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
    if wrapped and _begins_in_capitals(lines):
        return Layout(0, chinese, wide, False, 0, text, verse=True)
    base = Counter(line.indent for line in full).most_common(1)[0][0]
    starts = [b.indent for a, b in itertools.pairwise(lines) if a.text and b.text and a.indent <= base < b.indent]
    indented = wrapped and len(starts) > 0.02 * len(full)
    usual = Counter(starts).most_common(1)[0][0] if starts else 0
    return Layout(margin if wrapped else 0, chinese, wide, indented, usual, text)


def _begins_in_capitals(lines: Sequence[Line]) -> bool:
    """Whether lines under others begin as verse does: wrapped words seldom begin in capitals."""
    under = [line.text.lstrip("\"'“”‘’«»„_*([—–-¿¡ ") for before, line in itertools.pairwise(lines) if before.text]
    small = sum(text[:1].islower() for text in under)
    capital = sum(text[:1].isupper() and not text.isupper() for text in under)
    return capital >= _LEAST_LINES and capital > 0.8 * (small + capital)


def find_paragraphs(lines: Sequence[Line], layout: Layout) -> list[str]:
    """The paragraphs of a book, each one string; verse keeps its lines."""
    return [text for text, _ in spaced_paragraphs(lines, layout)]


def spaced_paragraphs(lines: Sequence[Line], layout: Layout) -> Iterator[tuple[str, int]]:
    """The paragraphs of a book and how many blank lines stand before each."""
    group: list[Line] = []
    gap = group_gap = 0
    above = ""  # a short line that stands alone, with no other between, and may be a heading
    for line, following in zip([*lines, Line("", 0)], [*lines[1:], Line("", 0), Line("", 0)], strict=False):
        text = line.text
        alone = bool(text) and len(text) <= LONGEST_HEADING
        titled = alone and _is_titled(text, following.text, above, layout)
        # between blank lines it stands alone whatever it is
        if alone and not titled and (group or following.text):
            alone = _stands_alone(text, group, layout)
        if group and (alone or not text):
            if layout.verse and len(group) <= _LONGEST_STANZA:
                texts = ["\n".join(each.text for each in group)]
            else:
                texts = _wrapped_group(group, layout) if layout.margin else _plain_group(group, layout)
            yield from zip(texts, itertools.chain((group_gap,), itertools.repeat(0)), strict=False)
            group = []
        if not text:
            gap += 1
            continue
        if alone:
            yield text, gap
            above = above if titled else text
        else:
            group_gap = group_gap if group else gap
            group.append(line)
            above = ""
        gap = 0


def _is_titled(text: str, following: str, above: str, layout: Layout) -> bool:
    """Whether a line in capitals is a title under a heading. Words in capitals that open a chapter, "AT / last came
    the year", are none."""
    if not above or not text.isupper() or following[:1].islower():
        return False
    return not is_break(above) and _stands_alone(above, (), layout)


def _stands_alone(text: str, group: Sequence[Line], layout: Layout) -> bool:
    """Headings, what may be one, and scene breaks never join the lines around them."""
    if is_break(text):
        return True
    before = group[-1].text if group else ""
    if is_heading(text):
        # "it is written in\nBook II" is no heading: the line before it is full and its sentence goes on
        full = layout.margin and before and len(before) + group[-1].indent > 0.7 * layout.margin
        return not (full and _unfinished(before)) or text.isupper()
    if before and not before.endswith(_ENDS):
        return False
    if len(text) <= 8 and numeral_value(text) is not None:
        return True
    return bool(layout.margin) and len(text) <= _LEAST_FULL * layout.margin and may_be_heading(text)


def _unfinished(text: str) -> bool:
    letter = text[-1].isalpha() and (text[-1].islower() or CJK.match(text[-1]) is not None)
    return letter or text[-1] in ",;-，、；"


def _wrapped_group(group: list[Line], layout: Layout) -> list[str]:
    """Paragraphs of one blank-line group in a hard-wrapped book."""
    result: list[str] = []
    current: list[Line] = [group[0]]
    for before, line in itertools.pairwise(group):
        if _starts_paragraph(before, line, layout):
            result.append(_join_or_keep(current, layout))
            current = []
        current.append(line)
    result.append(_join_or_keep(current, layout))
    return result


def _starts_paragraph(before: Line, line: Line, layout: Layout) -> bool:
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
    return first.isupper() or bool(CJK.match(first))


def _join_or_keep(lines: Sequence[Line], layout: Layout) -> str:
    """One paragraph: wrapped prose becomes one line, short-line matter (verse, addresses) keeps its lines."""
    texts = [line.text for line in lines]
    if len(texts) == 1:
        return texts[0]
    if _is_wrapped_prose(lines, layout):
        return join_lines(texts, layout.spelling)
    return "\n".join(texts)


def _is_wrapped_prose(lines: Sequence[Line], layout: Layout) -> bool:
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
    if _is_verse(lines, layout):
        return False
    if full >= 0.65 * len(joints) and (margin > 0.75 * layout.margin or small >= 0.3 * len(joints)):
        return True
    return small >= 0.5 * len(joints) and not layout.chinese


def _is_verse(lines: Sequence[Line], layout: Layout) -> bool:
    """Whether lines were ended short of any margin, whatever letters they begin with.

    Words wrapped to a margin leave no room for the next one, but for a little where letters had widths of their own.
    Where lines are set in, or many and well short of the book's margin, room on every third of them or every second is
    no accident.
    """
    if layout.chinese:
        return False
    widest = max(len(line.text) + line.indent for line in lines)
    set_in = min(line.indent for line in lines) > (layout.paragraph_indent if layout.indented_starts else 0)
    if len(lines) < 4:
        return set_in and widest <= _VERSE_SHARE * layout.margin and _room(lines, layout.margin) == 1
    width = max(len(line.text) for line in lines)
    if width <= _COLUMN_SHARE * layout.margin:
        return True  # a list, a table, the tail of a mouse
    share = _WIDE_VERSE_SHARE if set_in else _VERSE_SHARE
    needed = 0.3 if len(lines) <= _STANZA else 0.5
    return widest <= share * layout.margin and _room(lines, int(0.9 * width)) > needed


def _room(lines: Sequence[Line], width: int) -> float:
    """Share of line ends where the next word had room within the width."""
    joints = list(itertools.pairwise(lines))
    room = sum(len(before.text) + 1 + len(line.text.split(None, 1)[0]) <= width for before, line in joints)
    return room / len(joints)


def _plain_group(group: list[Line], layout: Layout) -> list[str]:
    """Paragraphs of one blank-line group where each line is a paragraph, but for verse and insets."""
    width = _VERSE_WIDE_WIDTH if layout.wide else _VERSE_WIDTH
    result: list[str] = []
    rest: list[Line] = []
    for short, run in itertools.groupby(group, key=lambda line: len(line.text) <= width):
        lines = list(run)
        if short and _is_small_verse(lines, layout):
            result += [*_lone_lines(rest, width, layout), "\n".join(line.text for line in lines)]
            rest = []
        else:
            rest += lines
    return result + _lone_lines(rest, width, layout)


def _is_small_verse(lines: Sequence[Line], layout: Layout) -> bool:
    """Verse that begins its lines in small letters: neither sentences nor words wrapped to a margin end them."""
    lengths = [len(line.text) for line in lines]
    # words torn out of their line, by marks of emphasis that were lost, are shorter
    if len(lines) < 4 or layout.chinese or min(lengths) < 0.4 * max(lengths):
        return False
    small = sum(line.text[0].islower() for line in lines[1:])
    return small >= 0.5 * (len(lines) - 1) and _room(lines, int(0.9 * max(lengths))) > 0.3


def _lone_lines(lines: Sequence[Line], width: int, layout: Layout) -> list[str]:
    """Lines that are paragraphs, those that go on joined. width: of the longest line of verse."""
    result: list[str] = []
    run: list[Line] = []

    def close() -> None:
        if len(run) >= 3 and _is_inset(run, layout):
            result.append(join_lines([line.text for line in run], layout.spelling))
        elif run:
            result.append("\n".join(line.text for line in run))
        run.clear()

    for line in lines:
        if run:
            before = run[-1]
            goes_on = not before.text.endswith(_ENDS) and line.text[0].islower() and not layout.chinese
            short = len(before.text) <= width and len(line.text) <= width
            verse = short and (before.text[-1] in ",;，；" or not before.text.endswith(_ENDS))
            # a long one is joined at the end instead: growing it line by line would copy it each time
            if goes_on and len(run) == 1 and len(before.text) < _LONG_JOIN and not (short and before.text[-1] in ",;"):
                run[-1] = Line(join_lines([before.text, line.text], layout.spelling), before.indent)
                continue
            if not (verse or goes_on):
                close()
        run.append(line)
    close()
    return result


def _is_inset(run: Sequence[Line], layout: Layout) -> bool:
    """A hard-wrapped letter or quotation inside a book that is not wrapped."""
    lengths = [len(line.text) for line in run]
    if layout.chinese:
        # lines cut at one length, without regard to clauses
        return min(lengths[:-1]) >= max(lengths) - 4 and sum(t.text[-1] in "，。；！？" for t in run[:-1]) < 0.5 * (
            len(run) - 1
        )
    small = sum(line.text[0].islower() for line in run[1:])
    return small >= 0.5 * (len(run) - 1)
