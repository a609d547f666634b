"""Refinement: codewords at the means of all scenes, the same bits however the scenes are shared out."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import apache_beam as beam
import numpy as np
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline

from scenesign.transforms.signs.inventory import load_inventory, save_inventory
from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.signs.quantisers.quantiser import sum_by_code
from scenesign.transforms.signs.refine import AddUp, RefineInventory
from tests.builders import part, row
from tests.transforms.signs.test_fit import inventory


def test_sums_are_the_same_bits_in_any_order_and_grouping() -> None:
    rng = np.random.default_rng(3)
    vectors, codes = unit(rng.normal(size=(40, 2))), rng.integers(0, 3, 40)
    pieces = [dict(sum_by_code(codes[i : i + 10], vectors[i : i + 10])) for i in range(0, 40, 10)]
    add, seen = AddUp(), set()
    for order in itertools.permutations(pieces):
        halves = []
        for half in (order[:2], order[2:]):
            total = add.create_accumulator()
            for piece in half:
                if 0 in piece:
                    total = add.add_input(total, piece[0])
            halves.append(total)
        merged = add.extract_output(add.merge_accumulators([None, *halves]))
        assert merged is not None
        seen.add((merged.count, merged.total.tobytes()))
    assert len(seen) == 1
    whole = dict(sum_by_code(codes, vectors))[0]
    assert seen == {(whole.count, whole.total.tobytes())}


@pytest.mark.parametrize("step", [0, 1])
def test_a_pass_over_all_parts_brings_the_codewords_nearer_to_them(step: int, tmp_path: Path) -> None:
    made = inventory(signs=4, glyphs=2)
    draft = str(tmp_path / "draft")
    save_inventory(draft, made)
    rows = [row(f"Book number {i}. " * 9, "en", scenes=9, seed=i) for i in range(4)]
    parts = [part(tmp_path / "a", *rows[:3]), part(tmp_path / "b", rows[3])]
    # a book that a part holds but the run doesn't use must not count
    parts[0] = replace(parts[0], books=parts[0].books[:2])
    used = [r for r in rows if r.book_id in {b.book_id for p in parts for b in p.books}]
    refined = str(tmp_path / "refined")
    with Pipeline() as pipeline:
        path = pipeline | beam.Create([draft])
        _ = pipeline | "Parts" >> beam.Create(parts) | RefineInventory(refined, step, path)
    after = load_inventory(refined)
    vectors = np.concatenate([made.neutraliser(r.scene_vectors, r.language) for r in used])
    assert len(vectors) == 27
    expected = made.quantiser.move(step, made.quantiser.accumulate(vectors, step))
    assert after.quantiser.embeddings().tobytes() == expected.embeddings().tobytes()
    codes, _ = made.quantiser.assign(vectors)
    before, now = (
        ((vectors - quantiser.decode(codes, levels=step + 1)) ** 2).sum() for quantiser in (made.quantiser, expected)
    )
    assert now < before
