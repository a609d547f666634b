"""Whether cost and memory stay in line from 10 books to 1,000.

    python benchmarks/scaling.py [DATA_DIR] [--counts 10 100 1000] [--sentences 200] [--workers 1] [--seed 0]

Books are runs of whole paragraphs from the chapters of DATA_DIR, shuffled by seed; the first N of one shuffle are built
for each N. The number of signs is the same for all. Start-up is paid once, whatever the number of books, so the cost
of a book is taken between one row and the next; CPU time says what the clock would on an idle machine. Overhead is
CPU time beside embedding, as a share of embedding, of one and the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.cost.corpus import gather, write_books
from benchmarks.cost.processes import Cost, python


@dataclass(frozen=True)
class Row:
    """One build. sentences: all that were embedded. embedding: seconds in the embedder, by the clock."""

    books: int
    sentences: int
    cost: Cost
    embedding: float


def build(books: Path, out: Path, workers: int, signs: int) -> Row:
    """Builds a dataset, measured from outside."""
    threads = max(1, (os.cpu_count() or 1) // workers)
    arguments = ("build", books, "-o", out, "--quiet", "--workers", workers, "--signs", signs)
    cost = python("-m", "scenesign", *arguments, threads=threads)
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    counters = manifest["run"]["counters"]
    return Row(
        manifest["counts"]["books"],
        counters["sentences/embedded"],
        cost,
        counters["embed/milliseconds"] / 1000 / workers,
    )


def table(rows: list[Row]) -> list[str]:
    """Markdown; marginal figures are between a row and the one before."""
    lines = [
        "| books | sentences | seconds | of these embedding | CPU seconds | CPU ms per sentence more | "
        "seconds per embedding second more | peak MB |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for before, row in zip([None, *rows], rows, strict=False):
        more = ["", ""]
        if before:
            more[0] = f"{1000 * (row.cost.cpu - before.cost.cpu) / (row.sentences - before.sentences):.2f}"
            slower = (row.cost.seconds - before.cost.seconds) / (row.embedding - before.embedding)
            more[1] = f"{slower:.2f}"
        lines.append(
            f"| {row.books:,} | {row.sentences:,} | {row.cost.seconds:.1f} | {row.embedding:.1f} | {row.cost.cpu:.1f} "
            f"| {more[0]} | {more[1]} | {row.cost.peak / 1e6:,.0f} |"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=ROOT.parent / "shared" / "data" / "books")
    parser.add_argument("--counts", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--sentences", type=int, default=200, help="of each book, at least")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--signs", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if not given.data.is_dir():
        print(f"{given.data}: not a folder of books, so nothing to measure; give one as DATA_DIR")
        return
    chosen = gather(given.data, given.sentences, given.seed)
    print(f"{len(chosen):,} books of {given.sentences} sentences or more", file=sys.stderr)
    if len(chosen) < max(given.counts):
        sys.exit(f"{given.data}: not enough chapters for {max(given.counts):,} books; lower --sentences or --counts")
    rows = []
    for count in sorted(given.counts):
        with tempfile.TemporaryDirectory(prefix="scenesign-scaling-") as name:
            folder = Path(name)
            write_books(chosen[:count], folder / "books")
            rows.append(build(folder / "books", folder / "out", given.workers, given.signs))
            print(f"{count:,} books done", file=sys.stderr)
    print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
