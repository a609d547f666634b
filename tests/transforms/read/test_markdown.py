"""Markdown to paragraphs, headings and metadata."""

from __future__ import annotations

from pathlib import Path

from tests.transforms.read.files import B, H, read, write


def test_markdown(tmp_path: Path) -> None:
    source = """---
title: "A Tale"
author: Jane Roe
---

# Part *One*

Setext
======

Some *soft* and **strong** text,
wrapped, with [a link](http://x.y/z) and `code`.
It keeps snake_case_names and 2 * 3 * 4.

* * *

> Quoted\\
> twice.

<!-- a note -->
Last \\*line\\*.
"""
    (document,) = read(write(tmp_path, "a.md", source))
    assert document.paragraphs == (
        ("Part One", H),
        ("Setext", H),
        ("Some soft and strong text, wrapped, with a link and code. It keeps snake_case_names and 2 * 3 * 4.", None),
        ("* * *", B),
        ("Quoted\ntwice.", None),
        ("Last *line*.", None),
    )
    assert (document.title, document.author) == ("A Tale", "Jane Roe")
