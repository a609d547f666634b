"""How widely signs are shared by books and languages."""

from __future__ import annotations

import math

import numpy as np

from scenesign.transforms.metrics.metric import Evidence, Metric, MetricValue


def sign_spread(evidence: Evidence) -> dict[str, MetricValue]:
    """In how many books and languages a sign of level 1 occurs, on average over the signs in use."""
    signs = evidence.sizes[0]
    in_books = np.zeros(signs, dtype=np.int64)
    in_language: dict[str, np.ndarray] = {}
    for book in evidence.books:
        used = np.unique(book.signs[:, 0])
        in_books[used] += 1
        in_language.setdefault(book.language, np.zeros(signs, dtype=bool))[used] = True
    languages = np.sum(list(in_language.values()), axis=0)
    used = in_books > 0
    return {
        "books_per_sign": round(float(in_books[used].mean()), 2),
        "languages_per_sign": round(float(languages[used].mean()), 2),
        "signs_of_one_book": round(float((in_books[used] == 1).mean()), 4),
    }


METRICS = (
    Metric("books_per_sign", "books that a sign occurs in", "books", 1, math.inf, "higher", sign_spread),
    Metric("languages_per_sign", "languages that a sign occurs in", "languages", 1, math.inf, "higher", sign_spread),
    Metric("signs_of_one_book", "signs that occur in one book only", "share", 0, 1, "lower", sign_spread),
)
