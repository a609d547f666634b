"""What the example trainers share: which books a model may not see, and how well a next sign was foretold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from datasets import Dataset, load_dataset

from scenesign.transforms.metrics.learnability import bigram_shares, folds_of, unigram_shares

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Books:
    """train: learned from. dev: choose when to stop. test: asked about once, at the end."""

    train: list[Row]
    dev: list[Row]
    test: list[Row]
    how: str


def read_table(dataset: str, table: str) -> dict[str, Dataset]:
    """A table of a dataset by split, by `datasets`.

    Raises SystemExit saying what to do when the folder or the table isn't there.
    """
    folder = Path(dataset)
    if not (folder / "manifest.json").is_file():
        raise SystemExit(f"{dataset} is no dataset of scenesign: it has no manifest.json. `make demo` builds out/demo")
    if not (folder / table).is_dir():
        raise SystemExit(f"{dataset} has no table `{table}`; build it with --concepts float16")
    return dict(load_dataset(str(folder), table))


def kin(row: Row) -> str:
    """What may not be on both sides: the books of an author, else translations and volumes of one file name."""
    author = str(row.get("author") or "").strip().casefold()
    return author or PurePosixPath(str(row["source"]).split("#")[0]).stem


def hold_out(splits: Mapping[str, Sequence[Row]]) -> Books:
    """The dataset's own splits where it has train, validation and test; else every third of its works is held out.

    Raises SystemExit when there are fewer than three works to share out.
    """
    if all(len(splits.get(name, ())) for name in ("train", "validation", "test")):
        return Books(*(list(splits[name]) for name in ("train", "validation", "test")), how="the splits of the dataset")
    rows = sorted((row for split in splits.values() for row in split), key=lambda row: str(row["book_id"]))
    keys = [kin(row) for row in rows]
    works = len(set(keys))
    if works < 3:
        raise SystemExit(f"{len(rows)} books of {works} works are too few: one is for training, two are held out")
    folds = folds_of(keys, folds=min(works, 5)).tolist()
    parts = [[row for row, fold in zip(rows, folds, strict=True) if wanted(fold)] for wanted in _PARTS]
    return Books(*parts, how="works held out whole, in all languages, since the dataset has no three splits")


_PARTS = (lambda fold: fold > 1, lambda fold: fold == 0, lambda fold: fold == 1)


@dataclass(frozen=True)
class Score:
    """Bits per sign, and how often the sign was the likeliest, or among the five likeliest."""

    bits: float
    top1: float
    top5: float

    def __str__(self) -> str:
        return f"{self.bits:9.3f} {self.top1:9.1%} {self.top5:9.1%}"


def score(shares: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Bits, top-1 and top-5 of each sign, float64 [n, 3]. shares: [n, units], a row for each. Ties count in part."""
    own = shares[np.arange(len(signs)), signs]
    above = (shares > own[:, None]).sum(axis=1)
    tied = (shares == own[:, None]).sum(axis=1)
    hits = [np.clip((k - above) / tied, 0.0, 1.0) for k in (1, 5)]
    return np.stack([-np.log2(np.maximum(own, 1e-300)), *hits], axis=1)


def mean_score(scores: Sequence[np.ndarray]) -> Score:
    return Score(*np.concatenate(list(scores)).mean(axis=0).tolist())


def by_counting(train: Sequence[np.ndarray], test: Sequence[np.ndarray], sizes: Sequence[int]) -> dict[str, Score]:
    """What counting the training books foretells of the test books: `uniform`, `unigram`, `bigram`.

    train, test: signs of books, levels one after the other. sizes: signs per level. Each level has a share of its own.
    """
    units, levels = sum(sizes), len(sizes)
    firsts = np.cumsum([0, *sizes])
    uniform, unigram = (np.zeros((levels, units)) for _ in range(2))
    for level, size in enumerate(sizes):
        own = slice(firsts[level], firsts[level + 1])
        uniform[level, own] = 1.0 / size
        unigram[level, own] = unigram_shares(np.concatenate([b[level::levels] for b in train]) - firsts[level], size)

    def before(books: Sequence[np.ndarray]) -> np.ndarray:
        return np.concatenate([np.concatenate([[units], book[:-1]]) for book in books])

    seen, follows = before(train), np.concatenate(train)
    asked, signs = before(test), np.concatenate(test)
    of_level = [np.concatenate([book[level::levels] for book in test]) for level in range(levels)]

    def by_level(shares: np.ndarray) -> Score:
        rows = zip(shares, of_level, strict=True)
        return mean_score([score(np.broadcast_to(row, (len(own), units)), own) for row, own in rows])

    bigram = []
    for context in np.unique(asked):
        here = signs[asked == context]
        shares = bigram_shares(seen, follows, units, np.full(units, context), np.arange(units))
        bigram.append(score(np.tile(shares, (len(here), 1)), here))
    return {
        "uniform": by_level(uniform),
        "unigram": by_level(unigram),
        "bigram": mean_score(bigram),
    }
