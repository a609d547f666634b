"""A row to a document, wherever the row lies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from scenesign.schemas.records import RejectError
from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.text.licences import licence_line
from scenesign.transforms.text.lines import flatten
from scenesign.transforms.text.repair import repair

# What cells hold that is no text; a truth value is a number to Python, so it comes first.
_TYPES: dict[type, str] = {
    bytes: "bytes that are no UTF-8",
    bool: "a truth value",
    int: "a number",
    float: "a number",
    Decimal: "a number",
    dict: "a group of columns",
    list: "a list",
    date: "a date",
    time: "a time",
    timedelta: "a span of time",
}
_LONGEST_LICENCE = 50_000  # characters


def row_document(label: str, row: Any, options: ReadOptions, size: int) -> RawDocument:
    """The document that a row is; one without usable text has a `problem`. size: bytes or characters of the row."""
    if not isinstance(row, dict):
        return RawDocument(
            label, bytes=size, problem=RejectError("damaged-row", "the row is not an object with columns")
        )
    text = row.get(options.text_column)
    if options.text_column not in row:
        return RawDocument(label, bytes=size, problem=no_column(options.text_column, row))
    if text is None or text != text or (isinstance(text, (str, bytes)) and not text.strip()):
        problem = RejectError("empty", f"column {options.text_column!r} holds no text in this row")
        return RawDocument(label, bytes=size, problem=problem)
    decoded = text if isinstance(text, str) else _text_of(text)
    if decoded is None:
        return RawDocument(label, bytes=size, problem=not_text(options.text_column, _type_of(text)))
    text, notes = repair(decoded)
    notes += tuple(
        f"no column {column!r} for its {what}" for what, column in options.named_columns if column not in row
    )
    return RawDocument(
        label,
        text,
        title=_cell(row, options.title_column),
        author=_cell(row, options.author_column),
        license=_licence(row, options.license_column) or _licence(row, "licence"),
        language=_cell(row, options.language_column),
        language_is_given=True,
        bytes=size,
        notes=notes,
    )


def _cell(row: dict[str, Any], column: str) -> str:
    value = row.get(column)
    if isinstance(value, (list, tuple)):
        value = ", ".join(str(part) for part in value)
    return flatten(str(value))[:500] if value is not None else ""


def _licence(row: dict[str, Any], column: str) -> str:
    """A licence as its cell has it; a page of it is made a line before anything is cut."""
    value = row.get(column)
    return licence_line(value[:_LONGEST_LICENCE]) if isinstance(value, str) else _cell(row, column)


def _type_of(value: object) -> str:
    """What a cell holds, in the words of tables."""
    return next((name for kind, name in _TYPES.items() if isinstance(value, kind)), type(value).__name__)


def _text_of(value: object) -> str | None:
    """The text of a cell: bytes that are UTF-8 are text; None where it is none."""
    if isinstance(value, (bytes, bytearray)):
        try:
            value = bytes(value).decode("utf-8-sig")
        except UnicodeDecodeError:
            return None
    return value if isinstance(value, str) and "\0" not in value else None


def not_text(column: str, kind: str) -> RejectError:
    """The refusal of a column of text that holds something else. kind: what it holds."""
    return RejectError("no-text-column", f"column {column!r} holds {kind}, not text; name one that does: --text-column")


def no_column(column: str, names: Iterable[str]) -> RejectError:
    listed = ", ".join(sorted(map(str, names))[:20])
    return RejectError("no-text-column", f"no column {column!r}; name one of: {listed}")
