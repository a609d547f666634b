"""Codes and names of languages, as files state them."""

from __future__ import annotations

import sys

import pytest
from iso639 import ALL_LANGUAGES

from scenesign.transforms.text.language_codes import WRITTEN_AS, UnknownLanguageError, language_code


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ("en", "en"), ("EN", "en"), ("eng", "en"), ("English", "en"), ("en-US", "en"), ("en_GB.UTF-8", "en"),
        ("spa", "es"), ("fre", "fr"), ("fra", "fr"), ("jpn", "ja"), ("ita", "it"), ("dut", "nl"), ("nld", "nl"),
        ("ger", "de"), ("deu", "de"), ("rus", "ru"), ("por", "pt"), ("pt-BR", "pt"), ("kor", "ko"), ("tha", "th"),
        ("tur", "tr"), ("ara", "ar"), ("arb", "ar"), ("pol", "pl"), ("chi", "zh"), ("zho", "zh"), ("cmn", "zh"),
        ("zh-Hant-TW", "zh"), ("yue", "zh"), ("Chinese (simplified)", "zh"), ("Mandarin Chinese", "zh"),
        ("castilian", "es"), ("RUSSIAN", "ru"), ("  Japanese ", "ja"), ("English, French", "en"), ("rus; eng", "ru"),
        ("Greek", "el"), ("nb", "no"), ("nno", "no"), ("iw", "he"), ("Old English", "ang"), ("gsw", "gsw"),
        ("Scottish Gaelic", "gd"), ("klingon", "tlh"),
    ],
)  # fmt: skip
def test_codes_and_names(stated: str, code: str) -> None:
    assert language_code(stated) == code


@pytest.mark.parametrize("stated", ["", "  ", "und", "UND", "mul", "zxx", "unknown", "N/A", "None", "?"])
def test_what_states_nothing(stated: str) -> None:
    assert language_code(stated) == ""


@pytest.mark.parametrize("stated", ["qqx", "elvish tongue", "русский", "xx-YY", "en" * 200, "\0", "--", "1"])
def test_what_is_no_language(stated: str) -> None:
    with pytest.raises(UnknownLanguageError, match="is no code of ISO 639") as told:
        language_code(stated)
    assert len(str(told.value)) < 120


def test_two_letters_are_looked_up_in_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = {language.part1 for language in ALL_LANGUAGES if language.part1}
    monkeypatch.setitem(sys.modules, "iso639", None)
    assert {code: language_code(code.upper()) for code in codes} == {code: WRITTEN_AS.get(code, code) for code in codes}
    with pytest.raises(ImportError):
        language_code("xx")  # no code of ISO 639-1
