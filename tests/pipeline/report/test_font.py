"""The font of a page: the glyphs of a usual inventory, cut to those in use, the same bytes each time."""

from __future__ import annotations

import base64
import io
import logging
import re
from importlib.resources import files

import pytest
from fontTools.ttLib import TTFont

from scenesign.pipeline.report.font import FAMILY, drawn_characters, font_face
from scenesign.pipeline.report.make_font import TOPICS
from scenesign.transforms.signs.glyphs import COMPOSED_SIGNS, glyph, glyphs


def carried(rule: str) -> TTFont:
    found = re.search(r"base64,([A-Za-z0-9+/=]+)\)", rule)
    assert found
    return TTFont(io.BytesIO(base64.b64decode(found[1])))


def test_all_topics_and_composed_glyphs_of_two_levels_are_drawn() -> None:
    assert drawn_characters() == set(glyphs(range(TOPICS + COMPOSED_SIGNS), (TOPICS, COMPOSED_SIGNS)))


def test_a_page_carries_the_glyphs_that_it_uses_and_no_others() -> None:
    used = glyphs([0, 511, 512, 512 + 4095], (512, COMPOSED_SIGNS))
    font = carried(font_face(used + "\u3400a"))
    assert set(map(chr, font.getBestCmap())) == set(used)
    outlines = font["CFF "].cff.topDictIndex[0].CharStrings
    assert all(outlines[name].calcBounds(None) for name in font.getBestCmap().values())
    assert font["name"].getDebugName(1) == FAMILY
    assert "Adobe" in font["name"].getDebugName(0)
    assert "SIL Open Font License" in font["name"].getDebugName(13)


def test_cutting_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert font_face("丂丅")
    assert not caplog.records


def test_equal_glyphs_give_equal_bytes_and_none_give_no_rule() -> None:
    some = [glyph(sign, (20,)) for sign in range(20)]
    assert font_face(some) == font_face(some[::-1])
    assert font_face("abc\u3400") == ""


def test_a_page_of_the_script_that_ships_grows_by_little() -> None:
    syllables = [glyph(512 + 7 * code, (512, COMPOSED_SIGNS)) for code in range(500)]
    rule = font_face([*glyphs(range(512), (512,)), *syllables])
    assert 100_000 < len(rule) < 300_000


def test_the_licence_of_the_font_ships_with_it() -> None:
    text = files("scenesign.pipeline.report").joinpath("fonts", "OFL.txt").read_text(encoding="utf-8")
    assert "Adobe" in text
    assert "SIL OPEN FONT LICENSE Version 1.1" in text
