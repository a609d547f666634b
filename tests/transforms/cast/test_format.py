"""Files of casts: what goes in comes out, books without a cast too."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenesign.schemas.checkpoints import CASTS
from scenesign.transforms.cast.cast import Cast, CastMember
from scenesign.transforms.cast.format import cast_table, read_casts
from scenesign.transforms.support import storage

NAMES = st.lists(st.text("aÉж趙 \n\U0001f600", min_size=1, max_size=5), max_size=3).map(tuple)
NUMBERS = st.integers(0, 10**6)


@st.composite
def casts(draw: st.DrawFn) -> Cast:
    names = draw(st.lists(NAMES, max_size=4))
    members = tuple(
        CastMember(number, found, draw(NUMBERS), draw(NUMBERS), draw(NUMBERS)) for number, found in enumerate(names, 1)
    )
    ids = st.lists(st.integers(1, max(1, len(members))), max_size=len(members)).map(tuple)
    return Cast(members, tuple(draw(st.lists(ids, max_size=5))))


@given(found=st.lists(casts(), max_size=4))
@settings(deadline=None, max_examples=40)
def test_what_goes_in_comes_out(found: list[Cast], tmp_path_factory: pytest.TempPathFactory) -> None:
    uri = str(tmp_path_factory.mktemp("casts") / "part.cast.parquet")
    named = [(f"{number:032x}", cast) for number, cast in enumerate(found)]
    with storage.parquet_writer(uri, CASTS) as writer:
        writer.write_table(cast_table(named))
    assert list(read_casts(uri)) == named
