"""From the inventory of a dataset to a script: named, numbered, and without words that may not be passed on."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from scenesign.schemas.inventory import InventoryInfo
from scenesign.schemas.parts import BookEntry
from scenesign.transforms.signs.glosses.glossary import (
    GLOSSARY,
    LETTERS,
    LetterEntry,
    SignEntry,
    glossary_file,
    letters_file,
    read_glossary,
    read_letters,
)
from scenesign.transforms.signs.inventory import CODEBOOK, EMBEDDINGS, INFO, load_inventory, save_inventory
from scenesign.transforms.support import storage
from scenesign.transforms.support.inside import file_inside
from scenesign.transforms.text.licences import identifier


def share_alike(books: Iterable[BookEntry]) -> set[str]:
    """Ids of the books whose licence asks that what quotes them be under it too."""
    return {book.book_id for book in books if "-sa" in identifier(book.license)}


Entry = TypeVar("Entry", SignEntry, LetterEntry)


def without_examples(entries: Iterable[Entry], books: Collection[str]) -> list[Entry]:
    """The entries without the examples from some books, by id."""
    return [
        replace(entry, examples=tuple(example for example in entry.examples if example.book_id not in books))
        for entry in entries
    ]


def next_version(before: InventoryInfo | None, now: InventoryInfo) -> str:
    """The version of a script: that of the one before where nothing has changed, at first 1.0.0.

    The patch level goes up where codes are as they were, and only what is said of them has changed; else the minor one.
    """
    if before is None:
        return "1.0.0"
    if replace(before, version="") == replace(now, version=""):
        return before.version
    major, minor, patch = map(int, before.version.split("."))
    same_codes = before.files.get(CODEBOOK) == now.files.get(CODEBOOK)
    return f"{major}.{minor}.{patch + 1}" if same_codes else f"{major}.{minor + 1}.0"


def ship_inventory(source: Path, target: Path, script: str, unquoted: Collection[str]) -> InventoryInfo:
    """Writes an inventory into the folder of a script, in place of what is there.

    source: an inventory as a dataset holds it. unquoted: ids of books that no example is taken from. The version goes
    up where anything differs from the script that lay there. Raises ValueError for a damaged inventory.
    """
    inventory = load_inventory(str(source))
    extra = {
        name: storage.read_bytes(file_inside(str(source), name)) for name in inventory.info.files if name != CODEBOOK
    }
    extra[GLOSSARY] = glossary_file(without_examples(read_glossary(str(source))[1], unquoted))
    extra[LETTERS] = letters_file(without_examples(read_letters(str(source)), unquoted))
    before = target / INFO
    old = InventoryInfo.from_json(before.read_text(encoding="utf-8"), str(before)) if before.exists() else None
    for file in target.glob("*"):
        file.unlink()
    saved = save_inventory(str(target), replace(inventory, info=replace(inventory.info, script=script)), extra)
    (target / EMBEDDINGS).unlink()  # most of its bytes, and made again where it is copied
    versioned = replace(saved.info, version=next_version(old, saved.info))
    (target / INFO).write_text(versioned.to_json(), encoding="utf-8", newline="\n")
    return versioned


def inventory_digest(folder: Path) -> str:
    """SHA-256 of `inventory.json`, which holds those of all other files."""
    return hashlib.sha256((folder / INFO).read_bytes()).hexdigest()
