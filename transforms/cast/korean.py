"""Names in Korean: words that act, once their particles are off, and are hardly ever described."""

from __future__ import annotations

import re

from scenesign.transforms.cast.anybody import ANYBODY
from scenesign.transforms.cast.cast import Mention
from scenesign.transforms.cast.spoken_of import SpokenOf

LEAST_MENTIONS = 4
_WORD = re.compile("[가-힣]{2,}")
_PARTICLE = re.compile(
    "(?<=[가-힣]{2})(께서는|께서|에게서|에게로|에게|한테서|한테|이라는|이라고|라는|라고|이나|하고|처럼|보다|까지|부터|마저|조차|만은|만이|만"
    "|이는|이가|이를|이의|이도|이와|은|는|이|가|을|를|의|와|과|도|야|아|로|네)$"
)
_ACTS = frozenset(("은", "는", "이", "가", "도", "께서", "께서는", "이는", "이가", "이도"))
_OBJECT = frozenset(("을", "를", "이를"))
_TITLE = re.compile(
    " ?(?:씨|님|군|양|서방|선생|첨지|주사|참봉|영감|대감|아씨|부인)(?:[은는이가을를의도와과]|에게|께서|[^가-힣]|$)"
)
# The final consonants ㄴ and ㄹ, on which a word that describes the next one ends.
_DESCRIBING = frozenset((4, 8))
_DETERMINERS = frozenset(
    (
        "그",
        "이",
        "저",
        "그런",
        "이런",
        "저런",
        "어느",
        "무슨",
        "웬",
        "두",
        "세",
        "네",
        "여러",
        "모든",
        "제",
        "내",
        "우리",
    )
)
_ANYBODY = ANYBODY["ko"]


def korean_mentions(text: str) -> list[Mention]:
    """The names of a Korean text; a name's forms with particles and without share their key."""
    words = []
    seen: dict[str, SpokenOf] = {}
    end, word = 0, ""
    for match in _WORD.finditer(text):
        gap, previous = text[end : match.start()], word
        end, word = match.end(), match.group()
        stem = _PARTICLE.sub("", word)
        particle = word[len(stem) :]
        here = seen.setdefault(stem, SpokenOf())
        here.count += 1
        here.acts += particle in _ACTS
        here.objects += particle in _OBJECT
        apart = not previous or bool(gap.strip()) or "\n" in gap
        here.opens += apart
        here.described += gap.strip() in _DETERMINERS or (not apart and _describes(previous))
        here.called += bool(_TITLE.match(text, end))
        words.append((match.start(), stem))
    names = {stem for stem, here in seen.items() if _is_name(stem, here)}
    return [Mention(start, stem, stem) for start, stem in words if stem in names]


def _describes(word: str) -> bool:
    return word in _DETERMINERS or word[-1] == "의" or (ord(word[-1]) - ord("가")) % 28 in _DESCRIBING


def _is_name(stem: str, seen: SpokenOf) -> bool:
    if seen.count < LEAST_MENTIONS or stem in _ANYBODY or stem + "이" in _ANYBODY or stem[:-1] in _ANYBODY:
        return False
    if seen.share(seen.objects) > 0.2 or seen.share(seen.described) > 0.35:
        return False
    if seen.called > 2 and seen.share(seen.called) >= 0.2:
        return True
    return seen.count >= 5 and seen.share(seen.acts) >= 0.4 and seen.share(seen.opens) >= 0.25
