"""Titles that stand after more blank lines than paragraphs do."""

from __future__ import annotations

from scenesign.schemas.records import BlockKind
from scenesign.transforms.text.clean import clean
from scenesign.transforms.text.heading_gaps import gapped_titles
from scenesign.transforms.text.headings import find_headings

PROSE = "The miller closed the gate behind him and went down to the water without a word to anyone. " * 6
H, P = BlockKind.HEADING, BlockKind.PARAGRAPH
TITLES = ["The Mill", "A Guest from the Hills", "Snow", "The Letter", "Home"]


def _book(titles: list[str], wide: int, usual: int = 1) -> str:
    blank = "\n" * (usual + 1)
    chapters = [blank.join([title, PROSE, PROSE, PROSE]) for title in titles]
    return ("\n" * (wide + 1)).join(["An old story about people who lived by a river, told again.", *chapters])


def _headings(raw: str) -> list[str]:
    cleaned = clean(raw)
    return [cleaned.text[block.start : block.end] for block in cleaned.blocks if block.kind is H]


def test_short_lines_after_wide_gaps_are_titles_whatever_they_end_with() -> None:
    stopped = [f"{title}." for title in TITLES]
    assert [title for title in _headings(_book(stopped, wide=3)) if title in stopped] == stopped
    assert not set(_headings(_book(stopped, wide=1))) & set(stopped)


def test_a_paragraph_a_line_with_blank_lines_before_titles_only() -> None:
    assert [title for title in _headings(_book(TITLES, wide=2, usual=0)) if title in TITLES] == TITLES


def test_wide_gaps_before_prose_are_scene_breaks() -> None:
    texts, gaps = [], []
    for n, title in enumerate(TITLES):
        texts += [title, PROSE, f"{n} " + PROSE, PROSE]
        gaps += [3, 1, 3, 1]
    assert gapped_titles(texts, [None] * len(texts), gaps, 1) == []
    gaps = [3, 1, 1, 1] * len(TITLES)
    assert gapped_titles(texts, [None] * len(texts), gaps, 1) == [4, 8, 12, 16]


def test_first_sentences_under_headings_are_no_titles() -> None:
    texts, gaps, kinds = [], [], []
    for n in range(1, 7):
        texts += [f"Chapter {n}", "He ate in silence", PROSE, PROSE]
        gaps += [5, 4, 1, 1]
        kinds += [H, None, None, None]
    assert gapped_titles(texts, kinds, gaps, 1) == []


def test_a_few_titles_among_numbers_are_found_by_their_gap() -> None:
    texts, gaps = [], []
    for title in ("I", "II", "The Ferryman’s Tale", "III", "IV"):
        texts += [title, PROSE, PROSE, PROSE]
        gaps += [2, 1, 1, 1]
    assert [kind for _, kind in find_headings(texts, None, gaps)] == [H, P, P, P] * 5
    assert [kind for _, kind in find_headings(texts)] == [H, P, P, P] * 2 + [P] * 4 + [H, P, P, P] * 2


def test_short_paragraphs_under_a_title_hide_no_later_one() -> None:
    texts, gaps = [], []
    for title in TITLES:
        texts += [title, "By and by we came to it again.", *["“Who is there?” he said."] * 40]
        gaps += [4, 2, *[1] * 40]
    assert gapped_titles(texts, [None] * len(texts), gaps, 1) == [0, 42, 84, 126, 168]


def test_titles_need_prose_between() -> None:
    texts = [line for title in TITLES for line in (title, "Some words.")]
    assert gapped_titles(texts, [None] * len(texts), [2, 1] * len(TITLES), 1) == []


def test_the_first_line_is_a_title_over_a_sentence() -> None:
    texts, gaps = [], []
    for title in TITLES:
        texts += [title, "He came home late that night.", PROSE, PROSE]
        gaps += [1, 0, 0, 0]
    gaps[0] = 0
    assert gapped_titles(texts, [None] * len(texts), gaps, 1) == [0, 4, 8, 12, 16]
    texts[1] = "By Nobody"
    assert gapped_titles(texts, [None] * len(texts), gaps, 1) == [4, 8, 12, 16]


def test_no_lines_have_no_titles() -> None:
    assert gapped_titles([], [], [], 1) == []
