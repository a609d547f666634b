"""How many are in a cast: by hand."""

from __future__ import annotations

from dataclasses import replace

from scenesign.transforms.metrics.cast import cast_size
from scenesign.transforms.metrics.metric import CastSize
from tests.transforms.metrics.evidence import evidence


def test_members_are_counted_by_book_and_scenes_by_all() -> None:
    three = evidence([[0], [1]], [[0]], [[1], [1], [0]])
    assert cast_size(replace(three, cast=CastSize(members=7, scenes=3))) == {"cast/members": 2.33, "cast/scenes": 0.5}
    assert cast_size(replace(three, cast=CastSize(members=0, scenes=0))) == {"cast/members": 0.0, "cast/scenes": 0.0}


def test_where_nobody_looked_nothing_is_said() -> None:
    assert cast_size(evidence([[0]])) == {}
