"""EmbedSentences: a unit vector for every sentence of prose."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import apache_beam as beam
import numpy as np
from apache_beam.ml.inference.base import ModelHandler, PredictionResult, RunInference

from scenesign.schemas.records import Reject, SegmentedBook
from scenesign.transforms.embedders.registry import DEFAULT_EMBEDDER, load_embedder
from scenesign.transforms.embedders.texts import Embedder, embed_texts, prose_texts
from scenesign.transforms.support.attempts import attempt
from scenesign.transforms.support.counting import count, tell
from scenesign.transforms.support.failures import refuse_book
from scenesign.transforms.support.rejects import to_rejects


def _tell(texts: int) -> None:
    tell("sentences", "batch", texts)


class BookEmbedder(ModelHandler[SegmentedBook, PredictionResult, "Embedder"]):
    """Carries an embedder for `RunInference`; one book is one example.

    A book already fills many batches of the model, and with some models batches that mixed books would make the last
    bits of a vector depend on the company it kept.
    """

    def __init__(self, embedder: str = DEFAULT_EMBEDDER, threads: int | None = None) -> None:
        super().__init__()
        self.embedder = embedder
        self.threads = threads

    def load_model(self) -> Embedder:
        """The embedder, once per process."""
        return load_embedder(self.embedder, self.threads)

    def run_inference(
        self, batch: Sequence[SegmentedBook], model: Embedder, inference_args: dict[str, Any] | None = None
    ) -> Iterable[PredictionResult]:
        """Vectors of each book, or its reject."""
        for segmented in batch:
            started = time.perf_counter()
            inference: np.ndarray | Reject
            try:
                embed = partial(embed_texts, model, prose_texts(segmented), _tell)
                inference = attempt("EmbedSentences", segmented.book.source, embed)
                count("sentences", "embedded", len(inference))
            except Exception as error:  # one book's trouble is that book's reject, not the run's end
                inference = refuse_book(error, "EmbedSentences", segmented.book)
            count("embed", "milliseconds", int(1000 * (time.perf_counter() - started)))
            yield PredictionResult(segmented, inference)

    def batch_elements_kwargs(self) -> dict[str, int]:
        """A book at a time."""
        return {"min_batch_size": 1, "max_batch_size": 1}

    def get_metrics_namespace(self) -> str:
        return "BookEmbedder"


class TakeVectors(beam.DoFn):
    """Puts the vectors into the book, or sends it to the rejects."""

    def process(self, result: PredictionResult) -> Iterable[SegmentedBook | beam.pvalue.TaggedOutput]:
        segmented = cast(SegmentedBook, result.example)
        if isinstance(result.inference, Reject):
            yield to_rejects(result.inference)
        else:
            yield segmented.with_fields(vectors=result.inference)


@dataclass
class EmbedSentences(beam.PTransform):
    """SegmentedBook with sentences -> SegmentedBook with vectors; outputs `books` and `rejects`."""

    embedder: str = DEFAULT_EMBEDDER
    threads: int | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, books: beam.PCollection) -> beam.pvalue.DoOutputsTuple:
        return (
            books
            | "Encode" >> RunInference(BookEmbedder(self.embedder, self.threads))
            | "TakeVectors" >> beam.ParDo(TakeVectors()).with_outputs("rejects", main="books")
        )
