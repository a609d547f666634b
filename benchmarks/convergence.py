"""Does training on signs pay? Models of the same books in nine forms, asked which scene comes next.

    python benchmarks/convergence.py [LIBRARY] [-o OUT] [--quick] [--only FORM ...] [--finished] [--parts PARTS]

LIBRARY holds archives of texts, one a language, with `manifest.tsv`; or folders of .txt files, one a language. Whole
authors are held out, works in several languages with them; an inventory is fitted on the other works alone, and all are
encoded with it. Models are trained on characters, on tokens (BPE), on topics, two and four glyphs, with and without the
cast, and on scene vectors, on shelves of growing size.

The yardstick: given the scenes so far, which of 32 comes next (chance: 1 in 32), and which of six scenes opens the next
chapter? Floating-point operations are counted by torch; energy is seconds times a stated power. Finished builds and
runs are kept and not done again. Writes convergence.json, convergence.md and convergence.png into OUT/full, with
--quick into OUT/quick.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

LIBRARY = ROOT.parent / "shared" / "library"
DEMO = ROOT / "examples" / "library"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("library", type=Path, metavar="LIBRARY", nargs="?")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "out" / "convergence")
    parser.add_argument("--quick", action="store_true", help="the stories that come with the project, small budgets")
    parser.add_argument("--parts", type=Path, help="finished books of earlier builds, to go on with")
    parser.add_argument("--only", nargs="*", default=[], metavar="FORM", help="train these forms alone")
    parser.add_argument("--at-once", type=int, help="runs side by side [default: one per core]")
    parser.add_argument("--finished", action="store_true", help="report the runs that earlier calls left; start none")
    arguments = parser.parse_args()
    given = arguments.library or (DEMO if arguments.quick else LIBRARY)
    if not given.is_dir():
        print(f"{given}: not a folder of books, so nothing to measure; give one as LIBRARY")
        return
    print(
        measure(
            given,
            arguments.output.resolve(),
            arguments.quick,
            arguments.parts,
            arguments.only,
            arguments.at_once,
            arguments.finished,
        )
    )


def measure(
    given: Path,
    output: Path,
    quick: bool,
    parts: Path | None = None,
    only: Sequence[str] = (),
    at_once: int | None = None,
    finished: bool = False,
) -> str:
    """Builds, trains, asks and reports; returns the Markdown. finished: trains nothing anew."""
    from benchmarks.next_scene.costs import preparation
    from benchmarks.next_scene.counting import topic_bits, unigram_bits
    from benchmarks.next_scene.library import build, packed, sizes_of
    from benchmarks.next_scene.likeness import untrained
    from benchmarks.next_scene.plan import FULL, QUICK, already_done, jobs_of, perform_all, pose
    from benchmarks.next_scene.report import report
    from benchmarks.next_scene.shelf import read_shelf

    scale = QUICK if quick else FULL
    output = output / ("quick" if quick else "full")
    output.mkdir(parents=True, exist_ok=True)
    library = given if any(given.glob("*.zip")) else packed(given, output / "library")
    built = build(library, output, scale.topics, parts)
    shelf = read_shelf(built)
    asked, choosing, file = pose(shelf, scale, output)
    sizes = sizes_of(len(shelf.train.works), scale.books)
    jobs = jobs_of(shelf, scale, sizes, file, output, only)
    jobs = already_done(jobs, output / "runs") if finished else jobs
    runs = perform_all(jobs, output / "runs", at_once)
    train, *others = (
        [told.codes[:, 0].astype(int) for told in side.told] for side in (shelf.train, shelf.validation, shelf.test)
    )
    number = shelf.inventory.info.sizes[0]
    return report(
        output=output,
        scale=asdict(scale),
        shelf=shelf,
        questions=asked,
        runs=runs,
        ways=untrained(shelf, asked, choosing),
        counted=topic_bits(train, *others, number),
        unigram={size: unigram_bits(train[:size], others[1], number) for size in sizes},
        made=preparation(shelf.train, built.fitted),
    )


if __name__ == "__main__":
    main()
