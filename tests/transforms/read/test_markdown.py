"""Markdown to paragraphs, headings and metadata."""

from __future__ import annotations

from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    ("source", "paragraphs"),
    [
        ("---\n\nThe mill stood.\n\n---\n\nMore.",
         [("* * *", B), ("The mill stood.", None), ("* * *", B), ("More.", None)]),
        ("It rose.[^1] And fell.^[In spring.]\n\n[^1]: By the mark.\n\n    More of it.\n\nThe end.",
         [("It rose. And fell.", None), ("The end.", None)]),
        ("Kept [^2] as it is.", [("Kept [^2] as it is.", None)]),
        ("- rye\n- oats\n\n1. one\n2. two", [("rye", None), ("oats", None), ("one", None), ("two", None)]),
        ("| a | b |\n|---|---|\n| c | d |", [("a b", None), ("c d", None)]),
        ("Mill\n: A house.\n", [("Mill", None), ("A house.", None)]),
        ("He left.\n---\nShe stayed.", [("He left.", None), ("* * *", B), ("She stayed.", None)]),
        ("Two\n---\nText.", [("Two", H), ("Text.", None)]),
        ("## Two {#two .x}\n\n::: note\nText.\n:::", [("Two", H), ("Text.", None)]),
        ("물레방아는\n돌지 않았다.", [("물레방아는 돌지 않았다.", None)]),
        ("水车已经停了\n一年。", [("水车已经停了一年。", None)]),
        ("See [the mill][m] and <b>so</b> on.\n\n[m]: http://x.y", [("See the mill and so on.", None)]),
        ("    Set in, as books have it.\n\n    And again.",
         [("Set in, as books have it.", None), ("And again.", None)]),
        ("One  \ntwo\\\nthree", [("One\ntwo\nthree", None)]),
        ("<div>In <i>HTML</i>.</div>\n\n![A mill](m.png)\n\nText.", [("In HTML.", None), ("Text.", None)]),
    ],
)  # fmt: skip
def test_what_markdown_means(tmp_path: Path, source: str, paragraphs: list[object]) -> None:
    (document,) = read(write(tmp_path, "a.md", source))
    assert [(text.strip(), kind) for text, kind in document.paragraphs or ()] == paragraphs
