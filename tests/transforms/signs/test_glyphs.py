"""Glyphs: one character per sign, spelled with letters from level 2 on, safe to copy, and back."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenesign.transforms.signs.glyphs import (
    COMPOSED_SIGNS,
    GLYPH_BLOCKS,
    LETTER_VALUES,
    check_sizes,
    code_of,
    glyph,
    glyphs,
    letters_of,
    signs_of,
)

SIZES = (300, COMPOSED_SIGNS, COMPOSED_SIGNS, COMPOSED_SIGNS)
FIRSTS = (0, 300, 300 + 4_096, 300 + 8_192)


def test_levels_take_their_own_blocks() -> None:
    assert glyphs([0, 2, 300, 301, 4396, 4397, 8492], SIZES) == "\u4e00\u4e02\uac01\uac02\u3400\u3401\U00020000"


def test_the_letters_of_a_syllable_are_the_letters_of_its_code() -> None:
    """As Unicode itself takes it apart, whatever our arithmetic says."""
    for code in range(COMPOSED_SIGNS):
        lead, vowel, tail = map(ord, unicodedata.normalize("NFD", glyph(FIRSTS[1] + code, SIZES)))
        assert letters_of(code) == (lead - 0x1100, vowel - 0x1161, tail - 0x11A8)


def test_letters_spell_a_code() -> None:
    assert letters_of(0x3A7) == (3, 10, 7)
    assert code_of(3, 10, 7) == 0x3A7
    lead, vowel, tail = letters_of(np.arange(COMPOSED_SIGNS))
    assert (code_of(lead, vowel, tail) == np.arange(COMPOSED_SIGNS)).all()
    assert {int(letter.max()) for letter in (lead, vowel, tail)} == {LETTER_VALUES - 1}


def test_a_sign_outside_the_inventory_is_an_error() -> None:
    with pytest.raises(ValueError, match="sign 4099 is not in an inventory of 4099 signs"):
        glyph(4_099, (3, COMPOSED_SIGNS))


@given(st.lists(st.integers(0, sum(SIZES) - 1), max_size=60))
def test_glyph_strings_give_the_signs_back(signs: list[int]) -> None:
    assert signs_of(glyphs(signs, SIZES), SIZES) == (signs, [])


@given(st.lists(st.integers(0, 8_191), max_size=60))
def test_plain_glyphs_of_protocol_1_give_the_signs_back(signs: list[int]) -> None:
    assert signs_of(glyphs(signs, (4_096, 4_096), composed=False), (4_096, 4_096), composed=False) == (signs, [])


def test_plain_levels_count_through_their_blocks() -> None:
    assert glyphs([0, 2, 3, 31], (3, 29), composed=False) == "\u4e00\u4e02\uac00\uac1c"


def test_fewer_glyphs_than_the_inventory_has_are_read() -> None:
    assert signs_of("\u4e01 \u4e02\uac02", SIZES) == ([1, 2, 301], [])


def test_unknown_characters_are_named_and_the_rest_goes_on() -> None:
    assert signs_of("\u4e00 x\u4e05\u4e01", (2,)) == ([0, 1], ["x", "\u4e05"])


@pytest.mark.parametrize("syllable", ["\uac00", "\uac11", "\uac1b", "\uadc1", "\ud0c1", "\ud7a3", "\uabff"])
def test_syllables_without_three_of_our_letters_stand_for_nothing(syllable: str) -> None:
    """Without a tail, with a tail, vowel or lead beyond the sixteenth, and the neighbours of the block."""
    assert signs_of(syllable, SIZES) == ([], [syllable])


@pytest.mark.parametrize("level", range(4))
def test_every_glyph_is_an_assigned_letter_that_normalisation_keeps(level: int) -> None:
    sizes = (GLYPH_BLOCKS[0][1], *SIZES[1:])
    first = sum(sizes[:level])
    characters = [glyph(first + code, sizes) for code in range(sizes[level])]
    assert len(set(characters)) == GLYPH_BLOCKS[level][1]
    for character in characters:
        assert unicodedata.category(character) == "Lo", hex(ord(character))
        assert unicodedata.normalize("NFC", character) == character


def test_sizes_that_glyphs_cannot_write_are_refused() -> None:
    check_sizes((20_902, 4_096, 4_096, 4_096))
    with pytest.raises(ValueError, match="level 1 has 20903 signs"):
        check_sizes((20_903,))
    with pytest.raises(ValueError, match="level 3 has 4095 signs; three letters spell 4,096"):
        check_sizes((10, 4_096, 4_095))
    with pytest.raises(ValueError, match="5 levels"):
        check_sizes((1, 4_096, 4_096, 4_096, 4_096))
    with pytest.raises(ValueError, match="0 levels"):
        check_sizes(())
