"""FindCast: `find_cast` in a pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import apache_beam as beam

from scenesign.schemas.checkpoints import CASTS
from scenesign.schemas.parts import CastEntry, PartEntry
from scenesign.transforms.cast.cast import Cast
from scenesign.transforms.cast.find import find_cast
from scenesign.transforms.cast.format import cast_table
from scenesign.transforms.parts.format import PartRow, read_finished
from scenesign.transforms.support import storage
from scenesign.transforms.support.attempts import attempt
from scenesign.transforms.support.counting import count
from scenesign.transforms.support.failures import refuse

STEP = "FindCast"


class FindPartCast(beam.DoFn):
    """PartEntry -> CastEntry; a reject for each book whose cast could not be found, by its id.

    Such a book has an empty cast.
    """

    def __init__(self, folder: str, spacy_model: str | None) -> None:
        self.folder = folder
        self.spacy_model = spacy_model

    def process(self, part: PartEntry) -> Iterable[CastEntry | beam.pvalue.TaggedOutput]:
        casts = []
        for row in read_finished(part):
            try:
                cast = self._of(row)
            except Exception as error:  # one book's trouble leaves that book without a cast
                cast = Cast((), ((),) * len(row.scene_start))
                count("cast", "failed")
                yield beam.pvalue.TaggedOutput("failed", refuse(error, STEP, row.book_id, row.book_id))
            casts.append((row.book_id, cast))
        uri = storage.join(self.folder, part.name + ".cast.parquet")
        with storage.parquet_writer(uri, CASTS) as writer:
            writer.write_table(cast_table(casts))
        members = sum(len(cast.members) for _, cast in casts)
        count("cast", "members", members)
        scenes = sum(bool(ids) for _, cast in casts for ids in cast.scenes)
        yield CastEntry(uri, part.name, members, scenes)

    def _of(self, row: PartRow) -> Cast:
        return attempt(STEP, row.book_id, lambda: find_cast(row.text, row.scene_start, row.language, self.spacy_model))


@dataclass
class FindCast(beam.PTransform):
    """PartEntry -> CastEntry; outputs `casts` and `failed`, rejects with the id of a book as source.

    folder: where the files go. spacy_model: see `find_cast`.
    """

    folder: str
    spacy_model: str | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, parts: beam.PCollection) -> beam.pvalue.DoOutputsTuple:
        return parts | "FindPartCast" >> beam.ParDo(FindPartCast(self.folder, self.spacy_model)).with_outputs(
            "failed", main="casts"
        )
