"""Refinement: codewords at the means of all scenes, the same bits however the scenes are shared out."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import apache_beam as beam
import numpy as np
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from scenesign.transforms.signs.quantise import Codebook

from scenesign.transforms.signs.inventory import load_inventory, save_inventory
from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.signs.refine import AddUp, RefineInventory, ScenesOfSign, move_codewords, sum_scenes
from tests.builders import DIMENSIONS, part, row
from tests.transforms.signs.test_fit import inventory


def codebook() -> Codebook:
    first = np.array([[0.9, 0.0], [0.0, 0.9], [-0.5, -0.5]], dtype=np.float32)
    second = np.array([[0.1, 0.0], [0.0, 0.1]], dtype=np.float32)
    return Codebook((first, second))


def test_codewords_move_to_the_means_of_their_scenes_by_hand() -> None:
    vectors = np.array([[1.0, 0.0], [0.8, 0.2], [0.0, 1.0]], dtype=np.float32)
    moved = move_codewords(codebook(), 0, sum_scenes(vectors, codebook(), 0))
    np.testing.assert_allclose(moved.levels[0], [[0.9, 0.1], [0.0, 1.0], [-0.5, -0.5]], atol=1e-6)
    assert np.array_equal(moved.levels[1], codebook().levels[1])


def test_a_second_level_moves_to_what_the_first_leaves() -> None:
    vectors = np.array([[1.0, 0.0], [0.0, 1.1]], dtype=np.float32)
    moved = move_codewords(codebook(), 1, sum_scenes(vectors, codebook(), 1))
    np.testing.assert_allclose(moved.levels[1], [[0.1, 0.0], [0.0, 0.2]], atol=1e-6)
    assert np.array_equal(moved.levels[0], codebook().levels[0])


def test_scenes_that_cancel_out_leave_their_codeword_alone() -> None:
    sums = ScenesOfSign(2, np.zeros(2, dtype=np.int64))
    assert np.array_equal(move_codewords(codebook(), 0, [(0, sums)]).levels[0], codebook().levels[0])
    assert move_codewords(codebook(), 1, [(0, sums)]).levels[1][0].tolist() == [0.0, 0.0]


def test_sums_are_the_same_bits_in_any_order_and_grouping() -> None:
    rng = np.random.default_rng(3)
    vectors = unit(rng.normal(size=(40, 2)))
    pieces = [dict(sum_scenes(vectors[i : i + 10], codebook(), 0)) for i in range(0, 40, 10)]
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
    whole = dict(sum_scenes(vectors, codebook(), 0))[0]
    assert seen == {(whole.count, whole.total.tobytes())}


@pytest.mark.parametrize("level", [0, 1])
def test_a_pass_over_all_parts_brings_the_codebook_nearer_to_them(level: int, tmp_path: Path) -> None:
    made = inventory(signs=4, levels=2)
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
        _ = pipeline | "Parts" >> beam.Create(parts) | RefineInventory(refined, level, path)
    after = load_inventory(refined)
    vectors = np.concatenate([made.neutraliser(r.scene_vectors, r.language) for r in used])
    assert len(vectors) == 27
    expected = move_codewords(made.codebook, level, sum_scenes(vectors, made.codebook, level))
    for ours, wanted in zip(after.codebook.levels, expected.levels, strict=True):
        assert ours.tobytes() == wanted.tobytes()
    if level == 0:
        codes, _ = made.codebook.assign(vectors)
        kept = codes[:, 0]
        before = ((vectors - made.codebook.levels[0][kept]) ** 2).sum()
        assert ((vectors - after.codebook.levels[0][kept]) ** 2).sum() < before
    assert after.codebook.levels[level].shape[1] == DIMENSIONS
