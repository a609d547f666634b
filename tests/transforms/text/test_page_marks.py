"""Numbers of printed pages in brackets go; what only looks like one stays."""

from __future__ import annotations

import pytest

from scenesign.transforms.text.clean import clean, clean_paragraphs
from scenesign.transforms.text.page_marks import find_page_marks


def taken(text: str) -> str:
    return find_page_marks(text).taken_out(text)[0]


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("along the [Pg 12] river", "along the river"),
        ("along the ri[Pg 12]ver", "along the river"),
        ("along the\n[Pg 12]\nriver", "along the\nriver"),
        ("along [Page xii] the river", "along the river"),
        ("der [S. 1] alte [S. 2] Fluß [S. 3] stieg", "der alte Fluß stieg"),
        ("река [с. 8] была [с. 9] глубока [с. 10]", "река была глубока "),
        ("老人[第1页]来到[第2页]河边[第5页]。", "老人来到河边。"),
    ],
)
def test_numbers_of_pages_go(text: str, without: str) -> None:
    assert taken(text) == without


@pytest.mark.parametrize(
    "text",
    [
        "see [S. 12] there",
        "[S. 3] und [S. 2] und [S. 1]",
        "[12] a note",
        "(page 12)",
        "[Pg x1]",
        "[the page 12]",
        "[p. ix]",
    ],
)
def test_what_else_stands_in_brackets_stays(text: str) -> None:
    assert taken(text) == text


def test_books_of_both_kinds_say_how_many_went() -> None:
    plain = clean("The rope was old.\n\n[Pg 2]\n\nThe ri[Pg 3]ver rose.")
    assert (plain.text, plain.notes) == (
        "The rope was old.\n\nThe river rose.",
        ("2 page numbers in brackets left out",),
    )
    ready = clean_paragraphs([("The rope was old.", None), ("[Pg 2]", None), ("The ri[Pg 3]ver rose.", None)])
    assert (ready.text, ready.notes) == (plain.text, plain.notes)
