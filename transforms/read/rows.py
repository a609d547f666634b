"""Books that are rows: of JSON Lines, Parquet and Hugging Face datasets, one at a time."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from scenesign.schemas.records import RejectError, Source
from scenesign.transforms.read.html import RawDocument
from scenesign.transforms.support.failures import raise_if_machine_failed
from scenesign.transforms.support.limits import ReadOptions
from scenesign.transforms.text.clean import normalise
from scenesign.transforms.text.repair import repair

HF_PREFIX = "hf:"
# What the folder builders of `datasets` may unpickle, or what holds no rows of text.
_UNSAFE_DATASET_SUFFIXES = (".pkl", ".pickle", ".tar", ".pt", ".pth", ".npy", ".npz", ".h5", ".hdf5", ".py", ".joblib")
_PARQUET_BATCH = 16  # rows; a row is a book
_SMALL_ROW_GROUP = 16 * 1024 * 1024  # bytes


def read_lines(name: str, stream: BinaryIO, options: ReadOptions) -> Iterator[RawDocument]:
    """Rows of JSON Lines."""
    most = options.limits.row_bytes
    row = -1
    while True:
        line = stream.readline(most + 1)
        if not line:
            return
        if len(line) > most:
            raise RejectError(
                "too-large", f"row {row + 1} is over {most:,} bytes; split it, or raise --limit book_characters=NUMBER"
            )
        if not line.strip(b" \t\r\n\xef\xbb\xbf"):
            continue
        row += 1
        label = f"{name}#{row}"
        try:
            value = json.loads(line.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            problem = RejectError("damaged-row", f"row {row} is not JSON ({error})")
            yield RawDocument(label, bytes=len(line), problem=problem)
            continue
        yield _row_document(label, value, options, len(line))


def read_parquet(name: str, stream: BinaryIO, options: ReadOptions) -> Iterator[RawDocument]:
    """Rows of a Parquet file, a few at a time."""
    try:
        file = pq.ParquetFile(stream)
        wanted = (*options.columns, "licence")
        columns = [column for column in file.schema_arrow.names if column in wanted]
        if options.text_column not in columns:
            raise _no_column(options.text_column, file.schema_arrow.names)
        row = 0
        for group in range(file.num_row_groups):
            size = file.metadata.row_group(group).total_byte_size
            if size > options.limits.expanded_bytes:
                raise RejectError("too-large", f"row group {group} unpacks to {size:,} bytes; write smaller row groups")
            # a dictionary can hold one huge text for a million rows: then a row at a time
            batch_size = _PARQUET_BATCH if size <= _SMALL_ROW_GROUP else 1
            for batch in file.iter_batches(batch_size=batch_size, row_groups=[group], columns=columns):
                for value in batch.to_pylist():
                    text = value.get(options.text_column)
                    yield _row_document(f"{name}#{row}", value, options, len(text) if isinstance(text, str) else 0)
                    row += 1
    except (pa.ArrowException, OSError, ValueError) as error:
        # a ValueError is what a text that is no UTF-8 comes as
        raise RejectError(
            "damaged-parquet", f"the Parquet file can't be read ({one_line(error)}); write it again"
        ) from error


def read_dataset(source: Source, options: ReadOptions) -> Iterator[RawDocument]:
    """Rows of a Hugging Face dataset, streamed. Code that a dataset brings along is never run."""
    name, config, split = parse_dataset(source.uri)
    import datasets  # slow to import, and few runs need it

    try:
        if os.path.isdir(name):
            _refuse_unsafe(name)
        if os.path.isdir(name) and is_saved(name):
            found: Any = datasets.load_from_disk(name)
        else:
            found = datasets.load_dataset(name, config, streaming=True)
        if hasattr(found, "keys"):
            splits = sorted(found.keys())
            chosen = split or ("train" if "train" in splits else splits[0])
            if chosen not in splits:
                raise RejectError("no-split", f"no split {chosen!r}; the dataset has {', '.join(splits)}")
            found = found[chosen]
        stated = str(getattr(getattr(found, "info", None), "license", None) or "")
        rows: Iterable[Any] = found
        for row, value in enumerate(rows):
            if row == 0 and options.text_column not in value:
                raise _no_column(options.text_column, value)
            document = _row_document(f"{source.name}#{row}", value, options, 0)
            yield replace(document, license=document.license or stated)
    except RejectError:
        raise
    except Exception as error:  # datasets raises whatever its backends do, and offline is the commonest
        raise_if_machine_failed(error)
        why = f"{type(error).__name__}: {one_line(error)}"
        if isinstance(error, ConnectionError):
            why = f"the hub is out of reach ({one_line(error)}); give a folder with its files instead, as hf:FOLDER"
        raise RejectError("unreadable-dataset", why) from error


def parse_dataset(uri: str) -> tuple[str, str | None, str | None]:
    """Name (or local folder), configuration and split of `hf:NAME[/CONFIG][@SPLIT]`.

    NAME is `dataset`, `owner/dataset` or a folder; a third part is the configuration. Raises ValueError for what is
    none of these.
    """
    body, _, split = uri.removeprefix(HF_PREFIX).partition("@")
    if os.path.isdir(body):
        return body, None, split or None
    parts = body.split("/")
    if len(parts) == 3 and all(parts):
        return "/".join(parts[:2]), parts[2], split or None
    if not 1 <= len(parts) <= 2 or not all(parts):
        raise ValueError(f"{uri}: no such folder, and no dataset's name; write hf:NAME[/CONFIG][@SPLIT] or hf:FOLDER")
    return body, None, split or None


def is_saved(folder: str) -> bool:
    """Whether a folder is what `save_to_disk` of the library `datasets` leaves."""
    return any(os.path.exists(os.path.join(folder, name)) for name in ("state.json", "dataset_dict.json"))


def _refuse_unsafe(folder: str) -> None:
    for _, _, names in os.walk(folder):
        for name in names:
            if name.lower().endswith(_UNSAFE_DATASET_SUFFIXES):
                raise RejectError("unsupported-type", f"the folder holds {name!r}, which could run code; remove it")


def _row_document(label: str, row: Any, options: ReadOptions, size: int) -> RawDocument:
    if not isinstance(row, dict):
        return RawDocument(
            label, bytes=size, problem=RejectError("damaged-row", "the row is not an object with columns")
        )
    text = row.get(options.text_column)
    if options.text_column not in row:
        return RawDocument(label, bytes=size, problem=_no_column(options.text_column, row))
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
    return " ".join(normalise(str(value)).split())[:500] if value is not None else ""


def _no_column(column: str, names: Iterable[str]) -> RejectError:
    listed = ", ".join(sorted(map(str, names))[:20])
    return RejectError("no-text-column", f"no column {column!r}; name one of: {listed}")


def one_line(error: BaseException) -> str:
    """What an error says, without line ends and at no length."""
    return " ".join(str(error).split())[:300]
