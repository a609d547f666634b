"""Names in scripts that have capitals: words that keep theirs inside a sentence.

A capital tells something where a word of the same sentence stands before it, and nothing at the opening of a sentence, a
speech or a line; there only what is known from elsewhere is found. Words that stand side by side are one name, with the
form of address before it: its key is what the address says of the bearer, a colon, and the nominatives of the words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scenesign.transforms.cast.cases import nominatives
from scenesign.transforms.cast.cast import Mention
from scenesign.transforms.cast.titles import DETERMINERS, TITLES_FOLLOW, no_names, particles, titles
from scenesign.transforms.signs.glosses.words import NOUN_CAPITALS, stop_words

# Languages whose scripts have capitals and whose names these rules know.
CASED = frozenset({"en", "ru", "fr", "de", "it", "nl", "pl", "pt", "es", "tr"})
LEAST_MENTIONS = 3
# A word is a name when it stands so many times as often with a capital, where that tells something, as without; and
# known at openings too when this many times.
_CLEARLY = 4
# Words of one name; a heading in capitals has more.
_MOST_WORDS = 6
# Letters of the longest word that can be a name.
_LONGEST = 40

_LETTER = r"[^\W\d_]"
_UPPER = "[" + "".join(c for c in map(chr, range(0x250)) if c.isupper()) + "Ͱ-ϿЀ-ЯԱ-ՖḀ-Ỿ]"
_CAPITAL = re.compile(rf"(?<!{_LETTER}){_UPPER}{_LETTER}*(?:['’-]{_LETTER}+)*")
_SMALL = re.compile(rf"(?<![\w]){_LETTER}+(?:-{_LETTER}+)*")
_BEFORE = re.compile(rf"({_LETTER}+)([.,]?) $")
_ELIDED = re.compile(rf"({_LETTER}{{1,6}})['’]$")
_ELISION = re.compile(r"(?:d|l|qu|j|m|t|s|c|n|dell|all|nell|sull|dall|coll|un|quell|sant)['’](?=.)", re.IGNORECASE)
_LOOK_BACK = 24
_ACCENT = re.compile("[\u0300\u0301]")


@dataclass(frozen=True, slots=True)
class _Word:
    """A word with a capital. bare: without what hangs on it. telling: whether its place tells that it's a name."""

    start: int
    end: int
    bare: str
    form: str
    telling: bool
    before: str


def cased_mentions(text: str, language: str) -> list[Mention]:
    """The names of a text, wherever they stand. language: one of CASED."""
    words = list(_capitals(text, language))
    small = Counter(word for word in _SMALL.findall(_folded(text, language)) if len(word) <= _LONGEST)
    known = _known(words, small, language)
    return list(_mentions(text, words, known, language))


def _lower(word: str, language: str) -> str:
    if language == "tr":
        word = word.replace("I", "ı").replace("İ", "i")
    return word.lower().replace("ё", "е").replace("’", "'")


def _folded(text: str, language: str) -> str:
    """Text whose words are those written small; what has a capital is left as it is, and so is no small word."""
    return text.replace("ё", "е") if language == "ru" else text


def _bare(word: str, language: str) -> str:
    """A word without its elided article before it or its ending behind an apostrophe: Darcy of Darcy's."""
    if language in ("fr", "it", "pt", "es"):
        return _ELISION.sub("", word, count=1)
    head, mark, tail = word.partition("’" if "’" in word else "'")
    if not mark:
        return word
    if language == "en":
        return head if tail.lower() == "s" or len(head) > 2 else word
    return head if len(head) > 1 else word


def _capitals(text: str, language: str) -> Iterator[_Word]:
    address = titles(language)
    for match in _CAPITAL.finditer(text):
        start, form = match.start(), match.group()
        if len(form) > _LONGEST:
            continue
        bare = _bare(form, language)
        if not bare[:1].isupper():
            continue
        start += len(form) - len(bare) if form.endswith(bare) else 0
        back = text[max(0, start - _LOOK_BACK) : start]
        elided = _ELIDED.search(back)
        if elided:
            telling, before = elided.group(1)[0].islower(), elided.group(1).lower()
        else:
            found = _BEFORE.search(back)
            before = _lower(found.group(1), language) if found else ""
            point = bool(found) and found.group(2) == "."
            telling = bool(found) and (not point or before in address or len(before) == 1)
        shouted = len(bare) > 1 and bare.isupper()
        yield _Word(start, start + len(bare), bare, _lower(bare, language), telling and not shouted, before)


def _known(words: Sequence[_Word], small: Mapping[str, int], language: str) -> dict[str, tuple[str, bool]]:
    """Forms that are names: their nominative, and whether they are known at openings too."""
    counts = Counter(word.form for word in words)
    inside = Counter(word.form for word in words if word.telling)
    bases = nominatives({form: counts[form] for form in inside}, language)
    none = no_names(language) | stop_words(language)
    seen: Counter[str] = Counter()
    written_small: Counter[str] = Counter()
    for form, base in bases.items():
        seen[base] += inside[form]
        written_small[base] += small.get(form, 0)
    nouns = _nouns(words, bases, language) if language in NOUN_CAPITALS else frozenset()
    names = {
        base
        for base, count in seen.items()
        if count >= LEAST_MENTIONS
        and count > written_small[base]
        and len(base) > 1
        and base not in none
        and base not in nouns
    }
    return {
        form: (base, seen[base] > _CLEARLY * written_small[base])
        for form, base in bases.items()
        if base in names and form not in none
    }


def _nouns(words: Sequence[_Word], bases: Mapping[str, str], language: str) -> frozenset[str]:
    """Nominatives that are nouns like others, where all nouns have capitals."""
    return frozenset()


def _mentions(
    text: str, words: Sequence[_Word], known: Mapping[str, tuple[str, bool]], language: str
) -> Iterator[Mention]:
    address, inner = titles(language), particles(language)
    run: list[_Word] = []
    for word in words:
        if run and not (len(run) < _MOST_WORDS and _joined(text[run[-1].end : word.start], run[-1], address, inner)):
            yield from _mention(text, run, known, address, language)
            run = []
        run.append(word)
    yield from _mention(text, run, known, address, language)


def _joined(gap: str, last: _Word, address: Mapping[str, str], inner: frozenset[str]) -> bool:
    if gap == " ":
        return True
    if gap == ". ":
        return last.form in address or len(last.bare) == 1
    return 3 < len(gap) < 12 and gap[0] == gap[-1] == " " and all(part in inner for part in gap.split())


def _mention(
    text: str, run: Sequence[_Word], known: Mapping[str, tuple[str, bool]], address: Mapping[str, str], language: str
) -> Iterator[Mention]:
    """The names in words that stand side by side: usually one, none where no word is known."""
    named: list[_Word] = []
    kind, first = "", None
    for word in run:
        base, everywhere = known.get(word.form, ("", False))
        if word.form in address:
            if named and language not in TITLES_FOLLOW:
                yield _one(text, named, kind, known)
                named, kind = [], ""
            kind = _narrower(kind, address[word.form])
        elif base and (everywhere or word.telling or named or kind):
            if not named and not kind:
                kind = address.get(word.before, "")
            named.append(word)
        elif named and len(word.bare) > 1:
            yield _one(text, named, kind, known)
            named, kind = [], ""
    if named:
        yield _one(text, named, kind, known)


def _narrower(one: str, other: str) -> str:
    return other if one in ("", "any") else one


def _one(text: str, words: Sequence[_Word], kind: str, known: Mapping[str, tuple[str, bool]]) -> Mention:
    start, end = words[0].start, words[-1].end
    return Mention(start, text[start:end], f"{kind}:{' '.join(known[word.form][0] for word in words)}")
