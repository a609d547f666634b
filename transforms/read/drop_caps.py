"""The large letter that opens a chapter, set apart by its page, goes back to its word."""

from __future__ import annotations

import re
from collections import Counter

from scenesign.schemas.records import BlockKind
from scenesign.transforms.read.page_blocks import PageBlock

CAP = "\1"  # stands after such a letter until its page is whole
_WORD = re.compile(r"\w+")
_APART = re.compile(rf"(\w{{1,3}}){CAP}([ \v]+)(\w+)")
# Letters that are words of their own in some language, and those that are numerals.
_WORDS = frozenset("aioyeuàáèéòóúâêôаяиоуквсэыі")
_NUMERALS = frozenset("ivxlcdm")


def join_caps(blocks: list[PageBlock]) -> None:
    """Puts letters that were marked as large, and capitals alone over a small letter, before the rest of their word."""
    if not any(CAP in block.text or len(block.text) == 1 for block in blocks):
        return
    words = Counter(_WORD.findall("\n".join(block.text for block in blocks).lower()))
    whole: list[PageBlock] = []
    for block in blocks:
        if whole and block.kind is None and _continues(whole[-1], block, words):
            before = whole.pop()
            letter = before.text.rstrip(CAP)
            block.text = letter + ("" if _one_word(letter, block.text, words, True) else " ") + block.text.lstrip()
            block.shown += before.shown
            block.ids = (*before.ids, *block.ids)
        whole.append(block)
    whole = [block for block in whole if not block.text.endswith(CAP * 2)]  # a picture after all
    for block in whole:
        if CAP in block.text:
            block.text = _APART.sub(lambda found: _joined(found, words), block.text).replace(CAP, "")
    blocks[:] = whole


def _continues(before: PageBlock, block: PageBlock, words: Counter[str]) -> bool:
    """Whether one block is the large letter of the next."""
    rest = _WORD.match(block.text.lstrip()[:100])
    if before.kind is BlockKind.HEADING or rest is None:
        return False
    if before.text.endswith(CAP):
        return rest[0][0].islower() or (len(rest[0]) > 1 and rest[0].isupper())
    letter = before.text.lower()
    # in an index a letter stands over its words
    if len(letter) != 1 or not before.text.isupper() or not rest[0][0].islower() or rest[0][0] == letter:
        return False
    # "I" may be a numeral over a verse: only where the page knows the word, and not what is left of it
    return letter not in _WORDS | _NUMERALS or (words[letter + rest[0].lower()] > 0 and words[rest[0].lower()] <= 1)


def _one_word(letter: str, rest: str, words: Counter[str], usually: bool) -> bool:
    """Whether a large letter and what follows are one word, not a word of one letter and the next.

    usually: what is taken for true where the page knows neither.
    """
    first = _WORD.match(rest.lstrip()[:100])
    if first is None or letter.lower() not in _WORDS:
        return True
    after, joined = first[0].lower(), (letter + first[0]).lower()
    if words[joined] or words[after] > 1:
        return words[after] <= 1 or words[joined] > words[after]
    return usually or len(after) < 2


def _joined(found: re.Match[str], words: Counter[str]) -> str:
    letter, gap, rest = found.groups()
    if (rest[0].islower() or (len(rest) > 1 and rest.isupper())) and _one_word(letter, rest, words, False):
        return letter + rest
    return letter + gap + rest
