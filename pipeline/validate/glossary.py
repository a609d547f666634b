"""Checks of the glossary in the folder `inventory`: what it says of topics and letters is so in the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from scenesign.pipeline.validate.books import BookFacts, SignSpace, Totals
from scenesign.pipeline.validate.tables import check_plain_table
from scenesign.schemas.inventory import InventoryInfo
from scenesign.schemas.parts import FileEntry
from scenesign.schemas.rules import Findings
from scenesign.schemas.tables import LETTER_TABLE, SIGN_TABLE
from scenesign.transforms.signs.glosses.glossary import LetterEntry, SignEntry, letter_entry, sign_entry
from scenesign.transforms.signs.glyphs import LETTER_VALUES, LETTERS_OF_GLYPH, glyph
from scenesign.transforms.signs.numbering import letter_count, letter_ids
from scenesign.transforms.signs.tally import opening

Entry = TypeVar("Entry", SignEntry, LetterEntry)


@dataclass(frozen=True)
class Glossed:
    """What the entries of a table of the glossary are held against.

    file: the table. rule: that it breaks. counts: scenes with each, by language, int64 [entries] each. in_books: books
    with each, int64 [entries]. ids: those of the scenes of a book, int [scenes, any], from its signs.
    """

    file: FileEntry
    rule: str
    what: str
    counts: Mapping[str, np.ndarray]
    in_books: np.ndarray
    ids: Callable[[np.ndarray], np.ndarray]


def check_glossary(
    folder: str,
    file: FileEntry,
    info: InventoryInfo,
    books: Mapping[str, BookFacts],
    totals: Totals,
    findings: Findings,
    taken_over: bool = False,
) -> None:
    """`signs.parquet`: a row per topic, and what it says of the data is so.

    taken_over: it tells of the books of another dataset, so that only the topics themselves can be checked.
    """
    topics = info.sizes[0]
    counts = {code: seen[:topics] for code, seen in totals.sign_counts.items()}
    in_books = totals.sign_books[:topics]
    glossed = Glossed(file, "inventory.glossary", "sign", counts, in_books, lambda signs: signs[:, :1])
    names: dict[str, int] = {}
    for number, found in _entries(folder, glossed, topics, SIGN_TABLE, sign_entry, findings):
        said, wanted = (found.sign, found.glyph), (number, glyph(number, info.sizes))
        if said != wanted:
            detail = f"sign and glyph are {str(said)[:60]}, expected {wanted}"
            findings.add(glossed.rule, file.path, detail, number)
        if found.name and names.setdefault(found.name, number) != number:
            detail = f"sign {number} is called '{found.name[:60]}', as sign {names[found.name]} is"
            findings.add("inventory.names", file.path, detail, number)
        if not taken_over:
            _check_counts(found, number, totals.scenes, glossed, findings)
            _check_examples(found, number, glossed, books, findings)


def check_letters(
    folder: str,
    file: FileEntry,
    info: InventoryInfo,
    space: SignSpace,
    books: Mapping[str, BookFacts],
    totals: Totals,
    findings: Findings,
    taken_over: bool = False,
) -> None:
    """`letters.parquet`: a row per letter and value, and what it says of the data is so.

    Of levels that the data aren't written in only the rows themselves can be checked; taken_over as in
    `check_glossary`.
    """
    firsts, written = space.firsts, letter_count(len(space.sizes))
    glossed = Glossed(
        file,
        "inventory.letters",
        "letter",
        {code: count_letters(seen, space.sizes) for code, seen in totals.sign_counts.items()},
        totals.letter_books,
        lambda signs: letter_ids(signs - firsts),
    )
    for number, found in _entries(folder, glossed, letter_count(len(info.sizes)), LETTER_TABLE, letter_entry, findings):
        said = (found.level, found.letter, found.value)
        letter, value = divmod(number, LETTER_VALUES)
        wanted = (2 + letter // LETTERS_OF_GLYPH, letter % LETTERS_OF_GLYPH, value)
        if said != wanted:
            findings.add(glossed.rule, file.path, f"level, letter and value are {said}, expected {wanted}", number)
        if number < written and not taken_over:
            _check_counts(found, number, totals.scenes, glossed, findings)
            _check_examples(found, number, glossed, books, findings)


def count_letters(counts: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    """Scenes per letter, int64 [letters], from scenes per sign, int64 [signs]; sizes: signs per level."""
    cube = counts[sizes[0] :].reshape(-1, *[LETTER_VALUES] * LETTERS_OF_GLYPH)
    others = ((2, 3), (1, 3), (1, 2))
    return np.stack([cube.sum(axis=axes) for axes in others], axis=1).reshape(-1)


def _entries(
    folder: str,
    glossed: Glossed,
    wanted: int,
    schema: pa.Schema,
    read: Callable[[Mapping[str, Any]], Entry],
    findings: Findings,
) -> Iterator[tuple[int, Entry]]:
    """(row, entry) of the rows that are entries, as many as are wanted."""
    path, number = glossed.file.path, 0
    for batch in check_plain_table(folder, glossed.file, schema, findings):
        for row in batch.to_pylist():
            try:
                if number < wanted:
                    yield number, read(row)
            except ValueError:
                detail = f"{glossed.what} {number}: lists that belong together differ in length, or a language is twice"
                findings.add(glossed.rule, path, detail, number)
            number += 1
    if number != wanted:
        findings.add(glossed.rule, path, f"{number} rows for {wanted} {glossed.what}s")


def _check_counts(found: Entry, number: int, scenes: int, glossed: Glossed, findings: Findings) -> None:
    """What a row says of the data."""
    said = (found.count, found.books, list(found.languages.items()))
    languages = [(code, int(seen[number])) for code, seen in sorted(glossed.counts.items()) if seen[number]]
    count = sum(count for _, count in languages)
    wanted = (count, int(glossed.in_books[number]), languages)
    if said != wanted:
        detail = f"{glossed.what} {number}: count, books and languages are {str(said)[:60]}, the data say {wanted}"
        findings.add(glossed.rule, glossed.file.path, detail, number)
    elif not abs(found.share - count / max(1, scenes)) <= 1e-9:
        findings.add(glossed.rule, glossed.file.path, f"{glossed.what} {number}: share {found.share}", number)


def _check_examples(
    found: Entry, number: int, glossed: Glossed, books: Mapping[str, BookFacts], findings: Findings
) -> None:
    for example in found.examples:
        where = f"scene {example.scene} of {example.book_id}"
        book = books.get(example.book_id)
        signs = book.scene_signs if book else np.zeros((0, 1), np.int32)
        wrong = ""
        if book is None or example.language != book.language or not 0 <= example.scene < (len(signs) or book.scenes):
            wrong = f"there is no {where}"
        elif len(signs) and number not in glossed.ids(signs[example.scene : example.scene + 1]):
            wrong = f"{where} has another"
        elif example.text != opening(example.text):
            wrong = "an example is longer than an opening"
        if wrong:
            findings.add(glossed.rule, glossed.file.path, f"{glossed.what} {number}: {wrong}", number)
