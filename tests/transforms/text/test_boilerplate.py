"""Rules that leave paragraphs out: what a rule is, what it finds, and what stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenesign.schemas.records import BlockKind
from scenesign.transforms.text.boilerplate import (
    LONGEST_PARAGRAPH,
    edge_keys,
    leave_out_boilerplate,
    paragraph_key,
    parse_boilerplate,
)
from scenesign.transforms.text.clean import assemble

NOTICE = "This scan was made by the Friends of the Library."
CHINESE = "本書由某某掃描，僅供學習之用。"


@pytest.mark.parametrize(
    "same", [NOTICE.upper(), "This scan was\nmade by — the FRIENDS of the   Library", f"*** {NOTICE} ***"]
)
def test_case_marks_and_line_ends_say_nothing(same: str) -> None:
    assert paragraph_key(same) == paragraph_key(NOTICE) != b""


@pytest.mark.parametrize("text", ["", "The End", "Yes, sir.", "完", "* * *", "word " * LONGEST_PARAGRAPH])
def test_short_and_long_paragraphs_are_no_rules(text: str) -> None:
    assert paragraph_key(text) == b""


def test_a_file_of_rules() -> None:
    text = f"\ufeff# found in 40 books\r\n\r\n{NOTICE}\r\n  # another\n{CHINESE}\n{NOTICE.lower()}"
    rules = parse_boilerplate(text, "rules.txt")
    assert rules.keys == {paragraph_key(NOTICE), paragraph_key(CHINESE)}
    # remarks and order decide nothing
    assert parse_boilerplate(f"{CHINESE}\n{NOTICE}", "r").sha256 == rules.sha256
    assert parse_boilerplate(CHINESE, "r").sha256 != rules.sha256


@pytest.mark.parametrize(
    ("text", "says"), [("", "rules.txt holds no rule"), ("# no\n", "holds no rule"), (f"{NOTICE}\nno", "txt, line 2: ")]
)
def test_a_file_without_rules_or_with_a_line_that_is_none_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_boilerplate(text, "rules.txt")


def test_paragraphs_go_and_all_else_stays() -> None:
    blocks = [
        ("CHAPTER I", BlockKind.HEADING), (NOTICE, BlockKind.PARAGRAPH), ("It was night.", BlockKind.PARAGRAPH),
        ("* * *", BlockKind.BREAK), (f"He said: {NOTICE}", BlockKind.PARAGRAPH), (NOTICE.upper(), BlockKind.PARAGRAPH),
    ]  # fmt: skip
    rules = parse_boilerplate(NOTICE, "r")
    book = assemble(blocks)
    left, notes = leave_out_boilerplate(book, rules.keys)
    assert left == assemble([blocks[at] for at in (0, 2, 3, 4)])
    assert notes == (f"2 paragraphs of shared boilerplate left out ({2 * len(NOTICE) + 4} characters)",)
    assert leave_out_boilerplate(left, rules.keys) == (left, ())
    assert leave_out_boilerplate(book, frozenset()) == (book, ())


def test_a_book_that_is_nothing_else_is_empty() -> None:
    left, _ = leave_out_boilerplate(assemble([(NOTICE, BlockKind.PARAGRAPH)]), parse_boilerplate(NOTICE, "r").keys)
    assert (left.text, left.blocks) == ("", ())


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(max_size=60), max_size=30))
def test_the_ends_of_any_book_have_few_keys(paragraphs: list[str]) -> None:
    book = assemble((paragraph, BlockKind.PARAGRAPH) for paragraph in paragraphs)
    keys = edge_keys(book.text, book.blocks)
    assert len(keys) <= 16
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 8 for key in keys)
