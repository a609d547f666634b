"""What a text does with a word: names act, are called by titles, and are hardly ever described."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class SpokenOf:
    """Counts over the places where a word stands.

    acts: it is what the clause is about. objects: something is done to it. described: a word before it says what kind
    it is. opens: nothing of its phrase comes before it. called: a title follows it.
    """

    count: int = 0
    acts: int = 0
    objects: int = 0
    described: int = 0
    opens: int = 0
    called: int = 0

    def share(self, part: int) -> float:
        return part / max(1, self.count)
