"""Names in scripts that have capitals: words that keep theirs inside a sentence.

A capital tells something where a word of the same sentence stands before it, and nothing at the opening of a sentence,
a speech or a line; there only what is known from elsewhere is found. Words that stand side by side are one name, with
the form of address before it: its key is what that says of the bearer, a colon, and the nominatives of the words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from scenesign.transforms.cast.cases import CASES, nominatives, small_letters
from scenesign.transforms.cast.cast import Mention
from scenesign.transforms.cast.nouns import Place, german_nouns
from scenesign.transforms.cast.titles import EITHER, TITLES_FOLLOW, no_names, particles, titles
from scenesign.transforms.cast.trained import NamedPeople
from scenesign.transforms.signs.glosses.words import NOUN_CAPITALS, stop_words

_LEAST_MENTIONS = 3
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
_TWO_BEFORE = re.compile(rf"({_LETTER}+),? {_LETTER}+ $")
_SMALL_AFTER = re.compile(rf" ({_LETTER}+)")
_ELIDED = re.compile(rf"({_LETTER}{{1,6}})['’]$")
_ELISION = re.compile(r"(?:d|l|qu|j|m|t|s|c|n|dell|all|nell|sull|dall|coll|un|quell|sant)['’](?=.)", re.IGNORECASE)
_LOOK_BACK = 24


@dataclass(frozen=True, slots=True)
class _Word:
    """A word with a capital. bare: without what hangs on it. telling: whether its place tells that it's a name."""

    start: int
    end: int
    bare: str
    form: str
    telling: bool
    before: str


@dataclass(frozen=True, slots=True)
class _Name:
    """Words that stand side by side, their nominatives, and what the form of address before them says."""

    words: tuple[_Word, ...]
    bases: tuple[str, ...]
    kind: str


def cased_mentions(text: str, language: str, evidence: NamedPeople | None = None) -> list[Mention]:
    """The names of a text, wherever they stand.

    language: ISO 639-1; one whose titles, cases and particles no list knows has the names that capitals tell. evidence:
    of a trained pipeline.
    """
    words = list(_capitals(text, language))
    small = Counter(_SMALL.findall(text.replace("ё", "е")))
    known = _known(text, words, small, language, evidence)
    return list(_mentions(text, words, known, language))


def _bare(word: str, language: str) -> str:
    """A word without its elided article before it or its ending behind an apostrophe: Darcy of Darcy's."""
    if language in ("fr", "it", "pt", "es"):
        return _ELISION.sub("", word, count=1)
    if "’" not in word and "'" not in word:
        return word
    head, _, tail = word.partition("’" if "’" in word else "'")
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
        elided, found = _look_back(text, start)
        if elided:
            telling, before = elided.group(1)[0].islower(), elided.group(1).lower()
        else:
            before, point = (small_letters(found.group(1), language), found.group(2)) if found else ("", ".")
            telling = bool(before) and (point != "." or before in address or len(before) == 1)
        shouted = len(bare) > 1 and bare.isupper()
        yield _Word(start, start + len(bare), bare, small_letters(bare, language), telling and not shouted, before)


def _look_back(text: str, start: int) -> tuple[re.Match[str] | None, re.Match[str] | None]:
    """What ends right before a word: an elided one, or one a space away; the search for neither is slow."""
    last, first = text[start - 1 : start], max(0, start - _LOOK_BACK)
    if last == " ":
        return None, _BEFORE.search(text, max(first, text.rfind(" ", first, start - 1)), start)
    if last in "'’\n":  # `$` stands before the end of a line too
        return _ELIDED.search(text, first, start), _BEFORE.search(text, first, start)
    return None, None


def _place(text: str, word: _Word, base: str, titled: bool) -> Place:
    """What stands around a word."""
    earlier = _TWO_BEFORE.search(text, max(0, word.start - 2 * _LOOK_BACK), word.start)
    after = _SMALL_AFTER.match(text, word.end, word.end + _LOOK_BACK)
    return Place(
        base,
        word.bare,
        earlier.group(1) if earlier else "",
        word.before,
        after.group(1) if after else "",
        titled,
    )


def _known(
    text: str, words: Sequence[_Word], small: Mapping[str, int], language: str, evidence: NamedPeople | None
) -> dict[str, tuple[str, bool]]:
    """Forms that are names: their nominative, and whether they are known at openings too."""
    counts = Counter(word.form for word in words)
    inside = Counter(word.form for word in words if word.telling)
    bases = nominatives({form: counts[form] for form in inside}, language)
    address = titles(language)
    none = no_names(language) | stop_words(language) | address.keys()
    seen: Counter[str] = Counter()
    written_small: Counter[str] = Counter()
    for form, base in bases.items():
        seen[base] += inside[form]
        written_small[base] += small.get(form, 0)
    nouns: frozenset[str] = frozenset()
    if language in NOUN_CAPITALS:
        nouns = german_nouns(
            _place(text, word, bases[word.form], word.before in address)
            for word in words
            if word.telling and seen[bases[word.form]] >= _LEAST_MENTIONS
        )
    persons = {bases[form] for form in bases if evidence is not None and evidence.is_person(form)}
    nobody = {bases[form] for form in bases if evidence is not None and evidence.is_nobody(form)} - persons
    names = {
        base
        for base, count in seen.items()
        if count >= _LEAST_MENTIONS
        and len(base) > 1
        and base not in none
        and (base in persons or (count > written_small[base] and base not in nouns and base not in nobody))
    }
    return {
        form: (base, seen[base] > _CLEARLY * written_small[base])
        for form, base in bases.items()
        if base in names and form not in none
    }


def _mentions(
    text: str, words: Sequence[_Word], known: Mapping[str, tuple[str, bool]], language: str
) -> Iterator[Mention]:
    address, inner = titles(language), particles(language)
    names: list[_Name] = []
    run: list[_Word] = []
    for word in words:
        if run and not (len(run) < _MOST_WORDS and _joined(text[run[-1].end : word.start], run[-1], address, inner)):
            names += _names(run, known, address, language)
            run = []
        run.append(word)
    names += _names(run, known, address, language)
    together = Counter(pair for name in names for pair in pairwise(name.bases))
    alone = Counter(name.bases[0] for name in names if len(name.bases) == 1)
    for name in names:
        for part in _parts(name, together, alone):
            start, end = part.words[0].start, part.words[-1].end
            yield Mention(start, text[start:end], f"{part.kind}:{' '.join(part.bases)}")


def _parts(name: _Name, together: Mapping[tuple[str, str], int], alone: Mapping[str, int]) -> Iterator[_Name]:
    """A name cut where two words that stand alone elsewhere meet this once: to Darcy Elizabeth said nothing."""
    start = 0
    for i, pair in enumerate(pairwise(name.bases), 1):
        if together[pair] == 1 and min(alone[word] for word in pair) >= _LEAST_MENTIONS:
            yield _Name(name.words[start:i], name.bases[start:i], name.kind if start == 0 else "")
            start = i
    yield _Name(name.words[start:], name.bases[start:], name.kind if start == 0 else "")


def _joined(gap: str, last: _Word, address: Mapping[str, str], inner: frozenset[str]) -> bool:
    if gap == " ":
        return True
    if gap == ". ":
        return last.form in address or len(last.bare) == 1
    return 3 < len(gap) < 12 and gap[0] == gap[-1] == " " and all(part in inner for part in gap.split())


def _names(
    run: Sequence[_Word], known: Mapping[str, tuple[str, bool]], address: Mapping[str, str], language: str
) -> Iterator[_Name]:
    """The names in words that stand side by side: usually one, none where no word is known."""
    words: list[_Word] = []
    bases: list[str] = []
    kind = ""
    for word in run:
        base, everywhere = known.get(word.form, ("", False))
        title = address.get(word.form)
        taken = not title and base and (everywhere or word.telling or words or kind)
        if taken and words:
            base = _agreeing(words[-1].form, bases[-1], word.form, base, language)
        ends = (title and language not in TITLES_FOLLOW) or (not title and not taken and len(word.bare) > 1)
        if words and (ends or (taken and not _same_case(words[-1].form, bases[-1], word.form, base, language))):
            yield _Name(tuple(words), tuple(bases), kind)
            words, bases, kind = [], [], ""
        if title:
            kind = _narrower(kind, title)
        elif taken:
            if not words and not kind:
                kind = address.get(word.before, "")
            words.append(word)
            bases.append(base)
    if words:
        yield _Name(tuple(words), tuple(bases), kind)


def _agreeing(before: str, before_base: str, form: str, base: str, language: str) -> str:
    """The surname of a woman after her given name: Анна Каренина, Анну Каренину; not Никиту Каренина."""
    if language != "ru" or before_base[-1] not in "ая" or not base.endswith(("ов", "ев", "ин", "ын")):
        return base
    nominative = form == base + "а" and before == before_base
    accusative = form == base + "у" and before[-1] in "ую"
    return base + "а" if nominative or accusative else base


def _same_case(before: str, before_base: str, form: str, base: str, language: str) -> bool:
    """Whether two words can be one name: both nominatives or neither, where names have cases; elsewhere the first is no
    genitive, as in Rodelbauers Rosel.
    """
    return before == before_base if language not in CASES else (before == before_base) == (form == base)


def _narrower(one: str, other: str) -> str:
    return other if one in ("", EITHER) else one
