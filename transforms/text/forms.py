"""Letters and marks that Unicode has twice, folded to the ones that are written: presentation forms, radicals, widths.

What only looks another way goes; what a writer chose stays: full-width letters and punctuation in a Chinese or Japanese
text, superscripts, fractions.
"""

from __future__ import annotations

import re
import unicodedata

# Arabic and Hebrew presentation forms, ligatures of Latin and Armenian letters, half-width kana and Hangul, radicals
# for ideographs. Kana runs are taken whole, since a sound mark joins the letter before it.
_FOLDABLE = (
    "\ufb00-\ufb28\ufb2a-\ufd3d\ufd40-\ufdcf\ufdf0-\ufdfb\ufe70-\ufefc\u0132\u0133\u01c4-\u01cc"
    "\uff61-\uff9f\uffa1-\uffdc\u2e9f\u2ef3\u2f00-\u2fd5"
)
_FOLDED = re.compile(f"[{_FOLDABLE}]+")
# Presentation forms of a vowel sign alone decompose to a space and the sign.
_SPACED_SIGN = re.compile("[ \u0640](?=[\u064b-\u0652\u0670])")
# Vertical and small forms of punctuation, to the ordinary ones of the same width. U+FE30 alone is the colon of Taiwan's
# keyboards; two are a leader set upright.
_LEADER = re.compile("\ufe30{2,}")
_MARKS = str.maketrans(
    "︐︑︒︓︔︕︖︗︘︙︰︱︲︳︵︶︷︸︹︺︻︼︽︾︿﹀﹁﹂﹃﹄﹇﹈﹐﹑﹒﹔﹕﹖﹗﹘﹙﹚﹛﹜﹝﹞",
    "，、。：；！？〖〗…：—–＿（）｛｝〔〕【】《》〈〉「」『』［］，、．；：？！—（）｛｝〔〕",
)
_HAS_MARKS = re.compile("[\ufe10-\ufe19\ufe30-\ufe48\ufe50-\ufe5e]")
_ANY = re.compile(f"[{_FOLDABLE}\ufe10-\ufe19\ufe30-\ufe48\ufe50-\ufe5e\uff01-\uff5e\u3000]")
_EAST_ASIAN = re.compile(
    "[\u1100-\u11ff\u2e80-\u2fff\u3001-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U0001b000-\U0003ffff]"
)
_FULL_WIDTH = re.compile("[\uff01-\uff5e\u3000]")
_TO_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}


def fold_forms(text: str) -> str:
    """The same text with each letter and mark in its ordinary form.

    Full-width ASCII is folded only where nothing East Asian stands in the text.
    """
    if not _ANY.search(text):  # one pass over most books of the West
        return text
    text = _FOLDED.sub(_fold, text)
    if _HAS_MARKS.search(text):
        text = _LEADER.sub(lambda found: "‥" * len(found[0]), text).translate(_MARKS)
    if _FULL_WIDTH.search(text) and not _EAST_ASIAN.search(text):
        text = text.translate(_TO_HALF)
    return text


def _fold(found: re.Match[str]) -> str:
    return _SPACED_SIGN.sub("", unicodedata.normalize("NFKC", found[0]))
