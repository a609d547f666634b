"""The glossary of an inventory: a record per topic in `signs.parquet`, and per letter in `letters.parquet`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from scenesign.schemas.inventory import InventoryInfo
from scenesign.schemas.tables import LETTER_TABLE, SIGN_TABLE
from scenesign.transforms.signs.glyphs import LETTER_VALUES, LETTERS_OF_GLYPH, glyph
from scenesign.transforms.signs.inventory import read_described, read_info
from scenesign.transforms.support import storage

GLOSSARY = "signs.parquet"
LETTERS = "letters.parquet"
Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Exemplar:
    """The opening of a scene that lies near a sign; distance: one minus the cosine of the two."""

    book_id: str
    scene: int
    language: str
    text: str
    distance: float


@dataclass(frozen=True)
class SignEntry:
    """All that the glossary says of a sign.

    name: a few words that no other sign has; empty where there are none. share: of the scenes of its level. books:
    distinct ones it occurs in. languages: scenes per language. radius: median distance of the scenes nearest to it.
    neighbours: the nearest other signs of its level. level: 1, but for signs of an inventory of protocol 1.
    """

    sign: int
    glyph: str
    count: int
    share: float
    books: int
    languages: Mapping[str, int]
    keywords: Mapping[str, tuple[str, ...]]
    radius: float
    neighbours: tuple[int, ...]
    examples: tuple[Exemplar, ...]
    name: str = ""
    level: int = 1


@dataclass(frozen=True)
class LetterEntry:
    """All that the glossary says of one value of a letter, over all glyphs of a level that are spelled with it.

    level: from 2. letter: 0 lead, 1 vowel, 2 tail. value: 0 to 15. The rest as in `SignEntry`.
    """

    level: int
    letter: int
    value: int
    count: int
    share: float
    books: int
    languages: Mapping[str, int]
    keywords: Mapping[str, tuple[str, ...]]
    examples: tuple[Exemplar, ...]
    name: str = ""


def called(entry: SignEntry | LetterEntry, language: str) -> str:
    """A sign's name in a language (ISO 639-1): its own if it is in it, else its first two keywords; empty where none.

    Only its own name is sure to differ from all others.
    """
    words, named = entry.keywords.get(language, ()), entry.name.split(", ")
    return ", ".join(named if set(named) <= set(words) else words[:2])


def glossary_file(entries: Sequence[SignEntry]) -> bytes:
    """`signs.parquet`: a row of `SIGN_TABLE` per entry, in their order."""
    return _file(glossary_table(entries))


def letters_file(entries: Sequence[LetterEntry]) -> bytes:
    """`letters.parquet`: a row of `LETTER_TABLE` per entry, in their order."""
    return _file(letters_table(entries))


def _file(table: pa.Table) -> bytes:
    sink = BytesIO()
    pq.write_table(table, sink, **storage.PARQUET_OPTIONS)
    return sink.getvalue()


def glossary_table(entries: Sequence[SignEntry]) -> pa.Table:
    """The entries as rows of `SIGN_TABLE`."""
    own = {name: [getattr(entry, name) for entry in entries] for name in (*_SAME, "neighbours")}
    return pa.Table.from_pydict(own | _lists(entries), schema=SIGN_TABLE)


def letters_table(entries: Sequence[LetterEntry]) -> pa.Table:
    """The entries as rows of `LETTER_TABLE`."""
    own = {name: [getattr(entry, name) for entry in entries] for name in _SAME_OF_LETTER}
    return pa.Table.from_pydict(own | _lists(entries), schema=LETTER_TABLE)


def _lists(entries: Sequence[SignEntry] | Sequence[LetterEntry]) -> dict[str, list[Any]]:
    """The columns that hold mappings and examples as lists that belong together."""
    examples = [entry.examples for entry in entries]
    return {
        "languages": [list(entry.languages) for entry in entries],
        "language_counts": [list(entry.languages.values()) for entry in entries],
        "keyword_languages": [list(entry.keywords) for entry in entries],
        "keywords": [list(entry.keywords.values()) for entry in entries],
        "example_books": [[e.book_id for e in shown] for shown in examples],
        "example_scenes": [[e.scene for e in shown] for shown in examples],
        "example_languages": [[e.language for e in shown] for shown in examples],
        "example_texts": [[e.text for e in shown] for shown in examples],
        "example_distances": [[e.distance for e in shown] for shown in examples],
    }


# Columns that are fields of the record.
_SAME = ("sign", "glyph", "name", "count", "share", "books", "radius")
_SAME_OF_LETTER = ("level", "letter", "value", "name", "count", "share", "books")
# In protocol 1 there was no name, and signs of further levels had rows as well.
_FIRST_TABLE = pa.schema([field for field in SIGN_TABLE if field.name != "name"]).append(pa.field("level", pa.int32()))


def sign_entry(row: Mapping[str, Any]) -> SignEntry:
    """The record of a row of `SIGN_TABLE`, or of what protocol 1 had in its place.

    Raises ValueError when lists that belong together differ in length, or name a language twice.
    """
    own = {name: row[name] for name in (*_SAME, "level") if name in row}
    return SignEntry(**own, **_mappings(row), neighbours=tuple(row["neighbours"]))


def letter_entry(row: Mapping[str, Any]) -> LetterEntry:
    """The record of a row of `LETTER_TABLE`. Raises ValueError as `sign_entry` does."""
    return LetterEntry(**{name: row[name] for name in _SAME_OF_LETTER}, **_mappings(row))


def _mappings(row: Mapping[str, Any]) -> dict[str, Any]:
    """What `_lists` has taken apart."""
    shown = zip(
        row["example_books"],
        row["example_scenes"],
        row["example_languages"],
        row["example_texts"],
        row["example_distances"],
        strict=True,
    )
    return {
        "languages": _by_language(row["languages"], row["language_counts"]),
        "keywords": _by_language(row["keyword_languages"], [tuple(words) for words in row["keywords"]]),
        "examples": tuple(Exemplar(*fields) for fields in shown),
    }


def _by_language(languages: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    found = dict(zip(languages, values, strict=True))
    if len(found) < len(languages):
        raise ValueError(f"a language twice: {', '.join(languages)}")
    return found


def read_glossary(folder: str) -> tuple[InventoryInfo, list[SignEntry]]:
    """What `inventory.json` says, and the entry of every topic, in order of signs; of every sign in protocol 1.

    folder: of an inventory, on any file system. Raises ValueError naming the file when one is missing, altered or
    no glossary.
    """
    info = read_info(folder)
    glossary = storage.join(folder, GLOSSARY)
    entries = _entries(folder, GLOSSARY, info, SIGN_TABLE if info.composed else _FIRST_TABLE, sign_entry)
    signs = info.sizes[0] if info.composed else info.signs
    if [entry.sign for entry in entries] != list(range(signs)):
        raise ValueError(f"{glossary} has {len(entries)} rows; inventory.json speaks of signs 0 to {signs - 1}")
    for entry in entries:
        own = glyph(entry.sign, info.sizes, info.composed)
        if entry.glyph != own or not all(0 <= n < signs for n in entry.neighbours):
            raise ValueError(f"{glossary}: sign {entry.sign} has another glyph, or neighbours that are no signs")
    return info, entries


def read_letters(folder: str) -> list[LetterEntry]:
    """The entry of every letter, in order of ids; none where there are no composed glyphs.

    folder: of an inventory, on any file system. Raises ValueError naming the file when one is missing, altered or
    no table of letters.
    """
    info = read_info(folder)
    if not info.composed or len(info.sizes) == 1:
        return []
    entries = _entries(folder, LETTERS, info, LETTER_TABLE, letter_entry)
    wanted = [
        (level, letter, value)
        for level in range(2, len(info.sizes) + 1)
        for letter in range(LETTERS_OF_GLYPH)
        for value in range(LETTER_VALUES)
    ]
    if [(entry.level, entry.letter, entry.value) for entry in entries] != wanted:
        raise ValueError(f"{storage.join(folder, LETTERS)} has not one row for each of {len(wanted)} letters, in order")
    return entries


def _entries(
    folder: str, name: str, info: InventoryInfo, schema: pa.Schema, entry: Callable[[Mapping[str, Any]], Entry]
) -> list[Entry]:
    """The records of a table of the glossary."""
    uri = storage.join(folder, name)
    data = read_described(folder, name, info)
    try:
        table = pq.ParquetFile(pa.BufferReader(data)).read(schema.names).select(schema.names).cast(schema)
        if any(_has_null(column) for chunked in table.columns for column in chunked.chunks):
            raise ValueError("values are missing")
        return [entry(row) for row in table.to_pylist()]
    except (pa.ArrowException, ValueError, KeyError) as error:
        raise ValueError(f"{uri} is not a glossary of this protocol ({error})") from error


def _has_null(column: pa.Array) -> bool:
    return column.null_count > 0 or (pa.types.is_list(column.type) and _has_null(column.flatten()))
