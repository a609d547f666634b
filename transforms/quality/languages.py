"""How much of a book is in another language than its own, from pieces spread through it."""

from __future__ import annotations

from collections import Counter

from scenesign.transforms.text.language import MIN_CONFIDENCE, likeliest_language

# Of a novel 100 pieces tell a share of .12 to .03 or so, and take 15 ms. Of a shorter book they are fewer, so that this
# takes a sixtieth of the time in which its sentences are embedded.
PIECES, PIECE_CHARACTERS = 100, 200
_EVERY, _FEWEST = 1_200, 10
# Fewer pieces are a motto or a title page, or a guess that went wrong.
LEAST_PIECES, LEAST_SHARE = 3, 0.02


def other_language(text: str, language: str) -> tuple[str, float]:
    """The language other than its own that most of a book's pieces are in, and the share of these; ("", 0.0) where
    they are too few to say.

    A piece that holds both languages counts as the one that prevails in it, one that is sure of none as the book's own.
    """
    count = min(PIECES, max(_FEWEST, len(text) // _EVERY), len(text) // PIECE_CHARACTERS)
    step = (len(text) - PIECE_CHARACTERS) / max(1, count - 1)
    found: Counter[str] = Counter()
    for number in range(count):
        start = round(number * step)
        piece, confidence = likeliest_language(text[start : start + PIECE_CHARACTERS])
        if piece and piece != language and confidence >= MIN_CONFIDENCE:
            found[piece] += 1
    if not found:
        return "", 0.0
    other, pieces = min(found.items(), key=lambda item: (-item[1], item[0]))
    if pieces < max(LEAST_PIECES, LEAST_SHARE * count):
        return "", 0.0
    return other, round(pieces / count, 3)
