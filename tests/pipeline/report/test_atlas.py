"""The map of topics cut into regions: patches with fitting names."""

from __future__ import annotations

import numpy as np
import pytest

from scenesign.pipeline.report.atlas import describe_regions, draw_map, nearest_named


def test_regions_are_patches_numbered_by_falling_size() -> None:
    rng = np.random.default_rng(0)
    centres = np.array([[0.1, 0.1], [0.1, 0.9], [0.9, 0.1], [0.9, 0.9], [0.5, 0.5]])
    atlas = draw_map(np.repeat(centres, 12, axis=0) + 0.02 * rng.random((60, 2)), "by hand")
    assert atlas.regions.shape == (60,)
    assert atlas.method == "by hand"
    # eight regions of five clusters: some are cut in two, none has signs of two
    for region in range(8):
        assert len(set((np.flatnonzero(atlas.regions == region) // 12).tolist())) == 1
    assert (np.diff(np.bincount(atlas.regions)) <= 0).all()


@pytest.mark.parametrize("signs", [1, 2, 3, 7, 13])
def test_few_signs_have_regions(signs: int) -> None:
    assert len(draw_map(np.random.default_rng(0).random((signs, 2)), "by hand").regions) == signs


def test_a_region_is_told_by_what_others_lack() -> None:
    storm, feast = {"en": ("said", "storm"), "ru": ("буря",)}, {"en": ("said", "feast"), "ru": ("пир",)}
    found = describe_regions(
        [0, 0, 1, 1], [storm, storm, feast, feast], [{"en": 10, "ru": 10}] * 2 + [{"en": 99, "ru": 1}] * 2
    )
    assert found[0].keywords["en"][0] == "storm"
    assert found[0].keywords["ru"] == ("буря",)
    # Russian has 2 of the second region's 200 scenes: no name for it, but a count
    assert dict(found[1].scenes) == {"en": 198, "ru": 2}


def test_a_language_most_spoken_comes_first() -> None:
    (region,) = describe_regions([0], [{"en": ("night",), "zh": ("夜晚",)}], [{"en": 2, "zh": 7}])
    assert list(region.scenes) == list(region.keywords) == ["zh", "en"]


def test_a_region_has_the_name_of_its_strongest_topic_that_has_one() -> None:
    found = describe_regions(
        [0, 0, 0, 1, 1],
        [{}] * 5,
        [{"en": 9}, {"en": 2, "ru": 3}, {"en": 4}, {"en": 8}, {}],
        ["", "sea, ship", "feast", "", ""],
    )
    assert [region.name for region in found] == ["sea, ship", ""]


def test_a_name_in_no_language_of_the_books_is_the_last_resort() -> None:
    words = [{"es": ("ira",)}, {"en": ("feast",)}]
    assert describe_regions([0, 0], words, [{"en": 9}, {"en": 2}], ["ira", "feast"])[0].name == "feast"
    assert describe_regions([0], words[:1], [{"en": 9}], ["ira"])[0].name == "ira"


def test_a_topic_without_words_is_told_by_the_nearest_that_has_some() -> None:
    places = np.array([[0.0, 0.0], [0.1, 0.0], [1.0, 0.0], [0.6, 0.0]])
    assert nearest_named(places, ["sea", "", "feast", ""]) == [-1, 0, -1, 2]
    assert nearest_named(places, [""] * 4) == [-1] * 4
