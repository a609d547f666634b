"""Lines that a repair looks at: none that it would change is passed over."""

from __future__ import annotations

import re

import ftfy
from ftfy.badness import MOJIBAKE_CATEGORIES
from hypothesis import example, given
from hypothesis import strategies as st

from scenesign.transforms.text.repair import _MAY_BE_BAD

_MARKS = "".join(
    chr(code)
    for code in range(0x80, 0x10000)
    if any(re.match(f"[{letters}]", chr(code)) for letters in MOJIBAKE_CATEGORIES.values())
)


@given(st.text(st.one_of(st.sampled_from(_MARKS), st.sampled_from("aZ .,\n°±²ВГвЂ†вã")), max_size=6))
@example("Â ")
@example("coœ1")
@example("ГўВЂВ a")
@example("\x85")
def test_whatever_is_bad_is_looked_at(line: str) -> None:
    assert _MAY_BE_BAD.search(line) or not ftfy.is_bad(line)
