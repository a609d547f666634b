"""Books that are rows of JSON Lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from scenesign.schemas.records import RejectError
from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.reader import Holds, InputFile, Reader
from scenesign.transforms.read.rows import row_document

_SUFFIXES = (".jsonl", ".ndjson")
_LOOKS_ROW = re.compile(rb'\{\s*"[^"\n]{1,100}"\s*:')


def are_rows(file: InputFile) -> bool:
    """Whether a file is JSON Lines: by its suffix, unless nothing in it looks so; without one by its first row."""
    start = file.head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if file.suffix in _SUFFIXES:
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise RejectError("damaged-row", "JSON Lines are UTF-8, and this is UTF-16; convert the file")
        return not start or start.startswith((b"{", b"[", b'"')) or b"\n{" in start
    return _LOOKS_ROW.match(start) is not None and f'"{file.options.text_column}"'.encode() in start


def read_lines(file: InputFile) -> Iterator[RawDocument]:
    """Rows of JSON Lines."""
    most = file.limits.row_bytes
    row = -1
    while True:
        line = file.stream.readline(most + 1)
        if not line:
            return
        if len(line) > most:
            raise RejectError(
                "too-large", f"row {row + 1} is over {most:,} bytes; split it, or raise --limit book_characters=NUMBER"
            )
        if not line.strip(b" \t\r\n\xef\xbb\xbf"):
            continue
        row += 1
        label = f"{file.name}#{row}"
        try:
            value = json.loads(line.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            problem = RejectError("damaged-row", f"row {row} is not JSON ({error})")
            yield RawDocument(label, bytes=len(line), problem=problem)
            continue
        yield row_document(label, value, file.options, len(line))


READER = Reader("JSON Lines", _SUFFIXES, Holds.ROWS, read_lines, looks=are_rows, streams=True)
