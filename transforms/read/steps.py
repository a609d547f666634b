"""ReadBooks: `read_books` in a pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import apache_beam as beam

from scenesign.schemas.records import Book, Reject, Source
from scenesign.transforms.read.books import read_books
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.read.paths import local_path
from scenesign.transforms.support.counting import count, tell
from scenesign.transforms.support.rejects import to_rejects
from scenesign.transforms.support.submitter import Submitter


class _ReadSource(beam.DoFn):
    def __init__(self, options: ReadOptions, submitter: Submitter) -> None:
        self._options, self._submitter = options, submitter

    def process(self, source: Source) -> Iterator[Book | beam.pvalue.TaggedOutput]:
        if path := local_path(source.uri):
            self._submitter.check_listed(path)
        for item in read_books(source, self._options):
            if isinstance(item, Reject):
                yield to_rejects(item)
            else:
                count("books", item.language)
                count("books", "read")
                yield item
        # the steps after this one run before it goes on: the books of this source are done
        count("sources", "done")
        tell("bytes", "done", source.bytes)


@dataclass
class ReadBooks(beam.PTransform):
    """Sources to `books` (main output) and `rejects`, with counters `books/*` and `rejected/<reason>`.

    A source out of a worker's sight ends the run.
    """

    options: ReadOptions = field(default_factory=ReadOptions)
    submitter: Submitter = field(default_factory=Submitter)

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, sources: beam.PCollection[Source]) -> beam.pvalue.DoOutputsTuple:
        """Lays the step into a pipeline."""
        return sources | beam.ParDo(_ReadSource(self.options, self.submitter)).with_outputs("rejects", main="books")
