"""FitInventory: from sampled scene vectors to an inventory that books and languages share. One worker, FAISS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import apache_beam as beam
import numpy as np

from scenesign.schemas.inventory import USUAL_QUANTISER, InventoryInfo
from scenesign.schemas.parts import SampleEntry
from scenesign.transforms.parts.format import matrix_of
from scenesign.transforms.signs.fitted_on import note_place
from scenesign.transforms.signs.glyphs import USUAL_GLYPHS, check_sizes
from scenesign.transforms.signs.inventory import Inventory, save_inventory
from scenesign.transforms.signs.neutralise import PRIOR_SCENES, Neutraliser, fit_damping, fit_neutraliser
from scenesign.transforms.signs.quantisers.quantiser import TrainingScenes
from scenesign.transforms.signs.quantisers.registry import quantiser_kind
from scenesign.transforms.support import storage
from scenesign.transforms.support.room import make_room
from scenesign.transforms.support.threads import settle_threads


@dataclass(frozen=True)
class InventoryOptions:
    """How an inventory is fitted.

    signs: of level 1; None leaves them to the quantiser and the data. glyphs: levels that a scene can be written in.
    refine: how often all scenes are passed over afterwards, see RefineInventory. quantiser: one of the registry's, by
    name.
    """

    signs: int | None = None
    glyphs: int = USUAL_GLYPHS
    seed: int = 0
    prior_scenes: float = PRIOR_SCENES
    refine: int = 0
    quantiser: str = USUAL_QUANTISER


@dataclass(frozen=True)
class Provenance:
    """What the inventory remembers of how its scenes came about."""

    embedder: str
    embedder_version: str
    segmentation: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class BookSample:
    """Sampled scene vectors of one book, float32 [n, D], with the mean of all its `scenes`.

    places: the index of each in the book, ascending, int [n].
    """

    book_id: str
    language: str
    scenes: int
    mean: np.ndarray
    places: np.ndarray
    vectors: np.ndarray


def fit_inventory(samples: Sequence[BookSample], options: InventoryOptions, provenance: Provenance) -> Inventory:
    """Fits neutraliser and quantiser; the order of the samples doesn't matter.

    Raises ValueError when there is not a single scene, no such quantiser, or a level has more signs than glyphs.
    """
    settle_threads()
    samples = sorted(samples, key=lambda s: s.book_id)
    if not sum(len(s.vectors) for s in samples):
        raise ValueError("no scene to fit an inventory on")
    languages = [s.language for s in samples]
    neutraliser = _fit_neutraliser(samples, options.prior_scenes)
    training = TrainingScenes(
        vectors=np.concatenate([neutraliser.neutral(s.vectors, s.language, s.mean, s.scenes) for s in samples]),
        owners=np.repeat(np.arange(len(samples)), [len(s.vectors) for s in samples]),
        places=np.concatenate([np.asarray(s.places, dtype=np.int64) for s in samples]),
        scenes=sum(s.scenes for s in samples),
    )
    kind = quantiser_kind(options.quantiser)
    quantiser, notes = kind.fit(training, options.signs, options.glyphs, options.seed)
    check_sizes(quantiser.sizes)
    info = InventoryInfo(
        embedder=provenance.embedder,
        embedder_version=provenance.embedder_version,
        dimensions=training.vectors.shape[1],
        sizes=quantiser.sizes,
        languages=dict(sorted(Counter(languages).items())),
        prior_scenes=options.prior_scenes,
        novel_distance=2.0,  # nothing is novel until it is known what is strange, see FreezeInventory
        seed=options.seed,
        sample_scenes=len(training.vectors),
        scenes=training.scenes,
        segmentation=provenance.segmentation,
        notes=notes,
        quantiser=kind.name,
    )
    return Inventory(info, quantiser, neutraliser)


def _fit_neutraliser(samples: Sequence[BookSample], prior_scenes: float) -> Neutraliser:
    """Means first; what is damped in each language is learned from what they leave."""
    languages = [s.language for s in samples]
    means = fit_neutraliser(np.stack([s.mean for s in samples]), languages, prior_scenes)
    centred: dict[str, list[np.ndarray]] = {}
    for s in samples:
        centred.setdefault(s.language, []).append(s.vectors - means.centre(s.language, s.mean, s.scenes))
    return replace(means, damping={code: fit_damping(np.concatenate(v)) for code, v in sorted(centred.items())})


@dataclass(frozen=True)
class SampleFiles:
    """The books of sample files, one in memory at a time; can be gone through again."""

    entries: tuple[SampleEntry, ...]

    def __iter__(self) -> Iterator[BookSample]:
        for entry in self.entries:
            with storage.parquet_reader(entry.uri) as reader:
                for group in range(reader.metadata.num_row_groups):
                    table = reader.read_row_group(group)
                    yield BookSample(
                        book_id=table["book_id"][0].as_py(),
                        language=table["language"][0].as_py(),
                        scenes=table["scenes"][0].as_py(),
                        mean=table["mean"][0].values.to_numpy(),
                        places=table["places"][0].values.to_numpy(),
                        vectors=matrix_of(table["vectors"]),
                    )


class FitSamples(beam.DoFn):
    """One element, sample names as side input -> the folder of the draft inventory."""

    def __init__(
        self,
        folder: str,
        options: InventoryOptions,
        provenance: Provenance,
        kernels: Callable[[], Mapping[str, str]],
    ) -> None:
        self.folder = folder
        self.options = options
        self.provenance = provenance
        self.kernels = kernels

    def process(self, _: None, samples: Sequence[SampleEntry]) -> Iterable[str]:
        make_room()
        if samples:  # a run without a single usable book has nothing to fit, and says so elsewhere
            inventory = fit_inventory(list(SampleFiles(tuple(samples))), self.options, self.provenance)
            save_inventory(self.folder, inventory)
            note_place(self.folder, self.kernels())
            yield self.folder


@dataclass
class FitInventory(beam.PTransform):
    """SampleEntry -> path of a draft inventory (its signs not yet in order of frequency).

    kernels: tells those of the process that it is called in, see `FittedOn`.
    """

    folder: str
    options: InventoryOptions
    provenance: Provenance
    kernels: Callable[[], Mapping[str, str]]

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, samples: beam.PCollection) -> Any:
        fit = FitSamples(self.folder, self.options, self.provenance, self.kernels)
        return (
            samples.pipeline
            | "Once" >> beam.Create([None])
            | "Fit" >> beam.ParDo(fit, samples=beam.pvalue.AsList(samples))
        )
