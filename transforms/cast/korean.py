"""Names in Korean: words that act, once their particles are off, and are hardly ever described."""

from __future__ import annotations

import re

from scenesign.transforms.cast.anybody import ANYBODY
from scenesign.transforms.cast.cast import Mention
from scenesign.transforms.cast.spoken_of import SpokenOf

_LEAST_MENTIONS = 4
_WORD = re.compile("[가-힣]+")
_PARTICLE = re.compile(
    "(?<=[가-힣]{2})(께서는|께서|에게서|에게로|에게|한테서|한테|이라는|이라고|라는|라고|이나|하고|처럼|보다|까지|부터|마저|조차"
    "|만은|만이|만|이에게서|이에게|이한테|이는|이가|이를|이의|이도|이와|은|는|이|가|을|를|의|와|과|도|야|아|로|네)$"
)
# What is talked about, who does it, to whom it is done, and whose it is: a name takes more than one kind.
_TOPIC = frozenset(("은", "는", "이는", "께서는"))
_SUBJECT = frozenset(("이", "가", "이가", "께서"))
_OBJECT = frozenset(("을", "를", "이를"))
_OTHERS = _OBJECT | frozenset(("의", "이의", "에게", "한테", "에게서", "한테서", "와", "과", "하고", "더러"))
_FAMILIAR = frozenset(("이가", "이는", "이를", "이의", "이도", "이에게"))
_TITLE = re.compile(" ?(?:씨|님|군|양)(?:[은는이가을를의도와과]|에게|께서|[^가-힣]|$)")
# A title of its own word makes a name with the surname before it: 송 서방.
_TITLE_WORDS = "서방 선생 선생님 첨지 주사 참봉 생원 진사 영감 대감 부인 박사 사장 씨 군 양"
_TITLES = frozenset(_TITLE_WORDS.split())
_SURNAMES = frozenset(
    "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민류나진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"
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
    particles: dict[str, set[str]] = {}
    end, word = 0, ""
    for match in _WORD.finditer(text):
        gap, previous = text[end : match.start()], word
        start, end, word = match.start(), match.end(), match.group()
        name = _PARTICLE.sub("", word)
        particle = word[len(name) :]
        apart = not previous or gap != " "
        if not apart and name in _TITLES and len(previous) <= 3 and previous[0] in _SURNAMES:
            start, name = start - len(previous) - 1, f"{previous} {name}"
        elif len(name) < 2:
            continue
        here = seen.setdefault(name, SpokenOf())
        here.count += 1
        here.acts += particle in _TOPIC or particle in _SUBJECT or particle == "도"
        here.objects += particle in _OBJECT
        here.opens += apart
        here.described += not apart and _describes(previous)
        here.called += " " in name or bool(_TITLE.match(text, end))
        particles.setdefault(name, set()).add(particle)
        words.append((start, name))
    names = {name for name, here in seen.items() if _is_name(name, here, particles[name])}
    return [Mention(start, text[start : start + len(name)], name) for start, name in words if name in names]


def _describes(word: str) -> bool:
    return word in _DETERMINERS or word[-1] == "의" or (ord(word[-1]) - ord("가")) % 28 in _DESCRIBING


def _is_name(name: str, seen: SpokenOf, particles: set[str]) -> bool:
    if seen.count < _LEAST_MENTIONS or name in _TITLES or not _ANYBODY.isdisjoint((name, name + "이", name[:-1])):
        return False
    if seen.called > 2 and seen.share(seen.called) >= 0.2:
        return True
    # a syllable that given names take before a particle: 점순이가
    familiar = len(particles & _FAMILIAR) > 1
    if seen.share(seen.objects) > 0.2 or seen.share(seen.described) > (0.45 if familiar else 0.35):
        return False
    if sum(not particles.isdisjoint(kind) for kind in (_TOPIC, _SUBJECT, _OTHERS)) < 2:
        return False
    return seen.count >= 5 and seen.share(seen.acts) >= 0.4 and seen.share(seen.opens) >= (0.2 if familiar else 0.25)
