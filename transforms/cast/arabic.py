"""Names in Arabic: words that stand after verbs of speech and motion as the one who does them."""

from __future__ import annotations

import re
from collections import Counter

from scenesign.transforms.cast.anybody import ANYBODY
from scenesign.transforms.cast.cast import Mention
from scenesign.transforms.signs.glosses.words import stop_words

_LEAST_MENTIONS = 4
_VOWEL_SIGNS = re.compile("[\u0640\u064b-\u0652\u0670]")
_WORD = re.compile("[\u0621-\u0652\u0670\u0671]+")
_DOES = re.compile(
    "[وف]?(?:قال|سأل|أجاب|صاح|التفت|ضحك|ابتسم|نهض|وقف|دخل|خرج|أقبل|نظر|رأى|سمع|جلس|مشى|عاد|جاء|هتف|همس|تنهد|بكى|صمت|سكت|تكلم|أشار|أخذ|أراد|ركب|سار|وصل|علم|عرف)ت?(?:ه|ها|هم|ني)?"
)
# Hung before a word: and, so, by, for, as; after "for" the article loses its first letter.
_BEFORE = ("و", "ف", "ب", "ل", "ك")
# Words that make a name with the next one; "father" has three cases.
_FIRST = {"أبو": "أبو", "أبي": "أبو", "أبا": "أبو", "أم": "أم", "ابن": "ابن", "بن": "ابن", "عبد": "عبد", "بنت": "بنت"}
_ANYBODY = ANYBODY["ar"]
_PRONOUN = re.compile("(?:ه|ها|هم|هما|هن|ك|كم|نا|ني|ي)$")
_PREPOSITIONS = frozenset(
    ("ل", "ب", "في", "من", "عن", "إلى", "على", "إلي", "علي", "عند", "مع", "بين", "نحو", "إن", "أن", "لكن", "كل")
)


def arabic_mentions(text: str) -> list[Mention]:
    """The names of an Arabic text; a name's forms with and without what hangs before it share their key."""
    words = [(m.start(), m.group(), _VOWEL_SIGNS.sub("", m.group())) for m in _WORD.finditer(text)]
    counts: Counter[str] = Counter()
    does: Counter[str] = Counter()
    found = []
    for i, (start, form, bare) in enumerate(words):
        first = _FIRST.get(bare) or _FIRST.get(_without_clitic(bare))
        after = words[i + 1] if i + 1 < len(words) else None
        if first and after and text[start + len(form) : after[0]] == " ":
            key, form = f"{first} {after[2]}", text[start : after[0] + len(after[1])]
        else:
            key = bare
        counts[key] += 1
        if i and _DOES.fullmatch(words[i - 1][2]) and text[words[i - 1][0] + len(words[i - 1][1]) : start] == " ":
            does[key] += 1
        found.append((start, form, key))
    often = [key for key, n in does.items() if n >= _LEAST_MENTIONS and n >= 0.04 * counts[key]]
    names = {key for key in often if not _is_anybody(key) and not _is_inflected(key, counts)}
    mentions = []
    for start, form, key in found:
        known = key if key in names else _without_clitic(key)
        if known in names:
            # the name without the letter hung before it, as long as that leaves it whole
            hung = int(known != key and not key.startswith("لل"))
            mentions.append(Mention(start + hung, form[hung:], known))
    return mentions


def _is_inflected(key: str, counts: Counter[str]) -> bool:
    """Whether other forms in the text show a verb (he thinks, she thinks), an adverb or a word with its owner."""
    if key[0] in "يت" and counts[("ت" if key[0] == "ي" else "ي") + key[1:]] >= 0.2 * counts[key]:
        return True
    if _DOES.fullmatch(_without_clitic(key)) or (key[-1] == "ا" and counts[key[:-1]]):
        return True
    owned = re.sub("(?:ه|ها|هم)$", "", key)
    return owned != key and counts[owned] >= 0.2 * counts[key]


def _without_clitic(word: str) -> str:
    """A word without the particle written before it: للرشيد is for الرشيد."""
    if word.startswith("لل") and len(word) > 4:
        return "ا" + word[1:]
    return word[1:] if word.startswith(_BEFORE) and len(word) > 3 else word


def _is_anybody(key: str) -> bool:
    stops = stop_words("ar")
    bare = _without_clitic(key)
    if len(key) < 3 or not stops.isdisjoint((key, bare)) or not _ANYBODY.isdisjoint((key, bare)):
        return True
    return _PRONOUN.sub("", key) in _PREPOSITIONS or (_PRONOUN.sub("", bare) in stops and len(key) < 5)
