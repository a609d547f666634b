"""Paragraphs of PDFs that have a text layer, by where lines stand; what repeats from page to page is left out."""

from __future__ import annotations

import itertools
import json
import re
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from scenesign.schemas.records import RejectError
from scenesign.transforms.read import pdf_lines
from scenesign.transforms.read.document import Paragraph, RawDocument, heading
from scenesign.transforms.read.pdf_lines import PageLine
from scenesign.transforms.read.reader import Holds, InputFile, Reader, not_installed
from scenesign.transforms.support.limits import Limits
from scenesign.transforms.text.heading_lines import numeral_value
from scenesign.transforms.text.lines import CJK, join_lines

_MOST_SECONDS = 300  # of processor time for one PDF; a thousand pages take about two
_WAIT = 4  # times as long on the clock, for machines that do much else
_STOPPED = (9, 24)  # SIGKILL and SIGXCPU: too much processor time, or no memory left
_LEAST_PAGES = 10  # of a scan; fewer may be a picture book
_LEAST_TEXTUAL = 0.1  # share of pages with text below which the rest are scans
_EDGE_LINES = 2  # at either end of a page, that may be a running head and a page number
_LEAST_REPEATS = 3
_SAME_HEIGHT = 6.0  # points
_WIDE_GAP = 1.35  # lines' distance, in that of most lines
_INDENT = 0.6  # of the size of the font
_ENDS = tuple(".!?…:。！？：”’\"'»」』)）*")
_DEEPEST_HEADING = 3
# What programs put there themselves.
_NO_TITLE = re.compile(
    r"untitled.*|microsoft (?:word|powerpoint) - .*|.*\.(?:docx?|odt|rtf|indd|qxd|tex|pdf|txt)", re.IGNORECASE
)
_CUT_WORD = re.compile(r"([^\W\d_]+)[-\xad]$")
_WORD_REST = re.compile(r"[^\W\d_]\w*")


@dataclass(frozen=True)
class _Page:
    """Lines of a page without running heads. left: where most begin. right: where full ones end."""

    number: int
    lines: tuple[PageLine, ...]
    left: float
    right: float


def read_pdf(file: InputFile) -> Iterator[RawDocument]:
    """The text of the document.

    Raises RejectError: `not-installed`, `encrypted`, `damaged-document`, `no-text-layer`, or `too-large` for too many
    pages, lines, characters or seconds.
    """
    if find_spec("pypdfium2") is None:
        raise not_installed("PDF")
    found = extract_apart(file.data, file.limits)
    pages = [[PageLine(*line) for line in page] for page in found["pages"]]
    textual = sum(any(char.isalnum() for line in page for char in line.text) for page in pages)
    if not textual or (len(pages) >= _LEAST_PAGES and textual < _LEAST_TEXTUAL * len(pages)):
        raise RejectError(
            "no-text-layer", "the PDF has pictures of pages and not their text; run it through OCR (ocrmypdf) first"
        )
    kept, repeated = without_running_heads(pages)
    title = str(found["title"]).strip()
    yield RawDocument(
        file.name,
        paragraphs=tuple(mark_headings(join_pages(kept), found["outline"])),
        title="" if _NO_TITLE.fullmatch(title) else title,
        author=found["author"],
        language=found["language"],
        encoding="pdf",
        bytes=len(file.data),
        notes=(f"{repeated} running heads and page numbers removed",) if repeated else (),
    )


READER = Reader("PDF", (".pdf",), Holds.BOOK, read_pdf, magic=(b"%PDF-",))


def extract_apart(data: bytes, limits: Limits) -> dict[str, Any]:
    """What `pdf_lines` finds in a PDF, in a process of its own. Raises RejectError."""
    program = f"import sys; sys.path[:] = {sys.path!r}; from {pdf_lines.__name__} import answer_on_stdout as run; run()"
    caps = (limits.pdf_pages, limits.book_lines, limits.file_bytes, _MOST_SECONDS)
    command = [sys.executable, "-I", "-c", program, *map(str, caps)]
    late = RejectError("too-large", f"the PDF takes over {_MOST_SECONDS} seconds, or too much memory; refused")
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_WAIT * _MOST_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise late from error
    if done.returncode < 0 and -done.returncode in _STOPPED:
        raise late
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise RejectError("damaged-document", "the PDF breaks the program that reads it; save it anew") from error
    if "refused" in found:
        raise RejectError(*found["refused"])
    return found


def without_running_heads(pages: Sequence[Sequence[PageLine]]) -> tuple[list[_Page], int]:
    """Pages without the lines at their ends that repeat or count them, and how many lines those were."""
    seen: defaultdict[tuple[str, int], list[tuple[int, PageLine]]] = defaultdict(list)
    for number, lines in enumerate(pages):
        for line in _edges(lines):
            for key in _signatures(line.text, number):
                seen[key].append((number, line))
    least = min(_LEAST_REPEATS, max(2, len(pages)))
    running: set[tuple[int, PageLine]] = set()
    for found in seen.values():
        for near in _by_height(found):
            if len({number for number, _ in near}) >= least:
                running.update(near)
    kept = []
    for number, lines in enumerate(pages):
        rest = tuple(line for line in lines if (number, line) not in running)
        lefts = Counter(round(line.left) for line in rest)
        left = max(lefts, key=lambda at: (lefts[at], -at)) if rest else 0.0
        kept.append(_Page(number, rest, left, max((line.right for line in rest), default=0.0)))
    return kept, len(running)


def _by_height(found: list[tuple[int, PageLine]]) -> Iterator[list[tuple[int, PageLine]]]:
    """Lines of several pages in groups that stand at one height."""
    group: list[tuple[int, PageLine]] = []
    for item in sorted(found, key=lambda item: item[1].baseline):
        if group and item[1].baseline - group[0][1].baseline > _SAME_HEIGHT:
            yield group
            group = []
        group.append(item)
    yield group


def _edges(lines: Sequence[PageLine]) -> list[PageLine]:
    """The uppermost and lowest lines of a page."""
    by_height = sorted(lines, key=lambda line: -line.baseline)
    return by_height[:_EDGE_LINES] + by_height[_EDGE_LINES:][-_EDGE_LINES:]


def _signatures(text: str, page: int) -> set[tuple[str, int]]:
    """What can make a line like others: its words, and how far a number in it is from the page's.

    Page numbers keep one distance from the pages: at the start or end of a line whatever stands beside them, inside
    (`3/240`) where the rest stays. Chapters that begin at the top of a page do not.
    """
    alone = numeral_value(text)
    if alone is not None:
        return {(alone[1], alone[0] - page)}
    words = " ".join(text.split())
    found = {(words, 0)} if any(map(str.isalpha, words)) else set()
    for number in re.finditer(r"\d{1,5}", words):
        outside = number.start() == 0 or number.end() == len(words)
        rest = "digits" if outside else f"{words[: number.start()]}#{words[number.end() :]}"
        found.add((rest, int(number[0]) - page))
    return found


def join_pages(pages: Sequence[_Page]) -> Iterator[tuple[str, int]]:
    """(text, page that it begins on) of each paragraph; verse keeps its lines.

    A paragraph begins where the gap above is wide, where a line is set further in or larger than the one before, and
    after a line that ends a sentence with room for more.
    """
    lines = [(page, line) for page in pages for line in page.lines]
    if not lines:
        return
    falls = [a.baseline - b.baseline for page in pages for a, b in itertools.pairwise(page.lines)]
    pitch = statistics.median([fall for fall in falls if fall > 1] or [1.0])
    words = Counter(re.findall(r"\w+(?:-\w+)*", "\n".join(line.text for _, line in lines).lower()))
    # runs of lines that wrap; a run ends where a line does on purpose
    runs = [[lines[0][1].text]]
    begun = lines[0][0].number
    for before, (page, line) in itertools.pairwise(lines):
        between = _between(before, (page, line), pitch, first=len(runs) == 1 and len(runs[0]) == 1)
        if between == "paragraph":
            yield "\n".join(_joined(run, words) for run in runs), begun
            runs, begun = [[line.text]], page.number
        elif between == "line":
            runs.append([line.text])
        else:
            runs[-1].append(line.text)
    yield "\n".join(_joined(run, words) for run in runs), begun


def _between(a: tuple[_Page, PageLine], b: tuple[_Page, PageLine], pitch: float, first: bool) -> str:
    """What lies between two lines: a `paragraph`'s end, a `line`'s, or `nothing`. first: a is its paragraph's first."""
    (page, before), (next_page, line) = a, b
    ended = before.text.endswith(_ENDS)
    indent = _INDENT * max(line.size, 1.0)
    if max(before.size, line.size) > 1.15 * min(before.size, line.size):
        return "paragraph"
    fall = before.baseline - line.baseline
    if page is next_page and fall > 0:
        if fall > _WIDE_GAP * pitch or line.left > before.left + indent:
            return "paragraph"
        if first and ended and before.left > page.left + indent and abs(line.left - before.left) < indent:
            return "paragraph"  # two paragraphs of one line, both set in
    elif page is not next_page and line.left > next_page.left + indent:
        return "paragraph"
    word = 1 if CJK.match(line.text) else len(line.text.split(None, 1)[0])
    room = page.right - before.right
    if before.text.endswith("-") or room < (word + 2) * 0.5 * max(before.size, 1.0):
        return "nothing"
    return "paragraph" if ended else "line"


def _joined(lines: Sequence[str], words: Counter[str]) -> str:
    """Wrapped lines as one. A hyphen at a line's end goes, unless the book writes the word with it elsewhere."""
    pieces = [lines[0]]
    for before, line in itertools.pairwise(lines):
        head, tail = _CUT_WORD.search(before), _WORD_REST.match(line)
        if head and tail and _is_one_word(head[1], tail[0], words):
            pieces[-1] = pieces[-1][:-1]
            pieces.append(line)
        else:
            pieces.append(join_lines([before, line])[len(before) :])
    return "".join(pieces)


def _is_one_word(head: str, tail: str, words: Counter[str]) -> bool:
    shown_alike = tail[0].islower() or (head + tail).isupper()
    return shown_alike and words[f"{head}-{tail}".lower()] <= words[(head + tail).lower()]


def mark_headings(
    paragraphs: Iterable[tuple[str, int]], outline: Sequence[tuple[int, str, int]]
) -> Iterator[Paragraph]:
    """The paragraphs, as headings where the outline leads to their page under their words, of one or of two."""
    titles = {(page, _letters(title)) for level, title, page in outline if level < _DEEPEST_HEADING and _letters(title)}
    found = list(paragraphs)
    at = 0
    while at < len(found):
        text, page = found[at]
        alone = _letters(text)
        both = alone + _letters(found[at + 1][0]) if at + 1 < len(found) else ""
        many = 1 if (page, alone) in titles else 2 if (page, both) in titles else 0
        for text, _ in found[at : at + max(many, 1)]:
            yield heading(" ".join(text.split())) if many else (text, None)
        at += max(many, 1)


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())[:500]
