"""Line ends, spaces and marks of any file made one; wrapped lines joined."""

from __future__ import annotations

import pytest

from scenesign.transforms.text.lines import Spelling, join_lines, join_soft_hyphens, normalise


def test_noise_characters() -> None:
    assert normalise("a\u00adb\u200bc\ufeffd\x00e\x07f\u200eg") == "abcdefg"
    assert normalise("a\u00a0b\u2009c\u202fd") == "a b c d"
    assert normalise("a\r\nb\rc\r\r\nd\u2028e") == "a\nb\nc\nd\ne"
    assert normalise("one\x0ctwo\u2029three") == "one\n\ntwo\n\nthree"
    assert normalise("\ud83d\ude00 \ud800!") == "😀 \ufffd!"


def test_hyphens_at_line_ends() -> None:
    words = Spelling("tomorrow tomorrow station-master")
    assert join_lines(["until to-", "morrow at"], words) == "until tomorrow at"
    assert join_lines(["the station-", "master came"], words) == "the station-master came"
    assert join_lines(["an unheard-", "of thing"], words) == "an unheard-of thing"
    assert join_lines(["a dash -", "and more"], words) == "a dash - and more"
    assert join_lines([], words) == ""


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        (["Haus-", "und Hofhund"], "Haus- und Hofhund"),
        (["vor-", "oder nachher"], "vor- oder nachher"),
        (["two-", "or threefold"], "two- or threefold"),
        (["well-", "to-do"], "well-to-do"),
        (["tire\u2010", "some"], "tiresome"),
        (["Nord\u2010", "Amerika"], "Nord\u2010Amerika"),
        (["hard\u2011", "set"], "hard\u2011set"),
        (["Ge\u00ac", "schichte"], "Geschichte"),
        (["per\u00ad", "mitted"], "permitted"),
        (["cross-\u00ad", "examined"], "cross-examined"),
        (["1914-", "1918"], "1914-1918"),
        (["1914–", "1918"], "1914–1918"),
        (["Jean-", "Jacques"], "Jean-Jacques"),
        (["x" * 500 + "-", "y" * 500], "x" * 500 + "-" + "y" * 500),
    ],
)
def test_no_text_is_lost_at_a_hyphen(lines: list[str], joined: str) -> None:
    assert join_lines(lines) == joined


def test_a_text_that_cuts_its_words_tells_of_those_it_has_but_once() -> None:
    cut = "\n".join(f"some words and the {word[:3]}-\n{word[3:]} of it" for word in ("garden", "window", "silver") * 3)
    spelling = Spelling(f"{cut}\ngarden window silver")
    assert spelling.hyphenates
    assert join_lines(["an exam-", "ination"], spelling) == "an examination"
    assert join_lines(["in Nord-", "Amerika"], spelling) == "in Nord-Amerika"
    assert join_lines(["voor-", "of nadeel"], Spelling("in- of uitvoer")) == "voor- of nadeel"
    assert not Spelling("to-\nmorrow tomorrow " * 9 + "\n" * 1_000).hyphenates


def test_a_text_that_sets_its_hyphens_keeps_them_at_line_ends() -> None:
    assert join_lines(["cross\u2010", "road"], Spelling("a well\u2010known man")) == "cross\u2010road"
    assert join_lines(["to\u2010", "day"], Spelling("a well\u2010known man of today")) == "today"


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        (["돌", "위에는"], "돌 위에는"),
        (["漢字", "는"], "漢字 는"),
        (["天下", "大勢"], "天下大勢"),
        (["こう言った。", "「はい」"], "こう言った。「はい」"),
        (["他说：“", "走吧。"], "他说：“走吧。"),
        (["“走吧。”", "“不。”"], "“走吧。”“不。”"),
        (["他走了——", "雨停了……", "天晴"], "他走了——雨停了……天晴"),
        (["他说“OK”", "然后"], "他说“OK”然后"),
        (["said “你好”", "and left"], "said “你好” and left"),
        (["他在 London", "住了"], "他在 London 住了"),
        (["สวัสดี", "ครับ"], "สวัสดีครับ"),
        (["ไปที่", "London"], "ไปที่ London"),
        (["“No.”", "“Yes.”"], "“No.” “Yes.”"),
        (["he said…", "nothing"], "he said… nothing"),
    ],
)
def test_scripts_at_line_ends(lines: list[str], joined: str) -> None:
    assert join_lines(lines) == joined


def test_a_text_shows_how_it_mixes_scripts_and_sets_dashes() -> None:
    assert join_lines(["他在London", "住了"], Spelling("他在Paris住过")) == "他在London住了"
    assert join_lines(["第", "12章"], Spelling("第11章")) == "第12章"
    assert join_lines(["a word--", "and more"], Spelling("one--two")) == "a word--and more"
    assert join_lines(["dijo Juan—", "y se fue"], Spelling("—Sí —dijo ella— y calló")) == "dijo Juan— y se fue"
    assert join_lines(["a word —", "and more"], Spelling("one—two")) == "a word — and more"


def test_a_soft_hyphen_at_a_line_end_always_joins_the_word() -> None:
    text = (
        "She had been per\u00ad\nmitted to keep\u00ad ing\u00ad  \n  s cross-\u00ad\nexamined\n"
        "al\u00ad\nto\u00ad\ngether.\u00ad\n\nEnd\u00ad"
    )
    assert join_soft_hyphens(normalise(text)) == (
        "She had been permitted\nto keep ings\ncross-examined\naltogether.\n\nEnd"
    )
