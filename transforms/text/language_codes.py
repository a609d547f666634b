"""Codes and names of languages as people and files state them, to the one code that scenesign uses for each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iso639 import Language

# Varieties that share a written language with what a reader or an embedder would call it.
WRITTEN_AS = {"yue": "zh", "wuu": "zh", "lzh": "zh", "nan": "zh", "hak": "zh", "nb": "no", "nn": "no"}
# All codes of ISO 639-1 (a test compares them with the table), so that who states one need not wait for the table.
_ISO_639_1 = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo "
    "es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka "
    "kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng "
    "nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st "
    "su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
_TWO_LETTERS = frozenset(_ISO_639_1.split())
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
    text = " ".join(stated[: _LONGEST + 1].split()).casefold()
    if not text or text in _SAYS_NOTHING:
        return ""
    if text in _TWO_LETTERS:
        return WRITTEN_AS.get(text, text)
    from iso639 import Language, LanguageNotFoundError  # reads its tables: a sixth of a second, for those who need them

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
