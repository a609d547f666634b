"""WriteParts: finished books go to Parquet parts at once; a part is the checkpoint that a later run starts from."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue

from scenesign.schemas.parts import PartEntry
from scenesign.schemas.records import SegmentedBook
from scenesign.transforms.parts.format import PartRow, part_row, write_part
from scenesign.transforms.support.attempts import attempt
from scenesign.transforms.support.counting import count, tell
from scenesign.transforms.support.failures import refuse_book
from scenesign.transforms.support.rejects import to_rejects
from scenesign.transforms.support.submitter import Submitter

# A part closes at whichever comes first, so that a killed run loses little and a long one has few files.
BOOKS_PER_PART = 16
BYTES_PER_PART = 64 << 20
SECONDS_PER_PART = 15.0


class CollectParts(beam.DoFn):
    """SegmentedBook -> PartEntry, one per closed part; tag `rejects`."""

    def __init__(self, folder: str, submitter: Submitter | None = None) -> None:
        self.folder, self.submitter = folder, submitter or Submitter()

    def setup(self) -> None:
        self.submitter.check_folders()

    def start_bundle(self) -> None:
        self._rows: list[PartRow] = []
        self._bytes = 0
        self._opened = time.monotonic()

    def process(self, segmented: SegmentedBook) -> Iterable[PartEntry | TaggedOutput]:
        try:
            row = attempt("WriteParts", segmented.book.source, lambda: part_row(segmented))
        except Exception as error:  # one book's trouble is that book's reject
            yield to_rejects(refuse_book(error, "WriteParts", segmented.book))
            return
        self._rows.append(row)
        self._bytes += len(row.text) + row.scene_vectors.nbytes
        count("books", "embedded")
        count("scenes", "found", len(row.scene_start))
        tell("bytes", "cut", segmented.book.bytes)
        full = len(self._rows) >= BOOKS_PER_PART or self._bytes >= BYTES_PER_PART
        if full or time.monotonic() - self._opened > SECONDS_PER_PART:
            yield self._close()

    def finish_bundle(self) -> Iterable[WindowedValue]:
        if self._rows:
            window = GlobalWindow()
            yield WindowedValue(self._close(), window.max_timestamp(), (window,))

    def _close(self) -> PartEntry:
        entry = write_part(self.folder, self._rows)
        self.start_bundle()
        return entry


@dataclass
class WriteParts(beam.PTransform):
    """SegmentedBook with scenes -> PartEntry; outputs `parts` and `rejects`.

    A worker that can't see the run's folders ends the run: its parts would lie where nobody finds them.
    """

    folder: str
    submitter: Submitter = field(default_factory=Submitter)

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, books: beam.PCollection) -> beam.pvalue.DoOutputsTuple:
        return books | "Collect" >> beam.ParDo(CollectParts(self.folder, self.submitter)).with_outputs(
            "rejects", main="parts"
        )
