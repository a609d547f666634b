"""Raw text to clean text: what goes, what stays, and how lines become paragraphs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenesign.schemas.records import BlockKind
from scenesign.transforms.text.clean import CleanText, clean, clean_paragraphs
from tests.conftest import LIBRARY

H, B, P = BlockKind.HEADING, BlockKind.BREAK, BlockKind.PARAGRAPH


def blocks(result: CleanText) -> list[str]:
    return [result.text[block.start : block.end] for block in result.blocks]


def check_blocks(result: CleanText) -> None:
    """In order, not overlapping, not empty, only white space between and around."""
    at = 0
    for block in result.blocks:
        assert not result.text[at : block.start].strip()
        assert block.start >= at
        assert result.text[block.start : block.end].strip()
        at = block.end
    assert at == len(result.text)


def wrap(paragraph: str, width: int) -> str:
    """The paragraph as a typist would break it."""
    lines = [""]
    for word in paragraph.split():
        if len(lines[-1]) + len(word) + 1 > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


FIRST = (
    "It was the custom of the house to open all its windows at six, winter and summer, and to let the wind from the "
    "river go through it from end to end before anybody was allowed to come down to breakfast in the long hall."
)
SECOND = (
    "Nobody had ever asked why. The old man had done so when he was young, and his father before him, and the wind "
    "seemed to be one of the family, with its own chair and its own way of shutting doors behind it at night."
)
THIRD = (
    "“So be it,” said the old man, and he put the key back upon its nail beside the door, where it had hung for years."
)
VERSE = "O ye who tread the Narrow Way\nBy Tophet-flare to judgment Day,\nBe gentle when the heathen pray"
PROSE = [FIRST, SECOND, THIRD] * 4


def test_wrapped_paragraphs_with_blank_lines() -> None:
    raw = "\n\n".join(wrap(p, 65) for p in PROSE)
    result = clean(raw)
    assert blocks(result) == PROSE
    assert result.text == "\n\n".join(PROSE)
    assert any("hard-wrapped" in note for note in result.notes)
    check_blocks(result)


def test_wrapped_paragraphs_with_indented_first_lines() -> None:
    raw = "\n".join("     " + wrap(p, 65) for p in PROSE)
    assert blocks(clean(raw)) == PROSE


def test_wrapped_paragraphs_with_nothing_between() -> None:
    paragraphs = [FIRST, THIRD, "“No.”", SECOND, "“Why not?” he asked.", FIRST, THIRD] * 3
    assert blocks(clean("\n".join(wrap(p, 65) for p in paragraphs))) == paragraphs


def test_verse_in_a_wrapped_book_keeps_its_lines() -> None:
    raw = "\n\n".join(
        [wrap(FIRST, 65), VERSE, wrap(SECOND, 65), wrap(FIRST, 65), "HOWARDS END,\nTUESDAY.", wrap(SECOND, 65)]
    )
    assert blocks(clean(raw)) == [FIRST, VERSE, SECOND, FIRST, "HOWARDS END,\nTUESDAY.", SECOND]


QUATRAIN = [
    "the wind went over the harbour",
    "and nobody heard it go by;",
    "it rattled the chain of the ferry",
    "and counted the stars in the sky.",
]
LONG = [FIRST, SECOND] * 4


@pytest.mark.parametrize(
    "verse",
    [
        [f"     {line}" for line in QUATRAIN],
        [line.center(65) for line in QUATRAIN],
        QUATRAIN,
        ["     the wind went over", "     and nobody heard it;"],
        [
            "the rope and the boat are gone",
            "and the water wanders on and on",
            "and still a bell upon the shore",
            "is ringing as it rang before",
        ],
        ["     Donec eris felix, multos", "          tempora si fuerint nubila", "     solus eris"],
    ],
)
def test_verse_in_small_letters_keeps_its_lines(verse: list[str]) -> None:
    raw = "\n\n".join([*(wrap(p, 65) for p in LONG), "\n".join(verse), wrap(FIRST, 65)])
    assert blocks(clean(raw)) == [*LONG, "\n".join(line.strip() for line in verse), FIRST]


def test_verse_in_small_letters_where_lines_are_paragraphs() -> None:
    verse = "\n".join(QUATRAIN)
    assert blocks(clean("\n\n".join([*LONG, verse, *LONG]))) == [*LONG, verse, *LONG]


@pytest.mark.parametrize("width", [40, 48, 56])
def test_a_quotation_set_in_is_joined(width: int) -> None:
    quoted = "\n".join(f"     {line}" for line in wrap(FIRST, width).split("\n"))
    raw = "\n\n".join([*(wrap(p, 65) for p in LONG), quoted, wrap(SECOND, 65)])
    assert blocks(clean(raw)) == [*LONG, FIRST, SECOND]


def test_a_book_of_verse_keeps_its_lines() -> None:
    stanza = (
        "The wind went over the harbour,\nAnd nobody heard it go by.\nIt rattled the chain of the ferry,\nAnd slept."
    )
    assert blocks(clean("\n\n".join([stanza] * 6))) == [stanza] * 6


def test_wrapped_korean_joins_with_a_space() -> None:
    paragraph = (
        "강가에는 오래된 나룻배가 한 척 매여 있었고 아무도 그 배를 타려고 하지 않았다. 사공은 해가 지면 "
        "돌아와 줄을 다시 매고 강 건너 불빛을 한참 바라보다가 말없이 집으로 갔다."
    )
    assert blocks(clean("\n\n".join([wrap(paragraph, 36)] * 8), "ko")) == [paragraph] * 8


def test_words_cut_by_soft_hyphens_are_whole() -> None:
    raw = f"{wrap(FIRST, 65)} per\u00ad\nmitted\n\n{wrap(SECOND, 65)}\u00ad\n\n{VERSE}\u00ad\nver\u00ad\nse"
    text = clean(raw).text
    assert "permitted" in text
    assert "\u00ad" not in text
    assert clean_paragraphs([("per\u00ad\nmitted", None)]).text == "permitted"


def test_each_line_a_paragraph() -> None:
    raw = "\n".join(PROSE)
    assert blocks(clean(raw)) == PROSE
    assert blocks(clean("\r\n\r\n".join(PROSE))) == PROSE


def test_verse_between_lines_that_are_paragraphs() -> None:
    raw = "\n".join([FIRST, VERSE + ".", SECOND])
    assert blocks(clean(raw)) == [FIRST, VERSE + ".", SECOND]


def test_a_wrapped_letter_in_a_book_that_is_not_wrapped() -> None:
    letter = wrap(FIRST, 50)
    raw = "\n".join([*PROSE, "", " " + letter.replace("\n", "\n "), "", *PROSE])
    assert blocks(clean(raw)) == [*PROSE, FIRST, *PROSE]


def test_russian_dialogue_in_wrapped_lines() -> None:
    said = "— Нам надо ехать немедленно, — сказал он тихо и посмотрел на дорогу, по которой давно никто не ходил."
    answer = "— Я не поеду, пока не вернётся отец, и ты это знаешь не хуже меня, — ответила она и отвернулась."
    told = "Они долго молчали. За окном шёл снег, и часы на стене стучали так громко, словно хотели, чтобы их слышали."
    paragraphs = [told, said, answer, "— Нет.", "— Да."] * 4
    assert blocks(clean("\n".join(wrap(p, 70) for p in paragraphs))) == paragraphs


def test_chinese_lines_join_without_a_space() -> None:
    paragraph = (
        "话说天下大势分久必合合久必分周末七国分争并入于秦及秦灭之后楚汉分争又并入于汉"
        "汉朝自高祖斩白蛇而起义一统天下后来光武中兴传至献帝遂分为三国。"
    )
    lines = [paragraph[:28], paragraph[28:58], paragraph[58:]]
    raw = "\n".join("　　" + "\n".join(lines) for _ in range(8))
    assert blocks(clean(raw, "zh")) == [paragraph] * 8


def test_chinese_indentation_goes_and_punctuation_stays() -> None:
    raw = "第一回　宴桃园豪杰三结义\n\n　　话说天下大势，分久必合！“是也？”（笑）\n\n    又一段。"
    result = clean(raw, "zh")
    assert blocks(result) == ["第一回　宴桃园豪杰三结义", "话说天下大势，分久必合！“是也？”（笑）", "又一段。"]
    assert [block.kind for block in result.blocks] == [H, P, P]


def test_spaces_around_a_line_go() -> None:
    assert blocks(clean("Trailing spaces   \t\n\n\u3000\u3000  Next.  ")) == ["Trailing spaces", "Next."]


def test_a_hyphen_goes_only_if_the_book_knows_the_joined_word() -> None:
    body = (
        "The lighthouse stood at the far end of the bay, and no one who saw that light-\n"
        "house by night forgot it. The keeper was a well-\n"
        "known man in all the villages along the coast, and a great talker, they said.\n"
    )
    text = clean(
        "\n".join([body, wrap(FIRST, 76), "", wrap(SECOND, 76), "", wrap(FIRST, 76), "", wrap(SECOND, 76)])
    ).text
    assert "that lighthouse by night" in text
    assert "a well-known man" in text


MODERN = """The Project Gutenberg eBook of A Tale

This ebook is for the use of anyone anywhere.

Title: A Tale of
       Two Rivers

Author: Jane Roe

*** START OF THE PROJECT GUTENBERG EBOOK A TALE ***

Produced by Ann Editor and the Online
Distributed Proofreading Team

{body}

*** END OF THE PROJECT GUTENBERG EBOOK A TALE ***

Updated editions will replace the previous one.
"""
OLDER = """Project Gutenberg Etext of A Tale, by Jane Roe

*BEFORE!* YOU USE OR READ THIS ETEXT
*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*

{body}

End of Project Gutenberg's Etext of A Tale, by Jane Roe
"""


@pytest.mark.parametrize(
    "frame", [MODERN, OLDER, OLDER.replace("Project Gutenberg's Etext", "the Project Gutenberg EBook")]
)
def test_gutenberg_boilerplate_goes_and_nothing_else(frame: str) -> None:
    body = f"CHAPTER I\n\n{FIRST}\n\nProduced by magic, the rabbit bowed.\n\n{SECOND}\n\nTHE END"
    result = clean(frame.format(body=body))
    assert blocks(result) == ["CHAPTER I", FIRST, "Produced by magic, the rabbit bowed.", SECOND, "THE END"]
    assert any("Gutenberg" in note for note in result.notes)


def test_gutenberg_header_gives_title_and_author() -> None:
    result = clean(MODERN.format(body=FIRST))
    assert (result.title, result.author) == ("A Tale of Two Rivers", "Jane Roe")


@pytest.mark.parametrize(
    "mark",
    [
        ("***START OF THE PROJECT GUTENBERG EBOOK A TALE***", "***END OF THE PROJECT GUTENBERG EBOOK A TALE***"),
        (
            "*** START OF THIS PROJECT GUTENBERG EBOOK A TALE\nOF TWO RIVERS ***",
            "End of the Project Gutenberg EBook of A",
        ),
        ("*END THE SMALL PRINT! FOR PUBLIC DOMAIN EBOOKS*Ver.02/11/02*END*", "End of this Project Gutenberg Etext"),
        ("*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*", "End of The Project Gutenberg Etext of A"),
        ("﻿*** START OF THE PROJECT GUTENBERG EBOOK 11 ***", "*** END OF THE PROJECT GUTENBERG EBOOK 11 ***"),
        ("****START OF THE PROJECT GUTENBERG ETEXT A****", "This is the end of Project Gutenberg's A Tale"),
    ],
)
def test_marks_of_thirty_years(mark: tuple[str, str]) -> None:
    header = "The Project Gutenberg EBook of A Tale\n\nTitle: A Tale\n\n"
    book = f"CHAPTER I\n\n{FIRST}\n\n{SECOND}"
    result = clean(f"{header}{mark[0]}\n\n\nProduced by Ann Editor\n\n\n{book}\n\n\n{mark[1]}\n\nThe full licence.")
    assert blocks(result) == ["CHAPTER I", FIRST, SECOND]
    assert result.title == "A Tale"


def test_gutenberg_boilerplate_of_pages() -> None:
    """In HTML and EPUB the header is paragraphs of the book like any other."""
    raw = MODERN.format(body=f"CHAPTER I\n\n{FIRST}\n\n{SECOND}")
    result = clean_paragraphs([(part, None) for part in raw.split("\n\n")])
    assert blocks(result) == ["CHAPTER I", FIRST, SECOND]
    assert result.author == "Jane Roe"
    assert any("Gutenberg" in note for note in result.notes)
    # the mark and the first words may stand in one paragraph
    one = [("Header", None), (f"*** START OF THE PROJECT GUTENBERG EBOOK A ***\n{FIRST}", None), (SECOND, None)]
    assert blocks(clean_paragraphs(one)) == [FIRST, SECOND]


def test_a_book_that_speaks_of_gutenberg_is_left_alone() -> None:
    raw = "Johannes Gutenberg printed here.\n\nProduced by hand, his books endure.\n\nTitle: none."
    result = clean(raw)
    assert len(result.blocks) == 3
    assert (result.title, result.notes) == ("", ())


def test_headings_and_breaks_stand_alone_in_wrapped_text_without_blank_lines() -> None:
    chapter = f"{wrap(FIRST, 65)}\n{wrap(THIRD, 65)}"
    raw = "\n".join(["A Tale", "by Jane Roe", "Chapter I", chapter, "* * *", chapter, "Chapter II", chapter])
    result = clean(raw)
    kinds = [(text, block.kind) for text, block in zip(blocks(result), result.blocks, strict=True)]
    assert ("Chapter I", H) in kinds
    assert ("Chapter II", H) in kinds
    assert ("* * *", B) in kinds
    assert kinds.count((FIRST, P)) == 3


def test_lost_dashes_and_site_notices_are_reported_and_kept() -> None:
    raw = "\n".join(["? Да, ? сказал он."] * 60 + ["更新时间:2007-11-16 本章字数:4804"])
    result = clean(raw)
    assert "120 lone question marks" in result.notes[0] or "120 lone question marks" in result.notes[1]
    assert "1 lines look like notices" in " ".join(result.notes)
    assert "更新时间" in result.text


def test_ready_paragraphs() -> None:
    result = clean_paragraphs(
        [
            (" A  title ", H),
            ("Some\u00a0text\nwith a line", None),
            ("  \n ", None),
            ("* * *", None),
            ("Chapter 2", None),
        ]
    )
    assert blocks(result) == ["A title", "Some text\nwith a line", "* * *", "Chapter 2"]
    assert [block.kind for block in result.blocks] == [H, P, B, H]


def test_one_line_of_megabytes() -> None:
    result = clean("word " * 1_000_000)
    assert len(result.blocks) == 1
    assert len(result.text) == 4_999_999


def test_a_million_blank_lines() -> None:
    result = clean("One.\n" + "\n" * 1_000_000 + "Two.")
    assert result.text == "One.\n\nTwo."


@pytest.mark.timeout(120)
@pytest.mark.parametrize("line", ["1\n\n", "I\n", "word\n", "Word,\n", "word-\n", "* ", "— А.\n"])
def test_a_hundred_thousand_odd_lines_take_seconds(line: str) -> None:
    check_blocks(clean("Words.\n\n" + line * 100_000))


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("*/*.txt")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_example_library_comes_out_as_it_is(path) -> None:  # type: ignore[no-untyped-def]
    raw = path.read_text(encoding="utf-8")
    result = clean(raw)
    check_blocks(result)
    assert blocks(result) == [part.strip() for part in raw.split("\n\n") if part.strip()]
    assert sum(block.kind is not P for block in result.blocks) >= 4


CHUNK = st.sampled_from(
    [
        "Word",
        "слово",
        "汉字，",
        "end.",
        "\n",
        "\n\n",
        " ",
        "    ",
        "\u3000",
        "—",
        "I",
        "Chapter 2",
        "* * *",
        "1",
        "a-",
        "\r\n",
        "\t",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(CHUNK, max_size=120).map("".join))
def test_no_character_is_lost(raw: str) -> None:
    result = clean(raw)
    check_blocks(result)
    # a hyphen at a line end may go, by rule; nothing else may
    assert "".join(result.text.split()).replace("-", "") == "".join(raw.split()).replace("-", "")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_gives_sound_blocks(raw: str) -> None:
    result = clean(raw)
    check_blocks(result)
    assert clean(result.text).text.split() == result.text.split()
    result.text.encode("utf-8")


def test_notes_gathered_at_the_end_are_kept_and_counted() -> None:
    prose = "\n\n".join(f"He came on day {n} and stayed until the evening, as he always had." for n in range(30))
    numbered = "\n\n".join(f"{n}\n\nthis is said in French ({n})." for n in range(1, 8))
    result = clean(f"{prose}\n\n{numbered}")
    assert "7 numbered notes at the end (kept)" in result.notes
    assert result.text.endswith("7\n\nthis is said in French (7).")
    assert clean(f"{prose}\n\n1\n\none.\n\n3\n\nthree.").notes == ()
