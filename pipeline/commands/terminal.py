"""What commands share that print text of books in a terminal or as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from scenesign.schemas.records import in_unicode, printable
from scenesign.transforms.cast.cast import CastMember

if TYPE_CHECKING:
    from scenesign.transforms.dataset.search import SceneMatch


class Words(click.ParamType):
    """An argument that is text, not a path: UTF-8 also where the locale is another's."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """What was meant; called by click."""
        return in_unicode(value)


class Glyphs(Words):
    """Glyphs, or the codes that a terminal shows in place of those that it can't: `\\u4e00`."""

    name = "glyphs"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The glyphs that are meant; called by click."""
        return _CODE.sub(lambda found: chr(int(found[1] or found[2], 16)), super().convert(value, param, ctx))


# Of a character that is no half of a pair.
_CODE = re.compile(r"\\u((?![dD][89a-fA-F])[0-9a-fA-F]{4})|\\U(000[0-9a-fA-F]{5}|0010[0-9a-fA-F]{4})")
# JSON escapes controls below U+0020 itself; these move a terminal's cursor or turn its text too.
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def plain_line(text: str) -> str:
    """Text of a book on one line, never markup and never a terminal's escape."""
    return printable(" ".join(text.split()))


def names_of(cast: Iterable[CastMember]) -> str:
    """Names in a line, each the one that is used most; members whose names are kept back are left out."""
    return plain_line(", ".join(member.name for member in cast if member.names))


def whereabouts(match: SceneMatch) -> str:
    """Book and place of a scene: `Title, Author (en), scene 3 of 12, CHAPTER II`."""
    book = match.book
    title = ", ".join(filter(None, (book.title or book.source, book.author)))
    return ", ".join(filter(None, (f"{title} ({book.language})", f"scene {match.place} of {len(book)}", match.chapter)))


def json_line(row: Mapping[str, object]) -> str:
    """An object as JSON on one line, whose text is never a terminal's escape."""
    text = json.dumps(row, ensure_ascii=False)
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
