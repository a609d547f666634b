"""Values of numerals as books write them: the digits of any script, Roman, Chinese and Korean numerals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

ROMAN = r"[IVXLCDMivxlcdmІХіх\u2160-\u2188]+"
DIGITS = r"\d{1,3}"
CHINESE = "[〇零○一二三四五六七八九十百千两兩廿卅卌壹贰貳叁參参叄肆伍陆陸柒捌玖拾佰]+"
HANGUL = "[영공일이삼사오육륙칠팔구십백]+"
_LOOKALIKES = str.maketrans("ІХіхVС", "IXixVC")
# Up to 399: MIX and DI are words.
_ROMAN_FORM = re.compile(r"C{0,3}(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_CHINESE_VALUES = {
    char: value
    for value, chars in enumerate(
        ("〇零○", "一壹", "二贰貳两兩", "三叁參参叄", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖")
    )
    for char in chars
}
_CHINESE_TENS = {"廿": 20, "卅": 30, "卌": 40}
_CHINESE_POWERS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000}
_HANGUL_TO_CHINESE = str.maketrans("영공일이삼사오육륙칠팔구십백", "零零一二三四五六六七八九十百")
_PATTERN = re.compile(rf"(?P<digits>{DIGITS})|(?P<roman>{ROMAN})|(?P<chinese>{CHINESE})|(?P<hangul>{HANGUL})")


def numeral_of(text: str) -> tuple[int, str] | None:
    """Value above 0 and style (`digits`, `roman`, `chinese`, `hangul`) of a numeral; None where it is none."""
    match = _PATTERN.fullmatch(text)
    if match is None or match.lastgroup is None:
        return None
    value = _VALUES[match.lastgroup](text)
    return (value, match.lastgroup) if value else None


def roman_value(text: str) -> int:
    """Value below 400 of a well-formed Roman numeral, in letters of whatever alphabet look like it, else 0."""
    letters = unicodedata.normalize("NFKC", text).translate(_LOOKALIKES)
    if not letters or not (letters.isupper() or letters.islower()) or not _ROMAN_FORM.fullmatch(letters.upper()):
        return 0
    values = [_ROMAN_VALUES[char] for char in letters.upper()]
    return sum(-v if i + 1 < len(values) and values[i + 1] > v else v for i, v in enumerate(values))


def chinese_value(text: str) -> int:
    """Value below 10,000 of a Chinese numeral, written with powers (`二十三`) or digit by digit (`二三`), else 0."""
    if len(text) > 1 and all(char in _CHINESE_VALUES for char in text):
        digits = [_CHINESE_VALUES[char] for char in text]
        return int("".join(map(str, digits))) if digits[0] and len(digits) <= 3 else 0
    total, digit, power = 0, 0, 10_000
    for char in text:
        if char in _CHINESE_VALUES:
            if digit:
                return 0
            digit = _CHINESE_VALUES[char]
            continue
        unit = _CHINESE_POWERS.get(char, 10)
        if unit >= power:
            return 0
        power = unit
        if char in _CHINESE_TENS:
            if digit:
                return 0
            total += _CHINESE_TENS[char]
        else:
            total += (digit or 1) * unit
        digit = 0
    return total + digit


def hangul_value(text: str) -> int:
    """Value of a number in Korean syllables of Chinese origin (`이십삼`), else 0."""
    return chinese_value(text.translate(_HANGUL_TO_CHINESE))


_VALUES: Mapping[str, Callable[[str], int]] = {
    "digits": int,
    "roman": roman_value,
    "chinese": chinese_value,
    "hangul": hangul_value,
}
