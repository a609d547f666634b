"""What is printed: a stream that can't show a character gets others in its place, and data are UTF-8.

A terminal is written to in its own encoding. A file or a pipe gets UTF-8 with `\\n` line ends, whatever the locale.
Where PYTHONIOENCODING names another encoding, that holds for what people read, and never for data.
"""

from __future__ import annotations

import codecs
import io
import json
import os
import re
import sys
from typing import Final

import click
from rich.text import Text

from scenesign.schemas.records import in_unicode

_REPLACE: Final = "scenesign-replace"
# ASCII by a name of its own: click takes a stream of plain ASCII for an error of the system, and writes UTF-8 to it.
_ASCII: Final = "scenesign-ascii"
_HALF = re.compile("[\ud800-\udfff]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
# Marks that have a likeness in ASCII; all else comes as its number.
_LIKENESS: Final = {
    "\xa0": " ",
    "«": '"',
    "»": '"',
    "±": "+-",
    "–": "-",
    "—": "-",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "„": '"',
    "•": "*",
    "…": "...",
}


def fill_streams() -> None:
    """Opens the empty device in place of each standard stream that this process was started without.

    Else the next file that is opened has the stream's number, and gets what a library prints.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - open as long as we are


def settle_output() -> None:
    """Makes standard output and standard error of this process take any text."""
    asked = os.environ.get("PYTHONIOENCODING", "").partition(":")[0]
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):  # there is none, or a notebook's
            continue
        terminal = stream.isatty()
        encoding = stream.encoding if terminal or asked else "utf-8"
        # how Python would do it unasked: by an error, or by bytes that turn up elsewhere
        unasked = stream.errors in ("strict", "surrogateescape", "backslashreplace")
        stream.reconfigure(
            encoding=_ASCII if codecs.lookup(encoding).name == "ascii" else encoding,
            errors=_REPLACE if unasked else stream.errors,
            newline=None if terminal else "\n",
        )


def fit_output(text: str, style: str = "") -> Text:
    """Text as standard output will show it, so that columns are laid out by what comes to stand in them."""
    return Text(_as_shown(text), style=style)


def _as_shown(text: str) -> str:
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, _REPLACE).decode(encoding)


def print_data(text: str) -> None:
    """Prints lines of data: UTF-8 in a file or a pipe, whatever else was asked for."""
    click.echo(text if sys.stdout.isatty() else text.encode("utf-8", _REPLACE))


def print_json(text: str) -> None:
    """Prints JSON as `print_data` does; what a terminal can't show comes as JSON's own escape."""
    if sys.stdout.isatty():
        text = _BEYOND_ASCII.sub(lambda found: _as_json_shown(found[0]), text)
    print_data(text)


def _as_json_shown(character: str) -> str:
    return character if _as_shown(character) == character else json.dumps(character)[1:-1]


def _replace(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    # names of files may come here as bytes that the locale left unread
    found = in_unicode(error.object[error.start : error.end])
    if error.encoding == "utf-8":  # it shows all but halves of a pair, and takes such text as bytes alone
        return "".join(_in_ascii(c) if _HALF.match(c) else c for c in found).encode(), error.end
    return "".join(map(_in_ascii, found)), error.end


def _in_ascii(character: str) -> str:
    return _LIKENESS.get(character) or character.encode("ascii", "backslashreplace").decode()


def _find(name: str) -> codecs.CodecInfo | None:
    if name != _ASCII.replace("-", "_"):
        return None
    ascii_codec = codecs.lookup("ascii")
    return codecs.CodecInfo(
        ascii_codec.encode,
        ascii_codec.decode,
        ascii_codec.streamreader,
        ascii_codec.streamwriter,
        ascii_codec.incrementalencoder,
        ascii_codec.incrementaldecoder,
        name=_ASCII,
    )


codecs.register_error(_REPLACE, _replace)
codecs.register(_find)
