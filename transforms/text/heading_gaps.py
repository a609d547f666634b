"""Headings that a plain text sets apart by more blank lines than its paragraphs."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence

from scenesign.schemas.records import BlockKind
from scenesign.transforms.text.heading_counts import LEAST_MEDIAN_GAP, measure_between
from scenesign.transforms.text.heading_shapes import LONGEST_CHINESE_TITLE, NAME_FIRST, SENTENCE_ENDS
from scenesign.transforms.text.lines import CJK

_LEAST = 4  # headings and titles together
_LEAST_SHARE = 0.8  # of the wide gaps that stand before a heading or a title
_LONGEST = 60  # characters
_MOST_UNDER = 4  # short lines, such as a motto
_MOST_WIDTHS = 4  # that are tried
_STOPS = (".", "。", "۔")
_OPEN_ENDS = (",", ";", ":", "-", "—", "–", "、", "，", "；", "：", "،", "؛", "!", "?", "！", "？", "؟", "…", ")")


def gapped_titles(
    texts: Sequence[str], kinds: Sequence[BlockKind | None], gaps: Sequence[int], letters: int
) -> list[int]:
    """Indices of short lines after a wide gap, where nearly all wide gaps of the book stand before a heading or such a
    line. gaps: blank lines before each line. letters: how many a character is worth.

    What follows a heading or a break proves nothing. Lines with a full stop are titles only where most of them have it.
    """
    if len(texts) < _LEAST:
        return []
    usual = Counter(gaps).most_common(1)[0][0]
    for width in sorted(gap for gap in set(gaps) if gap > usual)[:_MOST_WIDTHS]:
        wide = list(_wide_gaps(texts, kinds, gaps, width))
        titles = [at for at in (0, *wide) if kinds[at] is None and _is_title(texts, kinds, gaps, at)]
        stopped = [at for at in titles if texts[at].endswith(_STOPS)]
        if len(stopped) < max(_LEAST, len(titles) / 2):
            titles = [at for at in titles if not texts[at].endswith(_STOPS)]
        places = sorted({*titles, *(at for at in wide if kinds[at] is BlockKind.HEADING)})
        if len(places) < max(_LEAST, _LEAST_SHARE * len(wide)):
            continue
        between = measure_between(texts, kinds, letters)
        parts = sorted(between.letters(a, b) for a, b in itertools.pairwise(places))
        if parts[len(parts) // 2] >= LEAST_MEDIAN_GAP:
            return titles
    return []


def _wide_gaps(
    texts: Sequence[str], kinds: Sequence[BlockKind | None], gaps: Sequence[int], width: int
) -> Iterator[int]:
    """Indices of lines with so many blank lines before them, but for those that belong to what stands above: the title
    under a heading, a motto, the first words of the chapter."""
    reach = 0  # the last line that may belong to what stands above
    top = 0  # blank lines before that
    for at in range(1, len(texts)):
        if kinds[at - 1] is not None:
            reach, top = at - 1 + _MOST_UNDER, max(gaps[at - 1], gaps[at])
        wide = gaps[at] >= width and kinds[at] is not BlockKind.BREAK
        long = len(texts[at]) > _LONGEST
        if wide and (at > reach or gaps[at] > top):
            yield at
            reach, top = at + (1 if long else _MOST_UNDER), gaps[at]
        elif long:
            reach = at


def _is_title(texts: Sequence[str], kinds: Sequence[BlockKind | None], gaps: Sequence[int], at: int) -> bool:
    text = texts[at]
    if at + 1 == len(texts) or kinds[at + 1] is BlockKind.BREAK:
        return False
    # the first line of a text is a title over a sentence, else it belongs to the title page
    if gaps[at + 1] > gaps[at] if at else not texts[1].endswith(SENTENCE_ENDS):
        return False
    if "\n" in text or len(text) > (LONGEST_CHINESE_TITLE if CJK.search(text) else _LONGEST):
        return False
    if text[0].islower() or not any(map(str.isalpha, text)) or text.rstrip(".").endswith(_OPEN_ENDS):
        return False
    if not text[0].isalnum() and not NAME_FIRST.fullmatch(text):
        return False
    return kinds[at + 1] is BlockKind.HEADING or len(texts[at + 1]) > len(text) / 2
