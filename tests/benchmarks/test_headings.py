"""The benchmark of headings counts what it says: runs, neutral lines, authors on one side, texts that differ."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from benchmarks.headings import (
    LAYOUTS,
    Mark,
    Tally,
    bare_text,
    compare,
    interval,
    is_develop,
    marked_paragraphs,
    mean_share,
    measure,
    table,
    tei_paragraphs,
)
from scenesign.schemas.records import BlockKind
from scenesign.transforms.text.clean import CleanText, assemble

H, B, P = BlockKind.HEADING, BlockKind.BREAK, BlockKind.PARAGRAPH
BOOK = [
    ("A Novel", Mark.OTHER),
    ("CHAPTER I", Mark.HEADING),
    ("The Mill", Mark.HEADING),
    ("It rained.", Mark.PROSE),
    ("CHAPTER II", Mark.HEADING),
    ("It stopped.", Mark.PROSE),
    ("He left.", Mark.PROSE),
]


def cleaned(kinds: list[BlockKind]) -> CleanText:
    return assemble((text, kind) for (text, _), kind in zip(BOOK, kinds, strict=True))


@pytest.mark.parametrize(
    ("kinds", "tally"),
    [
        ([H, H, H, P, H, P, P], Tally(2, 2, 2, 2, 3, 3)),
        ([P, H, P, P, H, P, P], Tally(2, 2, 2, 2, 3, 2)),  # a title left out costs a line, no heading
        ([H, P, P, P, P, H, P], Tally(2, 0, 1, 0, 3, 0)),  # a title page counts neither way, a wrong heading does
        ([P, H, H, H, H, P, H], Tally(2, 2, 2, 1, 3, 3)),  # what has no prose between is one heading
        ([P] * 7, Tally(2, 0, 0, 0, 3, 0)),
    ],
)
def test_headings_are_runs(kinds: list[BlockKind], tally: Tally) -> None:
    assert compare(BOOK, cleaned(kinds)) == tally


def test_a_text_that_lost_its_front_is_compared_by_place_and_another_text_is_not() -> None:
    whole = cleaned([H, H, H, P, H, P, P])
    front = len("A Novel\n\n")
    late = CleanText(whole.text[front:], assemble((t, P) for t, _ in BOOK[1:]).blocks)
    assert compare(BOOK, late) == Tally(2, 0, 0, 0, 3, 0)
    assert compare(BOOK, assemble([("Another text.", P)])) is None


def test_shares_are_means_over_books() -> None:
    books = [Tally(10, 10, 20, 10, 0, 0), Tally(2, 1, 0, 0, 0, 0)]
    assert mean_share(books, "recall") == 0.75
    assert mean_share(books, "precision") == 0.5  # the second book found nothing to be right about
    assert mean_share(books, "lines") == 1.0
    low, high = interval(books, "recall")
    assert (low, high) == (0.5, 1.0)


def test_tei_has_heads_of_divisions_only() -> None:
    root = fromstring(
        "<TEI><teiHeader><p>x</p></teiHeader><text><front><head>Front</head></front><body><div><head>I<lb/>The Mill"
        "<note>1</note></head><p>It <hi>rained</hi>.<note>Much.</note></p><lg><head>A Song</head><l>Rain</l></lg>"
        "<milestone/></div></body></text></TEI>"
    )
    assert list(tei_paragraphs(root)) == [
        ("I\nThe Mill", Mark.HEADING),
        ("It rained.", Mark.PROSE),
        ("A Song", Mark.OTHER),
        ("Rain", Mark.PROSE),
        ("* * *", Mark.OTHER),
    ]


def test_layouts_hold_the_same_words() -> None:
    paragraphs = [
        ("CHAPTER I", Mark.HEADING),
        ("It rained all day and all night. " * 9, Mark.PROSE),
        ("雨" * 80, Mark.PROSE),
    ]
    texts = {layout: bare_text(paragraphs, layout) for layout in LAYOUTS}
    assert len({"".join(text.split()) for text in texts.values()}) == 1
    assert "\n\n" in texts["blank"]
    assert "\n\n" not in texts["lines"]
    assert max(map(len, texts["wrapped"].split("\n"))) <= 72
    assert "雨" * 37 not in texts["wrapped"]


def test_an_author_is_on_one_side() -> None:
    assert is_develop("Hardy_Tess.xml") == is_develop("Hardy_Jude.html")
    assert len({is_develop(f"Author{n}_Book.xml") for n in range(20)}) == 2


def test_a_book_is_measured_in_all_layouts(tmp_path: Path) -> None:
    folder = tmp_path / "en"
    folder.mkdir()
    prose = "The morning was cold and the road was long, and nobody had thought of bread. " * 8
    chapters = "".join(f"<h2>Chapter {n}</h2><p>{prose}</p><p>{prose}</p>" for n in range(1, 5))
    book = folder / "Somebody_The-Mill.html"
    book.write_text(
        f"<html><head><title>The Mill</title></head><body><h1>The Mill</h1>{chapters}</body></html>", encoding="utf-8"
    )
    assert marked_paragraphs(book)[0] == ("The Mill", Mark.OTHER)
    rows = measure(book)
    assert [(row.language, row.layout, row.tally) for row in rows] == [
        ("en", layout, Tally(4, 4, 4, 4, 4, 4)) for layout in LAYOUTS
    ]
    assert "| en | 1 | 4 | lines | 1.000 (1.00-1.00) | 1.000 (1.00-1.00) | 1.000 |" in table(rows)
    (folder / "Somebody_Tale.html").write_text(
        "<html><body><h2>One</h2><p>It rained.</p></body></html>", encoding="utf-8"
    )
    assert measure(folder / "Somebody_Tale.html") == []
