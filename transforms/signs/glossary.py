"""The glossary of an inventory, read back: `signs.parquet` as records."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from scenesign.schemas.inventory import InventoryInfo
from scenesign.schemas.tables import SIGN_TABLE
from scenesign.transforms.signs.glyphs import glyph
from scenesign.transforms.support import storage

GLOSSARY = "signs.parquet"


@dataclass(frozen=True)
class Example:
    """The opening of a scene that lies near a sign; distance: one minus the cosine of the two."""

    book_id: str
    scene: int
    language: str
    text: str
    distance: float


@dataclass(frozen=True)
class SignEntry:
    """All that the glossary says of a sign.

    share: of the scenes of its level. books: distinct ones it occurs in. languages: scenes per language.
    radius: median distance of the scenes nearest to it. neighbours: the nearest other signs of its level.
    """

    sign: int
    glyph: str
    level: int
    code: int
    count: int
    share: float
    books: int
    languages: Mapping[str, int]
    keywords: Mapping[str, tuple[str, ...]]
    radius: float
    neighbours: tuple[int, ...]
    examples: tuple[Example, ...]


def read_glossary(folder: str) -> tuple[InventoryInfo, list[SignEntry]]:
    """What `inventory.json` says, and the entry of every sign, in order of signs.

    folder: of an inventory, on any file system. Raises ValueError naming the file when one is missing, altered or
    no glossary.
    """
    described, glossary = storage.join(folder, "inventory.json"), storage.join(folder, GLOSSARY)
    try:
        info = InventoryInfo.from_json(storage.read_bytes(described).decode(), described)
        data = storage.read_bytes(glossary)
    except OSError as error:
        raise ValueError(f"{folder} is not an inventory ({error}); give a dataset or its folder `inventory`") from error
    if hashlib.sha256(data).hexdigest() != info.files.get(GLOSSARY):
        raise ValueError(f"{glossary} is not the file that inventory.json describes: its SHA-256 differs")
    try:
        table = pq.read_table(pa.BufferReader(data), columns=SIGN_TABLE.names).cast(SIGN_TABLE)
    except (pa.ArrowException, ValueError, KeyError) as error:
        raise ValueError(f"{glossary} is not a glossary of this protocol ({error})") from error
    if any(_has_null(column) for chunked in table.columns for column in chunked.chunks):
        raise ValueError(f"{glossary} is not a glossary of this protocol (values are missing)")
    try:
        entries = [_entry(row) for row in table.to_pylist()]
    except ValueError as error:
        raise ValueError(f"{glossary} is not a glossary of this protocol ({error})") from error
    if [entry.sign for entry in entries] != list(range(info.signs)):
        raise ValueError(f"{glossary} has {len(entries)} rows; inventory.json speaks of signs 0 to {info.signs - 1}")
    for entry in entries:
        if entry.glyph != glyph(entry.sign, info.sizes) or not all(0 <= n < info.signs for n in entry.neighbours):
            raise ValueError(f"{glossary}: sign {entry.sign} has another glyph, or neighbours that are no signs")
    return info, entries


def _has_null(column: pa.Array) -> bool:
    return column.null_count > 0 or (pa.types.is_list(column.type) and _has_null(column.flatten()))


def _entry(row: dict) -> SignEntry:
    shown = zip(
        row["example_books"],
        row["example_scenes"],
        row["example_languages"],
        row["example_texts"],
        row["example_distances"],
        strict=True,
    )
    words = zip(row["keyword_languages"], row["keywords"], strict=True)
    return SignEntry(
        **{name: row[name] for name in ("sign", "glyph", "level", "code", "count", "share", "books", "radius")},
        languages=dict(zip(row["languages"], row["language_counts"], strict=True)),
        keywords={language: tuple(found) for language, found in words},
        neighbours=tuple(row["neighbours"]),
        examples=tuple(Example(*fields) for fields in shown),
    )
