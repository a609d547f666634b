"""Languages without capitals, through the one way in: members numbered by first appearance, scenes told apart."""

from __future__ import annotations

import pytest

from scenesign.transforms.cast.find import find_cast

_STORIES = {
    "ar": ("قال {0} وهو يبكي.\nثم دخل {0} القصر.\nفقالت {0}: نعم.\nفأجاب {0} مسرعا.\n", "حمدون", "إيليا"),
    "ja": (
        "{0}は立ち上った。\nその時、{0}が笑った。\n「いや」と{0}が答えた。\nやがて{0}は帰った。\n",
        "武男",
        "セエラ",
    ),
    "ko": ("{0}는 문을 열었다.\n그러자 {0}가 웃었다.\n{0}의 목소리다.\n{0}도 나섰다.\n", "철수", "영애"),
    "zh": ("{0}道：“今日好。”\n{0}笑道：“坐下。”\n{0}听了，便不言语。\n{0}又走来。\n", "匡超人", "潘三"),
}


@pytest.mark.parametrize("language", sorted(_STORIES))
def test_members_are_numbered_by_first_appearance_and_listed_where_they_are_named(language: str) -> None:
    frames, first, second = _STORIES[language]
    scenes = [frames.format(first) * 2, frames.format(second) * 3, frames.format(second) + frames.format(first) * 2]
    starts = [0, len(scenes[0]), len(scenes[0]) + len(scenes[1])]
    cast = find_cast("".join(scenes), starts, language)
    assert [member.names[0] for member in cast.members] == [first, second]
    assert cast.scenes == ((1,), (2,), (1, 2))
    assert [(member.first_scene, member.scenes, member.mentions) for member in cast.members] == [(0, 2, 16), (1, 2, 16)]


def test_thai_has_no_cast() -> None:
    assert find_cast("นายสมชายพูดว่า ไปเถอะ " * 20, [0], "th").members == ()
