"""Signs taken apart: the rows of a sign add up to its embedding where letters do, and are its own where they don't."""

from __future__ import annotations

import numpy as np
import pytest

from scenesign.pipeline.train.pieces import Pieces, pieces_of
from scenesign.transforms.signs.glyphs import COMPOSED_SIGNS, LETTER_VALUES, letters_of

TWO = Pieces((3, COMPOSED_SIGNS), (False, True))


def test_a_topic_is_one_row_and_a_composed_glyph_three() -> None:
    assert (TWO.values, TWO.firsts, TWO.rows) == ((3, 16, 16, 16), (0, 3, 19, 35), 51)
    signs = np.array([[2, 3], [0, 3 + 5 * 256 + 6 * 16 + 7]])
    assert TWO.split(signs).tolist() == [[2, 3, 19, 35], [0, 3 + 5, 19 + 6, 35 + 7]]


def test_whole_batches_are_split_as_scenes_are() -> None:
    signs = np.random.default_rng(0).integers(0, 3, (2, 4, 2)) + np.array([0, 3])
    assert np.array_equal(TWO.split(signs)[1, 2], TWO.split(signs[1, 2]))


def test_the_rows_of_a_composed_glyph_add_up_to_its_embedding() -> None:
    draw = np.random.default_rng(1)
    letters = draw.normal(size=(3, LETTER_VALUES, 4))
    codes = np.arange(COMPOSED_SIGNS)
    # letters whose means aren't 0, and something that all spellings share
    spelled = sum(letters[place][value] for place, value in enumerate(letters_of(codes))) + 2.5
    topics = draw.normal(size=(3, 4))
    table = TWO.table(np.concatenate([topics, spelled]).astype(np.float32))
    assert table.shape == (TWO.rows, 4)
    assert table.dtype == np.float32
    assert np.allclose(table[:3], topics, atol=1e-6)
    signs = np.stack([codes % 3, codes + 3], axis=1)
    rows = TWO.split(signs)
    assert np.allclose(table[rows[:, 1:]].sum(axis=1), spelled, atol=1e-4)


@pytest.mark.parametrize(
    ("sizes", "quantiser", "levels", "composed"),
    [
        ((512, COMPOSED_SIGNS, COMPOSED_SIGNS), "composite", 2, (False, True)),
        ((512, COMPOSED_SIGNS), "composite", 1, (False,)),
        ((COMPOSED_SIGNS, COMPOSED_SIGNS), "composite", 2, (False, True)),
        ((256, COMPOSED_SIGNS), "residual", 2, (False, False)),
        ((12, 30), "composite", 2, (False, False)),
    ],
)
def test_only_levels_that_are_spelled_are_taken_apart(
    sizes: tuple[int, ...], quantiser: str, levels: int, composed: tuple[bool, ...]
) -> None:
    assert pieces_of(sizes, quantiser, levels) == Pieces(sizes[:levels], composed)


def test_signs_that_no_letters_spell_keep_their_own_rows() -> None:
    plain = Pieces((3, 2), (False, False))
    embeddings = np.arange(10, dtype=np.float32).reshape(5, 2)
    assert plain.split(np.array([[1, 4]])).tolist() == [[1, 4]]
    assert np.array_equal(plain.table(embeddings), embeddings)
