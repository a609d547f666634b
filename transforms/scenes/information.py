"""How much a text says, in characters of information: about as many for any two translations of one text.

A Chinese text has a third of the characters of its English translation, and scenes must not be three times as long for
that. The weights were measured on aligned texts (`benchmarks/scene_agreement.py`).
"""

from __future__ import annotations

import re

_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_KANA = re.compile("[\u3040-\u30ff]")
# tenths of a character of information more than the one that each character counts
_MORE_HAN, _MORE_KANA, _MORE_HANGUL = 20, 4, 10


def information(text: str) -> int:
    """Characters of information in tenths: a Han character counts 3 characters, kana 1.4, hangul 2, any other 1."""
    tenths = 10 * len(text)
    if text.isascii():
        return tenths
    dense = len(_DENSE.findall(text))
    if not dense:
        return tenths
    han, kana = len(_HAN.findall(text)), len(_KANA.findall(text))
    return tenths + _MORE_HAN * han + _MORE_KANA * kana + _MORE_HANGUL * (dense - han - kana)
