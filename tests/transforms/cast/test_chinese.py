"""Names in Chinese: by what stands beside them, in old prose and new, simplified and traditional."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from scenesign.transforms.cast.chinese import chinese_mentions

_TALK = (
    "{0}道：“今日天气甚好。”",
    "{0}笑道：“你且坐下。”",
    "却说{0}出门去了，不在话下。",
    "{0}听了，便不言语。",
    "那日只见{0}走来。",
    "众人都看着{0}。",
    "{0}又问道：“此话当真？”",
    "{0}在桥上站着。",
)


def _story(*names: str, times: int = 3, frames: tuple[str, ...] = _TALK) -> str:
    lines = [frame.format(name) for name in names for frame in frames] * times
    random.Random(0).shuffle(lines)
    return "\n".join(lines)


def _keys(text: str) -> Counter[str]:
    return Counter(mention.key for mention in chinese_mentions(text))


def test_people_who_talk_are_found_each_time_they_are_named() -> None:
    text = _story("匡超人", "潘三", "秋痕")
    assert _keys(text) == {"匡超人": 24, "潘三": 24, "秋痕": 24}


def test_mentions_lie_where_they_say_and_dont_overlap() -> None:
    text = _story("黛玉", "林黛玉", "亭亭", "阿Q", "马超", "超生") + "\n超曰：“善。”" * 5
    mentions = chinese_mentions(text)
    assert all(text.startswith(mention.form, mention.start) for mention in mentions)
    ends = [mention.start + len(mention.form) for mention in mentions]
    assert all(end <= after.start for end, after in zip(ends, mentions[1:], strict=False))


@pytest.mark.parametrize(
    "nobody", ["众人", "妇人", "老者", "那人", "大家", "他们", "小和尚", "连忙", "先生", "二位相公", "陆二人"]
)
def test_words_for_anybody_name_nobody(nobody: str) -> None:
    assert set(_keys(_story("匡超人", nobody))) == {"匡超人"}


def test_kinds_that_can_be_counted_name_nobody() -> None:
    counted = ("一个押差道：“走。”", "两个押差都笑了。", "这位押差不肯。")
    assert "押差" in _keys(_story("押差"))
    assert "押差" not in _keys(_story("押差") + _story("", frames=counted))


def test_a_given_name_means_the_one_who_bears_it_in_full() -> None:
    assert set(_keys(_story("林黛玉", "黛玉", "黛玉"))) == {"林黛玉"}
    assert set(_keys(_story("林秋痕", "刘秋痕", "秋痕"))) == {"林秋痕", "刘秋痕", "秋痕"}


def test_a_full_name_that_is_hardly_used_is_another_person() -> None:
    text = _story("宝玉", times=100) + "\n" + _story("甄宝玉", times=1)
    assert _keys(text) == {"宝玉": 800, "甄宝玉": 8}


def test_a_word_before_a_name_is_no_surname() -> None:
    to = ("向{0}道：“你来。”", "向{0}笑道：“不去。”", "向{0}说了。")
    assert set(_keys(_story("袭人") + "\n" + _story("袭人", frames=to))) == {"袭人"}


def test_the_syllable_that_makes_a_name_familiar_is_no_other_person() -> None:
    assert set(_keys(_story("凤姐", "凤姐儿"))) == {"凤姐"}


def test_a_surname_and_a_title_are_a_name_of_their_own() -> None:
    keys = _keys(_story("魏推官", "谢奶奶", "奶奶"))
    assert {"魏推官", "谢奶奶"} <= set(keys)
    assert "奶奶" not in keys


def test_old_prose_names_by_the_last_letter_whom_it_named_before() -> None:
    text = (
        "操曰：“不可。”\n" + _story("曹操", "袁绍") + "\n操曰：“善。”\n操大喜。\n绍曰：“不然。”\n操笑曰：“吾去也。”" * 5
    )
    letters = [mention for mention in chinese_mentions(text) if mention.form in ("操", "绍")]
    assert {(mention.form, mention.key) for mention in letters} == {("操", "曹操"), ("绍", "袁绍")}
    assert min(mention.start for mention in letters) > text.index("曹操")


def test_traditional_and_simplified_forms_have_one_key_and_are_shown_as_written() -> None:
    text = _story("鍾雄") + "\n" + _story("钟雄")
    assert {(mention.form, mention.key) for mention in chinese_mentions(text)} == {("鍾雄", "钟雄"), ("钟雄", "钟雄")}


@pytest.mark.parametrize("name", ["安娜", "渥伦斯基", "斯捷潘", "阿尔卡季奇", "亚历山德罗维奇", "阿Q", "小Ｄ"])
def test_foreign_names_and_names_with_a_latin_letter(name: str) -> None:
    said = (
        "{0}说：“我不知道。”",
        "{0}说着站起来。",
        "{0}的眼睛很亮。",
        "他又看了{0}一眼。",
        "{0}没有回答。",
        "她爱着{0}。",
    )
    assert (
        _keys(_story(name, "陈士成", frames=said))[name.replace("Ｄ", "D")]
        + _keys(_story(name, "陈士成", frames=said))[name]
        >= 18
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "王",
        "王" * 300000,
        "�" * 100000,
        "�王五道：" * 50000,
        "A" * 300000,
        "，" * 300000,
        "".join(map(chr, range(13312, 55295))),
        "".join(random.Random(0).choices("王李道笑：，玉", k=200000)),
    ],
    ids=["empty", "one", "same", "surrogates", "surrogate-names", "latin", "marks", "distinct", "random"],
)
def test_hostile_text_gives_mentions_that_lie_in_it(text: str) -> None:
    mentions = chinese_mentions(text)
    assert all(text.startswith(mention.form, mention.start) and mention.key for mention in mentions)


def test_the_same_text_gives_the_same_mentions() -> None:
    text = _story("匡超人", "潘三", "林黛玉", "黛玉")
    assert chinese_mentions(text) == chinese_mentions(text)
