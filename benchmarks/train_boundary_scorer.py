"""Trains the boundary scorer on a library of books, without annotation, and tells how well it finds hidden openings.

    python benchmarks/train_boundary_scorer.py [LIBRARY_DIR] [--books BOOKS_DIR] [--keep DIR] [--write]

LIBRARY_DIR holds an archive of texts per language (`en.zip`) and `manifest.tsv`, with the columns language, file and
author; BOOKS_DIR more texts, `LANGUAGE/AUTHOR_TITLE.txt`. Authors whose chapters were annotated are left out (or those
that `--leave` names, by parts of their names or of files'), and every eighth author is kept to measure on. Embedding
takes minutes and is kept in DIR; training takes minutes more.

Prints, per language, the average precision with which openings of the authors kept out are found: with all there is,
without paragraphs, by the integers that ship and by the cues in words alone. With --write the weights that ship are
replaced and the log goes beside this program.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.boundaries.net import TrainingOptions, average_precision, find_axes, sample_of, table_of, train
from benchmarks.boundaries.quantise import as_integers
from benchmarks.boundaries.shelf import BREAK, CHAPTER, ShelfBook, read_shelf
from benchmarks.gold import authors_annotated, read_chapters
from benchmarks.library import plain_name
from scenesign.pipeline.output import settle_output
from scenesign.transforms.embedders.registry import DEFAULT_EMBEDDER
from scenesign.transforms.embedders.texts import VECTOR_STEP
from scenesign.transforms.scenes.boundaries import BoundaryScorer, load_scorer, save_scorer, scorer_file
from scenesign.transforms.scenes.cues import FEATURES, boundary_evidence

SHARED = ROOT.parent / "shared"
LOG = Path(__file__).parent / "boundaries" / "training.log"
ANNOTATED = authors_annotated(read_chapters())
Score = Callable[[ShelfBook, np.ndarray], np.ndarray]


def precision(books: Sequence[ShelfBook], score: Score, paragraphs: bool) -> dict[str, tuple[float, int]]:
    """Per language the mean average precision over books, and of how many. paragraphs: whether the scorer is told
    where they start; if so only their starts are ranked."""
    found: dict[str, list[float]] = {}
    inside = FEATURES.index("inside")
    for book in books:
        table = table_of(book)
        counted = np.arange(len(table)) > 0
        if paragraphs:
            counted &= table[:, inside] == 0
        else:
            table[:, [inside, FEATURES.index("paragraph")]] = 0
        starts = book.starts[counted] > 0
        if starts.sum() > 1:
            found.setdefault(book.language, []).append(average_precision(score(book, table)[counted], starts))
    return {language: (float(np.mean(values)), len(values)) for language, values in sorted(found.items())}


def by_scorer(scorer: BoundaryScorer) -> Score:
    """Scores of the integers that ship."""
    return lambda book, table: scorer.score(book.vectors * np.float32(VECTOR_STEP), table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("library", type=Path, metavar="LIBRARY_DIR", nargs="?", default=SHARED / "library")
    parser.add_argument("--books", type=Path, metavar="BOOKS_DIR", default=SHARED / "data" / "books")
    parser.add_argument("--keep", type=Path, metavar="DIR", default=Path("out") / "shelf", help="of what was embedded")
    parser.add_argument("--leave", nargs="+", default=list(ANNOTATED), metavar="NAME", help="of authors or files")
    parser.add_argument("--nets", type=int, default=4, help="that are trained, each from another seed")
    parser.add_argument("--threads", type=int, default=1, help="of torch: other numbers give other last bits")
    parser.add_argument("--write", action="store_true", help="replace the weights that ship")
    arguments = parser.parse_args()
    if not (arguments.library / "manifest.tsv").is_file():
        raise SystemExit(f"{arguments.library}: no manifest.tsv here, so no books to learn from")
    lines: list[str] = []

    def say(line: str) -> None:
        print(line, flush=True)
        lines.append(line)

    torch.set_num_threads(arguments.threads)
    torch.use_deterministic_algorithms(True)
    options, folders = TrainingOptions(), arguments.books if arguments.books.is_dir() else None
    shelf = [
        book
        for book in read_shelf(arguments.library, folders, DEFAULT_EMBEDDER, arguments.keep)
        if not any(name in plain_name(f"{book.author}\n{book.name}") for name in arguments.leave)
    ]
    books, dev = [book for book in shelf if not book.dev], [book for book in shelf if book.dev]
    say(f"{options}; torch {torch.__version__}, {arguments.threads} threads, {platform.machine()}")
    for name, part in (("trained on", books), ("measured on", dev)):
        sentences, chapters, breaks = (
            sum(int(count(book.starts)) for book in part)
            for count in (len, lambda starts: (starts == CHAPTER).sum(), lambda starts: (starts == BREAK).sum())
        )
        authors = len({book.author for book in part})
        made_of = f"{len(part)} books of {authors} authors, {sentences:,} sentences"
        say(f"{name} {made_of}: {chapters} chapters, {breaks} breaks")
    axes = find_axes(books, options)
    sample = sample_of(books, axes)
    nets = []
    for seed in range(arguments.nets):
        net, loss = train(sample, options, seed)
        nets.append(net)
        say(f"net {seed}: loss {loss:.5f}")
    scorer = as_integers(nets, axes, sample)

    def in_floats(book: ShelfBook, table: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            given = torch.from_numpy(axes(book.centred()))[None], torch.from_numpy(table)[None]
            return np.mean([net(*given)[0].numpy() for net in nets], axis=0)

    for paragraphs in (True, False):
        say(f"\naverage precision {'among paragraph starts' if paragraphs else 'without paragraphs'}, mean over books")
        columns = {
            "in floats": precision(dev, in_floats, paragraphs),
            "as integers": precision(dev, by_scorer(scorer), paragraphs),
            "cues alone": precision(dev, lambda _, table: boundary_evidence(table), paragraphs),
        }
        for language, (_, count) in columns["in floats"].items():
            figures = ", ".join(f"{name} {found[language][0]:.3f}" for name, found in columns.items())
            say(f"{language}: {count} books, {figures}")
    if arguments.write:
        path = scorer_file(DEFAULT_EMBEDDER)
        save_scorer(scorer, path, {"embedder": DEFAULT_EMBEDDER, "source": "openings in public-domain novels"})
        assert np.array_equal(load_scorer(path).vectors.weights, scorer.vectors.weights)
        say(f"\n{path.name}: {path.stat().st_size:,} bytes")
        LOG.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    settle_output()
    main()
