"""Numbering: values by hand."""

from __future__ import annotations

import numpy as np

from scenesign.transforms.signs.numbering import FrozenSigns, first_signs, frequency_order, renumbering, sign_ids


def test_ids_of_a_level_follow_those_of_the_level_before() -> None:
    assert first_signs((3, 2, 4)).tolist() == [0, 3, 5]
    assert sign_ids(np.array([[2, 0, 0], [0, 1, 3]]), (3, 2, 4)).tolist() == [[2, 3, 5], [0, 4, 8]]


def test_the_most_frequent_comes_first_and_ties_keep_their_order() -> None:
    orders = frequency_order(np.array([1, 5, 5, 2, 9]), (3, 2))
    assert [order.tolist() for order in orders] == [[1, 2, 0], [1, 0]]
    assert renumbering(orders).tolist() == [2, 0, 1, 4, 3]


def test_frozen_signs_turn_codes_of_the_draft_into_published_signs() -> None:
    frozen = FrozenSigns("inventory", (2, 0, 1, 4, 3), (3, 2), 0.5)
    assert frozen.signs(np.array([[0, 1], [2, 0]])).tolist() == [[2, 3], [1, 4]]
    assert frozen.novel(np.array([0.5, np.nextafter(np.float32(0.5), np.float32(1))])).tolist() == [False, True]
