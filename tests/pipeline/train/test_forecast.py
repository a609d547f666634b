"""What comes next, by models whose weights are known, and how one scene to come leads to another."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from scenesign.pipeline.train import forecast as module
from scenesign.pipeline.train.forecast import RealScenes, ScenesSoFar, foresee, foresee_all
from scenesign.pipeline.train.model import ConceptModel
from tests.models import TOPICS, pieces_model, places_model, stir

X, Y = np.array([1, 0, 0], np.float32), np.array([0, 1, 0], np.float32)
NOBODY = np.zeros((1, 2), np.int64)


def real(seen: np.ndarray, topics: tuple[int, ...], told: tuple[int, ...] = ()) -> RealScenes:
    return RealScenes(seen, np.array(topics), np.isin(np.arange(len(seen)), told))


def random_story(scenes: int, seed: int = 0) -> ScenesSoFar:
    """Scenes anywhere, with members 1 to 5 on and off stage."""
    draw = np.random.default_rng(seed)
    cast = np.array([sorted(draw.choice(6, 2, replace=False), reverse=True) for _ in range(scenes)])
    return ScenesSoFar(draw.normal(size=(scenes, 3)).astype(np.float32), cast.astype(np.int64))


def random_scenes(count: int, seed: int = 1) -> RealScenes:
    draw = np.random.default_rng(seed)
    return real(draw.normal(size=(count, 3)).astype(np.float32), tuple(draw.integers(0, TOPICS, count)))


def test_real_scenes_share_what_there_is_by_how_like_the_last_one_they_are() -> None:
    """After one scene the untrained model looks for its like: the score is four times the cosine."""
    found = foresee(places_model(), ScenesSoFar(X[None], NOBODY), real(np.stack([-X, X, Y]), (0, 1, 2)), top=3)
    weights = {0: math.exp(-4), 1: math.exp(4), 2: 1.0}
    assert [scene.number for scene in found.scenes] == [1, 2, 0]
    for scene in found.scenes:
        share = weights[scene.number] / sum(weights.values())
        assert scene.probability == pytest.approx(share, rel=1e-4)
        assert scene.times_chance == pytest.approx(3 * share, rel=1e-4)
    assert [scene.likeness for scene in found.scenes] == pytest.approx([1, 0, -1], abs=1e-6)


def test_what_was_told_does_not_come_again_and_is_no_choice() -> None:
    found = foresee(places_model(), ScenesSoFar(X[None], NOBODY), real(np.stack([-X, X, Y]), (0, 1, 2), (1,)), top=3)
    assert [scene.number for scene in found.scenes] == [2, 0]
    assert sum(scene.probability for scene in found.scenes) == pytest.approx(1.0)
    assert found.scenes[0].times_chance == pytest.approx(2 * found.scenes[0].probability)


def test_where_all_was_told_there_is_no_scene() -> None:
    found = foresee(places_model(), ScenesSoFar(X[None], NOBODY), real(np.stack([X, Y]), (0, 1), (0, 1)), top=3)
    assert found.scenes == ()
    assert found.topics == ()


def test_a_model_of_vectors_knows_topics_by_the_scenes_that_it_expects() -> None:
    scenes = real(np.stack([-X, X, Y]), (2, 0, 2))
    found = foresee(places_model(), ScenesSoFar(X[None], NOBODY), scenes, top=3)
    by_scene = {scene.number: scene.probability for scene in found.scenes}
    assert [topic.number for topic in found.topics] == [0, 2]  # topic 1 has no scene
    assert found.topics[0].probability == pytest.approx(by_scene[1])
    assert found.topics[1].probability == pytest.approx(by_scene[0] + by_scene[2])
    assert foresee(places_model(), ScenesSoFar(X[None], NOBODY), None, top=3).topics == ()


def test_a_model_of_glyphs_names_topics_itself() -> None:
    model = pieces_model()
    with torch.no_grad():
        model.bias[:TOPICS] = torch.tensor([0.2, 0.5, 0.3]).log()
    found = foresee(model, ScenesSoFar(np.array([[0, 3, 19, 35]]), NOBODY), None, top=2)
    assert [(topic.number, round(topic.probability, 5)) for topic in found.topics] == [(1, 0.5), (2, 0.3)]
    assert found.scenes == ()


def test_of_the_cast_those_are_told_who_were_there() -> None:
    """Ids run to 4, and nobody was ever number 1 or 3."""
    cast = np.array([[4, 2], [2, 0]])
    found = foresee(places_model(), ScenesSoFar(np.stack([X, Y]), cast), None, top=1)
    assert [member.number for member in found.cast] == [2, 4]  # all alike, in order
    assert [member.probability for member in found.cast] == pytest.approx([1 / (1 + math.exp(2))] * 2)
    assert found.expected_cast == ()


def test_those_are_expected_who_are_likelier_there_than_not() -> None:
    model = places_model()
    with torch.no_grad():
        model.judge[-1].bias[1] = 2.01
    found = foresee(model, ScenesSoFar(X[None], np.array([[3, 1]])), None, top=1)
    assert found.expected_cast == (1, 3)
    assert found.cast[0].probability == pytest.approx(1 / (1 + math.exp(-0.01)))


@pytest.mark.parametrize("at_once", [3, 100])
def test_the_end_of_a_story_is_weighed_as_the_model_weighs_it_among_all(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what is held after the last scene is kept, and scenes are weighed some at a time; the choice is the same."""
    monkeypatch.setattr(module, "_AT_ONCE", at_once)
    model, story, scenes = stir(places_model()), random_story(9), random_scenes(10)
    with torch.no_grad():
        model.judge[-1].bias[1] = 50.0
    found = foresee(model, story, scenes, top=10)
    assert found.expected_cast, "the test needs somebody on stage"
    there = torch.zeros(1, 10, 2, dtype=torch.int64)
    there[..., : len(found.expected_cast)] = torch.tensor(found.expected_cast[:2])
    with torch.inference_mode():
        held = model(torch.from_numpy(story.seen)[None], torch.from_numpy(story.cast)[None])
        chosen = model.choose(held, model.places(torch.from_numpy(scenes.seen)[None]), there)
    shares = chosen[0, -1].double().softmax(dim=0)
    assert len(set(shares.tolist())) == 10
    for scene in found.scenes:
        assert scene.probability == pytest.approx(float(shares[scene.number]), rel=1e-4)


def test_each_scene_to_come_follows_the_best_of_those_before() -> None:
    model, story, scenes = stir(places_model()), random_story(5), random_scenes(8)
    first, second, third = foresee_all(model, story, scenes, 3, top=8)
    assert first == foresee(model, story, scenes, top=8)
    best = first.scenes[0].number
    after = story.then(scenes.seen[best], first.expected_cast)
    assert second == foresee(model, after, real(scenes.seen, tuple(scenes.topics), (best,)), top=8)
    chosen = [forecast.scenes[0].number for forecast in (first, second, third)]
    assert len(set(chosen)) == 3
    assert [len(forecast.scenes) for forecast in (first, second, third)] == [8, 7, 6]
    assert not scenes.told.any(), "the scenes that were given are as they were"


def test_without_real_scenes_a_story_goes_on_with_what_the_model_writes() -> None:
    model = stir(pieces_model())
    with torch.no_grad():
        model.sharpness.zero_()
        model.echoes.zero_()
        model.bias.zero_()
        for row in (2, TOPICS + 5, TOPICS + 16 + 0, TOPICS + 32 + 15):
            model.bias[row] = 1.0
    story = ScenesSoFar(np.array([[0, 3, 19, 35], [1, 4, 20, 36]]), np.array([[1, 2], [2, 0]]))
    first, second = foresee_all(model, story, None, 2, top=3)
    written = story.then(np.array([2, 8, 19, 50]), first.expected_cast)
    assert second == foresee(model, written, None, top=3)
    assert second.cast != first.cast


def test_a_model_of_vectors_goes_on_with_what_it_looks_for() -> None:
    """Which after a single scene is that scene."""
    story = ScenesSoFar(X[None], np.array([[1, 0]]))
    _, second = foresee_all(places_model(), story, real(Y[None], (0,), (0,)), 2, top=1)
    assert second == foresee(places_model(), story.then(X, ()), None, top=1)


def test_a_scene_has_no_more_members_than_the_model_reads() -> None:
    after = ScenesSoFar(X[None], np.array([[1, 0]])).then(Y, (3, 1, 2))
    assert after.cast.tolist() == [[1, 0], [3, 1]]
    assert after.seen.tolist() == [X.tolist(), Y.tolist()]


def test_dropout_is_off_whatever_state_the_model_was_left_in() -> None:
    model: ConceptModel = stir(places_model()).train()
    story, scenes = random_story(6), random_scenes(5)
    assert foresee(model, story, scenes, top=5) == foresee(model, story, scenes, top=5)
