"""Glyphs taken apart: a topic is one piece, a composed glyph is its three letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenesign.transforms.signs.glyphs import COMPOSED_SIGNS, LETTER_VALUES, LETTERS_OF_GLYPH, letters_of
from scenesign.transforms.signs.numbering import first_signs


@dataclass(frozen=True)
class Pieces:
    """How the signs of a scene are taken apart into rows of one table.

    levels: signs of each level that is read. composed: whether the signs of each are spelled with letters.
    """

    levels: tuple[int, ...]
    composed: tuple[bool, ...]

    @property
    def values(self) -> tuple[int, ...]:
        """How many values each piece of a scene has: P numbers."""
        found: list[int] = []
        for size, composed in zip(self.levels, self.composed, strict=True):
            found += [LETTER_VALUES] * LETTERS_OF_GLYPH if composed else [size]
        return tuple(found)

    @property
    def firsts(self) -> tuple[int, ...]:
        """The first row of each piece in the table of all."""
        return tuple(int(first) for first in first_signs(self.values))

    @property
    def rows(self) -> int:
        """Rows of the table: values of all pieces."""
        return sum(self.values)

    def split(self, signs: np.ndarray) -> np.ndarray:
        """The rows that scenes are made of: ids of the inventory, int [..., levels] -> int64 [..., P]."""
        columns: list[np.ndarray] = []
        for level, (first, composed) in enumerate(zip(first_signs(self.levels), self.composed, strict=True)):
            code = signs[..., level].astype(np.int64) - first
            if composed:
                columns += letters_of(code)
            else:
                columns.append(code)
        return np.stack(columns, axis=-1) + np.array(self.firsts, dtype=np.int64)

    def table(self, embeddings: np.ndarray) -> np.ndarray:
        """A vector for each row such that those of a sign add up to its own: float32 [signs, M] -> [rows, M].

        A spelling is a sum of letters, so a letter is what all spellings with it have in common; what all spellings
        of a level share is dealt out evenly.
        """
        found = []
        for first, size, composed in zip(first_signs(self.levels), self.levels, self.composed, strict=True):
            rows = embeddings[first : first + size].astype(np.float64)
            if not composed:
                found.append(rows)
                continue
            cube = rows.reshape(*[LETTER_VALUES] * LETTERS_OF_GLYPH, -1)
            middle = cube.mean(axis=(0, 1, 2))
            for letter in range(LETTERS_OF_GLYPH):
                others = tuple(axis for axis in range(LETTERS_OF_GLYPH) if axis != letter)
                found.append(cube.mean(axis=others) - middle + middle / LETTERS_OF_GLYPH)
        return np.concatenate(found).astype(np.float32)


def pieces_of(sizes: Sequence[int], quantiser: str, levels: int) -> Pieces:
    """How the first `levels` of an inventory are taken apart. sizes: of all its levels."""
    kept = tuple(sizes[:levels])
    composed = tuple(
        quantiser == "composite" and level > 0 and size == COMPOSED_SIGNS for level, size in enumerate(kept)
    )
    return Pieces(kept, composed)
