"""What an inventory makes of a book: neutral vectors, codes, and what codes say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenesign.transforms.signs.glyphs import LETTER_NAMES, LETTER_VALUES, letters_of
from scenesign.transforms.signs.inventory import Inventory


@dataclass(frozen=True, eq=False)
class Column:
    """One thing that codes say of every scene: its topic, or a letter of a glyph. values: int [n], below `size`."""

    name: str
    values: np.ndarray
    size: int


@dataclass(frozen=True, eq=False)
class Coded:
    """A book as an inventory sees it. neutral: float32 [scenes, D], unit length. codes: int32 [scenes, levels]."""

    language: str
    neutral: np.ndarray
    codes: np.ndarray


def code_vectors(inventory: Inventory, vectors: np.ndarray, language: str) -> Coded:
    """The same of scene vectors of one whole book, float32 [scenes, D]."""
    neutral = inventory.neutraliser(vectors, language)
    return Coded(language, neutral, inventory.quantiser.assign(neutral)[0])


def coordinates(inventory: Inventory, codes: np.ndarray, levels: int) -> np.ndarray:
    """Where codes stand in the space in which neighbours are alike, by the first levels: float32 [n, m]."""
    return inventory.quantiser.coordinates(codes, levels=levels)


def letters(inventory: Inventory, codes: np.ndarray) -> list[Column]:
    """What codes int [n, levels] say, column by column: the topic, then the letters of each composed glyph.

    A level whose glyphs are not composed is a column of its own.
    """
    sizes = inventory.info.sizes
    columns = [Column("topic", codes[:, 0], sizes[0])]
    for level in range(1, len(sizes)):
        if not inventory.info.composed:
            columns.append(Column(f"level {level + 1}", codes[:, level], sizes[level]))
            continue
        for name, values in zip(LETTER_NAMES, letters_of(codes[:, level]), strict=True):
            columns.append(Column(f"{name} of glyph {level + 1}", values, LETTER_VALUES))
    return columns


def glyphs(count: int) -> str:
    """`1 glyph`, `2 glyphs`."""
    return f"{count} glyph{'s' if count > 1 else ''}"
