"""Names in Japanese: kanji, katakana and letters, by the particles around them."""

from __future__ import annotations

from collections import Counter

import pytest

from scenesign.transforms.cast.japanese import japanese_mentions

_FRAMES = (
    "{0}は静かに立ち上った。",
    "「そうですか」と{0}が答えた。",
    "その時、{0}も笑った。",
    "やがて{0}は帰って行った。",
    "誰かが{0}に手紙を渡した。",
    "{0}の声が聞えた。",
)


def _story(*names: str, times: int = 3) -> str:
    return "\n".join(frame.format(name) for name in names for frame in _FRAMES * times)


def _keys(text: str) -> Counter[str]:
    return Counter(mention.key for mention in japanese_mentions(text))


def test_who_acts_is_found_each_time() -> None:
    assert _keys(_story("武男", "勘次", "セエラ", "お勢")) == {"武男": 18, "勘次": 18, "セエラ": 18, "お勢": 18}


@pytest.mark.parametrize(
    "nobody", ["彼女", "私", "今日", "二人", "三十人", "主人", "巡査", "テーブル", "怪我人", "生徒達", "何度", "御前"]
)
def test_words_for_anybody_name_nobody(nobody: str) -> None:
    assert set(_keys(_story("武男", nobody))) == {"武男"}


def test_what_is_described_or_made_is_a_thing() -> None:
    described = "大きな水車は廻った。\n古い水車が止った。\n村の水車も廻った。\n" * 6
    made = "彼は原稿を書いた。\n又、原稿を破った。\n原稿は無い。\n" * 6
    assert set(_keys(_story("武男") + described + made)) == {"武男"}


def test_titles_are_no_part_of_a_name() -> None:
    mentions = japanese_mentions(_story("寒月", "寒月君", "寒月先生"))
    assert {mention.key for mention in mentions} == {"寒月"}
    assert {mention.form for mention in mentions} == {"寒月", "寒月君", "寒月先生"}


def test_who_is_called_by_a_title_is_a_name_though_little_is_done() -> None:
    assert set(_keys("佐伯さんに会った。\n佐伯さんへ送る。\n佐伯の家。\n佐伯さん、来い。\n" * 3)) == {"佐伯"}


def test_a_first_name_that_stands_with_the_last_one_means_its_bearer() -> None:
    text = _story("シルヴァー") + "\n" + "ジョン・シルヴァーは来た。\n" * 5
    assert _keys(text) == {"シルヴァー": 28}
    assert set(_keys(_story("ジョン", "シルヴァー") + "\nジョン・シルヴァーは来た。" * 3)) == {"ジョン", "シルヴァー"}


def test_a_single_letter_may_be_somebody() -> None:
    assert _keys(_story("Ｋ")) == {"Ｋ": 18}
    assert _keys(_story("ＫＯ")) == {}


def test_one_kanji_is_a_name_only_when_it_keeps_acting() -> None:
    assert _keys(_story("佃", times=3)) == {}
    assert _keys(_story("佃", times=10)) == {"佃": 60}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "武",
        "武" * 300000,
        "ア・" * 100000,
        "三十人" * 100000,
        "�武男は" * 50000,
        "お" * 300000,
        "".join(map(chr, range(12353, 55295))),
    ],
    ids=["empty", "one", "same", "joints", "counts", "surrogates", "kana", "distinct"],
)
def test_hostile_text_gives_mentions_that_lie_in_it(text: str) -> None:
    mentions = japanese_mentions(text)
    assert all(text.startswith(mention.form, mention.start) and mention.key for mention in mentions)
