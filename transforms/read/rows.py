"""A row to a document, wherever the row lies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scenesign.schemas.records import RejectError
from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.text.lines import flatten
from scenesign.transforms.text.repair import repair


def row_document(label: str, row: Any, options: ReadOptions, size: int) -> RawDocument:
    """The document that a row is; one without usable text has a `problem`. size: bytes or characters of the row."""
    if not isinstance(row, dict):
        return RawDocument(
            label, bytes=size, problem=RejectError("damaged-row", "the row is not an object with columns")
        )
    text = row.get(options.text_column)
    if options.text_column not in row:
        return RawDocument(label, bytes=size, problem=no_column(options.text_column, row))
    if not isinstance(text, str) or not text.strip():
        problem = RejectError("empty", f"column {options.text_column!r} holds no text in this row")
        return RawDocument(label, bytes=size, problem=problem)
    text, notes = repair(text)
    notes += tuple(
        f"no column {column!r} for its {what}" for what, column in options.named_columns if column not in row
    )
    return RawDocument(
        label,
        text,
        title=_cell(row, options.title_column),
        author=_cell(row, options.author_column),
        license=_cell(row, options.license_column) or _cell(row, "licence"),
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


def no_column(column: str, names: Iterable[str]) -> RejectError:
    listed = ", ".join(sorted(map(str, names))[:20])
    return RejectError("no-text-column", f"no column {column!r}; name one of: {listed}")
