"""EmbedSentences: a unit vector for every sentence of prose."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import apache_beam as beam

from scenesign.schemas.records import SegmentedBook
from scenesign.transforms.embedders.registry import DEFAULT_EMBEDDER, kept_embedder
from scenesign.transforms.embedders.texts import embed_texts, prose_texts
from scenesign.transforms.support.attempts import attempt
from scenesign.transforms.support.counting import count, tell
from scenesign.transforms.support.failures import refuse_book
from scenesign.transforms.support.rejects import to_rejects


class EmbedBook(beam.DoFn):
    """SegmentedBook with sentences -> with vectors, or a reject.

    The embedder is one for all bundles and threads of a process. A book fills many of its batches by itself; with some
    models batches that mixed books would make the last bits of a vector depend on the company it kept.
    """

    def __init__(self, embedder: str = DEFAULT_EMBEDDER, threads: int | None = None) -> None:
        self.embedder, self.threads = embedder, threads

    def setup(self) -> None:
        kept_embedder(self.embedder, self.threads)

    def start_bundle(self) -> None:
        self.model = kept_embedder(self.embedder, self.threads)

    def finish_bundle(self) -> None:
        del self.model  # a runner keeps this step until the run ends, and later ones need the room

    def process(self, segmented: SegmentedBook) -> Iterable[SegmentedBook | beam.pvalue.TaggedOutput]:
        started = time.perf_counter()
        texts = prose_texts(segmented)
        tell("bytes", "begun", segmented.book.bytes)
        tell("sentences", "begun", len(texts))
        embed = partial(embed_texts, self.model, texts, partial(tell, "sentences", "batch"))
        done: SegmentedBook | beam.pvalue.TaggedOutput
        try:
            vectors = attempt("EmbedSentences", segmented.book.source, embed)
        except Exception as error:  # one book's trouble is that book's reject, not the run's end
            done = to_rejects(refuse_book(error, "EmbedSentences", segmented.book))
        else:
            count("sentences", "embedded", len(vectors))
            done = segmented.with_fields(vectors=vectors)
        # not after the yield: what follows this step is done to the book before that returns
        count("embed", "milliseconds", int(1000 * (time.perf_counter() - started)))
        yield done


@dataclass
class EmbedSentences(beam.PTransform):
    """SegmentedBook with sentences -> SegmentedBook with vectors; outputs `books` and `rejects`."""

    embedder: str = DEFAULT_EMBEDDER
    threads: int | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, books: beam.PCollection) -> beam.pvalue.DoOutputsTuple:
        return books | "Embed" >> beam.ParDo(EmbedBook(self.embedder, self.threads)).with_outputs(
            "rejects", main="books"
        )
