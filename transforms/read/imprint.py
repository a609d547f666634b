"""Title and author of a document: what its format says, then its title page, then the name of its file."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.registry import known_suffixes
from scenesign.transforms.text.authors import named_author
from scenesign.transforms.text.clean import CleanText
from scenesign.transforms.text.file_names import read_file_name
from scenesign.transforms.text.lines import flatten
from scenesign.transforms.text.title_page import read_title_page

_LONGEST_FIELD = 300  # characters of a title, author or licence


@dataclass(frozen=True)
class Imprint:
    """What the dataset says of a book. author: "" where nobody is named. notes: what its format doesn't state."""

    title: str
    author: str
    notes: tuple[str, ...] = ()


def read_imprint(document: RawDocument, text: CleanText) -> Imprint:
    """Title and author of a document. An author who is nobody in particular (`Various`) counts as unknown."""
    # "The Project Gutenberg eBook of A Tale, by Jane Roe" is the title of a web page
    named = text.title if text.title and "project gutenberg" in document.title.lower() else document.title
    title, stated = short_field(named or text.title), short_field(document.author or text.author)
    author = named_author(stated)
    notes = [f"author left empty: {stated!r} names nobody"] if stated and not author else []
    if title and author:
        return Imprint(title, author, tuple(notes))
    file = read_file_name(stem_of(document.name))
    page = read_title_page(text.opening, file)
    sources = (("the title page", page.title, page.author), ("the file name", file.title, file.author))
    for source, page_title, page_author in sources:
        new = []
        if not title and page_title:
            title = short_field(page_title)
            new.append("title")
        if not author and not stated and named_author(page_author):
            author = short_field(page_author)
            new.append("author")
        if new:
            notes.append(f"{' and '.join(new)} from {source}")
    if not title:
        title = title_of(document.name)
        notes.append("title from the file name")
    return Imprint(title, author, tuple(notes))


def short_field(text: str) -> str:
    """A title, author or licence on one line, whatever a file puts there."""
    return flatten(text)[:_LONGEST_FIELD]


def stem_of(name: str) -> str:
    """A file's or member's name without folders and suffixes of a format; "" for a row, whose file is not its own."""
    path, _, row = name.rpartition("#")
    return "" if path and row.isdigit() else _stem(name)


def title_of(name: str) -> str:
    """A title from a source's name: `ru/war_and-peace.txt` gives `war and peace`; rows keep their number."""
    path, _, row = name.rpartition("#")
    if not path or not row.isdigit():
        path, row = name, ""
    return " ".join(re.sub(r"[-_]+", " ", f"{_stem(path)} {row}").split()) or name


def _stem(path: str) -> str:
    stem = posixpath.basename(path.rpartition("!")[2].rstrip("/"))
    # only suffixes that name a format: "Mr. Bennet" has none
    while stem.lower().endswith(known_suffixes()):
        stem = posixpath.splitext(stem)[0]
    return stem
