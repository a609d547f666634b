"""Checks of single Parquet files, and reading them safely: in small batches, with caps on what they unpack to."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scenesign.schemas.parts import FileEntry
from scenesign.schemas.rules import Findings
from scenesign.schemas.tables import features_of
from scenesign.schemas.version import PROTOCOL, PROTOCOL_VERSION
from scenesign.transforms.support import storage

# Real text packs 2-5 times, signs and counts up to some 100 times; beyond this a file is a bomb.
MOST_EXPANSION = 1_000
# Small files may have long runs of equal values.
FREE_BYTES = 64 << 20
# Uncompressed bytes of a row group: one is held in memory while it is read.
GROUP_BYTES = 2 << 30
_FOOTER_LIMITS = {"thrift_string_size_limit": 64 << 20, "thrift_container_size_limit": 1_000_000}


def open_table(stream: object, strings: Sequence[str] = ()) -> pq.ParquetFile:
    """A Parquet file from a stranger.

    Pages are read one at a time; `strings` stay dictionary-encoded, so that a long text repeated in every row takes
    its room once.
    """
    return pq.ParquetFile(
        stream,
        read_dictionary=list(strings),
        buffer_size=1 << 20,
        pre_buffer=False,
        page_checksum_verification=True,
        **_FOOTER_LIMITS,
    )


def check_table(folder: str, entry: FileEntry, schema: pa.Schema, findings: Findings) -> bool:
    """Checks what the footer says. True when the rows can be read by the declared columns."""
    path = entry.path
    try:
        with storage.open_read(storage.join(folder, path)) as stream:
            reader = open_table(stream)
            footer, found = reader.metadata, reader.schema_arrow
    except (OSError, ValueError, pa.ArrowException) as error:
        findings.add("tables.readable", path, str(error))
        return False
    if footer.num_rows != entry.rows and entry.config:
        findings.add("files.rows", path, f"{footer.num_rows:,} rows, the manifest says {entry.rows:,}")
    usable = _check_columns(path, found, schema, findings)
    _check_metadata(path, found, schema, findings)
    return _check_groups(path, footer, findings) and usable


def _check_columns(path: str, found: pa.Schema, schema: pa.Schema, findings: Findings) -> bool:
    fields = {field.name: field for field in found}
    wanted = [(field.name, field.type) for field in schema]
    have = [(field.name, field.type) for field in found]
    usable = len(fields) == len(have) and all(name in fields and fields[name].type == kind for name, kind in wanted)
    if have[: len(wanted)] != wanted:
        at = next((i for i, column in enumerate(wanted) if have[i : i + 1] != [column]), 0)
        seen = f"'{have[at][0]}' of type {have[at][1]}" if at < len(have) else "nothing"
        findings.add("tables.schema", path, f"column {at} should be '{wanted[at][0]}' of type {wanted[at][1]}: {seen}")
    elif len(have) > len(wanted):
        extra = ", ".join(name for name, _ in have[len(wanted) :])
        findings.add("tables.extra-columns", path, f"unknown columns, which readers ignore: {extra}")
    return usable


def _check_metadata(path: str, found: pa.Schema, schema: pa.Schema, findings: Findings) -> None:
    metadata = found.metadata or {}
    stated = metadata.get(b"protocol", b"").decode(errors="replace")
    if stated.rsplit(".", 2)[0] != f"{PROTOCOL}/{PROTOCOL_VERSION.split('.')[0]}":
        findings.add("tables.metadata", path, f"protocol '{stated}', expected {PROTOCOL}/{PROTOCOL_VERSION}")
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
        stated_features = {name: features.get(name) for name in schema.names}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        findings.add("tables.metadata", path, "no Hugging Face features in the schema metadata (key `huggingface`)")
        return
    for name, feature in features_of(schema).items():
        if stated_features[name] != feature:
            findings.add("tables.metadata", path, f"the Hugging Face feature of '{name}' should be {feature}")


def _check_groups(path: str, footer: pq.FileMetaData, findings: Findings) -> bool:
    if not footer.num_rows or not footer.num_row_groups:
        findings.add("tables.row-groups", path, "no rows; a table without rows has no file")
    safe = True
    codecs = set()
    for number in range(footer.num_row_groups):
        group = footer.row_group(number)
        if not group.num_rows:
            findings.add("tables.row-groups", path, f"row group {number} is empty")
        columns = [group.column(i) for i in range(group.num_columns)]
        codecs |= {column.compression for column in columns}
        most = max((column.num_values for column in columns), default=0)
        if group.total_byte_size > GROUP_BYTES or most > GROUP_BYTES // 4:
            findings.add("tables.expansion", path, f"row group {number} states {group.total_byte_size:,} bytes")
            safe = False
    if codecs - {"ZSTD"}:
        findings.add("tables.codec", path, f"compressed with {', '.join(sorted(codecs))}")
    return safe


def read_batches(
    folder: str, path: str, schema: pa.Schema, findings: Findings, rows: int = 512, strings: Sequence[str] = ()
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """(index of the first row, batch) of the declared columns of a file that `check_table` found usable.

    Stops with a finding at the first thing that can't be read, is null, or unpacks to too much.
    """
    uri = storage.join(folder, path)
    allowed = FREE_BYTES + MOST_EXPANSION * storage.size(uri)
    first = 0
    try:
        with storage.open_read(uri) as stream:
            reader = open_table(stream, strings)
            # a batch across two row groups would come in chunks, which dictionaries inside lists can't
            groups = range(reader.metadata.num_row_groups)
            found = (reader.iter_batches(rows, [group], schema.names, use_threads=False) for group in groups)
            for batch in itertools.chain.from_iterable(found):
                allowed -= _unpacked(batch)
                if allowed < 0:
                    findings.add("tables.expansion", path, "unpacks to over 1,000 times its size; not read on", first)
                    return
                null = next((name for name in batch.schema.names if _has_null(batch.column(name))), None)
                if null:
                    findings.add("tables.nulls", path, f"column '{null}' is null in or after this row", first)
                    return
                yield first, batch
                first += batch.num_rows
    except (OSError, ValueError, pa.ArrowException) as error:
        findings.add("tables.readable", path, str(error), first)


def _unpacked(batch: pa.RecordBatch) -> int:
    total = batch.nbytes
    for column in batch.columns:
        while isinstance(column, pa.ListArray | pa.FixedSizeListArray):
            column = column.flatten()
        if isinstance(column, pa.DictionaryArray) and len(column.dictionary):
            lengths = pc.binary_length(column.dictionary)
            total += pc.sum(pc.cast(lengths.take(column.indices), pa.int64())).as_py() or 0
    return total


def _has_null(column: pa.Array) -> bool:
    if isinstance(column, pa.StructArray):
        return bool(column.null_count) or any(_has_null(column.field(i)) for i in range(column.type.num_fields))
    while isinstance(column, pa.ListArray | pa.FixedSizeListArray):
        if column.null_count:
            return True
        column = column.flatten()
    return bool(column.null_count)


def check_plain_table(folder: str, entry: FileEntry, schema: pa.Schema, findings: Findings) -> list[pa.RecordBatch]:
    """Checks and reads a small table whole."""
    if not check_table(folder, entry, schema, findings):
        return []
    return [batch for _, batch in read_batches(folder, entry.path, schema, findings)]


def by_split(entries: Iterable[FileEntry]) -> Iterator[tuple[str, list[FileEntry]]]:
    """The files of each split, in order."""
    splits: dict[str, list[FileEntry]] = {}
    for entry in sorted(entries, key=lambda e: e.path):
        splits.setdefault(entry.split, []).append(entry)
    yield from splits.items()


def rows_of(
    folder: str,
    entries: Iterable[FileEntry],
    schema: pa.Schema,
    findings: Findings,
    strings: tuple[str, ...] = (),
    rows: int = 512,
) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """(file, row, record) of every usable file; vectors stay Arrow scalars."""
    for entry in entries:
        if not check_table(folder, entry, schema, findings):
            continue
        for first, batch in read_batches(folder, entry.path, schema, findings, rows, strings):
            columns = {name: batch.column(name) for name in schema.names}
            for i in range(batch.num_rows):
                record = {
                    name: column[i] if name == "scene_vectors" else column[i].as_py()
                    for name, column in columns.items()
                }
                yield entry.path, first + i, record
