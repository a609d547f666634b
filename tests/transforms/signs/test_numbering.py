"""Numbering: values by hand."""

from __future__ import annotations

import numpy as np

from scenesign.transforms.signs.numbering import (
    FrozenSigns,
    first_signs,
    frequency_order,
    letter_ids,
    renumbering,
    sign_ids,
)


def test_ids_of_a_level_follow_those_of_the_level_before() -> None:
    assert first_signs((3, 2, 4)).tolist() == [0, 3, 5]
    assert sign_ids(np.array([[2, 0, 0], [0, 1, 3]]), (3, 2, 4)).tolist() == [[2, 3, 5], [0, 4, 8]]


def test_letters_are_numbered_as_their_rows_in_the_glossary() -> None:
    codes = np.array([[7, 0x3A7], [0, 0x00F]])
    assert letter_ids(codes).tolist() == [[3, 16 + 10, 32 + 7], [0, 16, 32 + 15]]
    deeper = letter_ids(np.array([[7, 0x3A7, 0x102]]))
    assert deeper.tolist() == [[3, 26, 39, 48 + 1, 64 + 0, 80 + 2]]
    assert letter_ids(codes[:, :1]).shape == (2, 0)


def test_the_most_frequent_comes_first_and_ties_keep_their_order() -> None:
    orders = frequency_order(np.array([1, 5, 5, 2, 9]), (3, 2))
    assert [order.tolist() for order in orders] == [[1, 2, 0], [1, 0]]
    assert renumbering(orders).tolist() == [2, 0, 1, 4, 3]


def test_frozen_signs_turn_codes_of_the_draft_into_published_signs() -> None:
    frozen = FrozenSigns("inventory", (2, 0, 1, 4, 3), (3, 2), 0.5)
    assert frozen.signs(np.array([[0, 1], [2, 0]])).tolist() == [[2, 3], [1, 4]]
    assert frozen.novel(np.array([0.5, np.nextafter(np.float32(0.5), np.float32(1))])).tolist() == [False, True]
