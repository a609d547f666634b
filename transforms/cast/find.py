"""FindCast: who is on stage in each scene of a book."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import apache_beam as beam

from scenesign.schemas.checkpoints import CASTS
from scenesign.schemas.parts import CastEntry, PartEntry
from scenesign.transforms.cast.arabic import arabic_mentions
from scenesign.transforms.cast.cast import Cast, Mention, number_cast
from scenesign.transforms.cast.chinese import chinese_mentions
from scenesign.transforms.cast.format import cast_table
from scenesign.transforms.cast.japanese import japanese_mentions
from scenesign.transforms.cast.korean import korean_mentions
from scenesign.transforms.cast.names import cased_mentions
from scenesign.transforms.cast.persons import one_person
from scenesign.transforms.cast.sexes import sex_votes
from scenesign.transforms.cast.trained import person_evidence, with_people
from scenesign.transforms.parts.format import PartRow, read_finished
from scenesign.transforms.support import storage
from scenesign.transforms.support.attempts import attempt
from scenesign.transforms.support.counting import count
from scenesign.transforms.support.failures import refuse

STEP = "FindCast"
_WITHOUT_CAPITALS: Mapping[str, Callable[[str], list[Mention]]] = {
    "ar": arabic_mentions,
    "ja": japanese_mentions,
    "ko": korean_mentions,
    "zh": chinese_mentions,
}


def find_cast(text: str, starts: Sequence[int], language: str, spacy_model: str | None = None) -> Cast:
    """The cast of a book: nobody where a script has no capitals and no rules of its own, as Thai.

    text: its clean text. starts: offsets of its scenes, ascending from 0. language: ISO 639-1. spacy_model: name or
    folder of an installed spaCy pipeline, which is asked who is a person in books of its language.
    """
    if language in _WITHOUT_CAPITALS:
        mentions = with_people(text, _WITHOUT_CAPITALS[language](text), language, spacy_model)
        return number_cast(mentions, {mention.key: mention.key for mention in mentions}, starts)
    mentions = cased_mentions(text, language, person_evidence(text, language, spacy_model))
    counts = Counter(mention.key for mention in mentions)
    return number_cast(mentions, one_person(counts, language, sex_votes(text, mentions, language)), starts)


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
