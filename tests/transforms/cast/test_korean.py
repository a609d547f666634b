"""Names in Korean: by their particles, with titles and without."""

from __future__ import annotations

from collections import Counter

import pytest

from scenesign.transforms.cast.korean import korean_mentions

_FRAMES = (
    "{0}는 문을 열었다.",
    "그러자 {0}가 웃었다.",
    "{0}의 목소리가 들렸다.",
    "어머니가 {0}에게 말했다.",
    "{0}도 따라 나섰다.",
)
# After a final consonant.
_CLOSED = (
    "{0}은 문을 열었다.",
    "그러자 {0}이 웃었다.",
    "{0}의 목소리가 들렸다.",
    "어머니가 {0}에게 말했다.",
    "{0}도 따라 나섰다.",
)


def _story(*names: str, frames: tuple[str, ...] = _FRAMES) -> str:
    return "\n".join(frame.format(name) for name in names for frame in frames * 3)


def _keys(text: str) -> Counter[str]:
    return Counter(mention.key for mention in korean_mentions(text))


def test_who_acts_is_found_under_every_particle() -> None:
    assert _keys(_story("영애", "철수")) == {"영애": 15, "철수": 15}
    assert _keys(_story("덕순", frames=_CLOSED)) == {"덕순": 15}


def test_given_names_are_the_same_with_the_syllable_that_makes_them_familiar() -> None:
    assert _keys(_story("점순이") + "\n" + _story("점순", frames=_CLOSED)) == {"점순": 30}


@pytest.mark.parametrize("nobody", ["어머니", "그들", "오늘", "사람", "아내", "누구", "우리"])
def test_words_for_anybody_name_nobody(nobody: str) -> None:
    assert set(_keys(_story("영애", nobody))) == {"영애"}


def test_what_is_described_or_acted_upon_is_a_thing() -> None:
    described = "낡은 마차는 섰다.\n작은 마차가 갔다.\n그 마차의 바퀴.\n" * 6
    done = "그는 편지를 썼다.\n또 편지를 찢었다.\n편지는 없다.\n편지가 왔다.\n" * 6
    assert set(_keys(_story("영애") + "\n" + described + done)) == {"영애"}


def test_a_title_of_its_own_word_makes_a_name_with_the_surname() -> None:
    text = "송 서방은 웃었다.\n송 서방이 말했다.\n박 첨지는 갔다.\n그때 박 첨지가 왔다.\n서방은 없다.\n" * 3
    assert _keys(text) == {"송 서방": 6, "박 첨지": 6}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "김",
        "김" * 300000,
        "김 씨 " * 50000,
        "이가는" * 100000,
        "�영애는 " * 50000,
        "".join(map(chr, range(44032, 55204))) * 20,
    ],
    ids=["empty", "one", "same", "titles", "particles", "surrogates", "distinct"],
)
def test_hostile_text_gives_mentions_that_lie_in_it(text: str) -> None:
    mentions = korean_mentions(text)
    assert all(text.startswith(mention.form, mention.start) and mention.key for mention in mentions)
