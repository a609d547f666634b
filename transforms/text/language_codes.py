"""Codes and names of languages as people and files state them, to the one code that scenesign uses for each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iso639 import Language

# Varieties that share a written language with what a reader or an embedder would call it.
WRITTEN_AS = {"yue": "zh", "wuu": "zh", "lzh": "zh", "nan": "zh", "hak": "zh", "nb": "no", "nn": "no"}
# Codes that were withdrawn, and names that the table has only in a longer form.
_ALSO = {
    "iw": "he", "in": "id", "ji": "yi", "jw": "jv", "mo": "ro", "jp": "ja", "cn": "zh", "cz": "cs", "ua": "uk",
    "greek": "el", "mandarin": "zh", "farsi": "fa", "flemish": "nl", "moldavian": "ro", "english, old": "ang",
    "old english": "ang", "middle english": "enm", "latin": "la", "ancient greek": "grc",
}  # fmt: skip
_LONGEST = 100  # characters; a longer statement is no name of a language
_TAG = re.compile(r"([a-z]{2,3})[-_@.][-_@.a-z0-9]*")
_ONE_OF_SEVERAL = re.compile(r"\s*[;,/(]")
_SAYS_NOTHING = frozenset(
    ("und", "mul", "mis", "zxx", "unknown", "undetermined", "undefined", "none", "null", "nan", "n/a", "?", "-")
)


class UnknownLanguageError(ValueError):
    """What was stated is no code and no English name of a language."""


def language_code(stated: str) -> str:
    """The code of a stated language: ISO 639-1 where it has one, else ISO 639-3; "" where nothing is stated.

    Codes of ISO 639-1, 639-2 and 639-3, English names and tags such as `pt-BR` or `zh_Hant` are known, whatever their
    letter case; `und` and the like state nothing. Parts of a macrolanguage count as that (`cmn` is `zh`). Raises
    UnknownLanguageError.
    """
    from iso639 import Language, LanguageNotFoundError  # reads its tables: a sixth of a second, for those who state one

    text = " ".join(stated[: _LONGEST + 1].split()).casefold()
    if not text or text in _SAYS_NOTHING:
        return ""
    if len(text) <= _LONGEST:
        tag = _TAG.fullmatch(text)
        for name in (text, tag[1] if tag else _ONE_OF_SEVERAL.split(text)[0]):
            if name in _ALSO:
                return _ALSO[name]
            try:
                return _code(Language.match(name, strict_case=False))
            except LanguageNotFoundError:
                continue
    raise UnknownLanguageError(f"'{text[:40]}' is no code of ISO 639 and no English name of a language")


def _code(language: Language) -> str:
    part3 = WRITTEN_AS.get(language.part1 or language.part3)
    if part3:
        return part3
    if language.part1:
        return language.part1
    whole = type(language).from_part3(language.macrolanguage).part1 if language.macrolanguage else None
    return whole or language.part3
