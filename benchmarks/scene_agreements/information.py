"""How much text says: characters that weigh by their script, and how many of them languages take for one text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass

from scenesign.transforms.scenes.information import OTHER, SCRIPTS, information
from scenesign.transforms.scenes.information import WEIGHTS as TENTHS

# Characters of English that one character of a script stands for.
WEIGHTS: Mapping[str, float] = {script: tenths / 10 for script, tenths in {**TENTHS, "other": OTHER}.items()}


@dataclass(frozen=True)
class Characters:
    """How many characters of each script a text has."""

    han: int = 0
    kana: int = 0
    hangul: int = 0
    abjad: int = 0
    other: int = 0

    @property
    def all(self) -> int:
        """Characters."""
        return self.han + self.kana + self.hangul + self.abjad + self.other

    @property
    def information(self) -> float:
        """Characters of information."""
        return sum(weight * getattr(self, script) for script, weight in WEIGHTS.items())

    def __add__(self, more: Characters) -> Characters:
        return Characters(*(a + b for a, b in zip(astuple(self), astuple(more), strict=True)))

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
    counts = {script: len(pattern.findall(text)) for script, pattern in SCRIPTS.items()}
    return Characters(**counts, other=len(text) - sum(counts.values()))


def characters_of_information(text: str) -> float:
    """Characters, each by the weight of its script."""
    return information(text) / 10


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
