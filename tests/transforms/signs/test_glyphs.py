"""Glyphs: one character per sign, safe to copy, and back."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenesign.transforms.signs.glyphs import GLYPH_BLOCKS, check_sizes, glyph, glyphs, signs_of


def test_levels_take_their_own_blocks() -> None:
    assert glyphs([0, 2, 3, 4], (3, 2)) == "\u4e00\u4e02\uac00\uac01"


def test_a_sign_outside_the_inventory_is_an_error() -> None:
    with pytest.raises(ValueError, match="sign 5 is not in an inventory of 5 signs"):
        glyph(5, (3, 2))


@given(st.lists(st.integers(0, 8_191), max_size=60))
def test_glyph_strings_give_the_signs_back(signs: list[int]) -> None:
    assert signs_of(glyphs(signs, (4_096, 4_096)), (4_096, 4_096)) == (signs, [])


def test_unknown_characters_are_named_and_the_rest_goes_on() -> None:
    assert signs_of("\u4e00 x\u4e05\u4e01", (2,)) == ([0, 1], ["x", "\u4e05"])


@pytest.mark.parametrize(("base", "room"), GLYPH_BLOCKS)
def test_every_glyph_is_an_assigned_letter_that_normalisation_keeps(base: int, room: int) -> None:
    for code in range(base, base + room):
        character = chr(code)
        assert unicodedata.category(character) == "Lo", hex(code)
        assert unicodedata.normalize("NFC", character) == character


def test_a_level_larger_than_its_block_is_refused() -> None:
    with pytest.raises(ValueError, match="level 2 has 20000 signs"):
        check_sizes((10, 20_000))
    with pytest.raises(ValueError, match="5 levels"):
        check_sizes((1, 1, 1, 1, 1))
