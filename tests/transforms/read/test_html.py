"""Visible text of pages, whatever state they are in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenesign.transforms.read.html import parse_html
from tests.transforms.read.files import B, H, read, write


def test_html(tmp_path: Path) -> None:
    page = """<!DOCTYPE html><html lang="en"><head><title>The  Tale</title><meta name="author" content="Jane Roe">
    <style>p {color: red}</style></head><body><nav><a href="#">Home</a></nav><h1>Chapter<br>One</h1>
    <script>var x = "<p>no</p>";</script><p>First &amp; <i>second</i>
    line&nbsp;here.<p>Unclosed <b>tag<hr><div>In a <span>div</span></div>tail
    <ul><li>one<li>two</ul><blockquote>a<br>b</blockquote></body></html>"""
    (document,) = read(write(tmp_path, "x.bin.html", page))
    assert document.title == "The Tale"
    assert document.author == "Jane Roe"
    assert document.language == "en"
    assert [(" ".join(text.split(" ")).strip(), kind) for text, kind in document.paragraphs or ()] == [
        ("Chapter One", H),
        ("First & second line\u00a0here.", None),
        ("Unclosed tag", None),
        ("* * *", B),
        ("In a div", None),
        ("tail", None),
        ("one", None),
        ("two", None),
        ("a\nb", None),
    ]


def test_html_by_content_and_by_declared_encoding(tmp_path: Path) -> None:
    text = "<html><head><meta charset='windows-1251'></head><body><p>Привет, мир</p></body></html>"
    (document,) = read(write(tmp_path, "page.txt", text.encode("cp1251")))
    assert document.paragraphs == (("Привет, мир", None),)
    assert document.encoding == "cp1251"


def test_html_whose_declaration_lies(tmp_path: Path) -> None:
    text = "<html><head><meta charset='us-ascii'></head><body><p>Привет, мир</p></body></html>"
    (document,) = read(write(tmp_path, "page.html", text))
    assert document.paragraphs == (("Привет, мир", None),)


def test_html_line_breaks_that_are_paragraphs() -> None:
    long = "A line of old web pages that goes on and on, well past the eighty characters of any verse. "
    page = parse_html(f"<body>{long}<br>{long}<br><br>Roses are red,<br>violets are blue.</body>")
    assert page.paragraphs == [(long.strip(), None), (long.strip(), None), ("Roses are red,\nviolets are blue.", None)]


def test_xhtml_habits() -> None:
    page = parse_html(
        "<?xml version='1.0' encoding='utf-8'?><html><head><title/><script src='x'/></head>"
        "<body><p>Text<a id='p1'/> goes on <![CDATA[& on]]>.</p><p/><p>End.</p></body></html>"
    )
    assert page.paragraphs == [("Text goes on & on.", None), ("End.", None)]
    assert page.linked == 0


def test_html_nested_too_deep_for_any_recursion() -> None:
    depth = 200_000
    assert parse_html("<div>" * depth + "deep" + "</div>" * depth).paragraphs == [("deep", None)]


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece", ["<!--", "<![CDATA[", "<script ", "<a href=x>", "<p>", "<svg>", "[a](", "![", "*a ", "> "]
)
def test_marks_that_never_close_take_no_longer_than_any_text(tmp_path: Path, piece: str) -> None:
    # quadratic work on a megabyte would take hours
    for name in ("a.html", "a.md"):
        (document,) = read(write(tmp_path, name, "Words. " + piece * 200_000))
        assert document.paragraphs or document.text


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("<>/&;!-[]apbh12 \n\"'=x\0\ud800Ж"))))
def test_any_text_is_some_html(text: str) -> None:
    for paragraph, _ in parse_html(text).paragraphs:
        assert paragraph.strip()
