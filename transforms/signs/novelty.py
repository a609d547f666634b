"""MeasureNovelty: how far the scenes of books that nobody has seen lie from the signs; what is farther is novel.

Scenes that an inventory was fitted on lie nearer to its signs than those of any other book, so their distances would
call too much novel. Books are left out in turn instead, an author's together: signs are fitted on the others, and the
distances of those left out are as those of books to come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import numpy as np

from scenesign.schemas.parts import BookEntry, SampleEntry
from scenesign.transforms.dataset.splits import split_lots
from scenesign.transforms.signs.fit import BookSample, InventoryOptions, Provenance, fit_inventory, read_samples

FOLDS = 3
# Of the scenes of unseen books, those beyond this percentile of their distances are marked as novel.
UNSEEN_PERCENTILE = 99.0


def unseen_distances(
    samples: Sequence[BookSample], lots: Mapping[str, str], options: InventoryOptions, provenance: Provenance
) -> np.ndarray:
    """Distances of scenes to signs that were fitted without the books of their lot, float32 [n].

    lots: by book id, the same for books that belong together, as those of one author do. Left out in turn is one of
    FOLDS shares of the lots. A book counts where the others have its language. Empty where there is but one lot.
    """
    names = sorted({lots[sample.book_id] for sample in samples})
    folds = {name: place % FOLDS for place, name in enumerate(names)}
    found = [np.zeros(0, np.float32)]
    for fold in range(min(FOLDS, len(names)) if len(names) > 1 else 0):
        seen = [sample for sample in samples if folds[lots[sample.book_id]] != fold]
        inventory = fit_inventory(seen, options, provenance)
        for sample in sorted(samples, key=lambda s: s.book_id):
            if folds[lots[sample.book_id]] == fold and sample.language in inventory.info.languages:
                neutral = inventory.neutraliser.neutral(sample.vectors, sample.language, sample.mean, sample.scenes)
                found.append(inventory.quantiser.assign(neutral)[1])
    return np.concatenate(found)


def novel_beyond(distances: np.ndarray) -> float | None:
    """The distance beyond which a scene is novel, from those of unseen scenes; None where there are none."""
    return round(float(np.percentile(distances, UNSEEN_PERCENTILE)), 6) if len(distances) else None


class Measure(beam.DoFn):
    """One element, sample names and books as side inputs -> the distance beyond which a scene is novel, or nothing."""

    def __init__(self, options: InventoryOptions, provenance: Provenance) -> None:
        self.options = options
        self.provenance = provenance

    def process(self, _: None, samples: Sequence[SampleEntry], entries: Sequence[BookEntry]) -> Iterable[float]:
        lots = {book.book_id: lot for lot, books in split_lots(entries).items() for book in books}
        beyond = novel_beyond(unseen_distances(read_samples(samples), lots, self.options, self.provenance))
        if beyond is not None:
            yield beyond


@dataclass
class MeasureNovelty(beam.PTransform):
    """SampleEntry -> the distance beyond which a scene is novel; nothing where too few books were sampled to tell."""

    options: InventoryOptions
    provenance: Provenance
    entries: Any  # PCollection[BookEntry]

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, samples: beam.PCollection) -> Any:
        return (
            samples.pipeline
            | "Once" >> beam.Create([None])
            | "Measure"
            >> beam.ParDo(
                Measure(self.options, self.provenance),
                samples=beam.pvalue.AsList(samples),
                entries=beam.pvalue.AsList(self.entries),
            )
        )
