"""Files of a dataset as the page reads them: what is missing or damaged is told in one line with the next step."""

from __future__ import annotations

import pyarrow as pa

from scenesign.transforms.support import storage
from scenesign.transforms.support.inside import file_inside


class ReportError(ValueError):
    """The folder can't be reported on: one line naming the file and the next step."""


def small_table(folder: str, path: str, schema: pa.Schema) -> pa.Table:
    """A small table with the columns we know. Raises ReportError when it is missing, damaged or of another form."""
    try:
        table = storage.read_table(file_inside(folder, path))
        return table.select(schema.names).cast(schema)
    except (OSError, KeyError, ValueError) as error:  # pyarrow's errors are of these kinds
        raise ReportError(
            f"{folder}/{path} can't be read ({str(error).splitlines()[0]}); build the dataset again"
        ) from error
