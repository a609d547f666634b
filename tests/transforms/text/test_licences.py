"""Licences: taken from where each format states them, never guessed."""

from __future__ import annotations

import json
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scenesign.schemas.records import Book, Source
from scenesign.transforms.read.books import read_books
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.text.licences import GUTENBERG, card_licence, identifier, licence_line, tally
from tests.transforms.read.files import epub

PROSE = "The old ferry crossed the river every morning, and nobody in the village thought it strange. " * 6
PAGE = "<html><head>{head}</head><body><p>{prose}</p></body></html>"


@pytest.mark.parametrize(
    ("statement", "wanted"),
    [
        ("", "unknown"),
        ("unknown", "unknown"),
        ("CC-BY-SA-4.0", "cc-by-sa-4.0"),
        ("cc by nc nd 3.0", "cc-by-nc-nd-3.0"),
        ("https://creativecommons.org/licenses/by-nc/4.0/", "cc-by-nc-4.0"),
        ("Creative Commons BY 4.0", "cc-by-4.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/legalcode", "cc0-1.0"),
        ("Apache License, Version 2.0", "apache-2.0"),
        ("The MIT License.", "mit"),
        ("CC BY", "other"),  # of no version
        ("Public domain in the USA.", "other"),  # not everywhere
        (GUTENBERG, "other"),
        ("All rights reserved. Not cc-by-4.0!", "other"),
    ],
)
def test_identifiers(statement: str, wanted: str) -> None:
    assert identifier(statement) == wanted


def test_a_card_names_every_licence_of_its_books() -> None:
    assert card_licence(["MIT", "mit"]) == "mit"
    assert card_licence(["MIT", "", "mine"]) == ["mit", "other", "unknown"]
    assert card_licence([]) == "unknown"
    assert tally(["MIT", "", "", "mit"]) == [("none stated", "unknown", 2), ("MIT", "mit", 1), ("mit", "mit", 1)]


def stated(path: Path, **options: object) -> list[str]:
    found = list(read_books(Source(str(path), path.name, 1), ReadOptions(language="en", **options)))  # type: ignore[arg-type]
    assert all(isinstance(book, Book) for book in found), found
    return [book.license for book in found]  # type: ignore[union-attr]


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_epub_rights(tmp_path: Path) -> None:
    opf = (
        '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>T</dc:title>'
        '<dc:rights>CC-BY-4.0</dc:rights></metadata><manifest><item id="a" href="a.xhtml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    assert stated(epub(tmp_path, {"a.xhtml": PAGE.format(head="", prose=PROSE)}, opf=opf)) == ["CC-BY-4.0"]


def test_fb2_pages_and_front_matter(tmp_path: Path) -> None:
    fb2 = (
        '<?xml version="1.0" encoding="utf-8"?><FictionBook><description><custom-info info-type="license">CC0-1.0'
        f"</custom-info></description><body><section><p>{PROSE}</p></section></body></FictionBook>"
    )
    assert stated(write(tmp_path / "a.fb2", fb2)) == ["CC0-1.0"]
    link = '<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">'
    page = PAGE.format(head=link, prose=PROSE)
    assert stated(write(tmp_path / "a.html", page)) == ["https://creativecommons.org/licenses/by/4.0/"]
    meta = PAGE.format(head='<meta name="DC.rights" content="mine">', prose=PROSE)
    assert stated(write(tmp_path / "b.html", meta)) == ["mine"]
    assert stated(write(tmp_path / "a.md", f'---\ntitle: T\nlicense: "MIT"\n---\n\n{PROSE}\n')) == ["MIT"]


def test_a_gutenberg_header_is_a_statement(tmp_path: Path) -> None:
    header = (
        "The Project Gutenberg eBook of Ferry\n\nThis ebook is for the use of anyone anywhere. You may copy it, give "
        "it away or\nre-use it under the terms of the Project Gutenberg License included with this ebook.\n\n"
        "*** START OF THE PROJECT GUTENBERG EBOOK FERRY ***\n\n"
    )
    assert stated(write(tmp_path / "a.txt", header + PROSE)) == [GUTENBERG]
    assert stated(write(tmp_path / "b.txt", PROSE)) == [""]


def test_columns(tmp_path: Path) -> None:
    rows = [{"text": PROSE + "One.", "license": "mit"}, {"text": PROSE + "Two.", "licence": "mine"}, {"text": PROSE}]
    path = write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, rows)))
    assert stated(path) == ["mit", "mine", ""]
    assert stated(path, license="cc0-1.0") == ["mit", "mine", "cc0-1.0"]
    pq.write_table(pa.table({"text": [PROSE], "rights": ["CC0"]}), tmp_path / "a.parquet")
    assert stated(tmp_path / "a.parquet", license_column="rights") == ["CC0"]


def test_the_licence_of_a_saved_dataset(tmp_path: Path) -> None:
    info = datasets.DatasetInfo(license="odc-by")
    datasets.Dataset.from_dict({"text": [PROSE]}, info=info).save_to_disk(str(tmp_path / "saved"))
    (book,) = read_books(Source(f"hf:{tmp_path / 'saved'}", "saved"), ReadOptions(language="en"))
    assert isinstance(book, Book)
    assert book.license == "odc-by"


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("Public domain\n in the USA.", "Public domain in the USA."),
        ("Words. " * 40 + "https://creativecommons.org/licenses/by/4.0/ " + "Words. " * 40, "cc-by-4.0"),
        ("Attribution-NonCommercial-NoDerivatives 4.0 International\n" + "Terms. " * 60, "cc-by-nc-nd-4.0"),
        ("MIT License\n\nCopyright (c) Jane Roe\n\n" + "Permission is hereby granted. " * 9, "mit"),
        ("All rights are with the house.\n" + "No part may be copied. " * 9, "All rights are with the house."),
    ],
)
def test_a_licence_in_one_line(statement: str, line: str) -> None:
    assert licence_line(statement) == line


def test_a_licence_that_is_one_long_sentence_is_cut_between_words() -> None:
    found = licence_line("terms " * 100)
    assert found.endswith("terms…")
    assert len(found) <= 120
