"""Words by language: how text is cut, and which forms have one key."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy

from scenesign.transforms.signs.glosses import words
from scenesign.transforms.signs.glosses.words import stop_words, word_forms, word_key


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "The storm struck Anna's boats, 12 times; don't!", ["storm", "strike", "anna", "boat", "time"]),
        ("ru", "Буря ударила в лодки, и они закричали.", ["буря", "ударить", "лодка", "закричать"]),
        ("de", "Die Häuser und die Schiffe brannten.", ["Haus", "Schiff", "brennen"]),
        ("fr", "L’homme aimait les chevaux d'Espagne", ["homme", "aimer", "cheval", "espagne"]),
        ("zh", "暴風雨打翻了小船，他看見一個老人。", ["暴风雨", "打翻", "小船", "老人"]),
        ("ja", "彼女は夜のテーブルに戻った。", ["彼女", "夜", "テーブル", "戻"]),
        ("ko", "학교에서 바다를 보았다. 바다가 학교", ["학교", "바다", "보았다", "바다", "학교"]),
        ("ar", "كِتَابٌ", ["كتاب"]),
    ],
)
def test_keys_of_a_text(language: str, text: str, expected: list[str]) -> None:
    assert [key for key in (word_key(form, language) for form in word_forms(text, language)) if key] == expected


def test_traditional_and_simplified_chinese_have_one_key_and_are_shown_as_written() -> None:
    (traditional,), (simplified,) = word_forms("戰爭", "zh"), word_forms("战争", "zh")
    assert (traditional, simplified) == ("戰爭", "战争")
    assert word_key(traditional, "zh") == word_key(simplified, "zh")


@pytest.mark.parametrize("language", ["en", "ru", "fr", "de", "nl", "it", "pl", "es", "pt", "tr", "eo", "xx"])
def test_a_key_is_its_own_key_where_it_is_a_word(language: str) -> None:
    """Else a keyword, read back from the glossary, would not be found in texts again; unknown languages fall back."""
    for form in ("Fischerboot", "casa", "море", "water"):
        key = word_key(form, language)
        assert word_key(key, language) in (key, "")


@pytest.mark.parametrize(
    ("language", "forms"),
    [("en", ["the", "The", "won't", "x", "'"]), ("ru", ["они", "Я"]), ("zh", ["一個", "我們"]), ("de", ["Und"])],
)
def test_what_is_no_keyword(language: str, forms: list[str]) -> None:
    assert [word_key(form, language) for form in forms] == [""] * len(forms)


def test_nothing_in_nothing_out() -> None:
    for language in ("en", "zh", "ja", "ko", "ar"):
        assert word_forms("", language) == word_forms("... 12 !", language) == []


@pytest.mark.parametrize("language", ["ar", "de", "en", "es", "fr", "it", "nl", "pl", "pt", "ru", "tr", "uk"])
def test_stop_words_are_those_of_spacy(language: str) -> None:
    assert stop_words(language) == spacy.blank(language).Defaults.stop_words


def test_no_stop_words_without_a_list_of_whole_words() -> None:
    assert all(stop_words(language) == frozenset() for language in ("ja", "ko", "th", "vi", "xx", "no"))


def test_stop_words_of_the_working_folder_are_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "lang" / "eo"
    folder.mkdir(parents=True)
    (folder / "stop_words.py").write_text("raise SystemExit('run')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(words, "find_spec", lambda name: None)
    stop_words.cache_clear()  # type: ignore[attr-defined]
    with pytest.raises(ModuleNotFoundError, match="no spaCy"):
        stop_words("eo")
