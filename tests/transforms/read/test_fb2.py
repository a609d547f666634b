"""FictionBook files, and XML that is out for harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.transforms.read.files import H, read, refusal, write

FB2 = """<?xml version="1.0" encoding="windows-1251"?>
<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"><description><title-info>
<author><first-name>Лев</first-name><last-name>Толстой</last-name></author><book-title>Казаки</book-title>
<lang>ru</lang></title-info></description>
<body><title><p>Казаки</p><p>Повесть</p></title>
<section><title><p>Глава I</p></title><p>Всё <emphasis>затихло</emphasis>
в Москве.</p><subtitle>* * *</subtitle><poem><stanza><v>Раз</v><v>два</v></stanza></poem></section></body>
<body name="notes"><section><p>Сноска.</p></section></body><binary id="x">AAAA</binary></FictionBook>"""


def test_fb2(tmp_path: Path) -> None:
    (document,) = read(write(tmp_path, "a.fb2", FB2.encode("cp1251")))
    assert document.paragraphs == (
        ("Казаки Повесть", H),
        ("Глава I", H),
        ("Всё затихло в Москве.", None),
        ("* * *", None),
        ("Раз\nдва", None),
    )
    assert (document.title, document.author, document.language) == ("Казаки", "Лев Толстой", "ru")
    assert document.notes == ("1 notes at the end left out",)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><FictionBook><body><p>&b;</p></body>'
            "</FictionBook>",
            "unsafe-xml",
        ),
        (
            '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><FictionBook><body>&a;</body></FictionBook>',
            "unsafe-xml",
        ),
        ("<FictionBook><body><p>cut", "damaged-xml"),
        ("<FictionBook/>", "empty"),
        ("<other><FictionBook/></other>", "damaged-xml"),
        ("<FictionBook>" + "<section>" * 5000 + "</section>" * 5000 + "</FictionBook>", "too-nested"),
    ],
)
def test_hostile_xml(tmp_path: Path, text: str, reason: str) -> None:
    assert refusal(write(tmp_path, "a.fb2", text)) == reason


def test_marks_of_notes_and_cells_of_tables(tmp_path: Path) -> None:
    book = """<FictionBook xmlns:l="x"><body><section><p>Река<a l:href="#n1" type="note">[1]</a> встала &#151;
    так&nbsp;вот.</p>
    <table><tr><td>рожь</td><td>пять</td></tr></table></section></body>
    <body><section id="n1"><p>Сноска.</p></section></body></FictionBook>"""
    (document,) = read(write(tmp_path, "a.fb2", book))
    assert document.paragraphs == (("Река встала — так вот.", None), ("рожь пять", None))
    assert document.notes == ("1 note marks left out", "1 notes at the end left out")


def test_line_ends_of_the_file_are_none_of_the_text(tmp_path: Path) -> None:
    book = """<FictionBook><body><section><p>the ferry\nman was tire\u00ad\nsome</p><p>ล่อง\nเรือ</p><p>渡し\n舟</p>
    <p>ferry-\nman</p></section></body></FictionBook>"""
    (document,) = read(write(tmp_path, "a.fb2", book))
    texts = [text for text, _ in document.paragraphs or ()]
    assert texts == ["the ferry man was tiresome", "ล่องเรือ", "渡し舟", "ferry-man"]
