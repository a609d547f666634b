"""A book too long to be held at once, cut into volumes of about one length: at chapters, else at paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from scenesign.schemas.records import Block, BlockKind
from scenesign.transforms.text.clean import CleanText

# A volume is never shorter than this share of what an even cut would make it.
_LEAST_SHARE = 0.5
_SPACE = re.compile(r"\s")


def cut_volumes(book: CleanText, most: int) -> tuple[CleanText, ...]:
    """Volumes of at most `most` characters, in order; a book that is short enough is its own only volume.

    Each cut falls at the heading nearest to an even division, else at the nearest paragraph, and inside a paragraph
    only where that alone is too long. Only white space is lost between two volumes. Raises ValueError for `most`
    below 1.
    """
    if most < 1:
        raise ValueError(f"a volume of {most} characters holds nothing")
    if len(book.text) <= most:
        return (book,)
    blocks = list(_short_blocks(book, most))
    volumes = []
    first = 0
    while first < len(blocks):
        last = _volume_end(blocks, first, most)
        volumes.append(_volume(book, blocks[first:last]))
        first = last
    return tuple(volumes)


def _short_blocks(book: CleanText, most: int) -> Iterator[Block]:
    """The blocks of a book; one over `most` characters comes in pieces, cut at white space where there is some."""
    for block in book.blocks:
        start = block.start
        while block.end - start > most:
            cut = start + most
            spaces = [found.start() for found in _SPACE.finditer(book.text, start + most // 2, cut)]
            cut = spaces[-1] if spaces else cut
            yield Block(start, cut, block.kind)
            start = cut + len(book.text[cut : cut + 100]) - len(book.text[cut : cut + 100].lstrip())
        if start < block.end:
            yield Block(start, block.end, block.kind)


def _volume_end(blocks: Sequence[Block], first: int, most: int) -> int:
    """Index past the last block of the volume that begins with block `first`."""
    start = blocks[first].start
    left = blocks[-1].end - start
    if left <= most:
        return len(blocks)
    aim = left / -(-left // most)  # what is left, shared out evenly
    chapters: list[tuple[float, int]] = []
    paragraphs: list[tuple[float, int]] = []
    for at in range(first + 1, len(blocks)):
        if blocks[at - 1].end - start > most:
            break
        length = blocks[at].start - start
        # a heading opens what follows it: a cut never falls under one
        if blocks[at - 1].kind is BlockKind.HEADING:
            continue
        found = chapters if blocks[at].kind is BlockKind.HEADING and length >= _LEAST_SHARE * aim else paragraphs
        found.append((abs(length - aim), at))
    # without either, headings fill the whole volume
    return min(chapters or paragraphs or [(0.0, first + 1)])[1]


def _volume(book: CleanText, blocks: Sequence[Block]) -> CleanText:
    start = blocks[0].start
    moved = tuple(Block(block.start - start, block.end - start, block.kind) for block in blocks)
    return replace(book, text=book.text[start : blocks[-1].end], blocks=moved)
