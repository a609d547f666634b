"""Which forms of a name are cases of one: Анны and Анной of Анна, Wokulskiego of Wokulski, Effis of Effi.

No dictionary knows the names of novels, so a book is its own: a form belongs to a nominative that the book has too.
Where it could belong to two (Левина: of Левин, or his wife), the forms that only one of them has say how often each
would be written so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

# A nominative that isn't there is still believed in when this many of its cases are.
_LEAST_CASES = 2


@dataclass(frozen=True)
class _Paradigm:
    """nominative: its ending. cases: other endings, and how many of a hundred mentions have each.

    after: letters that the stem may end with; empty for any. telling: the case without which it isn't believed in.
    """

    nominative: str
    cases: Mapping[str, int]
    after: str = ""
    telling: str = ""


_HARD = "бвгджзклмнпрстфхцчшщ"
_RUSSIAN = (
    _Paradigm("", {"а": 27, "у": 10, "ом": 4, "ем": 4, "ым": 5, "е": 4}, _HARD),
    _Paradigm("ий", {"ого": 25, "его": 25, "ому": 8, "ему": 8, "им": 6, "ом": 4}),
    _Paradigm("ий", {"ья": 27, "ью": 10, "ьем": 8, "ье": 4}),
    _Paradigm("ый", {"ого": 25, "ому": 8, "ым": 6, "ом": 4}),
    _Paradigm("ой", {"ого": 25, "ому": 8, "ым": 6, "им": 6, "ом": 4}, telling="ого"),
    _Paradigm("й", {"я": 27, "ю": 10, "ем": 8, "е": 4, "и": 4}),
    _Paradigm("ь", {"я": 27, "ю": 10, "ем": 8, "е": 4}),
    _Paradigm("ь", {"и": 30, "ью": 8}),
    _Paradigm("ец", {"ца": 27, "цу": 10, "цом": 4, "цем": 4, "це": 4}),
    _Paradigm("ок", {"ка": 27, "ку": 10, "ком": 8, "ке": 4}),
    _Paradigm("ек", {"ька": 27, "ьку": 10, "ьком": 8, "ьке": 4}),
    _Paradigm("ел", {"ла": 27, "лу": 10, "лом": 8, "ле": 4}),
    _Paradigm("лев", {"льва": 27, "льву": 10, "львом": 8, "льве": 4}),
    _Paradigm("ая", {"ой": 32, "ую": 12, "ою": 4, "ей": 4}),
    _Paradigm("а", {"ы": 16, "и": 16, "е": 12, "у": 14, "ой": 12, "ою": 4, "ей": 6, "ею": 2}),
    _Paradigm("я", {"и": 18, "е": 10, "ю": 14, "ей": 10, "ею": 2}),
    _Paradigm("о", {"а": 25, "у": 10, "ом": 8, "е": 15}, "вн"),
    _Paradigm("ы", {"ых": 30, "ыми": 5}),
    _Paradigm("ие", {"их": 30, "ими": 5}),
)
_POLISH = (
    _Paradigm("", {"a": 27, "owi": 10, "em": 8, "iem": 8, "ie": 4, "u": 5, "e": 4}, "bcdfghjklmnprstwzłńśźćż"),
    _Paradigm("r", {"rze": 8}),
    _Paradigm("t", {"cie": 8}),
    _Paradigm("d", {"dzie": 8}),
    _Paradigm("ł", {"le": 8}),
    _Paradigm("eł", {"ła": 27, "łowi": 10, "łem": 8, "le": 6}),
    _Paradigm("el", {"la": 27, "lowi": 10, "lem": 8, "lu": 5}),
    _Paradigm("ek", {"ka": 27, "kowi": 10, "kiem": 8, "ku": 8}),
    _Paradigm("iec", {"ca": 27, "cowi": 10, "cem": 8, "cu": 5}),
    _Paradigm("ec", {"ca": 27, "cowi": 10, "cem": 8, "cu": 5}),
    _Paradigm("eń", {"nia": 27, "niowi": 10, "niem": 8, "niu": 5}),
    _Paradigm("ń", {"nia": 27, "niowi": 10, "niem": 8, "niu": 5}),
    _Paradigm("ś", {"sia": 27, "siowi": 10, "siem": 8, "siu": 5}),
    _Paradigm("ć", {"cia": 27, "ciowi": 10, "ciem": 8, "ciu": 5}),
    _Paradigm("i", {"iego": 27, "iemu": 10, "im": 10}),
    _Paradigm("y", {"ego": 27, "emu": 10, "ym": 10}),
    _Paradigm("a", {"iej": 30, "ej": 30, "ą": 20}),
    _Paradigm("a", {"y": 16, "i": 16, "e": 8, "ie": 8, "ę": 12, "ą": 10, "o": 6}),
    _Paradigm("ka", {"ki": 16, "ce": 8, "kę": 12, "ką": 10, "ko": 6}),
    _Paradigm("ga", {"gi": 16, "dze": 8, "gę": 12, "gą": 10, "go": 6}),
    _Paradigm("ra", {"ry": 16, "rze": 8, "rę": 12, "rą": 10, "ro": 6}),
    _Paradigm("ta", {"ty": 16, "cie": 8, "tę": 12, "tą": 10, "to": 6}),
    _Paradigm("da", {"dy": 16, "dzie": 8, "dę": 12, "dą": 10, "do": 6}),
    _Paradigm("ła", {"ły": 16, "le": 8, "łę": 12, "łą": 10, "ło": 6}),
    _Paradigm("ia", {"i": 20, "ii": 20, "ię": 12, "ią": 10, "io": 6, "iu": 6}),
    _Paradigm("ja", {"i": 20, "ji": 20, "ję": 12, "ją": 10, "jo": 6, "ju": 6}),
    _Paradigm("o", {"y": 16, "i": 16, "a": 20, "owi": 8, "ę": 12, "ą": 10, "em": 6, "iem": 6}),
    _Paradigm("owie", {"ów": 30, "om": 8, "ami": 5}),
    _Paradigm("cy", {"kich": 30, "kim": 8, "kimi": 5}),
)
_GENITIVE = (_Paradigm("", {"s": 10}),)
_GERMAN = (_Paradigm("", {"s": 10, "ens": 4}), _Paradigm("e", {"en": 8, "ens": 4}), _Paradigm("r", {"rn": 4}))
_PARADIGMS = {"ru": _RUSSIAN, "pl": _POLISH, "de": _GERMAN, "nl": _GENITIVE}
# Languages whose names have cases that the words of one name share.
CASES = frozenset({"ru", "pl"})
_LEAST_STEM = 2
# Of a hundred mentions this many are nominatives.
_NOMINATIVE = 50


def small_letters(word: str, language: str) -> str:
    """A form as it is counted: in small letters, with е for ё and one kind of apostrophe."""
    if language == "tr":
        word = word.replace("I", "ı").replace("İ", "i")
    return word.lower().replace("ё", "е").replace("’", "'")


def nominatives(counts: Mapping[str, int], language: str) -> dict[str, str]:
    """The nominative of each form; the form itself where none is known.

    counts: how often each form, in `small_letters`, is written in the book. language: ISO 639-1.
    """
    paradigms = _PARADIGMS.get(language, ())
    cases: dict[tuple[str, int], dict[str, int]] = defaultdict(dict)
    for form in counts:
        for number, paradigm in enumerate(paradigms):
            for ending, share in ((paradigm.nominative, _NOMINATIVE), *paradigm.cases.items()):
                stem = form[: len(form) - len(ending)]
                if form.endswith(ending) and len(stem) >= _LEAST_STEM and _may_follow(paradigm, stem):
                    cases[stem + paradigm.nominative, number][form] = share
    named = {
        (word, number): forms
        for (word, number), forms in cases.items()
        if len(forms) > 1 and word in forms and _believed(word, forms, paradigms[number], counts)
    }
    found = _share_out(named, counts)
    left = {form: count for form, count in counts.items() if form not in found}
    hidden = {
        word: {form: share for form, share in forms.items() if form in left}
        for word, forms in cases.items()
        if word[0] not in counts
    }
    found |= _share_out({word: forms for word, forms in hidden.items() if len(forms) >= _LEAST_CASES}, left)
    return {form: found.get(form, form) for form in counts}


def _believed(word: str, forms: Mapping[str, int], paradigm: _Paradigm, counts: Mapping[str, int]) -> bool:
    if paradigm in (*_GENITIVE, *_GERMAN):
        return all(counts[form] <= counts[word] for form in forms)
    stem = word[: len(word) - len(paradigm.nominative)]
    return not paradigm.telling or stem + paradigm.telling in forms


def _may_follow(paradigm: _Paradigm, stem: str) -> bool:
    return not paradigm.after or stem[-1] in paradigm.after


def _share_out(words: Mapping[tuple[str, int], Mapping[str, int]], counts: Mapping[str, int]) -> dict[str, str]:
    """Each form to the word that would be written so most often, as its own forms say."""
    owners: dict[str, set[str]] = defaultdict(set)
    for (word, _), forms in words.items():
        for form in forms:
            owners[form].add(word)
    best: dict[str, tuple[float, int, str]] = {}
    for (word, _), forms in words.items():
        own = [form for form in forms if len(owners[form]) == 1]
        per_share = sum(counts[form] for form in own) / max(1, sum(forms[form] for form in own))
        for form, share in forms.items():
            expected = (per_share * share, len(forms), word)
            if form not in best or expected > best[form]:
                best[form] = expected
    return {form: word for form, (_, _, word) in best.items()}
