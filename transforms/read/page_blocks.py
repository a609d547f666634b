"""What a page is made of, before it is known which of it is text of the book."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scenesign.schemas.records import BlockKind
from scenesign.transforms.read.document import LONGEST_HEADING

DEEPEST_HEADING = 3  # level of a heading that is one in every book


@dataclass
class PageBlock:
    """A paragraph, heading or break of a page.

    level: of a heading, 1 to 6; 0 for what is none. shown, linked: characters of it, and of those inside links.
    links: how many it has that stay in the book. ids: anchors at its start. loose: its lines were broken by hand, by
    <br> or in <pre>. opens_note: it starts with a link that may be a note's number, or
    leads back from one.
    """

    text: str
    kind: BlockKind | None = None
    level: int = 0
    shown: int = 0
    linked: int = 0
    links: int = 0
    ids: tuple[str, ...] = ()
    loose: bool = False
    opens_note: bool = False


def settle_levels(pages: Sequence[Sequence[PageBlock]]) -> None:
    """Headings of the levels below the third count where the book has no others: some begin there for their looks."""
    levels = Counter(block.level for blocks in pages for block in blocks if block.level)
    if any(levels[level] > 1 for level in range(1, DEEPEST_HEADING + 1)):
        return
    shallowest = next((level for level in sorted(levels) if level > DEEPEST_HEADING and levels[level] > 1), 0)
    for blocks in pages:
        for block in blocks:
            if block.level and block.level == shallowest and len(block.text) <= LONGEST_HEADING:
                block.kind = BlockKind.HEADING
