"""What a build costs beside embedding alone, a plain script and BERTopic: same books, same embedder, same threads.

    python benchmarks/overhead.py [DATA_DIR] [--books 40] [--sentences 300] [--repeats 3] [--workers 1 2] [--no-peers]

Every round runs all of them one after another, each in a process of its own, and ratios are taken within a round, so
that a machine that has other work too does least harm; CPU time says what the clock would on an idle one. `encode` is
the call of `embed_texts` alone, on all sentences at once, without imports and loading; all others are whole processes.
`--workers` is a limit: a build of few books takes fewer processes. Where a build's time goes comes
from Beam's own samples.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.cost.corpus import gather, write_books
from benchmarks.cost.processes import Cost, python

TASKS = "benchmarks.cost.tasks"
STEPS = {  # steps of the graph by what a reader calls them
    "read books": ("ReadBooks", "ListInputs"),
    "split sentences": ("SkipFinished", "SplitSentences"),
    "embed": ("EmbedSentences",),
    "find scenes": ("FindScenes",),
    "write parts": ("WriteParts", "ResolveBooks"),
    "inventory and glossary": ("ChooseInventory", "SampleVectors", "FitInventory", "MeasureNovelty", "FreezeInventory"),
    "assign signs": ("AssignSigns", "SpreadParts"),
    "find the cast": ("FindCast", "NameCastless", "Castless"),
    "write dataset, card": ("WriteDataset", "Summarise"),
}


def one_round(folder: Path, books: Path, sentences: Path, workers: list[int], peers: bool) -> dict[str, Cost]:
    """Runs everything once."""
    cores = os.cpu_count() or 1
    costs = {}
    whole = python("-m", TASKS, "encode", sentences, folder / "encode.json", threads=cores)
    call = json.loads((folder / "encode.json").read_text(encoding="utf-8"))
    costs["encode"] = Cost(call["seconds"], call["cpu"], whole.peak)
    costs["encode, whole process"] = whole
    for count in workers:
        out = folder / f"out-{count}"
        arguments = (books, "-o", out, "--quiet", "--workers", count, "--concepts", "float16")
        name = f"build, --workers {count}"
        costs[name] = python("-m", TASKS, "build", folder / f"steps-{count}.json", *arguments, threads=cores // count)
        shutil.rmtree(out)
        shutil.rmtree(f"{out}.parts")
    if peers:
        for name in ("plain", "bertopic"):
            costs[name] = python("-m", TASKS, name, sentences, folder / f"{name}.parquet", threads=cores)
    return costs


def cost_table(rounds: list[dict[str, Cost]]) -> list[str]:
    """Markdown: medians, and medians of ratios within a round."""
    lines = ["| | seconds | to `encode` | CPU seconds | to `encode` | peak MB |", "|---|---:|---:|---:|---:|---:|"]
    for name in rounds[0]:
        seconds, cpu, peak = (
            statistics.median(getattr(costs[name], what) for costs in rounds) for what in ("seconds", "cpu", "peak")
        )
        slower = statistics.median(costs[name].seconds / costs["encode"].seconds for costs in rounds)
        dearer = statistics.median(costs[name].cpu / costs["encode"].cpu for costs in rounds)
        lines.append(f"| {name} | {seconds:.1f} | {slower:.2f} | {cpu:.1f} | {dearer:.2f} | {peak / 1e6:,.0f} |")
    return lines


def step_table(steps: dict[str, float], whole: float) -> list[str]:
    """Markdown: seconds per step, as Beam sampled them; the rest is imports, loading, the graph and the report."""
    spent = {
        name: sum(s for label, s in steps.items() if label.split("/")[0] in labels) for name, labels in STEPS.items()
    }
    spent["imports, loading, Beam, report"] = whole - sum(spent.values())
    return ["| step | seconds | share |", "|---|---:|---:|"] + [
        f"| {name} | {seconds:.1f} | {seconds / whole:.1%} |" for name, seconds in spent.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=ROOT.parent / "shared" / "data" / "books")
    parser.add_argument("--books", type=int, default=40)
    parser.add_argument("--sentences", type=int, default=300, help="of each book, at least")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if not given.data.is_dir():
        print(f"{given.data}: not a folder of books, so nothing to measure; give one as DATA_DIR")
        return
    chosen = gather(given.data, given.sentences, given.seed)[: given.books]
    if not chosen:
        sys.exit(f"{given.data}: no book with chapters of {given.sentences} sentences")
    with tempfile.TemporaryDirectory(prefix="scenesign-overhead-") as name:
        folder = Path(name)
        total = write_books(chosen, folder / "books")
        sentences = folder / "sentences.json"
        sentences.write_text(json.dumps([excerpt.sentences for excerpt in chosen]), encoding="utf-8")
        rounds = []
        for number in range(given.repeats):
            rounds.append(one_round(folder, folder / "books", sentences, given.workers, not given.no_peers))
            print(f"round {number + 1} of {given.repeats} done", file=sys.stderr)
        print(f"{len(chosen)} books, {total:,} sentences, {os.cpu_count()} cores, {given.repeats} rounds\n")
        print("\n".join(cost_table(rounds)))
        first = given.workers[0]
        steps = json.loads((folder / f"steps-{first}.json").read_text(encoding="utf-8"))["steps"]
        whole = next(cost.seconds for name, cost in rounds[-1].items() if name == f"build, --workers {first}")
        print(f"\nA build with --workers {first}, last round:\n")
        print("\n".join(step_table(steps, whole)))


if __name__ == "__main__":
    main()
