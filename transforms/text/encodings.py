"""Which encodings the languages were written in, and how well a text reads that was decoded with one of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from itertools import islice
from operator import add
from pathlib import Path
from typing import NamedTuple

from scenesign.transforms.support.threads import made_once

_WESTERN = ("cp1252", "iso8859-15", "mac-roman", "cp850", "cp437")
_NORDIC = (*_WESTERN, "cp865", "iso8859-10")
_CENTRAL = ("cp1250", "iso8859-2", "cp852", "mac-latin2")
_BALTIC = ("cp1257", "iso8859-13", "cp775", "iso8859-4")
_CYRILLIC = ("cp1251", "koi8-r", "koi8-u", "cp866", "iso8859-5", "mac-cyrillic", "cp855", "cp1125")
_ARABIC = ("cp1256", "iso8859-6", "cp720", "cp864")
# By language (ISO 639-1), the likelier ones first: the first that gives a text is the one that is named.
PLAUSIBLE_ENCODINGS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("ru", "uk", "be", "bg", "sr", "mk"), _CYRILLIC),
    "zh": ("gb18030", "big5hkscs"),
    "ja": ("shift_jis", "cp932", "euc_jp", "euc_jis_2004"),
    "ko": ("euc_kr", "cp949", "johab"),
    **dict.fromkeys(("en", "fr", "de", "es", "it", "nl", "ca", "gl", "eu", "af", "ga", "la", "lb", "sq"), _WESTERN),
    "pt": (*_WESTERN, "cp860"),
    **dict.fromkeys(("da", "sv", "no", "fi"), _NORDIC),
    **dict.fromkeys(("is", "fo"), (*_NORDIC, "cp861", "mac-iceland")),
    **dict.fromkeys(("pl", "cs", "sk", "hu", "sl", "hr", "bs"), _CENTRAL),
    "ro": (*_CENTRAL, "iso8859-16"),
    **dict.fromkeys(("lv", "lt"), _BALTIC),
    "et": (*_BALTIC, *_WESTERN),
    "tr": ("cp1254", "iso8859-9", "cp857", "mac-turkish"),
    "el": ("cp1253", "iso8859-7", "mac-greek", "cp737", "cp869"),
    "he": ("cp1255", "iso8859-8", "cp862"),
    **dict.fromkeys(("ar", "fa", "ur"), _ARABIC),
    "th": ("cp874",),
    "vi": ("cp1258",),
}
LEGACY = tuple(dict.fromkeys(name for names in PLAUSIBLE_ENCODINGS.values() for name in names))
CYRILLIC = _CYRILLIC
# Encodings that differ in a few characters, the narrower first: each text is read by the first that knows all of it.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    name: family
    for family in (
        ("shift_jis", "cp932", "shift_jis_2004"),
        ("euc_jp", "euc_jis_2004"),
        ("euc_kr", "cp949"),
        ("big5hkscs", "big5"),
    )
    for name in family
}
# Scores run from about 0 (noise) to 1: right readings of real books score .5 to .99, wrong ones below .3.
LEAST_SCORE = 0.35
SURE_SCORE = 0.6  # of Russian that is certainly that
_LEAST_FOREIGN = 0.02  # share of its own letters in a Russian or Chinese file, markup included

# The small letters beyond ASCII of each language in the Latin script.
LETTERS: Mapping[str, str] = {
    "af": "áäèéêëíîïóôöúûü",
    "bs": "čćđšž",
    "ca": "àçèéíïòóúü",
    "cs": "áčďéěíňóřšťúůýž",
    "da": "åæéøóöäü",
    "de": "äöüßéàèêç",
    "en": "éèêàâçëîïôùûœæäöüßñáíóúåø",
    "es": "áéíñóúü",
    "et": "äõöüšž",
    "eu": "çñü",
    "fi": "äöåéšž",
    "fo": "áæðíóøúý",
    "fr": "àâæçèéêëîïôùûüœÿ",
    "ga": "áéíóú",
    "gl": "áéíñóúü",
    "hr": "čćđšž",
    "hu": "áéíóöőúüű",
    "is": "áæðéíóöúýþ",
    "it": "àèéìòùîíóú",
    "la": "æœëïöüàâêîôûèò",
    "lb": "äéëöüèê",
    "lt": "ąčęėįšųūž",
    "lv": "āčēģīķļņšūž",
    "nl": "ëïéèöüêáóíúàâçäô",
    "no": "åæøéèêóòôöäü",
    "pl": "ąćęłńóśźż",
    "pt": "áâãàçéêíóôõúüè",
    "ro": "ăâîșțşţ",
    "sk": "áäčďéíĺľňóôŕšťúýž",
    "sl": "čšž",
    "sq": "çë",
    "sv": "åäöéàüè",
    "tr": "çğıöşüâîû",
    "vi": "àáâãèéêìíòóôõùúýăđĩũơư\u0300\u0301\u0303\u0309\u0323",  # tones are bytes of their own
}
_WORDS = frozenset("àáâåæéèêíîóôöøúùőáį")  # that are one letter
_COMMON_MARKED = frozenset("éèêàâçëîïôùûœæäöüßñáíóúåø")  # any Latin text may name Zoë or Malmö

# The commonest letter pairs of Russian prose, 70 % of all: they tell its encodings apart in any case.
_PAIR_LETTERS = (
    "тонанестпоноалкакогороенраовнивооллипротлатьвазаеллоосортаерилонретеривеодакетомдеатдаогазасеслесямедоеммо"
    "льсканитсечебычтжеойинвитиамобегсьныаваркимивсвыруслнутримамаедчаивдиисбепеннтвхооесошеадняаяеймуылбомниеок"
    "изэтднкр"
)
_PAIRS = frozenset(_PAIR_LETTERS[i : i + 2] for i in range(0, len(_PAIR_LETTERS), 2))
_HANGUL, _KANA, _IDEOGRAPHS = ("가", "힣"), ("ぁ", "ヿ"), ("一", "鿿")
# The letters that an encoding is for, as ranges; what is not listed is for Latin letters.
_SCRIPTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    **dict.fromkeys(CYRILLIC, (("Ѐ", "ӿ"),)),
    **dict.fromkeys(PLAUSIBLE_ENCODINGS["el"], (("Ͱ", "Ͽ"), ("ἀ", "῾"))),
    **dict.fromkeys(PLAUSIBLE_ENCODINGS["he"], (("\u0591", "״"),)),
    **dict.fromkeys(_ARABIC, (("\u0600", "ۿ"), ("ﹰ", "ﻼ"))),
    "cp874": (("ก", "๛"),),
    **dict.fromkeys(PLAUSIBLE_ENCODINGS["zh"], (_IDEOGRAPHS,)),
    **dict.fromkeys(PLAUSIBLE_ENCODINGS["ja"], (_KANA, _IDEOGRAPHS, ("ｦ", "ﾟ"))),
    **dict.fromkeys(PLAUSIBLE_ENCODINGS["ko"], (_HANGUL, _IDEOGRAPHS)),
}
_WIDE = frozenset(name for language in ("zh", "ja", "ko") for name in PLAUSIBLE_ENCODINGS[language])
ALPHABETS = frozenset(_SCRIPTS) - _WIDE  # one byte a letter, but not for Latin ones
LATIN = tuple(name for name in LEGACY if name not in _SCRIPTS)
_MARKS = frozenset("«»‹›“”„‟‘’‚—–…·•№§°\xa0™©®\u200e\u200f、。〃〈〉《》「」『』【】〔〕〜～！（），：；？―─‥　＊")

_OUT_OF_PLACE = re.compile("[а-џα-ώ](?=[Ѐ-ЯΑ-Ω])|[A-Za-z](?=[Ͱ-ϿЀ-ӿא-תء-يﹰ-ﻼ])|[Ͱ-ϿЀ-ӿא-תء-يﹰ-ﻼ](?=[A-Za-z])")

CLASSES = "_abcdefghijklmnopqrstuvwxyzA0~."  # of the neighbours of a character, see `class_of`
LETTERS_FILE = Path(__file__).with_name("letters.tsv")
_CLASS_AT = {kind: at for at, kind in enumerate(CLASSES)}
# Bits of a character that the table lacks, by how well it sits; one that it holds has 4 to 45.
_UNSEEN = ((0.8, 14), (0.0, 25), (-0.9, 33), (-2.0, 42))
_UNSEEN_LETTER = 6  # more, because the table knows the letters better than the marks
_FOREIGN = re.compile(r"[^\x00-\x7f]")
MOST_SCORED = 3_000  # characters beyond ASCII


def class_of(char: str) -> str:
    """The kind of a neighbour: a small letter of ASCII is its own, A a capital, 0 a digit, _ white space or nothing,
    ~ a letter beyond ASCII, . any other character.
    """
    if char.isspace() or not char:
        return "_"
    if char.isascii():
        return char if char.islower() else "A" if char.isupper() else "0" if char.isdigit() else "."
    return "~" if char.isalpha() else "."


class _Row(NamedTuple):
    """How rare a character is in a language, and each class before and after it, in bits."""

    bits: int
    before: tuple[int, ...]
    after: tuple[int, ...]


@made_once()
def _tables() -> Mapping[str, Mapping[str, _Row]]:
    """The table's rows by language and character."""
    tables: dict[str, dict[str, _Row]] = {}
    for line in LETTERS_FILE.read_text(encoding="utf-8").splitlines():
        language, char, bits, *sides = line.split("\t")
        before, after = (tuple(int(digit, 16) for digit in side) for side in sides)
        tables.setdefault(language, {})[char] = _Row(int(bits, 16), before, after)
    return tables


def has_table(language: str) -> bool:
    """Whether `unlikeliness` knows a language."""
    return language in _tables()


def unlikeliness(text: str, language: str) -> float:
    """Bits per character beyond ASCII: how unusual it is, and where it stands. Sound prose has about 5 to 12."""
    table, letters = _tables()[language], frozenset(LETTERS[language])
    total = count = 0
    for match in islice(_FOREIGN.finditer(text), MOST_SCORED):
        char, before, after = match[0], text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        count += 1
        if row := table.get(char):
            total += row.bits + row.before[_CLASS_AT[class_of(before)]] + row.after[_CLASS_AT[class_of(after)]]
        else:
            fit = _fit(before or " ", char, after or " ", letters)
            total += next(bits for least, bits in _UNSEEN if fit >= least) + (_UNSEEN_LETTER if char.isalpha() else 0)
    return total / count if count else 0.0


def script_of(encoding: str) -> tuple[tuple[str, str], ...]:
    """The ranges of letters that an encoding is for; none for Latin letters."""
    return _SCRIPTS.get(encoding, ())


def score_script(text: str, encoding: str) -> float:
    """Share of the characters beyond ASCII that are letters of the script or its marks, less letters out of place:
    capitals inside words, words half in ASCII.
    """
    foreign = _count_foreign(text)
    ranges = _SCRIPTS[encoding]
    own = sum(count for char, count in foreign.items() if any(first <= char <= last for first, last in ranges))
    marks = sum(count for char, count in foreign.items() if char in _MARKS)
    inside = len(_OUT_OF_PLACE.findall(text))
    return (own + marks - 2 * inside) / foreign.total() if own else 0.0


def _count_foreign(text: str) -> Counter[str]:
    """The characters beyond ASCII, counted: a text has many, and few that differ."""
    return Counter({char: count for char, count in Counter(text).items() if char > "\x7f"})


def score_latin(text: str, language: str) -> float:
    """How well each character beyond ASCII sits between its neighbours, on average: 1 as it should be, -1 can't be."""
    letters = frozenset(LETTERS.get(language, LETTERS["en"]))
    found = islice(_FOREIGN.finditer(text), MOST_SCORED)
    fits = [
        _fit(text[m.start() - 1 : m.start()] or " ", m[0], text[m.end() : m.end() + 1] or " ", letters) for m in found
    ]
    return sum(fits) / len(fits) if fits else 0.0


def _fit(before: str, char: str, after: str, letters: frozenset[str]) -> float:
    """From -1 (can't be) to 1 (as it should be): one character beyond ASCII in a text in the Latin script."""
    if char in letters and not char.isalpha():
        return 0.9 if before.isalpha() else -1.0
    if char.isalpha():
        own = char.lower() in letters
        misplaced = (char.isupper() and (before.islower() or (before.isupper() and after.islower()))) or (
            char.islower() and (before.isdigit() or after.isupper())
        )
        alone = not before.isalpha() and not after.isalpha() and char.lower() not in _WORDS
        if misplaced or alone or char in "ªº":
            return -1.0
        if own:
            return 0.9
        beside = (before > "\x7f" and before.isalpha()) + (after > "\x7f" and after.isalpha())
        return -0.5 * beside if char.lower() in _COMMON_MARKED else -0.6
    if char in "“‘" and before.isalnum() and not after.isalnum():
        return 0.8  # they close in German and Czech
    if char in "“‘„‚":
        return 1.0 if not before.isalnum() and not after.isspace() else -0.5
    if char in "”’":
        return 1.0 if not before.isspace() or (char == "’" and after.isalnum()) else -0.3
    if char in "—–…\xa0·•":
        return 1.0
    if char in "«»":
        return 0.8
    if char in "£$€":
        return 0.9 if after.isdigit() or before.isdigit() or after.isspace() else -0.5
    if char == "´":  # for an apostrophe
        return 0.5 if before.isalpha() else -0.5
    if char in "°§½¼¾©®™†‡":
        return 0.3 if not (before.isalpha() and after.isalpha()) else -1.0
    return -1.0


def score_cyrillic(text: str) -> float:
    """Share of common letter pairs, less the marks of a wrong reading: inner capitals, odd symbols."""
    foreign = _count_foreign(text)
    letters = sum(count for char, count in foreign.items() if "А" <= char <= "я" or char in "ёЁіїєґІЇЄҐ")
    if letters < max(2, _LEAST_FOREIGN * len(text)):
        return 0.0
    low = Counter(re.findall(r"[а-яё]+", text.lower()))
    pairs = sum(count * (len(word) - 1) for word, count in low.items())
    common = sum(count for word, count in low.items() for pair in map(add, word, word[1:]) if pair in _PAIRS)
    inside = len(re.findall(r"[а-џ](?=[Ѐ-Я])|[A-Za-z](?=[А-яЁё])|[А-яЁё](?=[A-Za-z])", text))
    symbols = sum(count for char, count in foreign.items() if char not in "«»“”„‘’—–…№§°\xa0•™©") - letters
    return (common / pairs if pairs else 0.0) * 1.25 - 2 * inside / letters - 1.5 * symbols / foreign.total()


def count_kana(text: str) -> tuple[int, int]:
    """How many characters are full-width kana, and how many are beyond ASCII."""
    return sum("ぁ" <= char <= "ヿ" for char in text), sum(char > "\x7f" for char in text)
