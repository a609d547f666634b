"""How much a text says, in characters of information: about as many for any two translations of one text.

A Chinese text has a third of the characters of its English translation; its scenes must not be three times as long for
that. The weights were measured on aligned texts (`benchmarks/scene_agreement.py`): scripts that are not named here take
within about a fifth of what English takes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# Tenths of a character of English that one character of a script stands for; of any other script, 10.
WEIGHTS: Mapping[str, int] = {"han": 35, "kana": 14, "hangul": 25, "abjad": 14}
OTHER = 10
_RANGES = {
    "han": "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
    "kana": "\u3041-\u3096\u309d-\u309f\u30a1-\u30ff\u31f0-\u31ff\uff66-\uff9f",
    "hangul": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3",
    "abjad": "\u05d0-\u05ea\u0620-\u064a",  # Hebrew and Arabic, which leave vowels out
}
SCRIPTS: Mapping[str, re.Pattern[str]] = {name: re.compile(f"[{span}]") for name, span in _RANGES.items()}
_ANY = re.compile(f"[{''.join(_RANGES.values())}]")


def information(text: str) -> int:
    """Characters of information in tenths: a Han character counts 3.5 characters, kana 1.4, hangul 2.5, a Hebrew or
    Arabic letter 1.4, any other 1."""
    tenths = OTHER * len(text)
    if text.isascii() or _ANY.search(text) is None:
        return tenths
    return tenths + sum((WEIGHTS[name] - OTHER) * len(span.findall(text)) for name, span in SCRIPTS.items())
