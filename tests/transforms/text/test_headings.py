"""What of a book becomes headings and breaks: by words, by counting, under headings, on the title page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenesign.schemas.records import BlockKind
from scenesign.transforms.text.headings import find_headings

PROSE = "The morning was cold and the road was long, and nobody had thought of bread. " * 12
H, B, P = BlockKind.HEADING, BlockKind.BREAK, BlockKind.PARAGRAPH


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
    ["I", "II", "1", "2. A", "Chapter 1", "* * *", "Prose, and more.", "一", "第二回 事", "Title", "", "X", "Contents"]
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


def test_counting_survives_a_gap_a_repeat_and_a_typing_error() -> None:
    numerals = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "VIII", "X", "XI", "XV", "XVI", "XVI", "XVIII"]
    texts = [text for numeral in numerals for text in (numeral, PROSE)]
    assert kinds(texts) == [H, P] * len(numerals)


def test_counting_starts_again_in_parts_that_no_heading_opens() -> None:
    texts = [text for _ in range(2) for n in range(1, 6) for text in (str(n), PROSE)]
    assert kinds(texts) == [H, P] * 10


def test_numbers_go_on_from_part_to_part_under_numbers_of_their_own() -> None:
    numerals = ["I", "II", "III", "I", "II", "III", "VII", "VIII", "IX", "X"]
    texts = [text for numeral in numerals for text in (numeral, PROSE)]
    assert kinds(texts) == [H, P] * len(numerals)


@pytest.mark.parametrize(
    "titles",
    [
        ["I. A STORM", "II. THE BROTHER", "III. THE CART", "IV. WATER"],
        ["1 The Black Bird", "2 The Letter", "3 The Cart", "4 The Water"],
        ["- I - : Los enamorados", "- II - : Memorias", "- III - : El atentado", "- IV - : Amelia"],
        ["I -- The inn -- The mill -- Night. -- " + "What came of it -- " * 6 + "The end"]
        + [f"{n} -- The road -- The bridge" for n in ("II", "III", "IV")],
        ["ONE: The Mill", "TWO: The Letter", "THREE: The Cart", "FOUR: The Water"],
        ["PIERWSZY PRZYJAZD", "DRUGI WIECZÓR", "TRZECI DZIEŃ", "CZWARTY POWRÓT"],
        ["Ночь первая", "Ночь вторая", "Ночь третья", "Ночь четвёртая"],
        ["一　归来", "二　来信", "三　大水", "四　天亮"],
        ["第一回归来", "第二回来信", "第三回大水", "第四回天亮"],
        ["第一", "第二", "第三", "第四"],
        ["第一封信", "第二封信", "第三封信", "第四封信"],
    ],
)
def test_numbers_with_titles_that_count_up_are_headings(titles: list[str]) -> None:
    assert kinds([text for title in titles for text in (title, PROSE)]) == [H, P] * 4


@pytest.mark.parametrize(
    "items",
    [
        ["1. Bread", "2. Salt", "3. Lamp oil", "4. A rope"],
        ["1. In the beginning was the mill.", "2. And the mill stood by the river.", "3. And the river rose."],
        ["(1) The Cossack country.", "(2) The village.", "(3) The waggons."],
        ["1 May", "2 May", "3 May", "4 May"],
        ["12 THE MILL", "14 THE MILL", "16 THE MILL", "18 THE MILL", "20 THE MILL", "22 THE MILL"],
        ["“One. The mill.”", "“Two. The river.”", "“Three. The bridge.”"],
    ],
)
def test_lists_verses_notes_dates_and_running_heads_are_not(items: list[str]) -> None:
    assert set(kinds([PROSE, *items, PROSE])) == {P}


@pytest.mark.parametrize(
    "items",
    [
        ["1 May", "2 May", "3 May", "4 May", "5 May"],
        [f"{page} THE MILL" for page in range(12, 24, 2)],
        ["“One. The mill.”", "“Two. The river.”", "“Three. The bridge.”", "“Four. The road.”"],
    ],
)
def test_dates_and_running_heads_are_not_with_prose_between_either(items: list[str]) -> None:
    assert set(kinds([text for item in items for text in (item, PROSE)])) == {P}


def test_page_numbers_that_start_high_or_lack_most_are_not_headings() -> None:
    assert set(kinds([text for n in (358, 363, 365, 366, 368) for text in (PROSE, str(n))])) == {P}
    assert set(kinds([text for n in range(1, 50, 7) for text in (PROSE, str(n))])) == {P}


def test_titles_set_off_in_a_book_without_numbers() -> None:
    titles = ["The Mill", "The Letter", "At the Bridge", "Water"]
    texts = [text for title in titles for text in (title, PROSE, PROSE.strip() + ".")]
    assert kinds(texts) == [H, P, P] * 4
    # signatures, one stray line and lines of verse are none
    assert kinds([text for _ in titles for text in ("Yours ever", PROSE, PROSE)])[3:] == [P] * 9
    assert kinds([PROSE, PROSE, "The Mill", PROSE, PROSE])[2] is P
    assert set(kinds([PROSE, *titles, PROSE])) == {P}


def test_summaries_under_all_chapters_are_titles() -> None:
    told = "How the mill was sold, and to whom, and what the miller's brother said of it in his letter."
    texts = [text for n in range(1, 7) for text in (f"CHAPTER {n}", told, PROSE, PROSE)]
    assert kinds(texts) == [H, H, P, P] * 6


def test_a_table_of_contents_is_one_run_of_headings() -> None:
    entries = [f"Chapter {n}. {title} {page}" for n, title, page in ((1, "Mill", 3), (2, "Cart", 19), (3, "Water", 40))]
    texts = ["CONTENTS", *entries, "The author's thanks 55", "CHAPTER 1", PROSE, "CHAPTER 2", PROSE, "CHAPTER 3", PROSE]
    assert kinds(texts) == [H] * 6 + [P, H, P, H, P]


def test_a_heading_that_runs_into_prose_is_split_off() -> None:
    prose = "詩曰：" + "話說當日眾人起身，往城外去了。" * 9
    found = find_headings([f"第{n}回　風雪渡口　{prose}" for n in "一二三"])
    assert found == [pair for n in "一二三" for pair in ((f"第{n}回　風雪渡口", H), (prose, P))]


def test_a_block_of_several_lines_is_cut_only_where_its_lines_count() -> None:
    chapters = [f"{n}. The {word}\n“Is it you?”\n“Who else?”" for n, word in ((1, "Mill"), (2, "Cart"), (3, "Road"))]
    found = find_headings([text for chapter in chapters for text in (chapter, PROSE)])
    assert [text for text, kind in found if kind is H] == ["1. The Mill", "2. The Cart", "3. The Road"]
    alone = "Bread for the road\n1. The Mill\nand a song"
    assert find_headings([PROSE, alone, PROSE])[1] == (alone, P)


def test_an_author_above_the_title_hides_no_chapters() -> None:
    texts = ["Антон Чехов", "СКУЧНАЯ ИСТОРИЯ", *(t for n in ("I", "II", "III", "IV") for t in (n, PROSE))]
    assert kinds(texts) == [H, H, *[H, P] * 4]


def test_sentences_before_the_first_chinese_heading_are_no_title_page() -> None:
    opening = ["阿兰回来的时候，磨坊已经停了一年。" * 3] * 4
    assert kinds([*opening, "第三部分", PROSE]) == [P] * 4 + [H, P]


def test_a_sentence_under_a_heading_is_prose_where_paragraphs_are_sentences() -> None:
    sentences = ["밤이 깊었다.", "그는 말없이 문을 열었다.", "바람이 불었다.", "개가 짖었다."]
    texts = [text for n in range(1, 6) for text in (f"제{n}장", *sentences * 30)]
    assert kinds(texts) == [H, *[P] * 120] * 5
    short = ["Он молчал.", "Было тихо.", "Она ушла."]
    texts = [text for n in ("I", "II", "III", "IV", "V") for text in (n, *short * 40)]
    assert kinds(texts) == [H, *[P] * 120] * 5


def test_long_titles_where_most_chapters_have_one() -> None:
    long = "In which the travellers come to an inn that is not what the map says it is, and nobody asks who they are"
    titles = ["The Road", "The River", long, "The Hill"]
    texts = [text for n, title in enumerate(titles, 1) for text in (f"Chapter {n}", title, PROSE)]
    assert kinds(texts) == [H, H, P] * 4
    assert kinds(["Chapter 1", long, PROSE, "Chapter 2", PROSE, "Chapter 3", PROSE])[1] is P


def test_months_that_count_up_are_headings() -> None:
    months = ["OTTOBRE", "NOVEMBRE", "DICEMBRE", "GENNAIO", "FEBBRAIO"]
    assert kinds([text for month in months for text in (month, PROSE)]) == [H, P] * 5
    assert set(kinds([PROSE, "May", PROSE, "August", PROSE])) == {P}


def test_two_titles_in_capitals_far_apart_count() -> None:
    assert kinds(["I. THE FIRE", PROSE * 8, "II. THE ASHES", PROSE]) == [H, P, H, P]
    assert set(kinds([PROSE, "I. THE FIRE", PROSE, "II. THE ASHES", PROSE])) == {P}
    assert set(kinds([PROSE, "I. The fire", PROSE * 8, "II. The ashes", PROSE])) == {P}


def test_japanese_titles_after_speech_and_with_a_name_in_quotes() -> None:
    prose = "朝は寒く、道は遠かった。誰も口をきかなかった。" * 20
    speech = "「もう帰ろうか」"
    titles = ["峠の茶屋", "「南」の風", "雪の朝", "遠い灯", "「鶴」と「亀」"]
    texts = [text for title in titles for text in (title, prose, speech)]
    assert kinds(texts) == [H, P, P] * 5
    quoted = [text for title in titles for text in (title, "という額が掛かっている。" + prose, prose)]
    assert set(kinds([prose, *quoted])) == {P}


@pytest.mark.parametrize(
    "note", ["[Footnote {}: That is, the old ford.]", "Fig. {}", "Illustration {}", "Сноска {}", "Page {}"]
)
def test_what_counts_up_beside_the_chapters_is_no_heading(note: str) -> None:
    texts = [text for n in range(1, 9) for text in (f"CHAPTER {n}", PROSE, note.format(n), PROSE)]
    found = [text for text, kind in find_headings(texts) if kind is BlockKind.HEADING]
    assert found == [f"CHAPTER {n}" for n in range(1, 9)]
