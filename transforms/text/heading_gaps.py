"""Headings that a plain text sets apart by more blank lines than its paragraphs."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

from scenesign.schemas.records import BlockKind
from scenesign.transforms.text.heading_counts import LEAST_MEDIAN_GAP, Between
from scenesign.transforms.text.heading_shapes import LONGEST_CHINESE_TITLE, NAME_FIRST, QUOTES
from scenesign.transforms.text.lines import CJK

_LEAST = 4  # headings and titles together
_LEAST_SHARE = 0.8  # of the wide gaps that stand before a heading or a title
_LONGEST = 60  # characters
_STOPS = (".", "。", "۔")
_OPEN_ENDS = (",", ";", ":", "-", "—", "–", "、", "，", "；", "：", "،", "؛", "!", "?", "！", "？", "؟", "…")
_SPEECH = (*QUOTES, "—", "–", "-", "*", "(", "（")


def gapped_titles(
    texts: Sequence[str], kinds: Sequence[BlockKind | None], gaps: Sequence[int], between: Between
) -> list[int]:
    """Indices of short lines after a wide gap, where nearly all wide gaps of the book stand before a heading or such a
    line. gaps: blank lines before each line.

    What follows a heading or a break proves nothing. A line with a full stop is one only where most of them have it.
    """
    if len(texts) < _LEAST:
        return []
    usual = Counter(gaps).most_common(1)[0][0]
    wide: list[int] = []
    for at in range(1, len(texts)):
        after_prose = kinds[at - 1] is None and not (wide and wide[-1] == at - 1)
        if gaps[at] > usual and after_prose and kinds[at] is not BlockKind.BREAK:
            wide.append(at)
    headings = [at for at in wide if kinds[at] is BlockKind.HEADING]
    titles = [at for at in wide if kinds[at] is None and _is_title(texts, kinds, gaps, at)]
    stopped = [at for at in titles if texts[at].endswith(_STOPS)]
    if 2 * len(stopped) <= len(titles):
        titles = [at for at in titles if at not in set(stopped)]
    places = sorted([*headings, *titles])
    if len(places) < max(_LEAST, _LEAST_SHARE * len(wide)):
        return []
    parts = sorted(between.letters(a, b) for a, b in itertools.pairwise(places))
    return titles if parts[len(parts) // 2] >= LEAST_MEDIAN_GAP else []


def _is_title(texts: Sequence[str], kinds: Sequence[BlockKind | None], gaps: Sequence[int], at: int) -> bool:
    text = texts[at]
    if at + 1 == len(texts) or gaps[at + 1] > gaps[at] or kinds[at + 1] is BlockKind.BREAK:
        return False
    if "\n" in text or len(text) > (LONGEST_CHINESE_TITLE if CJK.search(text) else _LONGEST):
        return False
    if text[0].islower() or not any(map(str.isalpha, text)) or text.endswith(_OPEN_ENDS):
        return False
    if text.startswith(_SPEECH) and not NAME_FIRST.fullmatch(text):
        return False
    return kinds[at + 1] is BlockKind.HEADING or len(texts[at + 1]) > len(text) / 2
