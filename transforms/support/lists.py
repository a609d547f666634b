"""ReadLists: what a run starts from, by the name of a file.

A graph that carried its inputs would grow with them, and services refuse a graph of more than a few megabytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import apache_beam as beam

from scenesign.schemas.parts import PartBook, PartEntry
from scenesign.schemas.records import Reject, Source
from scenesign.transforms.support import storage
from scenesign.transforms.support.submitter import Submitter

Row = Source | Reject | PartEntry


def write_list(uri: str, rows: Sequence[Row]) -> None:
    """Writes records as JSON lines; after a line for itself, so that the file is never empty."""
    lines = [json.dumps({"rows": len(rows)}), *(json.dumps(asdict(row), ensure_ascii=False) for row in rows)]
    storage.write_bytes(uri, "".join(line + "\n" for line in lines).encode("utf-8", "surrogatepass"))


def read_list(uri: str, kind: type[Row]) -> Iterator[Row]:
    """The records of such a file. Raises ValueError when it breaks off."""
    first, *lines = storage.read_bytes(uri).decode("utf-8", "surrogatepass").split("\n")[:-1]
    if json.loads(first)["rows"] != len(lines):
        raise ValueError(f"{uri} breaks off after {len(lines)} rows; run the same command again")
    for line in lines:
        yield _record(kind, json.loads(line))


def _record(kind: type[Row], fields: dict[str, Any]) -> Row:
    if kind is PartEntry:
        fields["books"] = tuple(PartBook(**book) for book in fields["books"])
    return kind(**fields)


class _ReadList(beam.DoFn):
    def __init__(self, kind: type[Row], submitter: Submitter) -> None:
        self.kind, self.submitter = kind, submitter

    def process(self, uri: str) -> Iterable[Row]:
        self.submitter.check_written(uri)
        yield from read_list(uri, self.kind)


@dataclass
class ReadList(beam.PTransform):
    """Pipeline -> the records that `write_list` put into a file, spread over the workers."""

    uri: str
    kind: type[Row]
    submitter: Submitter = field(default_factory=Submitter)

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, pipeline: beam.Pipeline) -> beam.PCollection:
        return (
            pipeline
            | "Name" >> beam.Create([self.uri])
            | "Read" >> beam.ParDo(_ReadList(self.kind, self.submitter)).with_output_types(self.kind)
            | "Spread" >> beam.Reshuffle()
        )
