"""How much text says: characters that weigh by their script, and how many of them languages take for one text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Characters of English that one character of a script stands for.
WEIGHTS: Mapping[str, float] = {"han": 3.0, "kana": 1.4, "hangul": 2.0, "other": 1.0}
_SCRIPTS: Mapping[str, re.Pattern[str]] = {
    "han": re.compile("[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"),
    "kana": re.compile("[\u3041-\u3096\u309d-\u309f\u30a1-\u30ff\u31f0-\u31ff\uff66-\uff9f]"),
    "hangul": re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]"),
}


@dataclass(frozen=True)
class Characters:
    """How many characters of each script a text has."""

    han: int = 0
    kana: int = 0
    hangul: int = 0
    other: int = 0

    @property
    def all(self) -> int:
        """Characters."""
        return self.han + self.kana + self.hangul + self.other

    @property
    def information(self) -> float:
        """Characters of information."""
        return sum(weight * getattr(self, script) for script, weight in WEIGHTS.items())

    def __add__(self, more: Characters) -> Characters:
        return Characters(
            self.han + more.han, self.kana + more.kana, self.hangul + more.hangul, self.other + more.other
        )

    def weight_for(self, information: float) -> tuple[str, float]:
        """The script that says most of the text, and the weight at which the text says so much; other weights stay.

        Raises ValueError for an empty text.
        """
        script = max(WEIGHTS, key=lambda name: WEIGHTS[name] * getattr(self, name))
        own = getattr(self, script)
        if not own:
            raise ValueError("an empty text has no script")
        return script, (information - self.information + WEIGHTS[script] * own) / own


def characters(text: str) -> Characters:
    """Characters of a text by script, white space among the others."""
    counts = {script: len(pattern.findall(text)) for script, pattern in _SCRIPTS.items()}
    return Characters(**counts, other=len(text) - sum(counts.values()))


def characters_of_information(text: str) -> float:
    """Characters, of which a Han character counts 3, kana 1.4, hangul 2, any other 1."""
    return characters(text).information


@dataclass(frozen=True)
class Spent:
    """The characters that a language takes for a text, against English.

    plain, information: characters, and characters of information, per character of English. script: that says most of
    the text. weight: of that script at which `information` would be 1.
    """

    language: str
    plain: float
    information: float
    script: str
    weight: float


def spent(texts: Mapping[str, Iterable[str]], against: str = "en") -> list[Spent]:
    """Every language against English. texts: the same text in each language, in pieces."""
    counted = {language: sum(map(characters, pieces), Characters()) for language, pieces in texts.items()}
    whole = counted[against].information
    rows = []
    for language, found in counted.items():
        script, weight = found.weight_for(whole)
        rows.append(Spent(language, found.all / whole, found.information / whole, script, weight))
    return rows
