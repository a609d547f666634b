"""Lines that a repair looks at, and what it makes of them."""

from __future__ import annotations

import re

import ftfy
import pytest
from ftfy.badness import MOJIBAKE_CATEGORIES
from hypothesis import example, given
from hypothesis import strategies as st

from scenesign.transforms.text.repair import _MAY_BE_BAD, repair

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


@pytest.mark.parametrize(
    ("before", "becomes"),
    [
        ("the café closed", "à la carte"),
        ("the café closed.", None),
        ("«…».\nthe café closed", "à la carte"),
        ("«…»\nthe café closed.", None),
        ("all was well", "à la carte"),
    ],
)
def test_an_a_and_a_space_are_bad_under_a_foreign_line_that_ends_in_a_letter_or_under_none(
    before: str, becomes: str | None
) -> None:
    text = f"{before}\nÃ la carte"
    assert repair(text)[0] == (f"{before}\n{becomes}" if becomes else text)
