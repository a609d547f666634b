"""Title and author from the first lines of a book."""

from __future__ import annotations

import pytest

from scenesign.transforms.text.file_names import read_file_name
from scenesign.transforms.text.title_page import TitlePage, is_name, read_title_page

PROSE = "The mill at Harrow Ford had not turned for a year when Agnes came back to it, and dust lay on all the stones."


def read(page: str, stem: str = "x1") -> tuple[str, str]:
    found = read_title_page([*page.split(" / "), "Chapter 1", PROSE], read_file_name(stem))
    return found.title, found.author


@pytest.mark.parametrize(
    ("page", "title", "author"),
    [
        ("THE MILL / By Agnes E. HARROW", "THE MILL", "Agnes E. HARROW"),
        ("The Mill / by / Agnes Harrow / 1885", "The Mill", "Agnes Harrow"),
        ("THE MILL / A Novel. / BY / AGNES / ELIZA / HARROW", "THE MILL", "AGNES ELIZA HARROW"),
        ("THE STORY OF A MILL / BY / AGNES HARROW.", "THE STORY OF A MILL", "AGNES HARROW"),
        ("Harrow Mill / A. E. Harrow", "Harrow Mill", "A. E. Harrow"),
        ("Die Mühle / Roman von Agnes Harrow", "Die Mühle", "Agnes Harrow"),
        ("Die Mühle / von / Agnes Harrow / Aus dem Englischen / von / Julius Seid", "Die Mühle", "Agnes Harrow"),
        ("LE MOULIN / par Agnès de Harrow", "LE MOULIN", "Agnès de Harrow"),
        ("DE MOLEN / DOOR / AGNES VAN HARROW", "DE MOLEN", "AGNES VAN HARROW"),
        ("Анна Мельникова / МЕЛЬНИЦА У БРОДА", "МЕЛЬНИЦА У БРОДА", "Анна Мельникова"),
        ("Анна Петровна Мельникова / Мельница / РОМАН", "Мельница", "Анна Петровна Мельникова"),
        ("Анна Петровна Мельникова. Мельница", "Мельница", "Анна Петровна Мельникова"),
        ("А. П. Мельникова. Мельница у брода", "Мельница у брода", "А. П. Мельникова"),
        ("الطاحونة / تأليف / مريم الحداد", "الطاحونة", "مريم الحداد"),
        ("《磨坊》林阿兰（清）", "磨坊", "林阿兰"),
        ("[磨坊 / 林阿兰 著 ]".replace(" / ", "／"), "磨坊", "林阿兰"),
        ("磨坊 / 作者：林阿兰", "磨坊", "林阿兰"),
        ("《磨坊》 / 长篇小说 / 作者：林阿兰", "磨坊", "林阿兰"),
        ("The Mill / A Tale / In Two Parts / With Plates / Author: Agnes Harrow", "", "Agnes Harrow"),
        ("Written by Agnes Harrow / THE MILL", "THE MILL", "Agnes Harrow"),
        ("书名：磨坊 / 作者：林阿兰", "磨坊", "林阿兰"),
        ("Title: The Mill / Author: Agnes Harrow", "The Mill", "Agnes Harrow"),
        ("물레방아 / 김아란 지음", "물레방아", "김아란"),
        ("THE MILL", "THE MILL", ""),
        ("The Mill / The Mill", "The Mill", ""),
    ],
)  # fmt: skip
def test_what_a_page_says(page: str, title: str, author: str) -> None:
    assert read(page) == (title, author)


@pytest.mark.parametrize(
    "page",
    [
        "Agnes Harrow / The Mill",  # which of the two is the title?
        "Barnaby Rudge / A Tale of the Riots",
        "Анна Каренина / Роман в восьми частях",
        "Harrow Mill / Translated from the Dutch / by / Clara Bell",
        "Harrow Mill / London / D. Apple and Company",
        "By Proxy / Or, the Wrong Man",
        "Von Kopf bis Fuß / Ein Spiel",
        "Мельница у брода / Посвящается П. В. Иванову",
        "1. Die Kinder klopfen an.",
    ],
)
def test_what_a_page_leaves_open(page: str) -> None:
    assert read(page)[1] == ""


def test_prose_is_no_title_page() -> None:
    assert read_title_page(["The wind rose.", PROSE], read_file_name("x1")) == TitlePage()
    assert read_title_page([PROSE, "By Agnes Harrow"], read_file_name("x1")) == TitlePage()
    assert read_title_page([], read_file_name("x1")) == TitlePage()


@pytest.mark.parametrize(
    ("page", "stem", "title", "author"),
    [
        ("Agnes Harrow / The Mill", "Harrow_Mill_1885", "The Mill", "Agnes Harrow"),
        ("The Old Mill / Agnes Harrow", "Harrow_Mill_1885", "The Old Mill", "Agnes Harrow"),
        ("JULES HARROW / DE OUDE MOLEN / naar het Fransch door / GERARD KELDER", "Harrow_Molen_1874", "DE OUDE MOLEN",
         "JULES HARROW"),
        ("磨坊記 / 林阿蘭", "林阿蘭_磨坊記", "磨坊記", "林阿蘭"),
        ("Анна Мельникова / Белые ночи", "Белые ночи", "Белые ночи", "Анна Мельникова"),
        ("Михаил Мельников. Белые ночи", "Белые ночи", "Белые ночи", "Михаил Мельников"),
        ("Part One / PREFACE", "Harrow_Mill_1885", "", ""),
    ],
)  # fmt: skip
def test_lines_that_the_file_name_confirms(page: str, stem: str, title: str, author: str) -> None:
    assert read(page, stem) == (title, author)


@pytest.mark.parametrize(
    "name", ["Agnes Harrow", "J.W. von Goethe", "Guy de Maupassant", "Miss M.E. Brown", "O'Neil Flynn"]
)
def test_forms_of_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize(
    "line",
    ["Agnes", "the Author", "A Tale of Two", "Chapter 1 Begins", "Agnes Harrow, 1885", "Come here. Go there", ""],
)
def test_other_lines(line: str) -> None:
    assert not is_name(line)


def test_long_lines_cost_little() -> None:
    for line in ("by " * 30_000, "《" * 100_000, "A. " * 40_000, "[" * 50_000 + "著"):
        assert read_title_page([line[:90], line], read_file_name(line[:250])) is not None
