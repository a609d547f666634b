"""The atlas in a real browser: topics and scenes on one map, whose names cover no dot and no other name."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from scenesign.pipeline.report.atlas import describe_regions, draw_map
from scenesign.pipeline.report.page import render
from tests import reports
from tests.pipeline.report import test_page
from tests.pipeline.report.test_page import overflow

# the browser of the other page tests, and what they ask of every page
browser, show, pytestmark = test_page.browser, test_page.show, test_page.pytestmark

PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
PAINTED = """async () => {
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const painted = atlas.painted();
    return { ...painted, at: [...Array(painted.dots).keys()].map(i => atlas.place(i)) };
}"""


def clusters(signs: int, scenes: int = 300) -> reports.ReportData:
    """A report whose topics lie in patches, a seventh of them without a name, with scenes round them."""
    rng = np.random.default_rng(signs)
    places = rng.random((max(3, signs // 30), 2))[rng.integers(0, max(3, signs // 30), signs)]
    places = np.clip(places + 0.05 * rng.normal(size=(signs, 2)), 0, 1)
    atlas = draw_map(places, "by hand")
    data = reports.report(signs=signs, scenes=40)
    cards = tuple(replace(card, name="" if card.sign % 7 == 0 else f"sea {card.sign}, ship") for card in data.signs)
    names = [card.name for card in cards]
    topics = rng.integers(0, signs, scenes)
    assert data.scatter
    scatter = replace(
        data.scatter,
        places=places[topics] + 0.02 * rng.normal(size=(scenes, 2)),
        topics=topics,
        books=np.ones(scenes, np.int64),
        scenes=np.arange(scenes),
        texts=tuple(f"Opening of scene {i}." for i in range(scenes)),
        chapters=("Chapter II",) * scenes,
        all_scenes=scenes,
    )
    told = ([card.keywords for card in cards], [card.languages for card in cards], names)
    return replace(
        data, signs=cards, atlas=atlas, regions=describe_regions(atlas.regions.tolist(), *told), scatter=scatter
    )


@pytest.fixture(scope="module")
def plain() -> str:
    return render(reports.report(signs=8, scenes=40))


def press(page: Any, layer: str) -> None:
    page.locator(f"[data-layer={layer}]").click()


@pytest.mark.parametrize(
    ("signs", "scenes", "screen"),
    [(20, 60, {}), (20, 60, PHONE), (500, 2_000, {}), (500, 2_000, PHONE), (4_096, 0, PHONE)],
)
def test_names_cover_no_dot_and_no_other_name(show: Any, signs: int, scenes: int, screen: dict[str, Any]) -> None:
    data = clusters(signs, scenes)
    named = {region.name for region in data.regions}
    opened = show(render(data), **screen)
    for layer in ("topics", "scenes") if scenes else ("topics",):
        press(opened.page, layer)
        for zoomed in (False, True):
            if zoomed:
                opened.page.locator("#closer").click()
            painted = opened.page.evaluate(PAINTED)
            labels = painted["labels"]
            assert len(labels) == len({label["text"] for label in labels})
            assert {label["text"] for label in labels} <= named
            assert zoomed or len(labels) >= min(4, len(named))
            x, y, r = (np.array([dot[key] for dot in painted["at"]]) for key in "xyr")
            for label in labels:
                left, top, right, bottom = (label[side] for side in ("left", "top", "right", "bottom"))
                assert min(left, top, painted["width"] - right, painted["height"] - bottom) >= 0
                away = np.hypot(
                    np.maximum(0, np.maximum(left - x, x - right)), np.maximum(0, np.maximum(top - y, y - bottom))
                )
                assert (away >= r).all()
            for one, two in itertools.combinations(labels, 2):
                apart = max(one["left"], two["left"]) >= min(one["right"], two["right"])
                assert apart or max(one["top"], two["top"]) >= min(one["bottom"], two["bottom"])
        opened.page.locator("#whole").click()
    assert overflow(opened.page) == 0


def test_the_switch_shows_scenes_in_the_same_view(show: Any, plain: str) -> None:
    opened = show(plain)
    page = opened.page
    assert page.get_by_text("Each dot is a topic").is_visible()
    assert not page.get_by_text("Each dot is a scene").is_visible()
    page.locator("#closer").click()
    press(page, "scenes")
    assert page.locator("[data-layer=scenes]").get_attribute("aria-pressed") == "true"
    assert page.locator("[data-layer=topics]").get_attribute("aria-pressed") == "false"
    assert page.get_by_text("The map shows 80 of 400 scenes, thinned where they are dense.").is_visible()
    assert page.locator("#map.closer").count() == 1
    assert opened.page.evaluate(PAINTED)["dots"] == 80
    press(page, "topics")
    assert opened.page.evaluate(PAINTED)["dots"] == 8


def test_pointing_at_a_scene_shows_its_card_and_clicking_keeps_it(show: Any, plain: str) -> None:
    opened = show(plain)
    page = opened.page
    press(page, "scenes")
    page.mouse.move(*opened.at(45))
    assert opened.text("#sign .who") == "book 1"
    for told in ("Somebody", "scene 6", "Chapter I", "Scene 45 as the map has it.", "name 5"):
        assert told in opened.text("#sign")
    page.mouse.move(2, 2)
    assert "Choose a scene" in opened.text("#sign")
    page.mouse.click(*opened.at(3))
    page.mouse.move(2, 2)
    # a book with a strip has the scene's words there, and can be opened at it
    assert "Scene number 3." in opened.text("#sign")
    assert page.locator(".cell.same").count() == 5
    page.get_by_role("button", name="Show it in its book").click()
    assert "scene 4 of 40" in opened.text("#scene")


def test_the_keyboard_walks_from_scene_to_scene(show: Any, plain: str) -> None:
    opened = show(plain)
    page, seen = opened.page, set()
    press(page, "scenes")
    page.locator("#map").focus()
    for key in ["Enter", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "ArrowRight"]:
        page.keyboard.press(key)
        seen.add(opened.text("#sign blockquote"))
    assert len(seen) >= 3
    page.keyboard.press("Escape")
    assert "Choose a scene" in opened.text("#sign")


def test_a_finger_reaches_scenes(show: Any, plain: str) -> None:
    opened = show(plain, **PHONE)
    opened.page.locator("[data-layer=scenes]").tap()
    opened.page.touchscreen.tap(*opened.at(50))
    assert "Scene 50 as the map has it." in opened.text("#sign")
    assert overflow(opened.page) == 0


def test_words_and_regions_step_other_scenes_back(show: Any, plain: str) -> None:
    opened = show(plain)
    page = opened.page
    press(page, "scenes")
    page.locator("#find").fill("scene 77 as")
    assert opened.text("#found") == "1 scene"
    page.keyboard.press("Enter")
    assert "Scene 77 as the map has it." in opened.text("#sign")
    page.locator("#find").fill("word6")
    assert opened.text("#found") == "10 scenes"
    press(page, "topics")
    assert opened.text("#found") == "1 topic"


def test_a_topic_asked_for_elsewhere_is_shown_among_topics(show: Any, plain: str) -> None:
    opened = show(plain)
    press(opened.page, "scenes")
    opened.page.locator("[data-sign='2']").click()
    assert opened.page.locator("[data-layer=topics]").get_attribute("aria-pressed") == "true"
    assert "name 2" in opened.text("#sign")


def test_what_has_no_words_says_so_and_has_no_chip(show: Any) -> None:
    data = clusters(40)
    # the second region has no word at all
    cards = tuple(replace(card, name="") if data.atlas.regions[card.sign] == 1 else card for card in data.signs)
    told = ([card.keywords for card in cards], [card.languages for card in cards], [card.name for card in cards])
    data = replace(data, signs=cards, regions=describe_regions(data.atlas.regions.tolist(), *told))
    opened = show(render(data))
    chips = opened.page.locator("#legend button").all_inner_texts()
    assert len(chips) == len(data.regions) - 1
    assert all(chip.startswith("sea ") for chip in chips)
    # chips are of their own region even after one that has none
    opened.page.locator("#legend button").nth(1).click()
    assert opened.page.evaluate("state.region") == 2
    opened.page.evaluate("s => keep(s)", int(np.flatnonzero(data.atlas.regions == 1)[0]))
    assert "no words of its own; near sea " in opened.text("#sign")


def test_a_dataset_without_scenes_on_a_map_has_no_switch(show: Any) -> None:
    opened = show(render(replace(reports.report(), scatter=None)))
    assert opened.page.locator("[data-layer]").count() == 0
    opened.page.mouse.click(*opened.at(2))
    assert "name 2" in opened.text("#sign")
