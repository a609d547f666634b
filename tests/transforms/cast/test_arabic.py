"""Names in Arabic: who stands after verbs of speech and motion."""

from __future__ import annotations

from collections import Counter

import pytest

from scenesign.transforms.cast.arabic import arabic_mentions

_FRAMES = ("قال {0} وهو يبكي.", "ثم دخل {0} القصر.", "وكان كتاب {0} هناك.", "فقالت {0}: نعم.", "فأجاب {0} مسرعا.")


def _story(*names: str) -> str:
    return "\n".join(frame.format(name) for name in names for frame in _FRAMES * 3)


def _keys(text: str) -> Counter[str]:
    return Counter(mention.key for mention in arabic_mentions(text))


def test_who_speaks_is_found_everywhere() -> None:
    assert _keys(_story("لمياء", "إيليا", "الرشيد")) == {"لمياء": 15, "إيليا": 15, "الرشيد": 15}


def test_what_hangs_before_a_name_is_no_part_of_it() -> None:
    text = _story("حمدون", "الرشيد") + "\nسلم ولحمدون بحمدون وحمدون للرشيد والرشيد."
    mentions = arabic_mentions(text)
    assert Counter(mention.key for mention in mentions) == {"حمدون": 17, "الرشيد": 17}
    assert {mention.form for mention in mentions} == {"حمدون", "الرشيد", "للرشيد"}


def test_vowel_signs_make_no_difference() -> None:
    text = _story("حمدون") + "\nقال حَمْدُونٌ."
    assert _keys(text) == {"حمدون": 16}
    assert arabic_mentions(text)[-1].form == "حَمْدُونٌ"


def test_a_father_of_somebody_is_one_name_in_every_case() -> None:
    assert _keys(_story("أبو عبيدة") + "\nمع أبي عبيدة.\nرأى أبا عبيدة.") == {"أبو عبيدة": 17}


@pytest.mark.parametrize("nobody", ["الرجل", "لها", "إلى", "ذلك", "الأمير", "وهو", "صوتها"])
def test_words_for_anybody_name_nobody(nobody: str) -> None:
    assert set(_keys(_story("حمدون", nobody) + "\nصوت" * 5)) == {"حمدون"}


def test_verbs_and_adverbs_after_a_verb_name_nobody() -> None:
    text = _story("حمدون", "يفكر", "مطيعا") + "\nكانت تفكر." * 8 + "\nوهو مطيع." * 3
    assert set(_keys(text)) == {"حمدون"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ق",
        "ق" * 300000,
        "أبو " * 50000,
        "قال محمد " * 50000,
        "َ" * 300000,
        "�قال سعد " * 30000,
        "".join(map(chr, range(1536, 1792))) * 500,
    ],
    ids=["empty", "one", "same", "fathers", "speech", "signs", "surrogates", "distinct"],
)
def test_hostile_text_gives_mentions_that_lie_in_it(text: str) -> None:
    mentions = arabic_mentions(text)
    assert all(text.startswith(mention.form, mention.start) and mention.key for mention in mentions)
