"""Strings that keep coming back: against counting by hand, and on texts made to be slow."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from scenesign.transforms.cast.strings import greatest_share, letter_codes, repeated_strings


def _letters(text: str) -> np.ndarray:
    codes = letter_codes(text)
    return np.where(codes > ord("Z"), codes, 0)


def _by_hand(text: str, least: int, longest: int) -> dict[str, int]:
    counts = Counter(
        text[i : i + n] for n in range(2, longest + 1) for i in range(len(text) - n + 1) if text[i : i + n].isalpha()
    )
    return {string: count for string, count in counts.items() if count >= least}


@pytest.mark.parametrize("text", ["abcab,abc abcd abcab", "aaaa aaa", "ab", "", "!!", "abababab.ab"])
def test_every_string_is_counted_as_by_hand(text: str) -> None:
    found = repeated_strings(_letters(text), np.zeros(len(text) + 1, bool), 2, 5, 0.0)
    counted = {text[seen.starts[0] : seen.starts[0] + seen.length]: seen.count for seen in found}
    assert counted == _by_hand(text, 2, 5)
    for seen in found:
        string = text[seen.starts[0] : seen.starts[0] + seen.length]
        assert all(text.startswith(string, start) for start in seen.starts)
        assert (np.diff(seen.starts) > 0).all()


def test_what_stands_at_the_sides_of_a_string() -> None:
    text = "xab ab, abz cabz"
    flags = np.zeros(len(text) + 1, bool)
    flags[[3, 6]] = True
    (ab,) = repeated_strings(_letters(text), flags, 3, 4, 0.0)
    assert [chr(n) if n else "" for n in ab.before] == ["x", "", "", "c"]
    assert [chr(n) if n else "" for n in ab.after] == ["", "", "z", "z"]
    assert (ab.opens, ab.flagged) == (2, 2)
    assert greatest_share(ab.after) == 0.5
    assert greatest_share(np.zeros(3, np.int64)) == 0.0
    assert repeated_strings(_letters(text), flags, 3, 4, 0.6) == []


def test_unpaired_surrogates_are_letters_of_their_own() -> None:
    assert letter_codes("\ud800王").tolist() == [0xD800, ord("王")]
