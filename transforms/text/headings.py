"""Which blocks of a book are headings and scene breaks, by their form and by how they count through it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scenesign.schemas.records import BlockKind
from scenesign.transforms.text.heading_counts import find_counting, measure_between
from scenesign.transforms.text.heading_gaps import gapped_titles
from scenesign.transforms.text.heading_lines import counted_line, is_break, is_lone_word, run_in
from scenesign.transforms.text.heading_shapes import LONGEST_HEADING, LONGEST_LISTED, SENTENCE_ENDS, Counted, is_title
from scenesign.transforms.text.heading_titles import contents_entries, set_off_titles, title_page, titles_under
from scenesign.transforms.text.lines import CJK

_DASHES = ("- ", "— ", "– ", ".-", ".—", ".–", ":—", ":-", ". —", ". -")  # what parts a long heading
_IDEOGRAPH_LETTERS = 3  # an ideograph says as much as so many letters


class _Piece(NamedTuple):
    """A run of lines of one block. join: what parted it from the piece before, None at the block's start.

    kind: what its format or its own words say. counted: the number that it bears. gap: blank lines before it.
    """

    text: str
    kind: BlockKind | None
    join: str | None = None
    counted: Counted | None = None
    gap: int = 0


def find_headings(
    texts: Sequence[str], kinds: Sequence[BlockKind | None] | None = None, gaps: Sequence[int] | None = None
) -> list[tuple[str, BlockKind]]:
    """The blocks of a book with what each is, in order.

    A heading that shares its block with prose is split off, so the result may be longer than `texts`; only
    white space is lost. kinds: what the file format said of a block (`<h1>`), kept as it is; None where it
    said nothing. gaps: blank lines before each block in a plain text.
    """
    pieces = list(_pieces(texts, kinds or [None] * len(texts), gaps or [0] * len(texts)))
    lines = [piece.text for piece in pieces]
    found = [piece.kind for piece in pieces]
    counted = [piece.counted for piece in pieces]
    letters = _letters(lines)
    for at in find_counting(lines, counted, measure_between(lines, found, letters)):
        found[at] = BlockKind.HEADING
    if gaps:
        spaces = [piece.gap for piece in pieces]
        for at in gapped_titles(lines, found, spaces, letters):
            found[at] = BlockKind.HEADING
    for at in set_off_titles(lines, found, measure_between(lines, found, letters)):
        found[at] = BlockKind.HEADING
    inner = [piece.join is not None for piece in pieces]
    for at in [*contents_entries(lines, found), *titles_under(lines, found, inner)]:
        found[at] = BlockKind.HEADING
    lines, found = _joined(pieces, found)
    result = [(text, kind or BlockKind.PARAGRAPH) for text, kind in zip(lines, found, strict=True)]
    page = title_page(lines, found)
    titles = [
        (line, kind if kind is BlockKind.BREAK else BlockKind.HEADING)
        for text, kind in result[:page]
        for line in text.split("\n")
    ]
    return titles + result[page:]


def _letters(lines: Sequence[str]) -> int:
    """How many letters a character of the book is worth."""
    sample = "".join(line[:200] for line in lines[:200])
    return _IDEOGRAPH_LETTERS if len(CJK.findall(sample)) > len(sample) / 3 else 1


def _pieces(texts: Sequence[str], kinds: Sequence[BlockKind | None], gaps: Sequence[int]) -> Iterator[_Piece]:
    """Cuts headings, breaks and lines that may be headings out of blocks."""
    for text, kind, gap in zip(texts, kinds, gaps, strict=True):
        if kind is not None:
            yield _Piece(text, kind, gap=gap)
            continue
        join: str | None = None
        rest: list[str] = []
        many = "\n" in text
        for line in text.split("\n") if many else (text,):
            head = run_in(line)
            piece = _piece(line[:head].rstrip() if head else line, join, gap if join is None else 0)
            if not (many or head):
                yield piece
                continue
            titled = many and is_title(line, strict=True) and (not rest or rest[-1].endswith(SENTENCE_ENDS))
            if not (head or titled or piece.kind or piece.counted):
                rest.append(line)
                continue
            if rest:
                yield _Piece("\n".join(rest), None, join, gap=gap if join is None else 0)
                rest = []
                piece = piece._replace(join="\n", gap=0)
            yield piece
            join = "\n"
            if head:
                body = line[head:].lstrip()
                yield _Piece(body, None, line[len(piece.text) : len(line) - len(body)])
        if rest:
            yield _Piece("\n".join(rest), None, join, gap=gap if join is None else 0)


def _piece(line: str, join: str | None, gap: int) -> _Piece:
    """A line with what it says of itself."""
    long = len(line) > LONGEST_HEADING
    if len(line) > LONGEST_LISTED or (long and not (("-" in line or "—" in line) and _parted(line))):
        return _Piece(line, None, join, gap=gap)
    if is_break(line):
        return _Piece(line, BlockKind.BREAK, join, gap=gap)
    counted = counted_line(line) if line.strip() else None
    sure = counted.sure if counted else is_lone_word(line)
    return _Piece(line, BlockKind.HEADING if sure and not long else None, join, counted, gap)


def _parted(line: str) -> bool:
    return any(dash in line for dash in _DASHES)


def _joined(pieces: Sequence[_Piece], kinds: Sequence[BlockKind | None]) -> tuple[list[str], list[BlockKind | None]]:
    """Puts pieces of one block together again where none of two neighbours turned out to be a heading or break."""
    groups: list[list[str]] = []
    found: list[BlockKind | None] = []
    for piece, kind in zip(pieces, kinds, strict=True):
        if piece.join is not None and kind is None and found and found[-1] is None:
            groups[-1] += [piece.join, piece.text]
        else:
            groups.append([piece.text])
            found.append(kind)
    return ["".join(group) for group in groups], found
