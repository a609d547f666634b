"""SplitSentences and FindScenes: `split_book` and `find_scenes` in a pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import apache_beam as beam

from scenesign.schemas.records import Book, SegmentedBook
from scenesign.transforms.scenes.find import SceneOptions, find_scenes, pool
from scenesign.transforms.scenes.sentences import SentenceOptions, split_book
from scenesign.transforms.support.attempts import attempt
from scenesign.transforms.support.failures import refuse_book
from scenesign.transforms.support.rejects import to_rejects


class SplitBook(beam.DoFn):
    """Book -> SegmentedBook with sentences, or a reject."""

    def __init__(self, options: SentenceOptions) -> None:
        self.options = options

    def process(self, book: Book) -> Iterable[SegmentedBook | beam.pvalue.TaggedOutput]:
        try:
            segmented = attempt("SplitSentences", book.source, lambda: split_book(book, self.options))
        except Exception as error:  # one book's trouble is that book's reject
            yield to_rejects(refuse_book(error, "SplitSentences", book))
        else:
            yield segmented


@dataclass
class SplitSentences(beam.PTransform):
    """Book -> SegmentedBook with sentences; outputs `books` and `rejects`."""

    options: SentenceOptions

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, books: beam.PCollection) -> beam.pvalue.DoOutputsTuple:
        return books | "Split" >> beam.ParDo(SplitBook(self.options)).with_outputs("rejects", main="books")


class FindBookScenes(beam.DoFn):
    """SegmentedBook with vectors -> with scenes, or a reject."""

    def __init__(self, options: SceneOptions, embedder: str | None) -> None:
        self.options, self.embedder = options, embedder

    def process(self, segmented: SegmentedBook) -> Iterable[SegmentedBook | beam.pvalue.TaggedOutput]:
        try:
            done = attempt("FindScenes", segmented.book.source, lambda: self._with_scenes(segmented))
        except Exception as error:  # one book's trouble is that book's reject
            yield to_rejects(refuse_book(error, "FindScenes", segmented.book))
        else:
            yield done

    def _with_scenes(self, segmented: SegmentedBook) -> SegmentedBook:
        starts = find_scenes(segmented, self.options, self.embedder)
        return segmented.with_fields(scene_starts=starts, scene_vectors=pool(segmented, starts))


@dataclass
class FindScenes(beam.PTransform):
    """SegmentedBook with vectors -> SegmentedBook with scenes; outputs `books` and `rejects`.

    embedder: name of the one that made the vectors, see `find_scenes`.
    """

    options: SceneOptions = field(default_factory=SceneOptions)
    embedder: str | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, books: beam.PCollection) -> beam.pvalue.DoOutputsTuple:
        find = FindBookScenes(self.options, self.embedder)
        return books | "Find" >> beam.ParDo(find).with_outputs("rejects", main="books")
