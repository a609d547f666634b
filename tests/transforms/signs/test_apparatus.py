"""Scenes that are no scenes are told by their form, in any script; prose and verse never are."""

from __future__ import annotations

import pytest

from scenesign.transforms.signs.apparatus import is_apparatus
from tests.conftest import LIBRARY

APPARATUS = {
    "dots": ". . . . . . . . . .\n\n. . . . . . .",
    "a title": "古香齋 輸入\n\n鏡花緣",
    "contents": "CONTENTS\n\nI. The storm 1\nII. The house on the hill 17\nIII. At sea 33\nIV. Home 51\nV. The end 70",
    "contents without pages": "Оглавление\n\nПервая ночь\nВторая ночь\nИстория Настеньки\nТретья ночь\nУтро\nЭпилог",
    "contents in Chinese": "目錄\n\n第一回 甄士隱夢幻識通靈\n第二回 賈夫人仙逝\n第三回 託內兄\n第四回 薄命女",
    "notes": "12 P. 104. See Smith, History, 1841, p. 3.\n13 Ibid., pp. 77-79, 81.\n14 Letter of 3 May 1852 (no. 118).",
    "verses": "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 In the beginning God",
    "a publisher's list": "THE NEW SERIES.\nBy JOHN SMITH, Author of The Road.\nThe Mill, A Novel. By MARY BROWN.",
}
PROSE = {
    "English": "“Well,” he said, “we shall see. On 3 May 1852 I was in London; it rained.” The boat had gone by then.",
    "Russian": "Он встал, подошёл к окну и долго смотрел на реку. «Что же теперь?» — подумал он.",
    "German": "Der Vater und die Mutter saßen am Tisch im Garten. Das Kind spielte mit dem Hund.",
    "Chinese": "卻說那日天色已晚，眾人都散了。「你往那裡去？」他問道。",
    "Japanese": "その夜、彼は窓をあけて、しばらく海を眺めていた。波の音が聞えた。",
    "Arabic": "خرج الرجل من البيت في الصباح، وسار في الطريق إلى المدينة، ثم وقف عند الباب.",
    "Korean": "그는 창문을 열고 한참 동안 바다를 바라보았다. 파도 소리가 들려왔다.",
    "verse": "The sea is calm to-night,\nThe tide is full, the moon lies fair\nUpon the straits;\non the French coast\n"
    "Gleams and is gone;\nthe cliffs of England stand,",
    "quick dialogue": "“Yes?”\n\n“No.”\n\n“Why not?”\n\n“Because it is late, and I am tired.”\n\n“Then go.”",
}


@pytest.mark.parametrize("name", APPARATUS)
def test_what_is_no_scene(name: str) -> None:
    assert is_apparatus(APPARATUS[name])


@pytest.mark.parametrize("name", PROSE)
def test_prose_and_verse_are_scenes(name: str) -> None:
    assert not is_apparatus(PROSE[name])


def test_nothing_and_marks_alone_are_no_scenes() -> None:
    assert all(is_apparatus(text) for text in ("", "\n\n", "***", "1. 2. 3.", "“…”"))


def test_books_that_are_whole_prose_are_scenes() -> None:
    for path in sorted(LIBRARY.glob("*/*.txt")):
        assert not is_apparatus(path.read_text(encoding="utf-8")), path.name
