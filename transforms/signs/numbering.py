"""How signs are numbered: the ids of a level follow those of the level before, the most frequent sign comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenesign.transforms.signs.glyphs import LETTER_VALUES, LETTERS_OF_GLYPH, letters_of


@dataclass(frozen=True)
class FrozenSigns:
    """The inventory of a run as the later steps need it: signs are settled.

    folder: where it lies. new_signs: the published sign of each sign that scenes were assigned. sizes: signs per
    level. novel_distance: the strangeness beyond which a scene is novel. taken_over: whether it was made from
    other books. words: the folder with the words that keywords were chosen from; empty where it was taken over.
    """

    folder: str
    new_signs: tuple[int, ...]
    sizes: tuple[int, ...]
    novel_distance: float
    taken_over: bool = False
    words: str = ""

    def signs(self, codes: np.ndarray) -> np.ndarray:
        """Published signs int32 [scenes, levels] of assigned codes."""
        return np.asarray(self.new_signs, dtype=np.int32)[sign_ids(codes, self.sizes)]

    def novel(self, strangeness: np.ndarray) -> np.ndarray:
        """Scenes unlike those that the inventory knows, bool [scenes]; strangeness float32 [scenes]."""
        return np.asarray(strangeness > np.float32(self.novel_distance))


def first_signs(sizes: Sequence[int]) -> np.ndarray:
    """First id of each level, int64 [levels]; sizes: signs per level."""
    return np.cumsum([0, *sizes[:-1]])


def sign_ids(codes: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    """Ids int32 [scenes, levels] of codes, which count from 0 in each level."""
    return (codes + first_signs(sizes)).astype(np.int32)


def letter_count(levels: int) -> int:
    """Ids of letters in an inventory of so many levels."""
    return LETTERS_OF_GLYPH * LETTER_VALUES * (levels - 1)


def letter_ids(codes: np.ndarray) -> np.ndarray:
    """Ids int32 [scenes, 3 (levels - 1)] of the letters that spell the composed glyphs of scenes, from level 2 on.

    codes: int [scenes, levels]. An id is (3 (level - 2) + letter) * 16 + value, the row of a letter in the glossary.
    """
    letters = np.stack(letters_of(codes[:, 1:]), axis=2).reshape(len(codes), LETTERS_OF_GLYPH * (codes.shape[1] - 1))
    return np.asarray(letters + LETTER_VALUES * np.arange(letters.shape[1]), dtype=np.int32)


def letters_of_sign(sign: int, sizes: Sequence[int]) -> tuple[int, int, int]:
    """Ids of the letters that spell a composed glyph, by its sign; see `letter_ids`."""
    firsts = first_signs(sizes)
    level = int(np.searchsorted(firsts, sign, side="right"))
    lead, vowel, tail = letters_of(sign - int(firsts[level - 1]))
    first = letter_count(level - 1)
    return first + lead, first + LETTER_VALUES + vowel, first + 2 * LETTER_VALUES + tail


def frequency_order(counts: np.ndarray, sizes: Sequence[int]) -> list[np.ndarray]:
    """Per level the old codes in their new order: most frequent first, ties by the old code.

    counts: scenes that carry each sign, int64 [signs].
    """
    orders, first = [], 0
    for size in sizes:
        orders.append(np.argsort(-counts[first : first + size], kind="stable"))
        first += size
    return orders


def renumbering(orders: Sequence[np.ndarray]) -> np.ndarray:
    """New sign of each old one, int32 [signs], over all levels."""
    first, parts = 0, []
    for order in orders:
        rank = np.empty(len(order), dtype=np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        parts.append(rank + first)
        first += len(order)
    return np.concatenate(parts)
