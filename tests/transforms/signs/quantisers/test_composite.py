"""The composite quantiser: topics and letters by hand, what they rebuild, and every promise of the door."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenesign.transforms.signs.glyphs import COMPOSED_SIGNS, LETTER_VALUES, LETTERS_OF_GLYPH, code_of, letters_of
from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.signs.predict import PredictiveSpace
from scenesign.transforms.signs.quantisers.composite import (
    CompositeQuantiser,
    fit_letters,
    means_by_code,
    spellings,
)
from scenesign.transforms.signs.quantisers.quantiser import TrainingScenes

SIZE = 12
PLAIN = PredictiveSpace(np.eye(SIZE, dtype=np.float32)[:6], np.linspace(0.9, 0.4, 6).astype(np.float32))


def training(books: int = 10, scenes: int = 60, seed: int = 0) -> TrainingScenes:
    """Books that stay on one of six things for a while, with noise."""
    draw = np.random.default_rng(seed)
    things = 3 * np.eye(SIZE)[:6]
    rows = []
    for _ in range(books):
        thing = np.repeat(draw.integers(0, 6, -(-scenes // 5)), 5)[:scenes]
        rows.append(things[thing] + draw.normal(size=(scenes, SIZE)))
    vectors = unit(np.concatenate(rows))
    return TrainingScenes(vectors, np.repeat(np.arange(books), scenes), np.tile(np.arange(scenes), books), len(vectors))


@pytest.fixture(scope="module")
def fitted() -> CompositeQuantiser:
    return CompositeQuantiser.fit(training(), 6, 3, seed=0)[0]


def by_hand() -> CompositeQuantiser:
    """Two topics; of one glyph's letters the lead moves along dimension 2, the vowel along 3, the tail along 4."""
    letters = np.zeros((1, LETTERS_OF_GLYPH, LETTER_VALUES, SIZE), dtype=np.float32)
    for letter in range(LETTERS_OF_GLYPH):
        letters[0, letter, :, 2 + letter] = np.linspace(-0.8, 0.7, LETTER_VALUES)
    return CompositeQuantiser(PLAIN, np.eye(SIZE, dtype=np.float32)[:2] * 0.5, letters)


def test_a_scene_is_spelled_by_hand() -> None:
    quantiser = by_hand()
    assert quantiser.sizes == (2, 4096)
    scene = np.zeros((1, SIZE), np.float32)
    scene[0, [1, 2, 3, 4, 11]] = 0.5, -0.8, 0.7, 0.2, 0.1
    codes, distances = quantiser.assign(scene)
    assert codes.tolist() == [[1, code_of(0, 15, 10)]]
    rebuilt = quantiser.decode(codes)
    np.testing.assert_allclose(rebuilt[0, :5], [0, 0.5, -0.8, 0.7, 0.2], atol=1e-6)
    np.testing.assert_allclose(quantiser.decode(codes, 1)[0], [0, 0.5, *np.zeros(10)])
    cosine = (0.25 + 0.64 + 0.49 + 0.04) / np.sqrt((0.25 + 0.64 + 0.49 + 0.04) * (0.25 + 0.64 + 0.49 + 0.04 + 0.01))
    assert distances[0] == pytest.approx(1 - cosine, abs=1e-6)


def test_spellings_stand_in_the_order_of_their_codes() -> None:
    words = np.random.default_rng(0).normal(size=(3, 16, 2))
    for code in (0, 15, 16, 255, 256, 2730, 4095):
        lead, vowel, tail = letters_of(code)
        np.testing.assert_allclose(spellings(words)[code], words[0, lead] + words[1, vowel] + words[2, tail])


def test_embeddings_are_coordinates_and_a_spelling_is_the_sum_of_its_letters(fitted: CompositeQuantiser) -> None:
    rows = fitted.embeddings()
    assert rows.shape == (sum(fitted.sizes), len(fitted.space.axes))
    codes = np.array([[2, 1234, 77]])
    total = rows[2] + rows[fitted.sizes[0] + 1234] + rows[fitted.sizes[0] + COMPOSED_SIGNS + 77]
    np.testing.assert_allclose(total, fitted.coordinates(codes)[0], atol=1e-4)
    np.testing.assert_allclose(fitted.points(2), rows[-COMPOSED_SIGNS:], atol=1e-4)
    # on a grid sums are exact, so that a spelling is the sum of its letters to the bit on any machine
    assert (rows * 2.0**16 == np.rint(rows * 2.0**16)).all()


def test_every_glyph_more_rebuilds_better(fitted: CompositeQuantiser) -> None:
    vectors = training(seed=5).vectors
    codes, _ = fitted.assign(vectors)
    left = [((fitted.space(vectors) - fitted.space(fitted.decode(codes, n))) ** 2).sum() for n in range(4)]
    assert left[0] > left[1] > left[2] > left[3]


def test_topics_are_the_things_that_last() -> None:
    quantiser, notes = CompositeQuantiser.fit(training(), 12, 1, seed=0)
    assert quantiser.sizes == (12,)
    assert not notes
    assert set(np.abs(quantiser.topics).argmax(axis=1)) == set(range(6))


def test_only_topics_are_numbered_by_frequency(fitted: CompositeQuantiser) -> None:
    counts = np.zeros(sum(fitted.sizes), dtype=np.int64)
    counts[[3, 1]] = 9, 4
    renumbered, new = fitted.reorder(counts)
    assert new[:6].tolist() == [2, 1, 3, 0, 4, 5]
    np.testing.assert_array_equal(new[6:], np.arange(6, sum(fitted.sizes)))
    vectors = training(seed=1).vectors
    before, after = fitted.assign(vectors)[0], renumbered.assign(vectors)[0]
    np.testing.assert_array_equal(new[before[:, 0]], after[:, 0])
    np.testing.assert_array_equal(before[:, 1:], after[:, 1:])


def test_codes_that_assign_gives_are_right_and_others_are_found(fitted: CompositeQuantiser) -> None:
    vectors = training(seed=2).vectors
    codes, _ = fitted.assign(vectors)
    assert fitted.misfit(vectors, codes, 1e-6) is None
    assert fitted.misfit(vectors.astype(np.float16).astype(np.float32), codes, 2e-3) is None
    assert fitted.misfit(vectors, codes[:, :2], 1e-6) is None
    wrong = codes.copy()
    wrong[7, 1] = (wrong[7, 1] + 2048) % COMPOSED_SIGNS
    assert fitted.misfit(vectors, wrong, 1e-6) == (7, 1)
    wrong = codes.copy()
    wrong[9, 0] = (wrong[9, 0] + 1) % 6
    assert fitted.misfit(vectors, wrong, 1e-6) == (9, 0)


def test_passes_over_all_scenes_bring_codewords_nearer(fitted: CompositeQuantiser) -> None:
    vectors = training(books=30, seed=3).vectors
    assert CompositeQuantiser.passes(3) == 7
    moved = fitted
    for step in range(CompositeQuantiser.passes(3)):
        sums = list(moved.accumulate(vectors, step))
        assert len({key for key, _ in sums}) == len(sums)
        moved = moved.move(step, reversed(sums))

    def error(quantiser: CompositeQuantiser) -> float:
        return float(((vectors - quantiser.decode(quantiser.assign(vectors)[0])) ** 2).sum())

    assert error(moved) < error(fitted)


def test_a_letter_moves_to_the_mean_of_what_the_others_leave() -> None:
    quantiser = by_hand()
    scenes = np.zeros((2, SIZE), np.float32)
    scenes[:, 0] = 0.6
    scenes[:, 2] = 0.69, 0.73
    # pass 1 is that of the first letter: both scenes carry its last value
    (found,) = quantiser.accumulate(scenes, 1)
    assert found[0] == 15
    assert found[1].count == 2
    moved = quantiser.move(1, [found])
    np.testing.assert_allclose(moved.letters[0, 0, 15, [0, 2]], [0.1, 0.71], atol=1e-5)
    np.testing.assert_array_equal(moved.letters[0, 0, :15], quantiser.letters[0, 0, :15])


def test_letter_values_are_ordered_along_the_strongest_direction(fitted: CompositeQuantiser) -> None:
    first = fitted.space(fitted.letters)[..., 0]
    assert (np.diff(first, axis=-1) <= 1e-9).all()


def test_few_scenes_leave_letter_values_at_nothing() -> None:
    rest = np.random.default_rng(0).normal(size=(3, SIZE)).astype(np.float32)
    letters = fit_letters(rest, PLAIN, seed=0)
    assert np.isfinite(letters).all()
    assert all((np.abs(values).max(axis=1) < 1e-6).sum() >= 13 for values in letters)


@pytest.mark.parametrize("scenes", [1, 2, 9])
def test_a_shelf_of_few_scenes_is_written_all_the_same(scenes: int) -> None:
    found = training(1, scenes)
    quantiser, notes = CompositeQuantiser.fit(found, 40, 4, seed=0)
    codes, distances = quantiser.assign(found.vectors)
    assert quantiser.sizes[0] <= scenes
    assert np.isfinite(distances).all()
    assert (codes >= 0).all()
    assert any("40 topics were asked for" in note for note in notes)
    assert not list(quantiser.check())


def test_fitting_hangs_on_the_seed_alone() -> None:
    first, second = (CompositeQuantiser.fit(training(), 6, 2, seed=4)[0] for _ in range(2))
    for name, tensor in first.tensors().items():
        assert tensor.tobytes() == second.tensors()[name].tobytes()


def test_means_by_code_by_hand() -> None:
    means = means_by_code(np.array([[1, 0], [0, 1], [0.5, 0]], np.float32), np.array([0, 2, 0]), 3)
    np.testing.assert_allclose(means, [[0.75, 0], [0, 0], [0, 1]], atol=1e-6)


def test_written_and_read_back(fitted: CompositeQuantiser) -> None:
    again = CompositeQuantiser.from_tensors(fitted.tensors(), fitted.sizes, SIZE)
    vectors = training(seed=8).vectors
    np.testing.assert_array_equal(again.assign(vectors)[0], fitted.assign(vectors)[0])
    with pytest.raises(ValueError, match="4,096 spellings"):
        CompositeQuantiser.from_tensors(fitted.tensors(), (6, 4096, 100), SIZE)
    with pytest.raises(ValueError, match="'axes' has 0 rows"):
        CompositeQuantiser.from_tensors({}, fitted.sizes, SIZE)
    with pytest.raises(ValueError, match="'letters' has shape"):
        CompositeQuantiser.from_tensors(fitted.tensors(), (6, 4096), SIZE)
    for wrong in (0.0, 1.5, 1e9, float("nan")):
        depths = np.array([6, wrong], np.float32)
        with pytest.raises(ValueError, match="'depths' are"):
            CompositeQuantiser.from_tensors(fitted.tensors() | {"depths": depths}, fitted.sizes, SIZE)


def test_an_inventory_keeps_its_depths_whatever_the_program_takes_for_new_ones(fitted: CompositeQuantiser) -> None:
    shallow = replace(fitted, depths=(1, 1))
    again = CompositeQuantiser.from_tensors(shallow.tensors(), fitted.sizes, SIZE)
    assert again.depths == (1, 1)
    vectors = training(seed=8).vectors
    assert (again.assign(vectors)[0] != fitted.assign(vectors)[0]).any()
    np.testing.assert_array_equal(again.assign(vectors)[0], shallow.assign(vectors)[0])


def test_numbers_that_break_the_rules_are_named(fitted: CompositeQuantiser) -> None:
    assert not list(fitted.check())
    risen = PredictiveSpace(fitted.space.axes, fitted.space.strengths[::-1].copy())
    long, lost = fitted.topics.copy(), fitted.topics.copy()
    long[1] *= 3 / np.linalg.norm(long[1])
    lost[2] = 0
    said = [
        next(CompositeQuantiser(space, topics, fitted.letters).check())
        for space, topics in ((risen, fitted.topics), (fitted.space, long), (fitted.space, lost))
    ]
    assert "strengths" in said[0]
    assert "topic 1 has length 3" in said[1]
    assert "topic 2 has length 0" in said[2]
