"""Keywords: the words that tell the scenes of a sign from others, where the evidence of several books agrees.

Books are the unit of evidence. For a word and a sign, each book says how much more the word is used in scenes the more
they belong to the sign: d is the sum over its scenes of w (p - m), where w is the weight of the word in a scene, log2
of one more than its occurrences, p how far the scene belongs to the sign, and m the book's mean of p. So what a book
repeats everywhere, a name or a pet word, says nothing. Were the word unrelated to the sign, the d of books would fall
on either side of 0 at random, and z = sum d / sqrt(sum d^2) would be near a standard normal deviate; it is never more
than the root of the number of books that agree. Words with z of LEAST_EVIDENCE and more are telling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from scenesign.transforms.signs.glosses.scene_words import SceneWords, book_rows
from scenesign.transforms.support.steady import steady_log

# Four books that agree have z of 2; a word alone, without others that go with it, needs nine.
LEAST_EVIDENCE = 2.0
_LEAST_EVIDENCE_ALONE = 3.0
# How much likelier a word is in scenes of the sign, at least; ln.
_LEAST_GAIN = 0.2
# Occurrences that are added to those found and those expected, so that rare words don't win by chance.
_PRIOR = 1.0
KEYWORDS = 8
# A word speaks for so many signs at most, those that it tells best; else all signs of a kind have the same words.
_SIGNS_OF_A_WORD = 2
# The most telling words of a sign, from which those are chosen that go with each other.
_POOL = 30
_LEAST_COHERENCE = 0.15
# What a word's rank counts beside its coherence.
_RANK_WEIGHT = 0.1
# Books in which two words meet, at least.
_LEAST_MEETINGS = 3
_WORDS_AT_A_TIME = 256


@dataclass(frozen=True, eq=False)
class Telling:
    """How far words tell signs. evidence: z, float32 [words, signs]; gain: ln of how much likelier, the same shape."""

    evidence: np.ndarray
    gain: np.ndarray


def telling(words: SceneWords, belongs: Callable[[int, int], np.ndarray], signs: int) -> Telling:
    """Weighs every word against every sign.

    belongs: rows `[first, end)` of scenes to how far each belongs to each sign, float32 [rows, signs], not negative.
    """
    weights = words.counts.copy()
    weights.data = (steady_log(1.0 + weights.data) / steady_log(2.0)).astype(np.float32)
    excess, squares, expected = (np.zeros((len(words.keys), signs), np.float32) for _ in range(3))
    for first, end in words.books:
        if first == end:
            continue
        shares = belongs(first, end)
        of_book = weights[first:end].tocsc()
        used = np.flatnonzero(np.diff(of_book.indptr))
        of_book = of_book[:, used]
        chance = np.asarray(of_book.sum(axis=0)).reshape(-1, 1) * shares.mean(axis=0, keepdims=True)
        more = np.asarray(of_book.T @ shares) - chance
        excess[used] += more
        squares[used] += more * more
        expected[used] += chance
    evidence, gain = np.empty_like(excess), np.empty_like(excess)
    for rows in _some(len(excess)):
        more, by_chance = excess[rows], expected[rows]
        evidence[rows] = np.round(more / np.sqrt(squares[rows] + 1e-12), 4)
        found = np.maximum(by_chance + more, 0.0)
        gain[rows] = np.round(steady_log((found + _PRIOR) / (by_chance + _PRIOR)), 4)
    return Telling(evidence, gain)


def _some(words: int) -> Iterator[slice]:
    """A few words at a time: there are thousands, each with a number for every sign."""
    return (slice(first, first + _WORDS_AT_A_TIME) for first in range(0, words, _WORDS_AT_A_TIME))


def keywords(words: SceneWords, told: Telling) -> list[list[int]]:
    """The keywords of every sign, indices into `words.keys`, the most telling first; none where evidence is thin.

    Of the words that are telling, each goes to the signs it tells best, and a sign keeps those that also meet in one
    scene more often than by chance: see `coherent`. Where no two do, one word that tells enough is kept.
    """
    score = told.evidence * told.gain
    passed = (told.evidence >= LEAST_EVIDENCE) & (told.gain >= _LEAST_GAIN)
    score = np.where(passed, score, -np.inf)
    _keep_best_signs(score)
    present = words.present
    of_book = book_rows(words.books)
    found = []
    for sign in range(score.shape[1]):
        ranked = np.argsort(-score[:, sign], kind="stable")[:_POOL]
        ranked = ranked[np.isfinite(score[ranked, sign])]
        chosen = coherent(present[:, ranked], of_book, score[ranked, sign]) if len(ranked) > 1 else []
        if not chosen and len(ranked) and told.evidence[ranked[0], sign] >= _LEAST_EVIDENCE_ALONE:
            chosen = [0]
        found.append([int(ranked[i]) for i in chosen])
    return found


def _keep_best_signs(score: np.ndarray) -> None:
    """Leaves every word to its _SIGNS_OF_A_WORD best signs."""
    for rows in _some(len(score)):
        order = np.argsort(-score[rows], axis=1, kind="stable")
        np.put_along_axis(score[rows], order[:, _SIGNS_OF_A_WORD:], -np.inf, axis=1)


def coherent(present: sparse.csc_matrix, of_book: sparse.csr_matrix, scores: np.ndarray) -> list[int]:
    """Which words go with each other: columns, ascending, KEYWORDS at most; none where no two do.

    present: 1 where a scene holds a word, [scenes, words]. of_book: 1 where a book has a scene, [books, scenes].
    scores: what each word is worth by itself, falling. Starts from the pair that meets most by normalised pointwise
    mutual information (NPMI) and adds the word that meets those best, as long as its mean NPMI is _LEAST_COHERENCE or
    more. A meeting counts less one standard deviation, and words that meet in fewer than three books don't.
    """
    npmi = _cautious_npmi(present, of_book)
    worth = _RANK_WEIGHT * np.maximum(scores, 0.0) / max(float(scores[0]), 1e-9)
    pairs = np.where(npmi >= _LEAST_COHERENCE, npmi + worth[:, None] + worth[None, :], -np.inf)
    np.fill_diagonal(pairs, -np.inf)
    best = int(np.argmax(pairs))
    if not np.isfinite(pairs.flat[best]):
        return []
    chosen = list(divmod(best, len(worth)))
    while len(chosen) < min(KEYWORDS, len(worth)):
        mean = npmi[:, chosen].mean(axis=1)
        value = np.where(mean >= _LEAST_COHERENCE, mean + worth, -np.inf)
        value[chosen] = -np.inf
        best = int(np.argmax(value))
        if not np.isfinite(value[best]):
            break
        chosen.append(best)
    return sorted(chosen)


def _cautious_npmi(present: sparse.csc_matrix, of_book: sparse.csr_matrix) -> np.ndarray:
    scenes = present.shape[0]
    held = present.toarray() > 0
    together = np.asarray((present.T @ present).todense())
    books = np.stack(
        [(np.asarray(of_book @ (held & held[:, [i]]).astype(np.float32)) > 0).sum(axis=0) for i in range(held.shape[1])]
    )
    sure = np.where(books >= _LEAST_MEETINGS, together - np.sqrt(together), 0.0)
    single = np.diag(together)
    with np.errstate(divide="ignore", invalid="ignore"):
        npmi = steady_log(sure * scenes / np.outer(single, single)) / -steady_log(sure / scenes)
    return np.round(np.where(sure > 0, npmi, -1.0), 6)
