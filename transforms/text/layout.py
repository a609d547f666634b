"""Lines of a plain-text book to its paragraphs: was it wrapped to a margin, how does it mark them, what is verse."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from scenesign.transforms.text.heading_lines import is_break, is_heading, may_be_heading, numeral_value
from scenesign.transforms.text.heading_shapes import LONGEST_HEADING
from scenesign.transforms.text.lines import CJK, join_lines

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
_VERSE_CHINESE_WIDTH = 25
_LONG_JOIN = 2_000


@dataclass(frozen=True)
class Line:
    """A line of a text and how far in it stands."""

    text: str  # without indentation
    indent: int  # characters; a tab counts eight


@dataclass(frozen=True)
class Layout:
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


def laid_out(text: str) -> list[Line]:
    """The lines of a text, blank ones too."""
    return [_line(line) for line in text.split("\n")]


def _line(line: str) -> Line:
    body = line.lstrip(" \t\u3000")
    indent = sum(8 if char == "\t" else 1 for char in line[: len(line) - len(body)])
    return Line(_one_spaced(body), indent)


def _one_spaced(body: str) -> str:
    body = body.rstrip(" \t\u3000")
    return _INNER_SPACES.sub(" ", body) if "  " in body or "\t" in body else body


def find_layout(lines: Sequence[Line], text: str, language: str | None) -> Layout:
    """Whether the book is hard-wrapped, at which margin, and how it marks paragraphs."""
    full = [line for line in lines if line.text]
    lengths = sorted(len(line.text) + line.indent for line in full)
    sample = text[:20_000]
    chinese = language in ("zh", "ja") or len(CJK.findall(sample)) > len(sample) / 3
    if len(full) < _LEAST_LINES:
        return Layout(0, chinese, False, 0, text)
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
    return Layout(margin if wrapped else 0, chinese, indented, usual, text)


def find_paragraphs(lines: Sequence[Line], layout: Layout) -> list[str]:
    """The paragraphs of a book, each one string; verse keeps its lines."""
    result: list[str] = []
    group: list[Line] = []
    under_heading = False
    for line, following in zip([*lines, Line("", 0)], [*lines[1:], Line("", 0), Line("", 0)], strict=False):
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
        return join_lines(texts, layout.words if any(text.endswith("-") for text in texts[:-1]) else None)
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
    if full >= 0.65 * len(joints) and (margin > 0.75 * layout.margin or small >= 0.3 * len(joints)):
        return True
    return small >= 0.5 * len(joints) and not layout.chinese


def _plain_group(group: list[Line], layout: Layout) -> list[str]:
    """Paragraphs of one blank-line group where each line is a paragraph, but for verse and insets."""
    result: list[str] = []
    run: list[Line] = []
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
                run[-1] = Line(join_lines([before.text, line.text]), before.indent)
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
