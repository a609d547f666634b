"""How many of their signs translations of one work share, against different works."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scenesign.transforms.metrics.metric import BookSigns, Evidence, Metric, MetricValue


def shared_signs(a: Sequence[int], b: Sequence[int]) -> float:
    """Dice overlap of two bags of signs, 2 |A and B| / (|A| + |B|), counted with multiplicity: 0..1."""
    both = sum((Counter(a) & Counter(b)).values())
    return 2.0 * both / max(1, len(a) + len(b))


def shared_in_order(a: Sequence[int], b: Sequence[int]) -> float:
    """Signs that two sequences share in the same order, 2 LCS / (|A| + |B|): 0..1.

    LCS is the longest common subsequence, by the bit-parallel algorithm of Hyyrö (2004).
    """
    matches: dict[int, int] = {}
    for i, sign in enumerate(a):
        matches[sign] = matches.get(sign, 0) | 1 << i
    ones = (1 << len(a)) - 1
    row = ones
    for sign in b:
        match = row & matches.get(sign, 0)
        row = ((row + match) | (row - match)) & ones
    common = len(a) - row.bit_count()
    return 2.0 * common / max(1, len(a) + len(b))


@dataclass(frozen=True)
class TranslationSharing:
    """How much of their signs translations of one work share.

    pairs: (work, language, language) to the mean overlap of their signs. mean: of those; in_order: mean overlap in the
    same order. chance and chance_in_order: the same means over different works in different languages.
    """

    pairs: Mapping[tuple[str, str, str], float]
    mean: float
    in_order: float
    chance: float
    chance_in_order: float


def translation_sharing(books: Sequence[BookSigns]) -> TranslationSharing | None:
    """Overlap of signs between books that are translations of one work; None when there are no such books."""
    works: dict[str, list[BookSigns]] = {}
    for book in sorted(books, key=lambda b: (b.language, b.book_id)):
        if book.work:
            works.setdefault(book.work, []).append(book)
    versions = [
        (work, a, b)
        for work, found in sorted(works.items())
        for a, b in itertools.combinations(found, 2)
        if a.language != b.language
    ]
    if not versions:
        return None
    # chance needs only a mean: a few dozen books say enough, and all pairs of thousands cost too much
    others = [
        (a, b)
        for a, b in itertools.combinations(sorted(books, key=lambda b: b.book_id)[:60], 2)
        if a.language != b.language and (not a.work or a.work != b.work)
    ]
    shared: dict[tuple[str, str, str], list[float]] = {}
    for work, a, b in versions:  # two editions in one language are two pairs with a third
        shared.setdefault((work, a.language, b.language), []).append(shared_signs(a.ids, b.ids))
    return TranslationSharing(
        pairs={pair: _mean(values) for pair, values in shared.items()},
        mean=_mean([value for values in shared.values() for value in values]),
        in_order=_mean([shared_in_order(a.ids, b.ids) for _, a, b in versions]),
        chance=_mean([shared_signs(a.ids, b.ids) for a, b in others]),
        chance_in_order=_mean([shared_in_order(a.ids, b.ids) for a, b in others]),
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def shared_by_translations(evidence: Evidence) -> dict[str, MetricValue]:
    """The figures of `translation_sharing`; nothing where no work is there in two languages."""
    sharing = translation_sharing(evidence.books)
    if sharing is None:
        return {}
    return {
        "translations/shared": round(sharing.mean, 4),
        "translations/shared_in_order": round(sharing.in_order, 4),
        "translations/chance": round(sharing.chance, 4),
        "translations/chance_in_order": round(sharing.chance_in_order, 4),
        "translations/pairs": {
            f"{work}: {a}-{b}": round(value, 4) for (work, a, b), value in sorted(sharing.pairs.items())
        },
    }


def _share(key: str, says: str, better: Literal["higher", ""], named: bool = False) -> Metric:
    return Metric(f"translations/{key}", says, "share", 0, 1, better, shared_by_translations, named=named)


METRICS = (
    _share("shared", "signs that translations of one work share", "higher"),
    _share("shared_in_order", "signs that they share in the same order", "higher"),
    _share("chance", "signs that different works in different languages share", ""),
    _share("chance_in_order", "signs that those share in the same order", ""),
    _share("pairs", "signs that two translations share, pair by pair", "higher", named=True),
)
