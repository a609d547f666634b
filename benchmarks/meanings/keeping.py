"""How much of a scene glyphs keep, and what they give away of its book and language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.meanings.codes import glyphs, letters
from benchmarks.meanings.intervals import ALL, Figure, spread
from benchmarks.meanings.shelf import Shelf
from scenesign.transforms.metrics.fidelity import RETRIEVAL_SCENES, retrieval_at_1
from scenesign.transforms.metrics.neutrality import adjusted_information


def judge(shelf: Shelf, seeds: Sequence[int]) -> Iterator[Figure]:
    """How much of a scene do glyphs keep, and what do they give away of its book and language?"""
    neutral = np.concatenate([coded.neutral for coded in shelf.coded])
    for n in range(1, shelf.levels + 1):
        rebuilt = shelf.rebuilt(n)
        shares = []
        for seed in seeds:
            some = np.sort(np.random.default_rng(seed).permutation(len(neutral))[:RETRIEVAL_SCENES])
            shares.append(retrieval_at_1(neutral[some], rebuilt[some]))
        yield Figure("d", f"retrieval@1 among {len(some):,}", glyphs(n), ALL, spread(shares))
    codes = np.concatenate([coded.codes for coded in shelf.coded])
    for column in letters(shelf.inventory, codes):
        for name, groups in (("book", shelf.owners), ("language", shelf.languages)):
            found = adjusted_information(column.values.tolist(), groups.tolist())
            yield Figure("d", f"AMI with {name}", column.name, ALL, spread([] if found is None else [found]))
