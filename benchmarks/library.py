"""Works of the library beside the repository: an archive of texts per language."""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Iterable
from pathlib import Path

from scenesign.schemas.records import Book, Source
from scenesign.transforms.read.books import read_books
from scenesign.transforms.read.options import ReadOptions


def plain_name(name: str) -> str:
    """A name in composed form: archives and lists need not agree on how `é` or `й` is written."""
    return unicodedata.normalize("NFC", name)


def unpack_works(archive: Path, names: Iterable[str], folder: Path) -> dict[str, Path]:
    """Puts works of an archive into a folder, which is made where it is absent; where each lies, by name.

    Raises KeyError for a name that the archive lacks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Path] = {}
    with zipfile.ZipFile(archive) as opened:
        members = {plain_name(Path(member.filename).name): member for member in opened.infolist()}
        for name in names:
            if plain_name(name) not in members:
                raise KeyError(f"{archive}: no {name} in it; is this the library that was meant?")
            found[name] = folder / Path(name).name
            found[name].write_bytes(opened.read(members[plain_name(name)]))
    return found


def books_of(path: Path, language: str) -> list[Book]:
    """The books in one file, read and cleaned as a build does; what it would refuse is left out."""
    read = read_books(Source(str(path), path.name), ReadOptions(language=language))
    return [book for book in read if isinstance(book, Book)]
