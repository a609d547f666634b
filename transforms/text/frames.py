"""What makers of electronic texts put around a book: found by its form, near the ends of a file, and taken off."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scenesign.transforms.text.gutenberg import LONGEST_HEADER, find_marks, header_fields, states_terms
from scenesign.transforms.text.licences import GUTENBERG
from scenesign.transforms.text.notices import NOTICES, Notice, is_beside, is_field, is_last, is_note

_PARAGRAPH = re.compile(r"^[^\S\n]*\S[^\n]*(?:\n[^\S\n]*\S[^\n]*)*", re.MULTILINE)
# Characters from either end of a book in which a notice is looked for, and the longest paragraph that can be one.
_HEAD, _TAIL = 12_000, 12_000
_LONGEST_NOTICE = 3_000
# A bracket that a transcriber opened is closed within so many.
_LONGEST_BRACKET = 6_000
_GUTENBERG = "Project Gutenberg boilerplate"


@dataclass(frozen=True)
class Frame:
    """What of a file is its book. cuts: spans `[start, end)` that are not, in order; the rest: what they said of it."""

    cuts: tuple[tuple[int, int], ...] = ()
    title: str = ""
    author: str = ""
    license: str = ""
    notes: tuple[str, ...] = ()

    def book(self, text: str) -> str:
        """The text without what was cut."""
        pieces, at = [], 0
        for start, end in self.cuts:
            pieces.append(text[at:start])
            at = end
        return "".join([*pieces, text[at:]]) if self.cuts else text


@dataclass(frozen=True)
class _Cut:
    start: int
    end: int
    maker: str


def find_frame(text: str) -> Frame:
    """Headers, footers and credits of makers of electronic texts around a book, where they are."""
    start, end = find_marks(text)
    cuts = [_Cut(0, start, _GUTENBERG)] if start else []
    closing = _tail_cuts(text, start, end, bool(start) or end < len(text))
    first = min((cut.start for cut in closing), default=end)
    opening = _head_cuts(text, start, min(first, start + _HEAD))
    if opening and not closing:
        closing = _tail_cuts(text, opening[-1].end, end, framed=True)
    cuts += opening + closing
    if end < len(text):
        cuts.append(_Cut(end, len(text), _GUTENBERG))
    cuts = _merged(cuts)
    if not cuts:
        return Frame()
    fields = header_fields(text[: max((cut.end for cut in cuts if cut.end <= LONGEST_HEADER), default=0)])
    sizes: Counter[str] = Counter()
    for cut in cuts:
        sizes[cut.maker] += cut.end - cut.start
    return Frame(
        tuple((cut.start, cut.end) for cut in cuts),
        title=fields.get("Title", ""),
        author=fields.get("Author", ""),
        license=GUTENBERG if states_terms(text[:LONGEST_HEADER]) else "",
        notes=tuple(f"{maker} removed ({size:,} characters)" for maker, size in sizes.items()),
    )


def within(texts: Iterable[str], frame: Frame) -> Iterator[str]:
    """What of each paragraph is the book's, where blank lines join them."""
    at = 0
    for text in texts:
        end = at + len(text)
        inside = [(max(a, at) - at, min(b, end) - at) for a, b in frame.cuts if a < end and b > at]
        yield Frame(tuple(inside)).book(text).strip() if inside else text
        at = end + 2


def _head_cuts(text: str, start: int, end: int) -> list[_Cut]:
    """Notices in what opens a book. What is one beside others only (credits, fields) must touch one that is sure."""
    cuts: list[_Cut] = []
    waiting: list[_Cut] = []  # fields of a catalogue before a notice that is sure
    touching, noting, at = start > 0, False, start
    for match in _PARAGRAPH.finditer(text, start, end):
        if match.start() < at:
            continue
        paragraph = match[0]
        found = _notice(text, match, "head")
        if found:
            notice, at = found
            cuts += [*waiting, _Cut(match.start(), at, notice.maker)]
            waiting, touching, noting = [], True, notice.reach == "notes"
        elif touching and (is_beside(paragraph) or (noting and is_note(paragraph))):
            cuts.append(_Cut(match.start(), match.end(), cuts[-1].maker if cuts else _GUTENBERG))
        elif is_field(paragraph):
            waiting.append(_Cut(match.start(), match.end(), _GUTENBERG))
        else:
            touching, noting, waiting = False, False, []
    return cuts


def _tail_cuts(text: str, start: int, end: int, framed: bool) -> list[_Cut]:
    """The same for what closes a book, from its end. framed: whether another notice was found."""
    cuts: list[_Cut] = []
    paragraphs = list(_PARAGRAPH.finditer(text, max((start + end) // 2, end - _TAIL), end))
    for match in paragraphs:
        found = _notice(text, match, "tail")
        if found and (found[0].reach == "rest" or (found[0].reach == "notes" and is_last(text[match.end() : end]))):
            return [_Cut(match.start(), end, found[0].maker)]
    touching = framed
    for match in reversed(paragraphs):
        found = _notice(text, match, "tail")
        if found:
            cuts.append(_Cut(match.start(), found[1], found[0].maker))
            touching = True
        elif touching and is_beside(match[0]):
            cuts.append(_Cut(match.start(), match.end(), cuts[-1].maker if cuts else _GUTENBERG))
        else:
            touching = False
    return cuts


def _notice(text: str, match: re.Match[str], at: str) -> tuple[Notice, int] | None:
    """The notice that a paragraph is, and where it ends. at: the end of the file, `head` or `tail`."""
    if len(match[0]) > _LONGEST_NOTICE:
        return None
    for notice in NOTICES:
        if notice.at not in (at, "both") or not notice.form.match(match[0]):
            continue
        if notice.reach == "bracket":
            close = _closing(text, match.start())
            if close:
                return notice, close
            continue
        return notice, match.end()
    return None


def _closing(text: str, at: int) -> int:
    """Where the bracket that opens in the line at `at` closes, at the end of a line; 0 where it doesn't."""
    depth = 0
    for mark in re.finditer(r"[][]", text[at : at + _LONGEST_BRACKET]):
        depth += 1 if mark[0] == "[" else -1
        if depth == 0:
            end = at + mark.end()
            rest = text[end : end + 3].split("\n")[0]
            return end + len(rest) if not rest.strip(" .*") else 0
    return 0


def _merged(cuts: Sequence[_Cut]) -> list[_Cut]:
    """The cuts in order, none over another."""
    result: list[_Cut] = []
    for cut in sorted(cuts, key=lambda each: (each.start, -each.end)):
        start = max(cut.start, result[-1].end if result else 0)
        if start < cut.end:
            result.append(_Cut(start, cut.end, cut.maker))
    return result
