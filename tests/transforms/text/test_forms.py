"""Forms of letters and marks folded to the ordinary ones."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenesign.transforms.text.forms import fold_forms
from scenesign.transforms.text.lines import flatten, normalise


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ﻙﺎﻥ", "كان"),
        ("ﻻ ﻼ", "لا لا"),
        ("ﷺ", "صلى الله عليه وسلم"),
        ("ﺑﹱﺕ", "ب\u064bت"),
        ("﴾نص﴿", "﴾نص﴿"),
        ("ﬁne ﬂow oﬀ eﬃcient ﬆ", "fine flow off efficient st"),
        ("ĳs ǆep", "ijs džep"),
        ("ﾐｽﾞｸﾞﾙﾏ｡", "ミズグルマ。"),
        ("⼈⼭", "人山"),
        ("他說︰﹁好﹂︵笑︶︙", "他說：「好」（笑）…"),
        ("他說﹕好﹐走﹗", "他說：好，走！"),
        ("等等︰︰", "等等‥‥"),
        ("Ｔｈｅ　ｅｎｄ！", "The end!"),
        ("第１章　ＡＢＣ！", "第１章　ＡＢＣ！"),
        ("x² ½ № ™ ㎏ Ⅳ", "x² ½ № ™ ㎏ Ⅳ"),
        ("שּׁ ﬡ", "שּׁ א"),
    ],
)
def test_what_is_folded(text: str, folded: str) -> None:
    assert unicodedata.normalize("NFC", fold_forms(text)) == unicodedata.normalize("NFC", folded)


def test_the_last_step_composes() -> None:
    assert normalise("e\u200b\u0301 e\u00ad\u0301 か\ufeff\u3099") == "é é が"


def test_line_ends_of_all_kinds() -> None:
    assert normalise("a\x85b\u2028c\x0bd\r\ne\rf") == "a\nb\nc\nd\ne\nf"
    assert normalise("a\u2029b\x0cc") == "a\n\nb\n\nc"


def test_a_soft_hyphen_stays_where_it_ends_a_line() -> None:
    assert normalise("per\u00admit\u00ad\nted\u00ad") == "permit\u00ad\nted"
    assert normalise("per\u00ad \u00ad\t\r\nmitted") == "per\u00ad\nmitted"
    assert flatten("per\u00ad\nmit\u00adted  to\nall") == "permitted to all"


def test_invisible_characters_go() -> None:
    assert normalise("a\u061cb\u034fc\u3164d\u206ae\ufffcf") == "abcdef"


_ANY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "\xad\n\r \t\x85\u2028\u2029\u200b\ufeff\u0301\u3099\u0651\x1b[0m\ufe71\ufe30\ufe10\uff21\uff0c\u3000"
            "\uff76\uff9e\uffa1\uffc2\u1100\u1161\u2f08\uf900\ud83d\ude00\ufb01\u0132\u212a"
        ),
    ),
    max_size=40,
)


@given(_ANY)
def test_a_second_time_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert unicodedata.is_normalized("NFC", once)
    assert normalise(once) == once
    assert "\xad" not in once.replace("\xad\n", "")
