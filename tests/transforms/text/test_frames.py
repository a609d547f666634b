"""What makers of electronic texts put around a book goes, with a note of its size; what only looks like it stays."""

from __future__ import annotations

import re

import pytest

from scenesign.transforms.text.clean import clean, clean_paragraphs
from scenesign.transforms.text.frames import find_frame

BOOK = (
    "THE FERRY\n\nCHAPTER I\n\nThe rope was old, and nobody would mend it before the spring came.\n\n"
    "Produced by magic, the boat lay ready in the reeds, and he stepped into it.\n\nTHE END"
)
START = "Title: The Ferry\n\n*** START OF THE PROJECT GUTENBERG EBOOK THE FERRY ***\n\n\n"
BRACKET = "[Transcriber's Note: Three pages were bound\nin the wrong order [see p. 4].\n\nThey were put right.]\n\n"
OLD = """**The Project Gutenberg Etext of The Ferry, by A. Rower**

This header should be the first thing seen when anyone starts to
view the etext.

*****These Etexts Are Prepared By Thousands of Volunteers!*****

Title: The Ferry

Author: A. Rower

January, 1997  [Etext #788]

"""
AUSTRALIA = """Project Gutenberg Australia

Title: The Ferry
Author: A. Rower
* A Project Gutenberg of Australia eBook *
eBook No.: 0100011.txt
Date first posted: April 2001

Project Gutenberg of Australia eBooks are created from printed editions.

-----------------------------------------

"""
CANADA = """* A Distributed Proofreaders Canada eBook *

This eBook is made available at no cost and with very few restrictions.

_Title:_ The Ferry
Date of first publication: 1911
Author: A. Rower
Faded Page eBook #20110101

This eBook was produced by: Ann Editor & the online
Distributed Proofreaders Canada team at http://www.pgdpcanada.net

"""
GERMAN = """Projekt Gutenberg-DE

type\tfiction
author\tA. Rower
title\tThe Ferry
sender\twww.example.org
created\t20060101
projectid\t1234

"""
LIB_RU = """Lib.ru/Классика: Гребец Антон. Паром
[Регистрация] [Найти] [Рейтинги] [Обсуждения]

"""
LIB_RU_OLD = "Origin: http://example.org/ferry\nOCR: Иван Петров\nSpellcheck: Анна\n\n"


@pytest.mark.parametrize(
    ("header", "footer"),
    [
        (START + "Special thanks are due to Ann Editor for extensive\nproofreading of this etext.\n\n", ""),
        (START + "Many thanks to the Internet Archive for the page images.\n\n", ""),
        (START + "Note: Project Gutenberg also has an HTML version of this\n      file. See 1-h.htm.\n\n", ""),
        (START + "E-text prepared by Ann Editor\n\n" + BRACKET, ""),
        (START + "Transcriber's Note:\n\nObvious typographical errors were corrected.\n\n", ""),
        (START + "+-----+\n| Transcriber's Note: |\n| Spelling is as it was. |\n+-----+\n\n", ""),
        (START + "Produit par Ann Editor\n\n", ""),
        (START + "Ce fichier a été produit à partir d'images de la\nBibliothèque.\n\n", ""),
        (START + "Geproduceerd door Ann Editor\n\n", "\n\n*** END OF THIS PROJECT GUTENBERG EBOOK ***\nTerms."),
        ("***START OF THIS PROJECT GUTENBERG EBOOK THE\nFERRY***\n\n", "\n\nEnd of Project Gutenberg's The Ferry"),
        (OLD, "\n\nEnd of the Project Gutenberg Etext of The Ferry"),
        (AUSTRALIA, "\n\nThis site is full of FREE ebooks - Project Gutenberg Australia"),
        (CANADA, "\n\n[The end of _The Ferry_ by A. Rower]"),
        (GERMAN, ""),
        (
            "Exported from Wikisource on November 2, 2021\n\n",
            "\n\nAbout this digital edition\n\nThis e-book comes from us.",
        ),
        ("Exporté de Wikisource le 2 novembre 2021\n\n", "\n\nÀ propos de cette édition électronique\n\nCe livre."),
        (
            "Note: This book is brought to you by Feedbooks\nhttp://www.feedbooks.com\n\n",
            "\n\nwww.feedbooks.com\nFood for the mind",
        ),
        (LIB_RU, "\n\nОставить комментарий\n\nСвязаться с программистом сайта."),
        (LIB_RU_OLD, ""),
        ("", "\n\nTa lektura, podobnie jak tysiące innych, jest na stronie.\n\nWydanie pierwsze."),
        ("", "\n\nTRANSCRIBER'S NOTES\n\nPage 3: bout for boat.\n\nPage 9: rop for rope."),
        ("", "\n\n" + BRACKET),
    ],
)
def test_a_frame_goes_and_nothing_else(header: str, footer: str) -> None:
    raw = header + BOOK + footer
    result = clean(raw)
    assert result.text == BOOK
    # the note accounts for what went, but for white space
    removed = sum(int(size.replace(",", "")) for size in re.findall(r"removed \(([\d,]+) char", " ".join(result.notes)))
    assert len("".join((header + footer).split())) <= removed <= len(header + footer)
    assert clean_paragraphs([(part, None) for part in raw.split("\n\n")]).text == BOOK


def test_fields_of_other_headers_are_title_and_author() -> None:
    for header in (OLD, AUSTRALIA):
        result = clean(header + BOOK)
        assert (result.title, result.author) == ("The Ferry", "A. Rower")


@pytest.mark.parametrize(
    "text",
    [
        "Thanks to the rain, the text of the letter was lost.\n\nHe wrote it again.",
        "Title: none.\n\nAuthor: unknown.\n\nHe read the two lines and laughed.",
        "He rowed.\n\nProduced by the wind, a wave came over the side.",
        "He found a note of the transcriber.\n\nOrigin was a word he disliked.",
        "[Transcriber] was the word on the door.",
        "He said: the END of it. Project Gutenberg's name was on the door.",
        "The end.\n\nNotes\n\n1. A boat.",
        "« Оставить комментарий » — было написано там.",
    ],
)
def test_what_only_speaks_of_such_things_stays(text: str) -> None:
    result = clean(text)
    assert result.text == text
    assert result.notes == ()


def test_a_notice_in_the_middle_of_a_long_book_stays() -> None:
    prose = "\n\n".join(f"On day {n} he came and looked at the river for an hour." for n in range(500))
    middle = f"{prose}\n\n[Transcriber's Note: a page is missing.]\n\n{prose}"
    assert clean(middle).text == middle


def test_notes_of_the_transcriber_before_the_footnotes_do_not_take_them_along() -> None:
    text = f"{BOOK}\n\nTranscriber's Notes\n\nSpelling is as it was.\n\nFOOTNOTES\n\n[1] An old boat."
    assert "[1] An old boat." in clean(text).text


@pytest.mark.timeout(60)
@pytest.mark.parametrize("line", ["[", "[Transcriber's Note: ", " ", "*", "Title: \n", "\u3000", "=|+-", "type\t\n\n"])
def test_hostile_openings_take_no_time(line: str) -> None:
    find_frame(line * 300_000)


@pytest.mark.parametrize(
    "note",
    [
        "[ Transcriber's Note:\n\nThese were put right:\n\n  bote\n  boat\n\n]",
        "[ Hinweise zur Transkription\n\nDas Buch ist in Fraktur gesetzt.\n\n]",
        "[Note sur la transcription: des fautes ont été corrigées.]",
        "[Aantekeningen bij de transcriptie\n\nDe spelling is behouden.]",
    ],
)
def test_brackets_of_transcribers_at_the_end_go_whole(note: str) -> None:
    assert clean(f"{BOOK}\n\n{note}\n").text == clean(BOOK).text


def test_the_box_of_an_old_russian_library_goes_and_a_last_line_stays() -> None:
    book = "Глава 1\n\nКанат был стар, и никто не хотел чинить его до весны.\n\nКонец."
    rule = "-" * 40
    box = f"{rule}\n И. Перевозов. Паром\n Origin: http://example.org\n OCR: Сидоров\n{rule}"
    assert clean(f"{box}\n\n{book}").text == clean(book).text
