"""Residual quantising: known clusters are found, bits don't depend on threads, degenerate input is handled."""

from __future__ import annotations

import faiss
import numpy as np
import pytest

from scenesign.transforms.signs.neutralise import cosine, unit
from scenesign.transforms.signs.quantisers.k_means import nearest
from scenesign.transforms.signs.quantisers.quantiser import CodeSum, TrainingScenes
from scenesign.transforms.signs.quantisers.residual import ResidualQuantiser, fit_residual


def clustered(clusters: int = 5, each: int = 30, dimensions: int = 24, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(clusters, dimensions))
    labels = np.repeat(np.arange(clusters), each)
    return unit(centres[labels] + 0.15 * rng.normal(size=(len(labels), dimensions))), labels


def test_clusters_that_are_there_are_found() -> None:
    vectors, labels = clustered()
    codes, distances = fit_residual(vectors, 5, 1, seed=0).assign(vectors)
    pairs = {(int(code), int(label)) for code, label in zip(codes[:, 0], labels, strict=True)}
    assert len(pairs) == 5
    assert distances.max() < 0.2


def test_a_second_level_explains_more() -> None:
    vectors, _ = clustered()
    one = fit_residual(vectors, 5, 1, seed=0)
    two = fit_residual(vectors, 5, 2, seed=0)
    assert np.array_equal(one.codewords[0], two.codewords[0])
    assert two.assign(vectors)[1].mean() < one.assign(vectors)[1].mean()


def test_decode_and_distance_agree() -> None:
    vectors, _ = clustered()
    book = fit_residual(vectors, 4, 2, seed=3)
    codes, distances = book.assign(vectors)
    np.testing.assert_allclose(1 - cosine(vectors, book.decode(codes)), distances, atol=1e-5)


def test_threads_do_not_change_a_bit() -> None:
    vectors, _ = clustered(each=200)
    threads = faiss.omp_get_max_threads()
    try:
        results = []
        for count in (1, 2, 4):
            faiss.omp_set_num_threads(count)
            results.append(fit_residual(vectors, 16, 2, seed=0).embeddings().tobytes())
    finally:
        faiss.omp_set_num_threads(threads)
    assert results[0] == results[1] == results[2]


def test_every_level_leaves_less_to_explain_even_where_scenes_hardly_cluster() -> None:
    """Scenes in many dimensions lie far from any codeword; a unit codeword would leave more than there was."""
    vectors = unit(np.random.default_rng(4).normal(size=(400, 64)))
    book = fit_residual(vectors, 8, 3, seed=0)
    left = [1.0]
    for levels in (1, 2, 3):
        some = ResidualQuantiser(book.codewords[:levels])
        codes, _ = some.assign(vectors)
        left.append(float(((vectors - some.decode(codes)) ** 2).sum(axis=1).mean()))
    assert left == sorted(left, reverse=True)
    lengths = np.linalg.norm(book.codewords[0], axis=1)
    assert (lengths < 0.6).all()


def test_level_one_is_told_by_direction_alone() -> None:
    book = ResidualQuantiser((np.array([[0.1, 0.0], [0.0, 0.9]], dtype=np.float32),))
    codes, distances = book.assign(unit(np.array([[0.8, 0.6], [0.6, 0.8]])))
    assert codes[:, 0].tolist() == [0, 1]
    assert distances == pytest.approx([0.2, 0.2], abs=1e-6)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_more_signs_than_vectors_are_lowered(count: int) -> None:
    vectors = unit(np.eye(4, dtype=np.float32)[:count])
    book = fit_residual(vectors, 10, 1, seed=0)
    assert book.sizes == (count,)
    assert book.assign(vectors)[1] == pytest.approx(np.zeros(count), abs=1e-6)


def test_identical_scenes_make_one_sign() -> None:
    vectors = unit(np.ones((20, 8), dtype=np.float32))
    assert fit_residual(vectors, 4, 2, seed=0).sizes == (1, 1)


def test_no_codeword_is_unused_or_a_twin() -> None:
    vectors, _ = clustered(clusters=3, each=10)
    book = fit_residual(vectors, 25, 1, seed=0)
    assert len(np.unique(nearest(vectors, book.codewords[0]))) == book.sizes[0]
    assert len(np.unique(np.round(book.codewords[0], 6), axis=0)) == book.sizes[0]


def test_nearest_breaks_ties_by_the_lower_index() -> None:
    words = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 0.0]], dtype=np.float32)
    assert nearest(np.array([[2.0, 0.0]], dtype=np.float32), words).tolist() == [1]


FIRST = np.array([[0.9, 0.0], [0.0, 0.9], [-0.5, -0.5]], dtype=np.float32)
SECOND = np.array([[0.1, 0.0], [0.0, 0.1]], dtype=np.float32)


def by_hand() -> ResidualQuantiser:
    return ResidualQuantiser((FIRST, SECOND))


def test_decoding_adds_up_the_levels_that_are_asked_for() -> None:
    codes = np.array([[0, 1], [2, 0]])
    np.testing.assert_allclose(by_hand().decode(codes), [[0.9, 0.1], [-0.4, -0.5]], atol=1e-7)
    np.testing.assert_array_equal(by_hand().decode(codes, levels=1), FIRST[[0, 2]])
    assert not by_hand().decode(codes, levels=0).any()


def test_signs_are_reordered_by_frequency_level_by_level() -> None:
    ordered, new = by_hand().reorder(np.array([1, 4, 2, 3, 3]))
    assert new.tolist() == [2, 0, 1, 3, 4]
    np.testing.assert_array_equal(ordered.embeddings(), np.concatenate([FIRST[[1, 2, 0]], SECOND]))
    np.testing.assert_array_equal(ordered.points(1), SECOND)


def test_codewords_move_to_the_means_of_their_scenes() -> None:
    vectors = np.array([[1.0, 0.0], [0.8, 0.2], [0.0, 1.0]], dtype=np.float32)
    moved = by_hand().move(0, by_hand().accumulate(vectors, 0))
    np.testing.assert_allclose(moved.points(0), [[0.9, 0.1], [0.0, 1.0], [-0.5, -0.5]], atol=1e-6)
    np.testing.assert_array_equal(moved.points(1), SECOND)


def test_a_second_level_moves_to_what_the_first_leaves() -> None:
    vectors = np.array([[1.0, 0.0], [0.0, 1.1]], dtype=np.float32)
    moved = by_hand().move(1, by_hand().accumulate(vectors, 1))
    np.testing.assert_allclose(moved.points(1), [[0.1, 0.0], [0.0, 0.2]], atol=1e-6)
    np.testing.assert_array_equal(moved.points(0), FIRST)


def test_scenes_that_cancel_out_leave_a_direction_alone() -> None:
    nothing = [(0, CodeSum(2, np.zeros(2, dtype=np.int64)))]
    np.testing.assert_array_equal(by_hand().move(0, nothing).points(0), FIRST)
    assert by_hand().move(1, nothing).points(1)[0].tolist() == [0.0, 0.0]


def test_a_wrong_code_is_a_misfit_unless_rounding_explains_it() -> None:
    vectors, _ = clustered()
    quantiser = fit_residual(vectors, 5, 2, seed=0)
    codes, _ = quantiser.assign(vectors)
    assert quantiser.misfit(vectors.astype(np.float16).astype(np.float32), codes, 5e-3) is None
    for scene, level in ((7, 0), (30, 1)):
        wrong = codes.copy()
        wrong[scene, level] = (wrong[scene, level] + 1) % quantiser.sizes[level]
        assert quantiser.misfit(vectors, wrong, 1e-4) == (scene, level)
    between = unit(np.array([[1.0, 1.001]]))
    assert by_hand().misfit(between, np.array([[0, 1]]), 1e-6) == (0, 0)
    assert by_hand().misfit(between, np.array([[0, 1]]), 5e-3) is None


def test_only_lengths_that_a_mean_can_have_are_in_order() -> None:
    assert list(by_hand().check()) == []
    (said,) = ResidualQuantiser((FIRST * 2, SECOND)).check()
    assert said == "codeword 0 of level 1 has length 1.8000"
    assert len(list(ResidualQuantiser((FIRST * 0, SECOND)).check())) == 1


def test_notes_say_what_could_not_be_had() -> None:
    vectors = unit(np.repeat(np.eye(4, dtype=np.float32), 3, axis=0))
    training = TrainingScenes(vectors, np.zeros(12, np.int64), np.arange(12), 12)
    notes = [ResidualQuantiser.fit(training, signs, 1, 0)[1] for signs in (4, 6, 50)]
    assert notes == [
        (),
        ("6 signs were asked for; 4 are distinct",),
        ("50 signs were asked for; 12 scenes support no more than 12",),
    ]
