"""Signs as single characters: which Unicode block stands for which level, and back.

The blocks are long, unchanged by Unicode normalisation form C, drawn by common fonts, and not one of their characters
is white space, punctuation or combining, so a string of glyphs survives being copied, trimmed and indexed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

# (first code point, characters) for level 1, 2, 3, 4. Unified ideographs, Hangul syllables, ideograph extension A,
# ideograph extension B (outside the basic plane, so the last to be used).
GLYPH_BLOCKS = ((0x4E00, 20_902), (0xAC00, 11_172), (0x3400, 6_582), (0x20000, 42_711))
MAX_LEVELS = len(GLYPH_BLOCKS)
NOVEL_MARK = "\u25cc"  # dotted circle, shown (never stored) before a sign that fits its scene badly


def glyph(sign: int, sizes: Sequence[int]) -> str:
    """The character of a sign.

    sizes: signs per level; level 1 has signs 0..sizes[0]-1, level 2 goes on from there.
    Raises ValueError for a sign outside the inventory.
    """
    first = 0
    for size, (base, _) in zip(sizes, GLYPH_BLOCKS, strict=False):
        if first <= sign < first + size:
            return chr(base + sign - first)
        first += size
    raise ValueError(f"sign {sign} is not in an inventory of {first} signs")


def glyphs(signs: Iterable[int], sizes: Sequence[int]) -> str:
    """The characters of a sequence of signs."""
    return "".join(glyph(sign, sizes) for sign in signs)


def signs_of(text: str, sizes: Sequence[int]) -> tuple[list[int], list[str]]:
    """Signs of a glyph string, and the characters in it that stand for none (white space aside)."""
    known, unknown = [], []
    for character in text:
        first = 0
        for size, (base, _) in zip(sizes, GLYPH_BLOCKS, strict=False):
            if base <= ord(character) < base + size:
                known.append(first + ord(character) - base)
                break
            first += size
        else:
            if not character.isspace():
                unknown.append(character)
    return known, unknown


def check_sizes(sizes: Sequence[int]) -> None:
    """Raises ValueError when a level has more signs than its block has characters."""
    if not 1 <= len(sizes) <= MAX_LEVELS:
        raise ValueError(f"{len(sizes)} levels asked for; there are glyphs for 1 to {MAX_LEVELS}")
    for level, (size, (_, room)) in enumerate(zip(sizes, GLYPH_BLOCKS, strict=False), start=1):
        if size > room:
            raise ValueError(f"level {level} has {size} signs, but its Unicode block has only {room} characters")
