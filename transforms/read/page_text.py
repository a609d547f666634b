"""What a page shows, and pieces of it that stand apart taken out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from scenesign.schemas.records import BlockKind
from scenesign.transforms.read import marks
from scenesign.transforms.read.marks import Apart
from scenesign.transforms.read.page_blocks import PageBlock

_RIGHTS = ("license", "dc.rights", "dcterms.license", "dcterms.rights")  # names of <meta> that state a licence
_LEAST_LINKED = 0.5  # share of a piece of furniture inside links that makes it one whatever its size
_SMALL = 300  # characters of furniture without links that are nothing but that
_LARGEST_SHARE = 1 / 3  # of the page's text: larger furniture is a page that is built oddly
_LONGEST_LINE = 160  # characters of a block of a list of contents


@dataclass
class PageText:
    """What a page shows.

    stated_title: that of its metadata. left_out: what it holds beside, by kind. note_links: where its note marks lead.
    """

    blocks: list[PageBlock] = field(default_factory=list)
    title: str = ""
    stated_title: str = ""
    author: str = ""
    license: str = ""
    language: str = ""
    left_out: Counter[Apart] = field(default_factory=Counter)
    note_links: list[str] = field(default_factory=list)
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)  # blocks of the elements with an id

    def take_metadata(self, name: str, attributes: Mapping[str, str]) -> None:
        """Keeps what an element of the head says of the page, where none before it did."""
        if name == "html":
            self.language = self.language or attributes.get("lang") or attributes.get("xml:lang") or ""
        elif name == "meta":
            called, content = attributes.get("name", "").lower(), attributes.get("content", "")
            if called in ("author", "dc.creator"):
                self.author = self.author or content
            elif called in ("dc.title", "dcterms.title"):
                self.stated_title = self.stated_title or content
            elif called in _RIGHTS:
                self.license = self.license or content
        elif name in ("link", "a") and "license" in attributes.get("rel", "").lower().split():
            self.license = self.license or attributes.get("href", "")

    @property
    def shown(self) -> int:
        """Characters of text."""
        return sum(block.shown for block in self.blocks)

    @property
    def linked(self) -> float:
        """Share of the text inside links."""
        return sum(block.linked for block in self.blocks) / max(1, self.shown)


@dataclass(frozen=True)
class PageRegion:
    """Blocks `[first, last)` that stand apart."""

    kind: Apart
    first: int
    last: int
    shown: int
    linked: int
    strong: bool


def leave_out_regions(page: PageText, regions: list[PageRegion]) -> None:
    """Takes the pieces that stand apart out of a page, and says how many they were."""
    total = max(1, page.shown)
    gone = bytearray(len(page.blocks))
    left_out: Counter[Apart] = Counter()
    for region in sorted(regions, key=lambda region: (region.first, -region.last)):
        if region.first < region.last and not gone[region.first] and _goes(page, region, total):
            gone[region.first : region.last] = b"\1" * (region.last - region.first)
            left_out[region.kind] += _notes_in(page, region) if region.kind is Apart.NOTE else 1
    if all(gone) and not any(region.kind in (Apart.CONTENTS, Apart.IMPRINT, Apart.NOTE) for region in regions):
        return  # a page of nothing but furniture is no site's page
    page.left_out += left_out
    drop(page, gone)


def _goes(page: PageText, region: PageRegion, total: int) -> bool:
    linked = region.linked / max(1, region.shown)
    blocks = page.blocks[region.first : region.last]
    if region.kind in (Apart.NOTE, Apart.IMPRINT):
        return True
    if region.kind in (Apart.NOTE_MARK, Apart.PAGE_MARK):
        return len(blocks) == 1 and marks.is_short_mark(" ".join(blocks[0].text.split()), region.kind)
    if region.kind is Apart.HIDDEN:
        ornament = not any(char.isalnum() for block in blocks for char in block.text)
        return region.shown <= total / 2 and not ornament
    if linked >= _LEAST_LINKED:
        return True
    if region.kind is Apart.CONTENTS:
        return all(len(block.text) <= _LONGEST_LINE for block in blocks) and region.shown <= total / 2
    if linked < _LEAST_LINKED / 2 and any(block.kind is BlockKind.HEADING for block in blocks):
        return False  # the page's own title
    small = region.shown <= _SMALL or (region.strong and region.shown <= _LARGEST_SHARE * total)
    return small and region.shown <= 2 * _LARGEST_SHARE * total


def _notes_in(page: PageText, region: PageRegion) -> int:
    """How many notes a piece of a page holds: those that its anchors tell apart, else one."""
    spans = {span for span in page.spans.values() if region.first <= span[0] < span[1] <= region.last}
    inner = {first for first, last in spans if (first, last) != (region.first, region.last)}
    return max(1, len(inner))


def drop(page: PageText, gone: bytearray) -> None:
    """Takes blocks out of a page; anchors of those that stay go on to point at them."""
    if not any(gone):
        return
    places = [0]
    for out in gone:
        places.append(places[-1] + (not out))
    page.blocks = [block for block, out in zip(page.blocks, gone, strict=True) if not out]
    spans = {name: (places[first], places[last]) for name, (first, last) in page.spans.items()}
    page.spans = {name: span for name, span in spans.items() if span[0] < span[1]}
