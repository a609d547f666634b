"""Whether cost, memory, files, graph and the steps of one worker stay in line from 10 books to 10,000.

    python benchmarks/scaling.py [DATA_DIR] [--counts 10 100 1000] [--sentences 200] [--workers 1 auto]
        [--concepts none float16] [--signs 32] [--seed 0]

Books are runs of whole paragraphs from the chapters of DATA_DIR, shuffled by seed; where there are too few, all are put
together from passages, no two of them equal. The first N of one list are built for each N. The number of signs is the
same for all. Start-up is paid once, whatever the number of books, so the cost of a book is taken between one row and
the next; CPU time says what the clock would on an idle machine. Seconds of steps are as Beam samples them.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.cost.corpus import small_books, write_books
from benchmarks.cost.processes import Cost, python

AUTO = "auto"
# Steps that one worker does, whatever the number of workers, each by all its labels in the graph; and the page.
ONE_WORKER = {
    "ResolveBooks": ("ResolveBooks", "ChooseInventory"),
    "FitInventory": ("FitInventory",),
    "MeasureNovelty": ("MeasureNovelty",),
    "FreezeInventory": ("FreezeInventory", "KeepInventory"),
    "PlanShards": ("WriteDataset/PlanShards",),
    "Summarise": ("Summarise",),
    "report": ("Report",),
}


@dataclass(frozen=True)
class Way:
    """How a build is asked for. workers: a number, or `auto` for the command's own choice."""

    workers: str = "1"
    concepts: str = "none"

    def __str__(self) -> str:
        return f"--workers {self.workers}" + (f" --concepts {self.concepts}" if self.concepts != "none" else "")


@dataclass(frozen=True)
class Row:
    """One build.

    sentences: all that were embedded. files, bytes: of dataset and parts. graph: bytes. steps: seconds of each step of
    the graph, by its path in it.
    """

    books: int
    sentences: int
    cost: Cost
    files: int = 0
    bytes: int = 0
    graph: int = 0
    steps: dict[str, float] = field(default_factory=dict)

    def seconds(self, labels: Sequence[str]) -> float:
        """Of those steps of the graph, and of all within them."""
        return sum(s for step, s in self.steps.items() if any(step == x or step.startswith(f"{x}/") for x in labels))


def build(books: Path, out: Path, way: Way, signs: int) -> Row:
    """Builds a dataset, measured from outside."""
    cores = os.cpu_count() or 1
    arguments = [books, "-o", out, "--quiet", "--signs", signs, "--concepts", way.concepts]
    if way.workers != AUTO:
        arguments += ["--workers", way.workers]
    facts = out.with_suffix(".json")
    threads = cores if way.workers == AUTO else max(1, cores // int(way.workers))
    cost = python("-m", "benchmarks.cost.tasks", "build", facts, *arguments, threads=threads)
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    measured = json.loads(facts.read_text(encoding="utf-8"))
    written = [path for root in (out, Path(f"{out}.parts")) for path in root.rglob("*") if path.is_file()]
    return Row(
        books=manifest["counts"]["books"],
        sentences=manifest["run"]["counters"]["sentences/embedded"],
        cost=cost,
        files=len(written),
        bytes=sum(path.stat().st_size for path in written),
        graph=measured["graph"],
        steps=measured["steps"],
    )


def cost_table(rows: Sequence[Row]) -> list[str]:
    """Markdown; marginal figures are between a row and the one before."""
    lines = [
        "| books | sentences | seconds | CPU s | CPU ms a book more | CPU ms a sentence more | peak MB, all "
        "| peak MB, largest process | files | MB written | graph KB |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for before, row in zip([None, *rows], rows, strict=False):
        more = ["", ""]
        if before:
            spent = 1000 * (row.cost.cpu - before.cost.cpu)
            more = [f"{spent / (row.books - before.books):.0f}", f"{spent / (row.sentences - before.sentences):.2f}"]
        lines.append(
            f"| {row.books:,} | {row.sentences:,} | {row.cost.seconds:.1f} | {row.cost.cpu:.1f} | {' | '.join(more)} "
            f"| {row.cost.peak / 1e6:,.0f} | {row.cost.largest / 1e6:,.0f} | {row.files:,} | {row.bytes / 1e6:,.1f} "
            f"| {row.graph / 1e3:,.0f} |"
        )
    return lines


def step_table(rows: Sequence[Row]) -> list[str]:
    """Markdown: seconds of the steps of one worker, and how much faster than the books they grew since the row before.

    1.0 where a step grew as the books did, less where it did not.
    """
    head = f"| books | {' | '.join(ONE_WORKER)} |"
    lines = [head, "|---:" * (1 + len(ONE_WORKER)) + "|"]
    for before, row in zip([None, *rows], rows, strict=False):
        cells = []
        for labels in ONE_WORKER.values():
            cell = f"{row.seconds(labels):.1f}"
            if before and before.seconds(labels) >= 0.1:
                growth = (row.seconds(labels) / before.seconds(labels)) / (row.books / before.books)
                cell += f" ({growth:.2f})"
            cells.append(cell)
        lines.append(f"| {row.books:,} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=ROOT.parent / "shared" / "library")
    parser.add_argument("--counts", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--sentences", type=int, default=200, help="of each book, at least")
    parser.add_argument("--workers", nargs="+", default=["1", AUTO])
    parser.add_argument("--concepts", nargs="+", default=["none", "float16"])
    parser.add_argument("--signs", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if not given.data.is_dir():
        print(f"{given.data}: not a folder of books, so nothing to measure; give one as DATA_DIR")
        return
    counts = sorted(given.counts)
    try:
        chosen = small_books(given.data, counts[-1], given.sentences, given.seed)
    except ValueError as error:
        sys.exit(str(error))
    print(f"{len(chosen):,} books of {given.sentences} sentences or more", file=sys.stderr)
    rows: dict[Way, list[Row]] = {}
    for count in counts:
        with tempfile.TemporaryDirectory(prefix="scenesign-scaling-") as name:
            folder = Path(name)
            write_books(chosen[:count], folder / "books")
            for number, (workers, concepts) in enumerate(itertools.product(given.workers, given.concepts)):
                way = Way(workers, concepts)
                rows.setdefault(way, []).append(build(folder / "books", folder / f"out{number}", way, given.signs))
                print(f"{count:,} books done, {way}", file=sys.stderr)
    for way, built in rows.items():
        print(f"\n`{way}`\n", *cost_table(built), "", *step_table(built), sep="\n")


if __name__ == "__main__":
    main()
