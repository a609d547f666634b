"""What a page is made of, before it is known which of it is text of the book."""

from __future__ import annotations

from dataclasses import dataclass

from scenesign.schemas.records import BlockKind


@dataclass
class Block:
    """A paragraph, heading or break of a page. shown, linked: characters of it, and of those inside links.

    links: how many it has that stay in the book. ids: anchors at its start. loose: its lines were broken by hand, by
    <br> or in <pre>. opens_note: it starts with a link that may be a note's number.
    """

    text: str
    kind: BlockKind | None = None
    shown: int = 0
    linked: int = 0
    links: int = 0
    ids: tuple[str, ...] = ()
    loose: bool = False
    opens_note: bool = False
