"""Numerals of every script have their values, and words that only look like them have none."""

from __future__ import annotations

import pytest

from scenesign.transforms.text.numerals import numeral_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", (12, "digits")),
        ("１２", (12, "digits")),
        ("١٢", (12, "digits")),
        ("۴۵", (45, "digits")),
        ("๒๐", (20, "digits")),
        ("XLII", (42, "roman")),
        ("xiv", (14, "roman")),
        ("Ⅻ", (12, "roman")),
        ("ХІХ", (19, "roman")),  # Cyrillic letters
        ("二十三", (23, "chinese")),
        ("一百零五", (105, "chinese")),
        ("二三", (23, "chinese")),
        ("一〇五", (105, "chinese")),
        ("廿一", (21, "chinese")),
        ("卅", (30, "chinese")),
        ("贰拾叁", (23, "chinese")),
        ("壹佰貳拾", (120, "chinese")),
        ("이십삼", (23, "hangul")),
        ("십", (10, "hangul")),
    ],
)
def test_values(text: str, value: tuple[int, str]) -> None:
    assert numeral_of(text) == value


@pytest.mark.parametrize("text", ["", "0", "1234", "IIII", "VX", "iI", "零", "十百", "五六十", "IV.", "mix", "civil"])
def test_no_numerals(text: str) -> None:
    assert numeral_of(text) is None


def test_roman_values_are_what_their_order_says() -> None:
    tens = ["", "X", "XX"]
    ones = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"]
    ordered = [ten + one for ten in tens for one in ones][1:]
    assert [numeral_of(text) for text in ordered] == [(value, "roman") for value in range(1, 30)]


def test_chinese_values_are_what_their_order_says() -> None:
    digits = "一二三四五六七八九"
    upto = [*digits, "十", *(f"十{d}" for d in digits), *(f"{t}十{d}" for t in digits[1:] for d in ["", *digits])]
    assert [numeral_of(text) for text in upto] == [(value, "chinese") for value in range(1, 100)]
