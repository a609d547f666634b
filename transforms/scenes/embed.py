"""EmbedSentences: a unit vector for every sentence of prose."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import apache_beam as beam
import numpy as np
from apache_beam.ml.inference.base import ModelHandler, PredictionResult, RunInference

from scenesign.schemas.records import BlockKind, Reject, SegmentedBook
from scenesign.transforms.scenes.embedders import DEFAULT_EMBEDDER, load_embedder
from scenesign.transforms.support.attempts import attempt
from scenesign.transforms.support.counting import count, tell
from scenesign.transforms.support.failures import refuse_book, to_rejects

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor
    from torch.nn import Module

# Sentences per call of the model. Fixed, because the last bits of a vector depend on its neighbours in the batch.
BATCH_SIZE = 256


def embed_texts(model: SentenceTransformer, texts: Sequence[str]) -> np.ndarray:
    """Unit vectors of texts: float32 [texts, D].

    Batches are cut from these texts alone, sorted by length, so the same texts give the same bits in any run.
    Raises ValueError when the model returns a vector that is not finite.
    """
    vectors = model.encode(
        list(texts),
        batch_size=BATCH_SIZE,
        convert_to_numpy=True,
        normalize_embeddings=True,
        show_progress_bar=False,
    )
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    if not np.isfinite(vectors).all():
        row = int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])
        raise ValueError(f"the embedder returned a vector that is not finite for {texts[row][:80]!r}")
    return vectors


def prose_texts(segmented: SegmentedBook) -> list[str]:
    """The sentences of a book that get a vector: those of its paragraphs, not headings and breaks."""
    text = segmented.book.text
    return [text[s.start : s.end] for s in segmented.sentences if s.kind is BlockKind.PARAGRAPH]


def _tell_batch(model: Module, features: object, output: Mapping[str, Tensor]) -> None:
    tell("sentences", "batch", len(output["sentence_embedding"]))


class BookEmbedder(ModelHandler[SegmentedBook, PredictionResult, "SentenceTransformer"]):
    """Carries a SentenceTransformer for `RunInference`; one book is one example.

    A book already fills many batches of the model, and batches that mixed books would make the last bits of a
    vector depend on the company it kept.
    """

    def __init__(self, embedder: str = DEFAULT_EMBEDDER, threads: int | None = None) -> None:
        super().__init__()
        self.embedder = embedder
        self.threads = threads

    def load_model(self) -> SentenceTransformer:
        """The SentenceTransformer, once per process."""
        model = load_embedder(self.embedder, self.threads)
        model.register_forward_hook(_tell_batch)
        return model

    def run_inference(
        self, batch: Sequence[SegmentedBook], model: SentenceTransformer, inference_args: dict[str, Any] | None = None
    ) -> Iterable[PredictionResult]:
        """Vectors of each book, or its reject."""
        for segmented in batch:
            started = time.perf_counter()
            inference: np.ndarray | Reject
            try:
                embed = partial(embed_texts, model, prose_texts(segmented))
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
