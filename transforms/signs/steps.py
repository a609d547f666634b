"""SampleVectors and AssignSigns: scenes are chosen to fit on, and get their signs, part by part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import apache_beam as beam
import pyarrow as pa
from apache_beam.utils.shared import Shared

from scenesign.schemas.checkpoints import ASSIGNMENTS, samples_table
from scenesign.schemas.parts import AssignmentEntry, PartEntry, SampleEntry
from scenesign.transforms.parts.format import read_finished, vectors_column
from scenesign.transforms.signs.assign import assign_part
from scenesign.transforms.signs.inventory import load_inventory
from scenesign.transforms.signs.sample import SAMPLE_SIZE, choose, without_apparatus
from scenesign.transforms.support import storage
from scenesign.transforms.support.counting import count, timed


class SamplePart(beam.DoFn):
    """Part, and scenes of all parts -> a file with the mean and the sampled scene vectors of each of its books."""

    def __init__(self, folder: str, seed: int, sample_size: int) -> None:
        self.folder = folder
        self.seed = seed
        self.sample_size = sample_size

    def process(self, part: PartEntry, scenes: int) -> Iterable[SampleEntry]:
        share = min(1.0, self.sample_size / max(1, scenes))
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
        scenes = parts | "Scenes" >> beam.Map(attrgetter("scenes")) | "AllScenes" >> beam.CombineGlobally(sum)
        sample = SamplePart(self.folder, self.seed, self.sample_size)
        return (
            parts
            | "SpreadParts" >> beam.Reshuffle()
            | "SamplePart" >> beam.ParDo(sample, scenes=beam.pvalue.AsSingleton(scenes))
        )


class AssignPart(beam.DoFn):
    """PartEntry and the inventory's path -> AssignmentEntry."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._shared = Shared()

    def process(self, part: PartEntry, inventory_folder: str) -> Iterable[AssignmentEntry]:
        # one copy per process, however many threads and bundles it runs
        inventory = self._shared.acquire(lambda: load_inventory(inventory_folder), tag=inventory_folder)
        uri = storage.join(self.folder, part.name + ".codes.parquet")
        with timed("AssignSigns"), storage.parquet_writer(uri, ASSIGNMENTS) as writer:
            writer.write_table(assign_part(part, inventory))
        count("parts", "assigned")
        yield AssignmentEntry(uri, part)


@dataclass
class AssignSigns(beam.PTransform):
    """PartEntry -> AssignmentEntry."""

    folder: str
    inventory_folder: Any  # singleton PCollection of the path

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, parts: beam.PCollection) -> Any:
        return parts | "AssignPart" >> beam.ParDo(
            AssignPart(self.folder), inventory_folder=beam.pvalue.AsSingleton(self.inventory_folder)
        )
