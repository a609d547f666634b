"""What a build takes on each engine that runs here: this machine alone, two workers of a pool, and Prism.

    python benchmarks/engines.py [BOOKS] [--repeats 5]

BOOKS is a folder, the example library unless given. Every round runs all of them one after another, and ratios are
taken within a round, so that a machine that has other work too does least harm. Prism's own worker is the command; a
pool's are processes of their own, which are not in the memory shown. `make prism` installs Prism.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.cost.processes import Cost, python
from tests.engines.servers import find_prism, on_pools, on_prism, prism_server, worker_pool
from tests.runs import data_digests


def one_round(books: Path, folder: Path, engines: dict[str, Sequence[str]]) -> dict[str, Cost]:
    """Runs everything once. Raises RuntimeError when an engine writes other data than the first."""
    costs, expected = {}, None
    for name, words in engines.items():
        out = folder / "out"
        beam = ("--", *words) if words else ()
        command = ("-m", "scenesign", "build", books, "-o", out, "--inventory", "fit", "--quiet", *beam)
        costs[name] = python(*command, threads=os.cpu_count() or 1)
        digests = data_digests(out)
        if expected not in (None, digests):
            raise RuntimeError(f"{name}: the data differ from those of a local run")
        expected = digests
        shutil.rmtree(out)
        shutil.rmtree(f"{out}.parts")
    return costs


def table(rounds: Sequence[dict[str, Cost]]) -> list[str]:
    """Markdown: medians, and medians of ratios within a round, to the first."""
    first = next(iter(rounds[0]))
    lines = [f"| engine | seconds | to {first} | peak MB |", "|---|---:|---:|---:|"]
    for name in rounds[0]:
        seconds = statistics.median(costs[name].seconds for costs in rounds)
        slower = statistics.median(costs[name].seconds / costs[first].seconds for costs in rounds)
        peak = statistics.median(costs[name].peak for costs in rounds)
        lines.append(f"| {name} | {seconds:.1f} | {slower:.2f} | {peak / 1e6:,.0f} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("books", nargs="?", type=Path, default=ROOT / "examples" / "library")
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    try:
        program = find_prism()
    except FileNotFoundError as error:
        print(f"nothing to measure: {error}")
        return
    with tempfile.TemporaryDirectory(prefix="scenesign-engines-") as name:
        folder = Path(name)
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        with prism_server(program, folder) as (prism, _), worker_pool(folder, environment) as (pool, _):
            engines: dict[str, Sequence[str]] = {
                "this machine": (),
                "two workers of a pool": on_pools(pool, pool),
                "Prism": on_prism(prism),
                "Prism, a pool": on_prism(prism, pool),
            }
            rounds = []
            for number in range(given.repeats):
                rounds.append(one_round(given.books, folder, engines))
                print(f"round {number + 1} of {given.repeats} done", file=sys.stderr)
    print(f"{given.books.name}, {os.cpu_count()} cores, {given.repeats} rounds\n")
    print("\n".join(table(rounds)))


if __name__ == "__main__":
    main()
