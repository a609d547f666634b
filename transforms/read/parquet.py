"""Books that are rows of a Parquet file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from scenesign.schemas.records import RejectError
from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.reader import Holds, InputFile, Reader
from scenesign.transforms.read.rows import no_column, not_text, row_document
from scenesign.transforms.support.failures import one_line, raise_if_machine_failed

_BATCH = 16  # rows; a row is a book
_SMALL_ROW_GROUP = 16 * 1024 * 1024  # bytes


def read_parquet(file: InputFile) -> Iterator[RawDocument]:
    """Rows of a Parquet file, a few at a time."""
    for row, value in enumerate(_rows(file)):
        text = value.get(file.options.text_column)
        yield row_document(f"{file.name}#{row}", value, file.options, len(text) if isinstance(text, str) else 0)


def _rows(file: InputFile) -> Iterator[dict[str, Any]]:
    options = file.options
    try:
        table = pq.ParquetFile(file.stream)
        wanted = (*options.columns, "licence")
        columns = [column for column in table.schema_arrow.names if column in wanted]
        if options.text_column not in columns:
            raise no_column(options.text_column, table.schema_arrow.names)
        kind = table.schema_arrow.field(options.text_column).type
        if not _may_be_text(kind):
            raise not_text(options.text_column, f"values of type {kind}")
        for group in range(table.num_row_groups):
            size = table.metadata.row_group(group).total_byte_size
            if size > options.limits.expanded_bytes:
                raise RejectError("too-large", f"row group {group} unpacks to {size:,} bytes; write smaller row groups")
            # a dictionary can hold one huge text for a million rows: then a row at a time
            batch_size = _BATCH if size <= _SMALL_ROW_GROUP else 1
            for batch in table.iter_batches(batch_size=batch_size, row_groups=[group], columns=columns):
                yield from batch.to_pylist()
    except (pa.ArrowException, OSError, ValueError, OverflowError, LookupError) as error:
        raise_if_machine_failed(error)
        # what is not in pyarrow's words: a text that is no UTF-8, a time that no calendar has, an unknown time zone
        raise RejectError(
            "damaged-parquet", f"the Parquet file can't be read ({one_line(error)}); write it again"
        ) from error


def _may_be_text(kind: pa.DataType) -> bool:
    """Whether values of a type are text, bytes that may be, or nothing at all."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    octets = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view, pa.types.is_fixed_size_binary)
    return any(test(kind) for test in (*texts, *octets, pa.types.is_null))


READER = Reader("Parquet", (".parquet",), Holds.ROWS, read_parquet, magic=(b"PAR1",))
