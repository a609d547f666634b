"""The picture on the card: drawn where there is something to see, named in letters that its font has."""

from __future__ import annotations

import shutil
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scenesign.pipeline.report.atlas import AtlasMap, Region
from scenesign.pipeline.report.data import ReportData, read_report_data
from scenesign.pipeline.report.picture import PICTURE, add_picture, draw_atlas, region_name, region_words

pytest.importorskip("matplotlib", reason="matplotlib is not installed (pip install -e '.[dev]')")


@pytest.fixture(scope="module")
def many(demo: Path) -> ReportData:
    """The demo as if it had 60 topics in use and 20 that aren't."""
    data = read_report_data(str(demo))
    places = np.random.default_rng(0).random((80, 2))
    regions = np.arange(80) % 3
    named = (
        Region({"en": 3}, {"en": ("boat", "water", "forest")}),
        Region({"ru": 3}, {"ru": ("лодка", "вода")}),
        Region({"zh": 3}, {"zh": ("船", "水")}),
    )
    signs = tuple(replace(data.signs[0], sign=n, count=n % 7 + 1 if n < 60 else 0) for n in range(80))
    return replace(data, signs=signs, atlas=AtlasMap(places, regions, "by hand"), regions=named)


def test_it_is_small_and_the_same_for_the_same_map(many: ReportData) -> None:
    picture = draw_atlas(many)
    assert picture == draw_atlas(many)
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(picture) < 150_000
    assert struct.unpack(">II", picture[16:24]) == (880, 704)
    assert b"matplotlib" not in picture


def test_a_dollar_in_a_word_begins_no_formula(many: ReportData) -> None:
    words = Region({"en": 3}, {"en": (r"$\frac{$", "US$", "$_")})
    assert draw_atlas(replace(many, regions=(words, *many.regions[1:]))) != draw_atlas(many)


def test_the_card_shows_it_once(many: ReportData, demo: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(demo, tmp_path / "copy")
    assert add_picture(str(folder), many)
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert card.count(f"]({PICTURE})") == 1
    assert "The 80 topics as a map, near where scenes are alike; the 60 that occur here in colour" in card
    assert card.index(f"]({PICTURE})") < card.index("## What is in it")
    assert add_picture(str(folder), many)
    assert (folder / "README.md").read_text(encoding="utf-8") == card


def test_a_handful_of_topics_is_no_map(demo: Path, many: ReportData, tmp_path: Path) -> None:
    few = replace(many, signs=tuple(replace(sign, count=int(sign.sign < 29)) for sign in many.signs))
    folder = shutil.copytree(demo, tmp_path / "copy")
    assert not add_picture(str(folder), few)
    assert not (folder / PICTURE).exists()
    assert (folder / "README.md").read_bytes() == (demo / "README.md").read_bytes()


def test_without_matplotlib_there_is_none(
    demo: Path, many: ReportData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scenesign.pipeline.report.picture.find_spec", lambda name: None)
    folder = shutil.copytree(demo, tmp_path / "copy")
    assert not add_picture(str(folder), many)
    assert not (folder / PICTURE).exists()


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"zh": ("船", "水面"), "en": ("boat", "water", "forest", "sail")}, ("boat", "water", "forest")),
        ({"zh": ("船", "水面"), "ru": ("лодка", "вода")}, ("лодка", "вода")),
        ({"vi": ("thuyền", "nước")}, ("thuyền", "nước")),
        ({"en": ("a", "sail")}, ("sail",)),
        ({"zh": ("船", "水面"), "ar": ("سفينة",), "hi": ("नाव",)}, ()),
        ({}, ()),
    ],
)
def test_words_are_those_that_can_be_drawn(keywords: dict[str, tuple[str, ...]], words: tuple[str, ...]) -> None:
    assert region_words(keywords) == words


def test_a_region_is_called_as_on_the_page_where_its_letters_can_be_drawn() -> None:
    words = {"zh": ("船", "水面"), "en": ("boat", "water")}
    assert region_name(Region({"en": 3}, words, "storm, rain")) == "storm, rain"
    assert region_name(Region({"zh": 3}, words, "船, 水面")) == "boat, water"
    assert region_name(Region({"zh": 3}, {"zh": ("船",)}, "船")) == ""
