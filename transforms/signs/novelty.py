"""MeasureNovelty: how strange the scenes of books that nobody has seen are; what is stranger is novel.

Scenes that a language's mean was taken from lie nearer to it than those of any other book. So books are left out in
turn, an author's together: the mean is taken from the others, and those left out are as strange as books to come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import numpy as np

from scenesign.schemas.parts import AssignmentEntry, BookEntry, SampleEntry
from scenesign.transforms.dataset.splits import split_lots
from scenesign.transforms.signs.assign import read_assignments
from scenesign.transforms.signs.fit import BookSample, SampleFiles
from scenesign.transforms.signs.neutralise import Neutraliser

# Of the scenes of unseen books, those beyond this percentile of their strangeness are marked as novel.
UNSEEN_PERCENTILE = 99.0
# The same of the scenes that the inventory was made from, where no others can be asked.
SEEN_PERCENTILE = 99.9


# What means are added up in: far finer than a float32 of their size, and sums of whole numbers have one order.
_STEP = 2.0**-40
_ALL = ""  # no lot's name


def unseen_strangeness(samples: Iterable[BookSample], lots: Mapping[str, str]) -> np.ndarray:
    """Strangeness of scenes to the mean of their language without the books of their lot, ascending, float32 [n].

    samples: gone through twice. lots: by book id, the same for books that belong together, as those of one author do.
    A lot that has its language for itself tells nothing.
    """
    sizes = Counter(lots.values())
    books: Counter[tuple[str, str]] = Counter()  # of a language, and of a lot in it
    sums: dict[tuple[str, str], np.ndarray] = {}
    for sample in samples:
        lot = lots[sample.book_id]
        for key in {(sample.language, _ALL), (sample.language, lot)}:
            books[key] += 1
            if key[1] == _ALL or sizes[lot] > 1:  # a lone book is its lot's sum
                sums[key] = sums.get(key, 0) + _steps(sample.mean)
    found = [np.zeros(0, np.float32)]
    for sample in samples:
        everybody, mine = (sample.language, _ALL), (sample.language, lots[sample.book_id])
        others = books[everybody] - books[mine]
        if others:
            left = sums[everybody] - (sums[mine] if mine in sums else _steps(sample.mean))
            mean = (left * _STEP / others).astype(np.float32)
            found.append(Neutraliser({sample.language: mean}, mean).strangeness(sample.vectors, sample.language))
    return np.sort(np.concatenate(found))


def _steps(mean: np.ndarray) -> np.ndarray:
    return np.rint(mean.astype(np.float64) / _STEP).astype(np.int64)


def unseen_beyond(strangeness: np.ndarray) -> float | None:
    """The strangeness beyond which a scene is novel, from that of unseen scenes; None where there are none."""
    return round(float(np.percentile(strangeness, UNSEEN_PERCENTILE)), 6) if len(strangeness) else None


def seen_beyond(assignments: Iterable[AssignmentEntry], levels: int) -> float:
    """The same from the scenes that the inventory was made from. levels: of the inventory."""
    found = []
    for entry in sorted(assignments, key=lambda a: a.part.name):
        used = {book.book_id for book in entry.part.books}
        found += [book.strangeness for book in read_assignments(entry.uri, levels) if book.book_id in used]
    return round(float(np.percentile(np.concatenate(found), SEEN_PERCENTILE)), 6)


class Measure(beam.DoFn):
    """One element, sample names and books as side inputs -> from where on a scene is novel, or nothing."""

    def process(self, _: None, samples: Sequence[SampleEntry], entries: Sequence[BookEntry]) -> Iterable[float]:
        lots = {book.book_id: lot for lot, books in split_lots(entries).items() for book in books}
        beyond = unseen_beyond(unseen_strangeness(SampleFiles(tuple(samples)), lots))
        if beyond is not None:
            yield beyond


@dataclass
class MeasureNovelty(beam.PTransform):
    """SampleEntry -> from where on a scene is novel; nothing where no language has two authors."""

    entries: Any  # PCollection[BookEntry]

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, samples: beam.PCollection) -> Any:
        sides = {"samples": beam.pvalue.AsList(samples), "entries": beam.pvalue.AsList(self.entries)}
        return samples.pipeline | "Once" >> beam.Create([None]) | "Measure" >> beam.ParDo(Measure(), **sides)
