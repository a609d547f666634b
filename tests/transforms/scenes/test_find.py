"""Scenes tile the book; headings and breaks are where they must be; vectors are the means of their scenes."""

from __future__ import annotations

import itertools
import pickle
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenesign.schemas.records import Block, BlockKind, Book, SegmentedBook, Sentence
from scenesign.transforms.scenes import find
from scenesign.transforms.scenes.find import SceneOptions, contrast, find_scenes, pool
from scenesign.transforms.scenes.sizes import SCENE_SIZES, SceneSize

P, H, B = BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.BREAK


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def book(
    kinds: list[BlockKind], vectors: np.ndarray | None = None, seed: int = 0, sentence: str = "Rain."
) -> SegmentedBook:
    """One sentence a block; random directions where no vectors are given."""
    text, wide = " ".join([sentence] * len(kinds)), len(sentence) + 1
    spans = [(wide * i, wide * i + wide - 1) for i in range(len(kinds))]
    prose = sum(kind is P for kind in kinds)
    if vectors is None:
        vectors = unit(np.random.default_rng(seed).normal(size=(prose, 6))) if prose else np.zeros((0, 6), np.float32)
    blocks = tuple(Block(a, b, kind) for (a, b), kind in zip(spans, kinds, strict=True))
    sentences = tuple(Sentence(a, b, kind) for (a, b), kind in zip(spans, kinds, strict=True))
    return SegmentedBook(Book("id", "", "en", text, blocks, "a.txt", bytes=7), sentences, vectors)


kinds_of_books = st.lists(st.sampled_from([P, P, P, P, H, B]), min_size=1, max_size=60)


@settings(max_examples=200, deadline=None)
@given(kinds_of_books, st.integers(1, 5), st.integers(0, 6), st.integers(0, 99))
def test_scenes_tile_any_book(kinds: list[BlockKind], least: int, more: int, seed: int) -> None:
    options = SceneOptions(min_sentences=least, max_sentences=least + more)
    starts = find_scenes(book(kinds, seed=seed), options)
    assert starts[0] == 0
    assert list(starts) == sorted(set(starts))
    if P not in kinds:
        assert starts == (0,)
        return
    for a, b in itertools.pairwise([*starts, len(kinds)]):
        scene = kinds[a:b]
        prose = [i for i, kind in enumerate(scene) if kind is P]
        assert 1 <= len(prose) <= least + more
        # a heading or break between two sentences of prose always parts them
        assert prose[-1] - prose[0] == len(prose) - 1
        # breaks before the prose belong to the scene before, headings after it to the scene after, where there is one
        assert a == 0 or B not in scene[: prose[0]]
        assert b == len(kinds) or scene[-1] is not H


@pytest.mark.parametrize(
    ("kinds", "starts"),
    [
        ([H, H, P, P, P, H, P, P, P], (0, 5)),
        ([P, P, P, B, P, P, P], (0, 4)),
        ([P, P, P, B, H, P, P, P], (0, 4)),
        ([P, P, P, H, B, P, P, P], (0, 5)),
        ([B, H, P, P, P, B, H], (0,)),
        ([H, B], (0,)),
    ],
)
def test_where_headings_and_breaks_go(kinds: list[BlockKind], starts: tuple[int, ...]) -> None:
    assert find_scenes(book(kinds), SceneOptions(penalty=50.0)) == starts


def topics(lengths: list[int], noise: float, seed: int = 0) -> np.ndarray:
    """Sentences scattered around one centre per scene, in 64 dimensions."""
    rng = np.random.default_rng(seed)
    centres = np.repeat(unit(rng.normal(size=(len(lengths), 64))), lengths, axis=0)
    return unit(centres + noise * unit(rng.normal(size=centres.shape)))


def test_topics_that_jump_are_found() -> None:
    lengths = [5, 9, 4, 7, 8, 6, 5, 10, 3, 8]
    vectors = topics(lengths, noise=1.0)
    assert find_scenes(book([P] * sum(lengths), vectors)) == (0, *np.cumsum(lengths)[:-1].tolist())


def test_one_topic_is_one_scene() -> None:
    assert find_scenes(book([P] * 40, topics([40], noise=1.5))) == (0,)


def test_contrast_tells_jumps_from_drift() -> None:
    jumps = contrast(topics([6] * 20, noise=1.5))
    drifts = contrast(unit(topics([120], noise=1.5) + 0.3 * topics([30] * 4, noise=0.0, seed=1)))
    assert jumps.drift == 0
    assert drifts.drift == 1
    assert contrast(topics([6], 1.0)).drift == 0


def test_a_higher_penalty_never_finds_more_scenes() -> None:
    found = [
        len(find_scenes(book([P] * 300, seed=4), SceneOptions(penalty=penalty))) for penalty in (0.1, 0.5, 1, 2, 8)
    ]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[-1]


@pytest.mark.parametrize("size", SCENE_SIZES)
def test_topics_that_are_clear_are_found_whatever_the_size(size: SceneSize) -> None:
    vectors = topics([12] * 25, noise=1.0, seed=4)
    it = book([P] * 300, vectors, sentence="It rained on the roofs of the town, and nobody was about all day.")
    assert find_scenes(it, SceneOptions(size=size)) == tuple(range(0, 300, 12))


@pytest.mark.parametrize("most", [20, 500])
def test_searching_again_is_the_same_with_costs_kept_or_found_anew(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    it = book([P] * 300, unit(topics([300], 1.5, seed=4) + 0.3 * topics([12] * 25, 0.0, seed=5)))
    options = SceneOptions(max_sentences=most)
    kept = find_scenes(it, options)
    monkeypatch.setattr(find, "_KEPT", 1000 - most)
    assert find_scenes(it, options) == kept
    monkeypatch.setattr(find, "_KEPT", most)
    assert find_scenes(it, options) == kept


def test_the_pace_of_a_long_book_is_that_of_its_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "HEAD", 60)
    head = topics([6] * 10, noise=1.0)
    for rest in ([6] * 20, [30] * 4):
        starts = find_scenes(book([P] * 180, np.concatenate([head, topics(rest, noise=1.0, seed=2)])))
        assert starts[:10] == tuple(range(0, 60, 6))


def test_cues_move_a_scene_start_where_topics_drift() -> None:
    sentences = [
        *["“It is so,” he said, and he looked at the fire and at her hands for a long while."] * 30,
        "Once upon a time there was a king in London, and Anna came to see him the next day.",
        *["Rain fell on the roofs of the town and ran along the gutters to the river."] * 4,
        *["“Yes,” he said, and it was as if he had known it all along, and longer than that."] * 26,
    ]
    text = " ".join(sentences)
    ends = np.cumsum([len(sentence) + 1 for sentence in sentences]) - 1
    spans = tuple(Sentence(int(e) - len(s), int(e)) for s, e in zip(sentences, ends, strict=True))
    vectors = topics([61], noise=2.0, seed=3)
    assert contrast(vectors).drift == 1
    it = SegmentedBook(Book("id", "", "en", text, (Block(0, len(text)),), "a.txt"), spans, vectors)
    assert 30 in find_scenes(it)
    assert 30 not in find_scenes(it, SceneOptions(cues=False))


def test_pooled_vectors_are_unit_means_without_headings() -> None:
    vectors = np.array([[1, 0], [0, 1], [0, 1], [0.6, 0.8]], dtype=np.float32)
    pooled = pool(book([H, P, P, B, P, P], vectors), (0, 4))
    np.testing.assert_allclose(pooled, unit(np.array([[1, 1], [0.6, 1.8]])), atol=1e-6)
    assert pooled.dtype == np.float32


def test_a_sentence_four_times_as_long_weighs_twice_as_much() -> None:
    text = "Rain. It rained all the day."
    spans = [(0, 5), (6, 26)]
    blocks, sentences = tuple(Block(*span, P) for span in spans), tuple(Sentence(*span, P) for span in spans)
    segmented = SegmentedBook(
        Book("id", "", "en", text, blocks, "a.txt", bytes=7), sentences, np.eye(2, dtype=np.float32)
    )
    np.testing.assert_allclose(pool(segmented, (0,)), unit(np.array([[1.0, 2.0]])), atol=1e-6)


def test_a_scene_whose_vectors_cancel_gets_the_direction_of_the_book() -> None:
    vectors = np.array([[1, 0], [-1, 0], [0, 1]], dtype=np.float32)
    np.testing.assert_allclose(pool(book([P, P, P], vectors), (0, 2)), [[0, 1], [0, 1]], atol=1e-6)
    with pytest.raises(ValueError, match="cancel"):
        pool(book([P, P], vectors[:2]), (0,))


def test_nothing_to_pool() -> None:
    with pytest.raises(ValueError, match="no sentence vectors"):
        pool(book([H, B]), (0,))


def test_vectors_must_match_the_prose() -> None:
    with pytest.raises(ValueError, match="3 sentences of prose need as many vectors, not 2"):
        find_scenes(book([P, H, P, P], np.eye(2, dtype=np.float32)))


@pytest.mark.parametrize(
    "bad", [{"min_sentences": 0}, {"max_sentences": 2}, {"penalty": 0.0}, {"penalty": float("nan")}, {"pull": -1.0}]
)
def test_options_refuse_nonsense(bad: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(bad)).split("_")[0]):
        SceneOptions(**bad)


@pytest.mark.parametrize("bad", ["huge", "Fine", "fine ", "", "f", None, 1, ["fine"], ("fine", "medium", "coarse")])
def test_a_size_that_is_none_is_named_beside_those_there_are(bad: object) -> None:
    with pytest.raises(ValueError, match=re.escape(f"one of fine, medium, coarse, not {bad!r}")):
        SceneOptions(size=bad)  # type: ignore[arg-type]


def test_options_travel_between_processes() -> None:
    options = SceneOptions(penalty=2.0, size="coarse")
    assert pickle.loads(pickle.dumps(options)) == options


@pytest.mark.parametrize("sentences", [1, 2, 3, 10, 30, 100])
def test_a_book_of_one_sentence_repeated_is_a_book(sentences: int) -> None:
    """Rounding makes the length of a unit vector a little more than 1: then noise must not fall below 0."""
    long = np.full((sentences, 3), np.float32(0.57735026), dtype=np.float32)  # its squares sum to 1 - 4e-8
    for vector in (long, np.nextafter(long, np.float32(1)), 1.0001 * long):
        starts = find_scenes(book([P] * sentences, vector.astype(np.float32)))
        assert starts[0] == 0
        measured = contrast(vector)
        assert measured.noise >= 0
        assert 0 <= measured.drift <= 1
