"""The atlas: the same codewords give the same map, near codewords lie near, regions are patches with fitting names."""

from __future__ import annotations

import numpy as np
import pytest

from scenesign.pipeline.report.atlas import MOST_EMBEDDED, AtlasMap, describe_regions, draw_map


def clusters(count: int, each: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = 4 * rng.normal(size=(count, 32))
    return np.repeat(centres, each, axis=0) + 0.1 * rng.normal(size=(count * each, 32))


def check(atlas: AtlasMap, signs: int) -> None:
    assert atlas.points.shape == (signs, 2)
    assert np.isfinite(atlas.points).all()
    assert atlas.points.min() >= 0
    assert atlas.points.max() <= 1
    assert atlas.regions.shape == (signs,)


def test_codewords_of_one_cluster_lie_together_and_share_a_region() -> None:
    atlas = draw_map(clusters(5, 12))
    check(atlas, 60)
    assert "t-SNE" in atlas.method
    distance = np.linalg.norm(atlas.points[:, None] - atlas.points[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert (np.arange(60) // 12 == distance.argmin(axis=1) // 12).all()
    # eight regions of five clusters: some are cut in two, none has signs of two
    for region in range(8):
        assert len(set((np.flatnonzero(atlas.regions == region) // 12).tolist())) == 1
    sizes = np.bincount(atlas.regions)
    assert (np.diff(sizes) <= 0).all()


def test_the_same_codewords_give_the_same_map_whatever_the_threads() -> None:
    from threadpoolctl import threadpool_limits

    words = clusters(4, 30, seed=1)
    with threadpool_limits(1):
        one = draw_map(words, seed=3)
    two = draw_map(words.copy(), seed=3)
    assert one.points.tobytes() == two.points.tobytes()
    assert one.regions.tobytes() == two.regions.tobytes()


@pytest.mark.parametrize("signs", [1, 2, 3, 7, 13])
def test_few_signs_have_a_map(signs: int) -> None:
    check(draw_map(np.random.default_rng(0).normal(size=(signs, 16)).astype(np.float32)), signs)


def test_equal_codewords_have_a_map() -> None:
    check(draw_map(np.ones((20, 8))), 20)


def test_a_huge_inventory_gets_principal_components() -> None:
    rng = np.random.default_rng(0)
    words = rng.normal(size=(MOST_EMBEDDED + 1, 4)) * [9, 5, 1, 1]
    atlas = draw_map(words)
    check(atlas, len(words))
    assert "principal" in atlas.method
    assert abs(np.corrcoef(atlas.points[:, 0], words[:, 0])[0, 1]) > 0.99


def test_a_region_is_named_by_what_others_lack() -> None:
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
