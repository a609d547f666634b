"""Signs as single characters: which Unicode block stands for which level, how letters spell a glyph, and back.

The characters are unchanged by Unicode normalisation form C, drawn by common fonts, and not one of them is white space,
punctuation or combining, so a string of glyphs survives being copied, trimmed and indexed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np

Codes = TypeVar("Codes", int, np.ndarray)
# What a composed glyph is spelled with, in this order.
LETTER_NAMES = ("lead", "vowel", "tail")
LETTERS_OF_GLYPH = len(LETTER_NAMES)
LETTER_VALUES = 16
COMPOSED_SIGNS = LETTER_VALUES**LETTERS_OF_GLYPH
# First code point of each level, and signs that it has room for: unified ideographs, Hangul syllables, ideograph
# extension A, ideograph extension B (outside the basic plane, so the last to be used).
GLYPH_BLOCKS = ((0x4E00, 20_902), (0xAC00, COMPOSED_SIGNS), (0x3400, COMPOSED_SIGNS), (0x20000, COMPOSED_SIGNS))
MAX_LEVELS = len(GLYPH_BLOCKS)
# Glyphs that a scene is written in where nobody says how many.
USUAL_GLYPHS = 2
NOVEL_MARK = "\u25cc"  # dotted circle, shown (never stored) before a sign that fits its scene badly
# Unicode's own arithmetic of Hangul: vowels to a lead, and tails to a vowel, the first of which is none.
_VOWELS, _TAILS = 21, 28
_SYLLABLES = 1


def letters_of(code: Codes) -> tuple[Codes, Codes, Codes]:
    """Lead, vowel and tail, 0 to 15 each, of a composed glyph's code, 0 to 4,095, or of an array of codes."""
    return code // LETTER_VALUES**2, code // LETTER_VALUES % LETTER_VALUES, code % LETTER_VALUES


def code_of(lead: Codes, vowel: Codes, tail: Codes) -> Codes:
    """The code that three letters spell, or an array of codes."""
    return (lead * LETTER_VALUES + vowel) * LETTER_VALUES + tail


def glyph(sign: int, sizes: Sequence[int], composed: bool = True) -> str:
    """The character of a sign.

    sizes: signs per level; level 1 has signs 0..sizes[0]-1, level 2 goes on from there. composed: whether further
    levels are spelled with letters; in inventories of protocol 1 they aren't, see `InventoryInfo.composed`.
    Raises ValueError for a sign outside the inventory.
    """
    first = 0
    for level, size in enumerate(sizes[:MAX_LEVELS]):
        if first <= sign < first + size:
            return chr(GLYPH_BLOCKS[level][0] + _offset(sign - first, level, composed))
        first += size
    raise ValueError(f"sign {sign} is not in an inventory of {first} signs")


def _offset(code: int, level: int, composed: bool) -> int:
    """Where in its block the character of a code stands. levels count from 0."""
    if level != _SYLLABLES or not composed:
        return code
    lead, vowel, tail = letters_of(code)
    return (lead * _VOWELS + vowel) * _TAILS + tail + 1


def glyphs(signs: Iterable[int], sizes: Sequence[int], composed: bool = True) -> str:
    """The characters of a sequence of signs."""
    return "".join(glyph(sign, sizes, composed) for sign in signs)


def signs_of(text: str, sizes: Sequence[int], composed: bool = True) -> tuple[list[int], list[str]]:
    """Signs of a glyph string, and the characters in it that stand for none (white space aside).

    Each character tells its level, so scenes may be written in fewer glyphs than the inventory has levels.
    """
    known, unknown = [], []
    for character in text:
        first = 0
        for level, size in enumerate(sizes[:MAX_LEVELS]):
            code = _code(ord(character) - GLYPH_BLOCKS[level][0], level, composed)
            if 0 <= code < size:
                known.append(first + code)
                break
            first += size
        else:
            if not character.isspace():
                unknown.append(character)
    return known, unknown


def _code(offset: int, level: int, composed: bool) -> int:
    """The code whose character stands there in its block; negative where that is none."""
    if level != _SYLLABLES or not composed:
        return offset
    syllable, tail = divmod(offset, _TAILS)
    lead, vowel = divmod(syllable, _VOWELS)
    letters = (lead, vowel, tail - 1)
    return code_of(*letters) if all(0 <= letter < LETTER_VALUES for letter in letters) else -1


def check_sizes(sizes: Sequence[int]) -> None:
    """Raises ValueError when a level has more signs than glyphs, or a composed one not as many as letters spell."""
    if not 1 <= len(sizes) <= MAX_LEVELS:
        raise ValueError(f"{len(sizes)} levels asked for; there are glyphs for 1 to {MAX_LEVELS}")
    if sizes[0] > GLYPH_BLOCKS[0][1]:
        raise ValueError(
            f"level 1 has {sizes[0]} signs, but its Unicode block has only {GLYPH_BLOCKS[0][1]} characters"
        )
    for level, size in enumerate(sizes[1:], start=2):
        if size != COMPOSED_SIGNS:
            raise ValueError(f"level {level} has {size} signs; three letters spell {COMPOSED_SIGNS:,}")
