"""What came into each stage of a run, went out, and was refused, from the small index of a run alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from scenesign.schemas.manifest import Counts
from scenesign.schemas.parts import BookEntry, PartBook
from scenesign.schemas.records import Reject
from scenesign.schemas.stages import SizeSpread, StageCounts
from scenesign.transforms.quality.near_duplicates import REASON

# In the order in which a book goes through them. Those without a step of their own in the graph say what is left out.
LIST, READ = "ListInputs", "ReadBooks"
DUPLICATES, NEAR_DUPLICATES = "Duplicates", "NearDuplicates"
MAP = ("SplitSentences", "EmbedSentences", "FindScenes", "WriteParts")
CAST, WRITE = "FindCast", "WriteDataset"
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def spread_of(sizes: Iterable[int]) -> SizeSpread | None:
    """The spread of some whole numbers; None where there are none."""
    values = np.sort(np.fromiter(sizes, np.int64))
    if not len(values):
        return None
    # one of the sizes each, so that they are whole and the same everywhere
    at = {f"{share:g}": int(values[min(len(values) - 1, int(share * len(values)))]) for share in _QUANTILES}
    mean, deviation = round(float(values.mean()), 1), round(float(values.std()), 1)
    return SizeSpread(len(values), int(values.sum()), mean, deviation, int(values[0]), int(values[-1]), at)


def _spreads(**sizes: Iterable[int]) -> dict[str, SizeSpread]:
    return {unit: spread for unit, values in sizes.items() if (spread := spread_of(values))}


def count_stages(
    counts: Counts,
    entries: Sequence[BookEntry],
    books: Sequence[BookEntry],
    rejects: Iterable[Reject],
    parts: Iterable[PartBook],
    castless: int | None = None,
) -> tuple[StageCounts, ...]:
    """The stages that books went through, each taking what the one before let out.

    entries: inputs that could be read; books: those in the dataset; rejects: one per input; parts: the books as they
    lie finished. castless: books whose cast could not be found; None where nobody looked for one.
    """
    refused: dict[str, Counter[str]] = {stage: Counter() for stage in (LIST, READ, DUPLICATES, *MAP, NEAR_DUPLICATES)}
    refused[DUPLICATES]["duplicate"] = counts.duplicates
    for reject in rejects:
        if reject.reason == REASON:
            stage = NEAR_DUPLICATES
        elif reject.book_id:
            stage = reject.stage if reject.stage in MAP else MAP[-1]
        else:
            stage = LIST if reject.stage == LIST else READ
        refused[stage][reject.reason] += 1
    stages = []
    here = counts.inputs
    for stage, reasons in refused.items():
        left = here - reasons.total()
        sizes = _spreads(characters=(entry.characters for entry in entries)) if stage == READ else {}
        noted = sum(bool(entry.notes) for entry in entries) if stage == READ else 0
        stages.append(StageCounts(stage, here, left, {r: n for r, n in sorted(reasons.items()) if n}, noted, sizes))
        here = left
    if here != counts.books:
        raise RuntimeError(f"{here} books came through all stages, but {counts.books} are in the dataset; a defect")
    if castless is not None:
        stages.append(StageCounts(CAST, here, here, noted=castless))
    finished = list(parts)
    sizes = _spreads(
        characters=(book.characters for book in books),
        sentences=(book.sentences for book in finished),
        scenes=(book.scenes for book in finished),
    )
    stages.append(StageCounts(WRITE, here, here, sizes=sizes))
    return tuple(stages)
