"""SampleVectors: which scenes the inventory is fitted on, chosen by hash, kept in files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa

from scenesign.schemas.checkpoints import samples_table
from scenesign.schemas.parts import PartEntry, SampleEntry
from scenesign.transforms.parts.format import read_finished, vectors_column
from scenesign.transforms.signs.apparatus import is_apparatus
from scenesign.transforms.support import storage
from scenesign.transforms.support.counting import count

# Training vectors kept at most; 2 KB each with the default embedder.
SAMPLE_SIZE = 262_144
# Scenes that are chosen together, since the predictive space is learned from neighbours.
RUN = 8


def sample_rank(book_id: str, scenes: int, seed: int) -> np.ndarray:
    """A uniform 64-bit number per scene, uint64 [scenes], from the book's id, the scene's index and the seed alone."""
    stream = hashlib.shake_128(f"{seed}:{book_id}".encode()).digest(8 * scenes)
    return np.frombuffer(stream, dtype="<u8")


def choose(book_id: str, scenes: int, seed: int, share: float) -> np.ndarray:
    """Indices of the scenes of a book that belong to a sample of the given share, int64, ascending.

    They come in runs of RUN neighbours: each run is taken whole or not at all.
    """
    if share >= 1.0:
        return np.arange(scenes)
    taken = sample_rank(book_id, -(-scenes // RUN), seed) < np.uint64(share * 2.0**64)
    return np.flatnonzero(np.repeat(taken, RUN)[:scenes])


def without_apparatus(chosen: np.ndarray, texts: Sequence[str]) -> np.ndarray:
    """Those of the chosen scenes that are scenes; all of them in a book that has nothing else.

    chosen: indices, int64; texts: of all scenes of the book.
    """
    kept = np.array([index for index in chosen if not is_apparatus(texts[index])], dtype=np.int64)
    return kept if len(kept) else chosen


class SamplePart(beam.DoFn):
    """Part -> a file with the mean and the sampled scene vectors of each of its books."""

    def __init__(self, folder: str, seed: int, sample_size: int) -> None:
        self.folder = folder
        self.seed = seed
        self.sample_size = sample_size

    def process(self, part: PartEntry, parts: Sequence[PartEntry]) -> Iterable[SampleEntry]:
        total = sum(entry.scenes for entry in parts)
        share = min(1.0, self.sample_size / max(1, total))
        uri = storage.join(self.folder, part.name + ".sample.parquet")
        schema = samples_table(part.dimensions)
        kept = 0
        with storage.parquet_writer(uri, schema) as writer:
            for book in read_finished(part):
                vectors = book.scene_vectors
                chosen = without_apparatus(choose(book.book_id, len(vectors), self.seed, share), book.scene_texts())
                kept += len(chosen)
                columns = [
                    pa.array([book.book_id]),
                    pa.array([book.language]),
                    pa.array([len(vectors)], pa.int32()),
                    pa.FixedSizeListArray.from_arrays(pa.array(vectors.mean(axis=0)), part.dimensions),
                    pa.array([chosen], pa.list_(pa.int32())),
                    vectors_column([vectors[chosen]], pa.float32()),
                ]
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))
        count("parts", "sampled")
        count("scenes", "sampled", kept)
        yield SampleEntry(uri=uri, scenes=kept, of_scenes=part.scenes, dimensions=part.dimensions)


@dataclass
class SampleVectors(beam.PTransform):
    """PartEntry -> SampleEntry: names and counts cross to the fitting step, vectors stay in files."""

    folder: str
    seed: int = 0
    sample_size: int = SAMPLE_SIZE

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, parts: beam.PCollection) -> Any:
        return parts | "SamplePart" >> beam.ParDo(
            SamplePart(self.folder, self.seed, self.sample_size), parts=beam.pvalue.AsList(parts)
        )
