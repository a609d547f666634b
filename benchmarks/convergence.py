"""Does training on signs pay? Small models of one body on the same books in five forms, judged by two yardsticks.

    python benchmarks/convergence.py [DATA_DIR] [-o OUT] [--quick] [--dataset DATASET]

DATA_DIR holds books; they are built into a dataset with scene vectors, once. Copies of a work are dropped, whole books
are held out, and an inventory is fitted on the training scenes alone. Then models of one body are trained on
characters, on tokens (BPE), on signs of one and of two levels, and on tokens with each scene's sign before it.

Yardstick 1: given the scenes so far, which of 32 comes next (chance: 1 in 32)? Yardstick 2: bits per character.
Floating-point operations are counted by torch, not estimated. Finished runs are kept and not done again.
Writes convergence.json, convergence.md and convergence.png into OUT/full, with --quick into OUT/quick.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

DATA = ROOT.parent / "shared" / "data" / "books"
# --quick reads the openings of so many books of each language.
QUICK_BOOKS, QUICK_CHARACTERS = 3, 250_000


def build(data: Path, output: Path) -> Path:
    """The dataset of all books, with scene vectors; an earlier one is used again."""
    dataset = output / "dataset"
    if not (dataset / "manifest.json").exists():
        command = [sys.executable, "-m", "scenesign", "build", str(data), "-o", str(dataset), "--inventory", "fit"]
        subprocess.run([*command, "--concepts", "float32"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return dataset


def openings(data: Path, output: Path) -> Path:
    """A folder with the openings of the smallest books of each folder of DATA_DIR that are long enough."""
    for folder in sorted(path for path in data.iterdir() if path.is_dir()):
        texts = sorted(folder.glob("*.txt"), key=lambda path: (path.stat().st_size, path.name))
        for path in [text for text in texts if text.stat().st_size > QUICK_CHARACTERS][:QUICK_BOOKS]:
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # the quick look can do without books in other encodings
            target = output / "books" / folder.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text[:QUICK_CHARACTERS], encoding="utf-8")
    return output / "books"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DATA_DIR", nargs="?", default=DATA)
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "out" / "convergence")
    parser.add_argument("--dataset", type=Path, help="a dataset built with --concepts, instead of DATA_DIR")
    parser.add_argument(
        "--quick", action="store_true", help="openings of a few books, small budgets, two seeds: shows that it runs"
    )
    parser.add_argument("--only", nargs="*", metavar="FORM", help="these forms alone")
    parser.add_argument("--at-once", type=int, help="runs side by side [default: one per core]")
    arguments = parser.parse_args()
    if not arguments.dataset and not arguments.data.is_dir():
        print(f"{arguments.data}: not a folder of books, so nothing to measure; give one as DATA_DIR")
        return
    from benchmarks.next_scene.baselines import baselines, preparation
    from benchmarks.next_scene.books import read_works, shelve
    from benchmarks.next_scene.plan import FULL, QUICK, entries, jobs_of, perform_all, write_corpus, write_questions
    from benchmarks.next_scene.questions import ask
    from benchmarks.next_scene.report import report

    began = time.perf_counter()
    scale = QUICK if arguments.quick else FULL
    output = arguments.output.resolve() / ("quick" if arguments.quick else "full")
    output.mkdir(parents=True, exist_ok=True)
    if arguments.dataset:
        dataset = arguments.dataset.resolve()
    else:
        data = arguments.data.resolve()
        dataset = build(openings(data, output) if arguments.quick else data, output)
    shelf = shelve(read_works(dataset), scale.least_scenes)
    questions = ask(shelf.test, scale.questions)
    asked = write_questions(questions, output)
    chosen = [e for e in entries(shelf, scale) if not arguments.only or e.key in arguments.only]
    jobs = {e.key: jobs_of(e, write_corpus(e, output), asked, scale) for e in chosen}
    done = iter(perform_all([job for own in jobs.values() for job in own], output / "runs", arguments.at_once))
    print(
        report(
            output=output,
            scale=asdict(scale),
            shelf=shelf,
            entries=chosen,
            results={key: [next(done) for _ in own] for key, own in jobs.items()},
            baselines=baselines(shelf, questions),
            preparation=preparation(shelf, dataset),
            seconds=time.perf_counter() - began,
        )
    )


if __name__ == "__main__":
    main()
