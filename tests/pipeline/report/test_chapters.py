"""Titles of chapters, read off the scenes that open them."""

from __future__ import annotations

import pytest

from scenesign.pipeline.report.chapters import TITLE_BYTES, split_title

PROSE = "The letter reached the bell foundry on a wet morning in October, sealed with candle wax."


@pytest.mark.parametrize(
    ("blocks", "title"),
    [
        (["CHAPTER II", "The Milkman Sets Out on his Travels"], "CHAPTER II · The Milkman Sets Out on his Travels"),
        (["The Bell of Saltmarsh", "A. Writer", "CHAPTER I"], "CHAPTER I"),
        (["The Bell of Saltmarsh", "A Tale of\nthe North", "1.", "The Letter"], "1. · The Letter"),
        (["Ночь вторая"], "Ночь вторая"),
        (["第二回\u3000歷山山下古帝遺蹤"], "第二回 歷山山下古帝遺蹤"),
        (["“Come in,” he said."], ""),
        (["the bell of SALTMARSH"], ""),
        ([], ""),
    ],
)
def test_titles(blocks: list[str], title: str) -> None:
    text = "\n\n".join([*blocks, PROSE])
    found, rest = split_title(text, "The Bell of Saltmarsh", "A. Writer")
    assert found == title
    assert rest.endswith(PROSE)
    assert (rest == PROSE) == (blocks[:1] != ["“Come in,” he said."])


def test_a_scene_that_is_all_title_keeps_its_last_block_as_prose() -> None:
    assert split_title("CHAPTER I") == ("", "CHAPTER I")


def test_no_more_than_two_lines_and_no_long_ones() -> None:
    assert split_title("\n\n".join(["Storm", "Rain", "Fog", PROSE])) == ("Storm · Rain", PROSE)
    assert split_title("A" * 200 + "\n\n" + PROSE)[0] == ""
    long, _ = split_title("\n\n".join(["第三章" + "鐵" * 60, PROSE]))
    assert long.startswith("第三章")
    assert len(long.encode()) <= TITLE_BYTES


def test_a_long_scene_is_not_read_through() -> None:
    assert split_title("CHAPTER I\n\n" + "word " * 10**6) == ("CHAPTER I", "word " * 10**6)
