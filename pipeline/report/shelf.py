"""The section on the quality of the shelf: what each stage did, which books are alike, and languages mixed in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scenesign.schemas.manifest import Manifest
from scenesign.schemas.parts import BookEntry
from scenesign.schemas.stages import StageCounts
from scenesign.transforms.quality.near_duplicates import groups_of

_MOST_ROWS = 100
_SHARES = ("0.05", "0.5", "0.95")
# What readers call the steps.
_NAMES: Mapping[str, str] = {
    "ListInputs": "list inputs",
    "ReadBooks": "read, identify the language",
    "Duplicates": "leave out exact duplicates",
    "SplitSentences": "split sentences",
    "EmbedSentences": "embed",
    "FindScenes": "find scenes",
    "WriteParts": "keep finished books",
    "NearDuplicates": "leave out near-duplicates",
    "FindCast": "find the cast",
    "WriteDataset": "assign signs, write",
}


@dataclass(frozen=True)
class StageRow:
    """A stage as the page shows it."""

    name: str
    came_in: int
    went_out: int
    refused: str
    noted: int


@dataclass(frozen=True)
class SpreadRow:
    """Sizes of the books after a stage. quantiles: the least, those of 1, 10 and 19 in 20, the most."""

    name: str
    total: int
    mean: float
    deviation: float
    quantiles: tuple[int, ...]


@dataclass(frozen=True)
class NearRow:
    """A book and a longer one that holds much of it."""

    source: str
    other: str
    share: float


@dataclass(frozen=True)
class ShelfQuality:
    """What the section shows. looked: whether near-duplicates were looked for. groups: of books that share text."""

    stages: tuple[StageRow, ...]
    sizes: tuple[SpreadRow, ...]
    looked: bool
    groups: int
    alike: int
    near: tuple[NearRow, ...]
    all_near: int
    dropped: int
    mixed: tuple[BookEntry, ...]
    all_mixed: int


def shelf_quality(manifest: Manifest) -> ShelfQuality | None:
    """What a manifest says of its shelf; None where it is of a time, or a maker, that said nothing."""
    if not manifest.stages:
        return None
    sources = {book.book_id: book.source for book in manifest.books}
    near = [
        NearRow(book.source, sources.get(other.book_id, other.book_id), other.share)
        for book in manifest.books
        for other in book.near_duplicates
    ]
    near.sort(key=lambda row: (-row.share, row.source, row.other))
    mixed = sorted(
        (book for book in manifest.books if book.other_language), key=lambda book: (-book.other_share, book.source)
    )
    groups = groups_of(manifest.books)
    return ShelfQuality(
        stages=tuple(map(_stage_row, manifest.stages)),
        sizes=tuple(row for stage in manifest.stages for row in _size_rows(stage)),
        looked=manifest.options.get("near_duplicates") in ("flag", "drop"),
        groups=len(groups),
        alike=sum(map(len, groups)),
        near=tuple(near[:_MOST_ROWS]),
        all_near=len(near),
        dropped=manifest.counts.rejects_by_reason.get("near-duplicate", 0),
        mixed=tuple(mixed[:_MOST_ROWS]),
        all_mixed=len(mixed),
    )


def _stage_row(stage: StageCounts) -> StageRow:
    refused = ", ".join(f"{reason} {count:,}" for reason, count in stage.refused.items())
    return StageRow(_NAMES.get(stage.stage, stage.stage), stage.came_in, stage.went_out, refused, stage.noted)


def _size_rows(stage: StageCounts) -> list[SpreadRow]:
    when = "as read" if stage.stage == "ReadBooks" else "in the dataset"
    return [
        SpreadRow(
            f"{unit} of a book, {when}",
            spread.sum,
            spread.mean,
            spread.deviation,
            (spread.least, *(spread.quantiles[share] for share in _SHARES), spread.most),
        )
        for unit, spread in stage.sizes.items()
        if spread.quantiles.keys() >= set(_SHARES)  # another maker may state others
    ]
