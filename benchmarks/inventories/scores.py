"""What the signs of held-out books are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from sklearn.metrics import adjusted_mutual_info_score

from benchmarks.inventories.methods import OUTLIER, BookVectors, Encoded, Fit
from scenesign.transforms.metrics.fidelity import RETRIEVAL_SCENES, retrieval_at_1
from scenesign.transforms.metrics.learnability import bigram_shares, folds_of, unigram_shares
from scenesign.transforms.metrics.usage import perplexity


@dataclass(frozen=True)
class Scores:
    """Of one method on the books of one fold, which it hasn't seen.

    ami_*: adjusted mutual information of sign with book and language. saved_*: bits per sign below an even guess, by
    the signs' shares and by the sign before, learned from the other books; below 0 is worse than guessing.
    retrieval: by levels 1, 1 to 2, ..., among 1,000 scenes (or all, if fewer). outliers: share without a sign.
    """

    signs: float
    perplexity: float
    ami_book: float
    ami_language: float
    saved_unigram: float
    saved_bigram: float
    retrieval: float
    retrieval_all: float
    outliers: float


def score(fit: Fit, train: Sequence[BookVectors], test: Sequence[BookVectors], signs: int, seed: int) -> Scores:
    """Fits on some books, scores on others."""
    method = fit(train, signs, seed)
    seen = [method.encode(book.vectors, book.language) for book in train]
    found = [method.encode(book.vectors, book.language) for book in test]
    codes = np.concatenate([encoded.codes for encoded in found])
    owners = np.repeat(np.arange(len(test)), [len(book.vectors) for book in test])
    speech = np.repeat([book.language for book in test], [len(book.vectors) for book in test])
    # scenes without a sign share one more, else they would be dropped from what a model has to foretell
    marks = method.signs + int(any((encoded.codes == OUTLIER).any() for encoded in (*seen, *found)))
    uniform = np.log2(marks)
    unigram, bigram = _bits(seen, found, marks)
    targets = np.concatenate([encoded.targets for encoded in found])
    chosen = np.sort(np.random.default_rng(seed).permutation(len(targets))[:RETRIEVAL_SCENES])
    rebuilt = [np.concatenate(level)[chosen] for level in zip(*(encoded.rebuilt for encoded in found), strict=True)]
    return Scores(
        signs=method.signs,
        perplexity=perplexity(np.bincount(codes[codes != OUTLIER], minlength=method.signs)),
        ami_book=float(adjusted_mutual_info_score(owners, codes)),
        ami_language=float(adjusted_mutual_info_score(speech, codes)),
        saved_unigram=float(uniform - unigram),
        saved_bigram=float(uniform - bigram),
        retrieval=retrieval_at_1(targets[chosen], rebuilt[0]),
        retrieval_all=retrieval_at_1(targets[chosen], rebuilt[-1]),
        outliers=float((codes == OUTLIER).mean()),
    )


def _bits(seen: Sequence[Encoded], found: Sequence[Encoded], marks: int) -> tuple[float, float]:
    """Bits per sign of `found` by shares and by pairs of `seen`."""
    before, after = _pairs(seen, marks)
    asked_before, asked = _pairs(found, marks)
    unigram = -np.log2(unigram_shares(after, marks)[asked]).mean()
    bigram = -np.log2(bigram_shares(before, after, marks, asked_before, asked)).mean()
    return float(unigram), float(bigram)


def _pairs(books: Sequence[Encoded], marks: int) -> tuple[np.ndarray, np.ndarray]:
    """Each sign and the one before it; the beginning of a book counts as sign `marks`."""
    chains = [np.concatenate([[marks], book.codes % marks]) for book in books]
    return np.concatenate([c[:-1] for c in chains]), np.concatenate([c[1:] for c in chains])


def cross_validate(fit: Fit, books: Sequence[BookVectors], signs: int, folds: int, seed: int) -> list[Scores]:
    """Scores by fold; books of one kin are held out together."""
    fold = folds_of([book.kin for book in books], seed, folds)
    return [
        score(
            fit,
            [book for book, f in zip(books, fold, strict=True) if f != held],
            [book for book, f in zip(books, fold, strict=True) if f == held],
            signs,
            seed,
        )
        for held in np.unique(fold)
    ]


def summary(scores: Sequence[Scores]) -> dict[str, tuple[float, float, float]]:
    """Mean, lowest and highest of every score."""
    rows = [asdict(s) for s in scores]
    found = {}
    for key in rows[0]:
        values = [row[key] for row in rows]
        found[key] = (float(np.mean(values)), float(min(values)), float(max(values)))
    return found
