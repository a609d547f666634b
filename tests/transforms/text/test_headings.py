"""Headings and scene breaks in three languages, and prose that looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenesign.schemas.records import BlockKind
from scenesign.transforms.text.heading_lines import is_break, is_heading, numeral_value
from scenesign.transforms.text.headings import find_headings

PROSE = "The morning was cold and the road was long, and nobody had thought of bread. " * 12
H, B, P = BlockKind.HEADING, BlockKind.BREAK, BlockKind.PARAGRAPH


@pytest.mark.parametrize(
    "line",
    [
        "CHAPTER IV",
        "Chapter 1. The Crossing",
        "Chapter ll",
        "CHAPTER I. SHADOWS FROM CHILD-LIFE.",
        "Chapter the First",
        "Phase the First: The Maiden",
        "BOOK II",
        "PART ONE",
        "PART ONE The Old Buccaneer",
        "LETTER 3",
        "PROLOGUE",
        "Epilogue",
        "Book the Second: The Golden Thread",
        "Chapter Twenty-One",
        "CHAPTER XIX I AM IN THE HANDS OF LADIES",
        "Глава 4",
        "ГЛАВА ПЕРВАЯ",
        "Часть вторая",
        "Письмо 2",
        "Эпилог",
        "Пролог",
        "Глава двадцать первая",
        "Глава I. Гость",
        "ЧАСТЬ ЧЕТВЕРТАЯ",
        "Глава Х",
        "第四回 薄命女偏逢薄命郎",
        "第一章\u3000渡口",
        "第十卷",
        "正文 第一回 宴桃园豪杰三结义",
        "楔子",
        "序",
        "尾声",
        "第100章",
        "第一回",
    ],
)
def test_headings(line: str) -> None:
    assert is_heading(line)
    assert find_headings([line, PROSE]) == [(line, H), (PROSE, P)]


@pytest.mark.parametrize(
    "line",
    [
        "Chapter and verse were quoted.",
        "Part of the crew had gone ashore.",
        "Book the flight for me, please.",
        "Part one of the plan failed.",
        "Chapter I of the story was dull.",
        "Letter I never sent it, he said.",
        "Act one way and think another.",
        "particularly unpleasant and personal manner.",
        "letter.",
        "partly mine",
        "Письмоводитель отобрал бумагу и занялся с другими.",
        "Часть денег пропала.",
        "Письмо одно она сожгла.",
        "Глава семьи вошёл в комнату.",
        "Книга первая лежала на столе.",
        "第四回中既将薛家母子在荣府内寄居等事略已表明，此回则暂不能写矣。",
        "第二天，他走了。",
        "第一次见面",
        "此开卷第一回也。",
        "序幕拉开了。",
        "epilogue",
        "Introduction was made at once!",
        "",
        "Chapter 1 " + "x" * 200,
    ],
)
def test_prose_is_no_heading(line: str) -> None:
    assert not is_heading(line)


@pytest.mark.parametrize(
    "line", ["* * *", "***", "⁂", "#", "---", "~", "—————", "◇", "☆", "·····", "*", "–––", "~*~", "............"]
)
def test_breaks(line: str) -> None:
    assert is_break(line)
    assert find_headings([PROSE, line, PROSE])[1] == (line, B)


@pytest.mark.parametrize("line", ["-", "—", "……", "...", "?", "!!!", "x", "1", "- 5 -", "", "— —"])
def test_no_breaks(line: str) -> None:
    assert not is_break(line)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("IV.", (4, "roman")),
        ("12", (12, "digits")),
        ("一", (1, "chinese")),
        ("二十三", (23, "chinese")),
        ("XLII", (42, "roman")),
        ("- 3 -", (3, "digits")),
        ("Х", (10, "roman")),
        ("IIII", None),
        ("1234", None),
        ("I am", None),
        ("一一", None),
    ],
)
def test_numerals(line: str, value: tuple[int, str] | None) -> None:
    assert numeral_value(line) == value


def kinds(texts: list[str]) -> list[BlockKind]:
    return [kind for _, kind in find_headings(texts)]


def test_numerals_that_count_up_are_headings() -> None:
    assert kinds(["I", PROSE, "II", PROSE, "III", PROSE]) == [H, P, H, P, H, P]
    assert kinds(["一", PROSE, "二", PROSE]) == [H, P, H, P]


def test_counting_starts_again_below_a_higher_heading() -> None:
    texts = ["ЧАСТЬ ПЕРВАЯ", "I", PROSE, "II", PROSE, "ЧАСТЬ ВТОРАЯ", "I", PROSE, "II", PROSE]
    assert kinds(texts) == [H, H, P, H, P, H, H, P, H, P]


def test_a_stray_capital_i_before_the_count_does_no_harm() -> None:
    assert kinds(["I", PROSE, PROSE, "I", PROSE, "II", PROSE]) == [P, P, P, H, P, H, P]
    assert kinds([PROSE, "I", PROSE]) == [P, P, P]


def test_footnotes_are_not_headings() -> None:
    notes = [text for n in range(1, 30) for text in (str(n), "Прощайте! (франц.) Так сказал князь, уходя навсегда.")]
    assert set(kinds([PROSE, *notes])) == {P}


def test_page_numbers_are_not_headings() -> None:
    half = PROSE + "and then he went on to the"
    pages = [text for n in range(1, 20) for text in (half, str(n))]
    assert set(kinds(pages)) == {P}


def test_numerals_of_a_contents_list_are_not_prose() -> None:
    texts = ["CONTENTS", "I", "II", "III", "I", PROSE, "II", PROSE, "III", PROSE]
    assert kinds(texts) == [H, H, H, H, H, P, H, P, H, P]


@pytest.mark.parametrize(
    "title",
    ["Mr. Sherlock Holmes", "THE SURPRISE PACKET", "LUCY.", "БЭЛА", "Учитель Карл Иваныч", "风雪山神庙"],
)
def test_titles_under_a_heading(title: str) -> None:
    assert kinds(["Chapter 1", title, PROSE]) == [H, H, P]


@pytest.mark.parametrize(
    "line",
    ['"Is it you, sir?"', "— Да, это я", "诗曰：", "Dearest Meg,", "He came.", "and he went", "青山依旧在。"],
)
def test_no_titles_under_a_heading(line: str) -> None:
    assert kinds(["Chapter 1", line, PROSE]) == [H, P, P]


def test_titles_that_end_like_sentences_where_all_chapters_have_one() -> None:
    texts = [
        t
        for n, title in enumerate(["He Comes.", "Who Is It?", "He Goes.", "The End."], 1)
        for t in (f"Chapter {n}", title, PROSE)
    ]
    assert kinds(texts) == [H, H, P] * 4


def test_a_heading_is_split_from_the_prose_below_it() -> None:
    opening = "— А поворотись-ка, сын! " * 40
    found = find_headings(["I\n" + opening, "II\n" + opening, f"Глава 3\nГость\n{PROSE}"])
    assert found[0] == ("I", H)
    assert found[1] == (opening, P)
    assert found[2] == ("II", H)
    assert found[4] == ("Глава 3", H)


def test_what_the_format_says_is_kept() -> None:
    assert find_headings(["Any words at all, really.", "x", "Chapter 1"], [H, B, P]) == [
        ("Any words at all, really.", H),
        ("x", B),
        ("Chapter 1", P),
    ]


LINES = st.sampled_from(
    ["I", "II", "1", "2", "Chapter 1", "* * *", "Prose, and more.", "一", "第二回 事", "Title", "", "X"]
)


@given(st.lists(st.lists(LINES, min_size=1, max_size=4).map("\n".join), max_size=25))
def test_nothing_is_lost_or_moved(texts: list[str]) -> None:
    found = find_headings(texts)
    assert "\n".join(text for text, _ in found) == "\n".join(texts)


def test_a_title_page_is_no_prose_of_its_own() -> None:
    prose = "It rained all day, and nobody came down the road. " * 3
    texts = ["The Bell", "By Somebody", prose.strip(), "A short line without its stop"]
    assert [kind.value for _, kind in find_headings(texts)] == ["heading", "heading", "paragraph", "paragraph"]


def test_a_book_that_opens_with_speech_or_a_short_sentence_has_no_title_page() -> None:
    for opening in ("It rained.", "— Кто там", "“Stay,” she said,"):
        assert find_headings([opening, "Then more was said. Much more."])[0][1] is BlockKind.PARAGRAPH


RAIN = "It rained all day, and nobody came down the road. It rained all night, and nobody left."


@pytest.mark.parametrize(
    "page",
    [
        ["The Warden", "by", "Somebody"],
        ["A Novel\nby\nSomebody", "IN TWO VOLUMES.", "All rights reserved."],
        ["20"],
        ["Николай Гоголь\nПОВЕСТЬ", "(Из записок)", "Посвящается памяти\nдруга"],
        ["THE FARM", "***", "Copyright, 1916,\nBy Somebody's Sons."],
    ],
)
def test_short_matter_before_the_first_heading_is_a_title_page(page: list[str]) -> None:
    found = find_headings([*page, "CHAPTER I", RAIN, "CHAPTER II", RAIN])
    kinds = [kind for _, kind in found]
    first = next(at for at, (text, _) in enumerate(found) if text == "CHAPTER I")
    assert BlockKind.PARAGRAPH not in kinds[:first]
    assert all("\n" not in text for text, _ in found)
    assert kinds[first + 1] is BlockKind.PARAGRAPH
    assert [text for text, kind in found if kind is BlockKind.BREAK] == [text for text in page if text == "***"]


@pytest.mark.parametrize(
    "opening",
    [["— Кто там?"], ["It rained on the day he left us. " * 4], [f"Line {n} of what he said" for n in range(9)]],
)
def test_an_opening_before_the_first_heading_is_no_title_page(opening: list[str]) -> None:
    found = find_headings([*opening, "CHAPTER II", RAIN])
    assert [kind for _, kind in found[: len(opening)]] == [BlockKind.PARAGRAPH] * len(opening)


def test_a_title_page_without_a_heading_may_have_several_lines() -> None:
    found = find_headings(["THE HUNT\n(A TRUE STORY)", "by Somebody", RAIN, RAIN])
    assert [kind.value for _, kind in found] == ["heading"] * 3 + ["paragraph"] * 2
