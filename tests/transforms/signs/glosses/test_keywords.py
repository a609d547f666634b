"""Keywords by the agreement of books."""

from __future__ import annotations

import itertools
import tracemalloc

import numpy as np
import pytest
from scipy import sparse

from scenesign.transforms.signs.glosses.keywords import keywords, telling
from scenesign.transforms.signs.glosses.scene_words import SceneWords, scene_words

SEA, WAR, PLAIN = "the boat and the sail", "the army and the gun", "they went along the road"


def told(texts: list[list[str]], signs: list[list[int]], count: int = 2) -> tuple[SceneWords, list[list[str]]]:
    """Keywords as they are shown, of scenes that belong wholly to a sign."""
    words = scene_words(texts, "en", {"boat", "sail", "army", "gun", "road", "kettle"})
    carried = np.eye(count, dtype=np.float32)[list(itertools.chain(*signs))]
    weighed = telling(words, lambda first, end: carried[first:end], count)
    return words, [[words.shown[i] for i in found] for found in keywords(words, weighed)]


def test_words_on_which_books_agree() -> None:
    _, found = told([[SEA, WAR, PLAIN, SEA, WAR, PLAIN]] * 6, [[0, 1, 0, 0, 1, 1]] * 6)
    assert found == [["boat", "sail"], ["army", "gun"]]


def test_the_word_of_one_book_names_no_sign() -> None:
    """`kettle` is only in scenes of sign 0, in one book; four books can't make up for what the others don't say."""
    texts = [[SEA + " kettle"] * 8 + [WAR] * 8] + [[SEA, WAR]] * 5
    _, found = told(texts, [[0] * 8 + [1] * 8] + [[0, 1]] * 5)
    assert "kettle" not in found[0]


def test_what_a_book_repeats_everywhere_tells_nothing() -> None:
    _, found = told([[f"{scene} road" for scene in (SEA, WAR)]] * 9, [[0, 1]] * 9)
    assert "road" not in found[0] + found[1]


def test_thin_evidence_gives_no_keywords() -> None:
    assert told([[SEA, WAR]] * 3, [[0, 1]] * 3)[1] == [[], []]
    assert told([[SEA, WAR]] * 9, [[0, 0]] * 9)[1] == [[], []]
    assert told([], [], 2)[1] == [[], []]


def test_evidence_by_hand() -> None:
    """Four books of two scenes, boat in that of sign 0: log2(2) (1 - 1/2) each, so z is 4 (1/2) / sqrt(4 (1/4)) = 2."""
    words = scene_words([[SEA, PLAIN]] * 4, "en", {"boat"})
    carried = np.eye(2, dtype=np.float32)[[0, 1] * 4]
    found = telling(words, lambda first, end: carried[first:end], 2)
    assert found.evidence == pytest.approx(np.array([[2.0, -2.0]]))
    assert found.gain == pytest.approx(np.log([[(4 + 1) / (2 + 1), (0 + 1) / (2 + 1)]]), abs=1e-3)


def test_a_word_speaks_for_two_signs_at_most() -> None:
    texts = [[SEA, SEA, SEA, SEA, *[PLAIN] * 12]] * 9
    signs = [[0, 1, 2, 3, *[4] * 12]] * 9
    found = told(texts, signs, 5)[1]
    assert sum("boat" in words for words in found) == 2


def test_the_order_of_books_changes_nothing() -> None:
    rng = np.random.default_rng(0)
    pieces = ["boat", "sail", "army", "gun", "road"]
    texts = [[" ".join(rng.choice(pieces, 3)) for _ in range(12)] for _ in range(9)]
    signs = [[int("boat" in text) for text in book] for book in texts]
    assert told(texts, signs)[1] == told(texts[::-1], signs[::-1])[1]


def test_many_words_and_signs_take_little_beside_what_is_told() -> None:
    names = tuple(f"{n}" for n in range(3_000))
    counts = sparse.random(40, 3_000, density=0.02, format="csr", dtype=np.float32, random_state=0)
    words = SceneWords(names, names, counts, ((0, 20), (20, 40)))
    shares = np.full((40, 400), 1 / 400, np.float32)
    tracemalloc.start()
    try:
        weighed = telling(words, lambda first, end: shares[first:end], 400)
        # sums over books, of which there are three, the two tables that come of them, and what is passing
        assert tracemalloc.get_traced_memory()[1] < 8 * weighed.gain.nbytes
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        keywords(words, weighed)
        assert tracemalloc.get_traced_memory()[1] - before < 6 * weighed.gain.nbytes
    finally:
        tracemalloc.stop()
