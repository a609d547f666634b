"""Settings come back from `inventory.json` as they went in, and nothing that isn't one goes unsaid."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from scenesign.transforms.scenes.find import SceneOptions
from scenesign.transforms.scenes.recorded import recorded_options
from scenesign.transforms.scenes.sentences import SentenceOptions
from scenesign.transforms.scenes.sizes import SCENE_SIZES


@pytest.mark.parametrize("size", SCENE_SIZES)
def test_options_are_read_back_from_json(size: str) -> None:
    sentences, scenes = SentenceOptions(longest=900), replace(SceneOptions(2, 9, 1.5), size=size)
    recorded = json.loads(json.dumps({"sentences": asdict(sentences), "scenes": asdict(scenes)}))
    assert recorded_options(recorded) == (sentences, scenes)


def test_what_is_not_recorded_is_at_its_default() -> None:
    assert recorded_options({}) == (SentenceOptions(), SceneOptions())
    # as inventories had it before scenes had sizes
    _, scenes = recorded_options({"scenes": {"min_sentences": 4, "max_sentences": 50, "penalty": 1.0, "pull": 5.0}})
    assert scenes == SceneOptions(4, 50, size="medium")


@pytest.mark.parametrize(
    ("recorded", "says"),
    [
        ({"scenes": {"size": "huge"}}, "scenes: scene size must be one of fine, medium, coarse, not 'huge'"),
        ({"scenes": {"size": None}}, "scenes: scene size must be one of fine, medium, coarse, not None"),
        ({"scenes": {"size": ["fine"]}}, "scenes: scene size must be one of"),
        ({"scenes": {"min_sentences": "3"}}, "scenes: "),
        ({"scenes": {"min_sentences": 0}}, "scenes: scene lengths need"),
        (
            {"scenes": {"size": "fine", "of_tomorrow": 1, "later": 2}},
            "scenes has later, of_tomorrow, which this version",
        ),
        (
            {"sentences": {"of_tomorrow": 1}},
            "sentences has of_tomorrow, which this version doesn't know; use the program",
        ),
        ({"scenes": ["fine"]}, "scenes is no table of settings"),
        ({"scenes": "fine"}, "scenes is no table of settings"),
        ({"sentences": None}, "sentences is no table of settings"),
        ([], "sentences is no table of settings"),
    ],
)
def test_what_can_not_be_used_is_named_with_its_file(recorded: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=r"^there/inventory\.json: segmentation\." + says):
        recorded_options(recorded, "there/inventory.json")
