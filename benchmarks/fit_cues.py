"""Learns which cues in the text start a scene, from where chapters of novels start; no annotation is needed.

    python benchmarks/fit_cues.py [BOOKS_DIR] [--write]

BOOKS_DIR holds a folder of plain-text novels per language (`en`, `ru`, `zh`). The first sentence of prose after a
heading is a start, every other sentence is none, and headings themselves are left out. Prints, for each book, how
well weights learned from the other books tell its starts (area under the ROC curve), then the weights learned from
all of them. With --write these go to `transforms/weights/scene_cues.safetensors`: do so after any change to the cues.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from scenesign.pipeline.output import settle_output
from scenesign.schemas.records import BlockKind, Book, Source
from scenesign.transforms.read.books import read_books
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.scenes.cues import FEATURES, UNTRAINED, WEIGHTS_FILE, cues
from scenesign.transforms.scenes.sentences import split_sentences

TRAINED = tuple(name for name in FEATURES if name not in UNTRAINED)
_BOOKS = Path(__file__).resolve().parents[2] / "shared" / "data" / "books"
_SHORTEST_CHAPTER = 15  # sentences: shorter ones are contents, notes or verse taken for headings


def chapter_starts(kinds: list[BlockKind]) -> np.ndarray:
    """bool [prose sentences]: which of them open a chapter. kinds: of all sentences of a book, in order."""
    starts, headed = [], False
    for kind in kinds:
        if kind is BlockKind.PARAGRAPH:
            starts.append(headed)
            headed = False
        elif kind is BlockKind.HEADING:
            headed = True
    flags = np.array(starts, dtype=bool)
    edges = [*np.flatnonzero(flags).tolist(), len(flags)]
    for start, end in itertools.pairwise(edges):
        flags[start] = end - start >= _SHORTEST_CHAPTER
    return flags


def fit(features: np.ndarray, starts: np.ndarray, weights: np.ndarray, ridge: float = 1.0) -> tuple[np.ndarray, float]:
    """Logistic regression by Newton's method.

    features: [n, f]; starts: bool [n]; weights: [n], how much each row counts. Returns the coefficients [f] and an
    intercept for even odds, so that the sum is a log likelihood ratio rather than log odds.
    """
    design = np.column_stack([features, np.ones(len(features))]).astype(np.float64)
    prior = ridge * np.eye(design.shape[1])
    prior[-1, -1] = 0.0  # the intercept goes where the counts put it
    share = np.average(starts, weights=weights)
    theta = np.zeros(design.shape[1])
    theta[-1] = np.log(share / (1 - share))

    def loss(at: np.ndarray) -> float:
        odds = design @ at
        return float(weights @ (np.logaddexp(0.0, odds) - starts * odds) + at @ prior @ at / 2)

    for _ in range(50):
        chance = 1 / (1 + np.exp(-design @ theta))
        slope = design.T @ (weights * (starts - chance)) - prior @ theta
        curvature = (design * (weights * chance * (1 - chance))[:, None]).T @ design + prior
        step = np.linalg.solve(curvature, slope)
        while loss(theta + step) > loss(theta) + 1e-9:  # starts are rare: the first steps would overshoot
            step /= 2
        theta += step
        if np.abs(step).max() < 1e-6:
            break
    return theta[:-1], float(theta[-1] - np.log(share / (1 - share)))


def area(scores: np.ndarray, starts: np.ndarray) -> float:
    """Area under the ROC curve: how often a start scores higher than another sentence; ties count half."""
    _, rank, count = np.unique(scores, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - (count - 1) / 2
    good = int(starts.sum())
    return float((middle[rank][starts].sum() - good * (good + 1) / 2) / (good * (len(scores) - good)))


def examples(book: Book) -> tuple[np.ndarray, np.ndarray]:
    """Cues of the prose sentences of a book, float32 [n, trained features], and which of them open a chapter."""
    sentences = split_sentences(book.text, book.blocks, book.language)
    prose = [sentence for sentence in sentences if sentence.kind is BlockKind.PARAGRAPH]
    table = cues(book.text, prose, book.blocks, book.language)
    return table[:, [FEATURES.index(name) for name in TRAINED]], chapter_starts([s.kind for s in sentences])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("books", type=Path, metavar="BOOKS_DIR", nargs="?", default=_BOOKS)
    parser.add_argument("--write", action="store_true", help="replace the weights that ship")
    arguments = parser.parse_args()
    if not arguments.books.is_dir():
        print(f"{arguments.books} is not here: no novels to learn from; give their folder as BOOKS_DIR")
        return
    read: list[tuple[str, str, np.ndarray, np.ndarray]] = []
    for language in ("en", "ru", "zh"):
        for path in sorted((arguments.books / language).glob("*.txt")):
            for book in read_books(Source(str(path), path.name), ReadOptions(language=language)):
                if isinstance(book, Book):
                    table, starts = examples(book)
                    if starts.sum() >= 3:
                        read.append((language, path.name, table, starts))
    if not read:
        raise SystemExit(f"no novels with chapters under {arguments.books}/{{en,ru,zh}}/*.txt")

    def train(without: int | None) -> tuple[np.ndarray, float]:
        rows = [row for i, row in enumerate(read) if i != without]
        size = {row[0]: sum(len(r[3]) for r in rows if r[0] == row[0]) for row in rows}
        total = sum(size.values())
        # each language counts the same, however many sentences it brings
        weights = np.concatenate([np.full(len(r[3]), total / len(size) / size[r[0]]) for r in rows])
        return fit(np.concatenate([r[2] for r in rows]), np.concatenate([r[3] for r in rows]), weights)

    for i, (language, name, table, starts) in enumerate(read):
        held_out, _ = train(without=i)
        print(f"{language} {area(table @ held_out, starts):.3f} {int(starts.sum()):4d} chapters {name}", flush=True)
    coefficients, intercept = train(without=None)
    print(" ".join(f"{name} {value:+.2f}" for name, value in zip(TRAINED, coefficients, strict=True)), intercept)
    if not arguments.write:
        return
    WEIGHTS_FILE.parent.mkdir(exist_ok=True)
    save_file(
        {"weights": coefficients.astype(np.float32), "intercept": np.array([intercept], dtype=np.float32)},
        WEIGHTS_FILE,
        metadata={"features": " ".join(TRAINED), "source": "chapter starts of public-domain novels"},
    )
    WEIGHTS_FILE.chmod(0o644)


if __name__ == "__main__":
    settle_output()
    main()
