"""Line ends, spaces and marks of any file made one; wrapped lines joined."""

from __future__ import annotations

from collections import Counter

from scenesign.transforms.text.lines import join_lines, normalise


def test_noise_characters() -> None:
    assert normalise("a\u00adb\u200bc\ufeffd\x00e\x07f\u200eg") == "abcdefg"
    assert normalise("a\u00a0b\u2009c\u202fd") == "a b c d"
    assert normalise("a\r\nb\rc\r\r\nd\u2028e") == "a\nb\nc\nd\ne"
    assert normalise("one\x0ctwo\u2029three") == "one\n\ntwo\n\nthree"
    assert normalise("\ud83d\ude00 \ud800!") == "😀 \ufffd!"


def test_hyphens_at_line_ends() -> None:
    words = Counter(["tomorrow", "tomorrow", "station-master"])
    assert join_lines(["until to-", "morrow at"], words) == "until tomorrow at"
    assert join_lines(["the station-", "master came"], words) == "the station-master came"
    assert join_lines(["an unheard-", "of thing"], words) == "an unheard-of thing"
    assert join_lines(["a dash -", "and more"], words) == "a dash - and more"
    assert join_lines([], words) == ""
