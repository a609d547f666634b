"""Pages whose lines were broken by hand, in <pre> or by <br>: laid out as the same lines of a plain text would be."""

from __future__ import annotations

import itertools
from dataclasses import replace

from scenesign.transforms.read.document import Paragraph, broken_lines
from scenesign.transforms.read.page_blocks import PageBlock
from scenesign.transforms.read.page_text import PageText
from scenesign.transforms.text.layout import Layout, find_layout, find_paragraphs, laid_out
from scenesign.transforms.text.lines import normalise

_LEAST_MARGIN, _LEAST_WIDE_MARGIN = 50, 20  # characters; shorter full lines are verse
_LEAST_FULL = 0.5  # share of Chinese lines that reach the margin
_MOST_ROOM = 0.1  # share of lines of letters without case after which the next word had room
_NO_ROOM = 0.95  # of the margin
_FEW_LINES = (3, 12)  # that show a margin only where all but the last of each paragraph reach it
_LEAST_REACH = 0.8  # of the margin
_LEAST_SMALL = 0.4  # share of lines that go on in small letters
_ENDS = (".", "!", "?", "…", "”", "»", '"', "。", "！", "？", "」", "』", "’")
_MANY_LINES = 12  # of one block: more than a stanza


def paragraphs_of(page: PageText, language: str | None = None) -> tuple[list[Paragraph], tuple[str, ...]]:
    """The paragraphs of a page, and notes on its lines.

    Blocks without hand-broken lines are paragraphs as they are. Where most of the page is broken by hand, its lines
    are joined or kept as those of a plain text; elsewhere short lines are verse and long ones paragraphs.
    """
    loose = [block for block in page.blocks if block.loose]
    if not loose or 2 * sum(len(block.text) for block in loose) < sum(len(block.text) for block in page.blocks):
        return list(itertools.chain.from_iterable(map(_as_shown, page.blocks))), ()
    text = normalise("\n\n".join(block.text for block in loose))
    layout = find_layout(laid_out(text), text, language)
    if not layout.margin:
        layout = replace(layout, margin=_margin_of_few(text))
    wrapped = layout.margin >= (_LEAST_WIDE_MARGIN if layout.wide else _LEAST_MARGIN)
    wrapped = wrapped and _runs_on(text, layout)
    if not wrapped:
        layout = replace(layout, margin=0, indented_starts=False)
    paragraphs: list[Paragraph] = []
    for is_loose, group in itertools.groupby(page.blocks, key=lambda block: block.loose):
        run = list(group)
        if is_loose and (wrapped or any(map(_ends_its_lines, run))):
            lines = laid_out(normalise("\n\n".join(block.text for block in run)))
            paragraphs += [(paragraph, None) for paragraph in find_paragraphs(lines, layout) if paragraph]
        else:
            paragraphs += itertools.chain.from_iterable(map(_as_shown, run))
    return paragraphs, (f"hard-wrapped lines joined (margin {layout.margin})",) if wrapped else ()


def _ends_its_lines(block: PageBlock) -> bool:
    """Whether a long block has a paragraph on each line, not verse."""
    lines = [line.rstrip() for line in block.text.split("\n")]
    return len(lines) > _MANY_LINES and 2 * sum(line.endswith(_ENDS) for line in lines) >= len(lines)


def _margin_of_few(text: str) -> int:
    """The margin of a text of few lines, 0 where some of them end short of it."""
    lines = [line.rstrip() for line in text.split("\n")]
    margin = max(map(len, lines))
    full = [before for before, line in itertools.pairwise(lines) if before and line]
    few = _FEW_LINES[0] <= sum(map(bool, lines)) < _FEW_LINES[1]
    return margin if few and all(len(line) >= _LEAST_REACH * margin for line in full) else 0


def _runs_on(text: str, layout: Layout) -> bool:
    """Whether lines go on in the next as those of prose do: verse of one metre has a margin too."""
    joints = [(a, b) for a, b in itertools.pairwise(map(str.strip, text.split("\n"))) if a and b]
    if layout.chinese:
        return sum(len(before) >= layout.margin - 2 for before, _ in joints) >= _LEAST_FULL * len(joints)
    if not any(after[0].isupper() or after[0].islower() for _, after in joints):
        # no letter case tells verse: a poet's lines leave room for a word more, or, without spaces, are of all lengths
        goes_on = [(before, after.split(None, 1)[0]) for before, after in joints if not before.endswith(_ENDS)]
        room = sum(
            len(before) + 1 + len(word) <= _NO_ROOM * layout.margin
            or (len(word) > layout.margin / 2 and len(before) < _LEAST_REACH * layout.margin)
            for before, word in goes_on
        )
        return len(goes_on) >= len(joints) / 2 and room <= _MOST_ROOM * len(goes_on)
    return sum(after[0].islower() for _, after in joints) >= _LEAST_SMALL * len(joints)


def _as_shown(block: PageBlock) -> list[Paragraph]:
    return broken_lines(block.text) if block.loose else [(block.text, block.kind)]
