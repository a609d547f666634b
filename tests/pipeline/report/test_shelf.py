"""The section on the quality of the shelf: what it shows of a manifest, and that names of files stay text."""

from __future__ import annotations

from dataclasses import replace

from scenesign.pipeline.report.page import render
from scenesign.pipeline.report.shelf import shelf_quality
from scenesign.schemas.manifest import Manifest, SharedParagraphs
from scenesign.schemas.parts import NearDuplicate, PartBook
from scenesign.schemas.records import Reject
from scenesign.transforms.quality.stages import count_stages
from tests.reports import manifest, report


def shelf() -> Manifest:
    """Three books: one is in another, with a name to be wary of, and one is half French."""
    plain = manifest(books=3)
    books = list(plain.books)
    books[1] = replace(
        books[1], source="<b>1</b>.txt", near_duplicates=(NearDuplicate(books[0].book_id, 0.934),), notes=("mended",)
    )
    books[2] = replace(books[2], other_language="fr", other_share=0.12)
    parts = [PartBook(book.book_id, book.language, 0, 6, 54) for book in books]
    refused = report().rejects[0]
    reject = Reject(refused.source, refused.stage, refused.reason, refused.detail)
    stages = count_stages(plain.counts, books, books, [reject], parts)
    options = {**plain.options, "near_duplicates": "flag"}
    return replace(plain, books=tuple(books), stages=stages, options=options, shared_paragraphs=SharedParagraphs(2, 3))


def test_what_the_section_says_by_hand() -> None:
    found = shelf_quality(shelf())
    assert found
    assert [(row.name, row.came_in, row.went_out, row.refused, row.noted) for row in found.stages[:3]] == [
        ("list inputs", 4, 4, "", 0),
        ("read, identify the language", 4, 3, "binary 1", 1),
        ("leave out exact duplicates", 3, 3, "", 0),
    ]
    assert [(row.name, row.total, row.quantiles) for row in found.sizes][-2:] == [
        ("sentences of a book, in the dataset", 162, (54, 54, 54, 54, 54)),
        ("scenes of a book, in the dataset", 18, (6, 6, 6, 6, 6)),
    ]
    assert [(row.source, row.other, row.share) for row in found.near] == [("<b>1</b>.txt", "0.txt", 0.934)]
    assert (found.groups, found.alike, found.dropped, found.looked) == (1, 2, 0, True)
    assert [book.source for book in found.mixed] == ["2.txt"]


def test_sizes_without_the_shares_that_are_shown_are_left_out() -> None:
    plain = shelf()
    spread = replace(plain.stages[-1].sizes["scenes"], quantiles={"0.5": 6})
    last = replace(plain.stages[-1], sizes={**plain.stages[-1].sizes, "scenes": spread})
    found = shelf_quality(replace(plain, stages=(*plain.stages[:-1], last)))
    assert found
    assert [row.name for row in found.sizes][-1] == "sentences of a book, in the dataset"


def test_a_dataset_that_says_nothing_of_its_shelf_has_no_such_section() -> None:
    assert shelf_quality(manifest()) is None
    assert 'id="shelf"' not in render(report())


def test_the_page_shows_it_and_no_name_becomes_markup() -> None:
    page = render(report(manifest=shelf()))
    section = page.partition('id="shelf"')[2].partition("</section>")[0]
    assert "&lt;b&gt;1&lt;/b&gt;.txt" in section
    assert "<b>1</b>" not in section
    assert "93 %" in section
    assert "about 12 % of the text looks French" in section
    assert "3 books share 2 paragraphs word for word" in section
    assert "Nobody looked" not in section


def test_what_was_not_looked_for_is_not_said_to_be_absent() -> None:
    plain = shelf()
    books = tuple(replace(book, near_duplicates=(), other_language="", other_share=0.0) for book in plain.books)
    quiet = replace(plain, books=books, options={"near_duplicates": "off"}, shared_paragraphs=SharedParagraphs())
    section = render(report(manifest=quiet)).partition('id="shelf"')[2].partition("</section>")[0]
    assert "Nobody looked for them" in section
    looked = replace(quiet, options={"near_duplicates": "flag"})
    section = render(report(manifest=looked)).partition('id="shelf"')[2].partition("</section>")[0]
    assert "No two books here share much of their text." in section
