"""Tables go between their marks, and nothing else of a document changes."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from benchmarks.installs.tables import LINE, Table, in_document, look_for_marks, put, show, write

TEXT = """a
<!-- one -->
<!-- end of one -->
b
<!-- demo: one -->
x
<!-- end of demo -->
<!-- two -->
old
<!-- end of two -->
"""


def test_a_block_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    renewed = put(TEXT, "one", "1\n2")
    assert renewed == TEXT.replace("<!-- one -->\n", "<!-- one -->\n1\n2\n")
    assert put(renewed, "one", "1\n2") == renewed
    document = tmp_path / "install.md"
    document.write_text(TEXT, encoding="utf-8")
    write("two", "new \\1 é", document)
    assert document.read_bytes() == TEXT.replace("old", "new \\1 é").encode()


def test_missing_marks_are_said_before_the_work(tmp_path: Path) -> None:
    document = tmp_path / "install.md"
    with pytest.raises(click.ClickException, match=r"install\.md"):
        look_for_marks("one", document)
    document.write_text(TEXT, encoding="utf-8")
    look_for_marks("one", document)
    with pytest.raises(click.ClickException, match="no marks <!-- three -->"):
        look_for_marks("three", document)
    assert document.read_text(encoding="utf-8") == TEXT


def test_columns_of_numbers_end_at_the_right() -> None:
    table = Table(("name", "size", "left"), (("a|b", "1,000.5", ""), ("c", "", "")))
    assert table.markdown() == "| name | size | left |\n|---|---:|---:|\n| a\\|b | 1,000.5 |  |\n| c |  |  |"


def test_no_cell_is_cut_or_read_as_markup(capsys: pytest.CaptureFixture[str]) -> None:
    show(Table(("extra", "why"), (("[dev]", "word " * 30),)), "[bold]told")
    shown = capsys.readouterr().out
    assert "[dev]" in shown
    assert ("word " * 30).strip() in shown
    assert "[bold]told" in shown


def test_paragraphs_are_wrapped_between_words() -> None:
    words = ["versions", "of", "some_file.txt", "2-core", "x" * 200] * 5
    first, *lines = in_document("", " ".join(words)).splitlines()
    assert first == ""
    assert " ".join(lines).split() == [word.replace("_", "\\_") for word in words]
    assert all(len(line) <= LINE or " " not in line for line in lines)
