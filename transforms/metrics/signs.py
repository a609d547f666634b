"""What an inventory is worth, in numbers: pure functions over signs, books and languages."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from scenesign.transforms.metrics.learnability import folds_of, held_out_bits

# The adjustment for chance in AMI costs books x signs steps; beyond this many it is left out and said to be so.
_MOST_AMI_CELLS = 20_000_000


@dataclass(frozen=True, eq=False)
class BookSigns:
    """Signs of one book: int32 [scenes, levels].

    work: the same for translations of one work, or empty. kin: the same for books that may not be on both sides of
    an experiment, as an author's.
    """

    book_id: str
    language: str
    signs: np.ndarray
    work: str = ""
    kin: str = ""

    @property
    def ids(self) -> list[int]:
        """Signs of level 1."""
        return [int(sign) for sign in self.signs[:, 0]]


def perplexity(counts: np.ndarray) -> float:
    """2 to the entropy of a distribution of counts: how many signs an even use would need for the same variety."""
    shares = counts[counts > 0] / max(1, counts.sum())
    return float(2.0 ** -(shares * np.log2(shares)).sum()) if len(shares) else 0.0


def adjusted_information(labels: Sequence[int], groups: Sequence[int]) -> float | None:
    """Adjusted mutual information (Vinh et al. 2010) of sign and group: 0 by chance, 1 when one tells the other.

    None where it would cost too much.
    """
    from sklearn.metrics import adjusted_mutual_info_score

    if len(set(groups)) < 2:
        return 0.0
    if len(set(labels)) * len(set(groups)) > _MOST_AMI_CELLS:
        return None
    return round(float(adjusted_mutual_info_score(groups, labels)), 4)


def shared_signs(a: Sequence[int], b: Sequence[int]) -> float:
    """Dice overlap of two bags of signs, 2 |A and B| / (|A| + |B|), counted with multiplicity: 0..1."""
    both = sum((Counter(a) & Counter(b)).values())
    return 2.0 * both / max(1, len(a) + len(b))


def shared_in_order(a: Sequence[int], b: Sequence[int]) -> float:
    """Signs that two sequences share in the same order, 2 LCS / (|A| + |B|): 0..1.

    LCS is the longest common subsequence, by the bit-parallel algorithm of Hyyrö (2004).
    """
    matches: dict[int, int] = {}
    for i, sign in enumerate(a):
        matches[sign] = matches.get(sign, 0) | 1 << i
    ones = (1 << len(a)) - 1
    row = ones
    for sign in b:
        match = row & matches.get(sign, 0)
        row = ((row + match) | (row - match)) & ones
    common = len(a) - row.bit_count()
    return 2.0 * common / max(1, len(a) + len(b))


@dataclass(frozen=True)
class TranslationSharing:
    """How much of their signs translations of one work share.

    pairs: (work, language, language) to the overlap of their signs. mean: of those; in_order: mean overlap in the
    same order. chance and chance_in_order: the same means over different works in different languages.
    """

    pairs: Mapping[tuple[str, str, str], float]
    mean: float
    in_order: float
    chance: float
    chance_in_order: float


def translation_sharing(books: Sequence[BookSigns]) -> TranslationSharing | None:
    """Overlap of signs between books that are translations of one work; None when there are no such books."""
    works: dict[str, list[BookSigns]] = {}
    for book in sorted(books, key=lambda b: (b.language, b.book_id)):
        if book.work:
            works.setdefault(book.work, []).append(book)
    versions = [
        (work, a, b)
        for work, found in sorted(works.items())
        for a, b in itertools.combinations(found, 2)
        if a.language != b.language
    ]
    if not versions:
        return None
    # chance needs only a mean: a few dozen books say enough, and all pairs of thousands cost too much
    others = [
        (a, b)
        for a, b in itertools.combinations(sorted(books, key=lambda b: b.book_id)[:60], 2)
        if a.language != b.language and (not a.work or a.work != b.work)
    ]
    pairs = {(work, a.language, b.language): shared_signs(a.ids, b.ids) for work, a, b in versions}
    return TranslationSharing(
        pairs=pairs,
        mean=_mean(list(pairs.values())),
        in_order=_mean([shared_in_order(a.ids, b.ids) for _, a, b in versions]),
        chance=_mean([shared_signs(a.ids, b.ids) for a, b in others]),
        chance_in_order=_mean([shared_in_order(a.ids, b.ids) for a, b in others]),
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def _spread(books: Sequence[BookSigns], signs: int) -> dict[str, object]:
    """In how many books and languages a sign of level 1 occurs, on average over the signs in use."""
    in_books = np.zeros(signs, dtype=np.int64)
    in_language: dict[str, np.ndarray] = {}
    for book in books:
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


def measure(books: Sequence[BookSigns], distances: np.ndarray, signs_per_level: Sequence[int]) -> dict[str, object]:
    """The metrics of a dataset; keys as in `protocol.md`.

    distances: float32 [scenes of all books], one minus the cosine of scene and reconstruction.
    """
    books = sorted(books, key=lambda b: b.book_id)
    metrics: dict[str, object] = {}
    every = np.concatenate([book.signs for book in books])
    first = 0
    for level, size in enumerate(signs_per_level, start=1):
        counts = np.bincount(every[:, level - 1] - first, minlength=size)
        metrics[f"level{level}/signs"] = int(size)
        metrics[f"level{level}/used"] = int((counts > 0).sum())
        metrics[f"level{level}/perplexity"] = round(perplexity(counts), 2)
        first += size
    labels = every[:, 0].tolist()
    owners = [i for i, book in enumerate(books) for _ in range(len(book.signs))]
    languages = sorted({book.language for book in books})
    speech = [languages.index(book.language) for book in books for _ in range(len(book.signs))]
    metrics |= _spread(books, signs_per_level[0])
    bits = held_out_bits(
        [book.ids for book in books], folds_of([b.kin or b.book_id for b in books]), signs_per_level[0]
    )
    if bits:
        metrics |= {f"bits/{name}": round(value, 4) for name, value in asdict(bits).items()}
    metrics["cosine/mean"] = round(float(1.0 - distances.mean()), 4)
    metrics["ami/sign_book"] = adjusted_information(labels, owners)
    metrics["ami/sign_language"] = adjusted_information(labels, speech)
    sharing = translation_sharing(books)
    if sharing:
        metrics["translations/shared"] = round(sharing.mean, 4)
        metrics["translations/shared_in_order"] = round(sharing.in_order, 4)
        metrics["translations/chance"] = round(sharing.chance, 4)
        metrics["translations/chance_in_order"] = round(sharing.chance_in_order, 4)
        metrics["translations/pairs"] = {
            f"{work}: {a}-{b}": round(value, 4) for (work, a, b), value in sorted(sharing.pairs.items())
        }
    return metrics
