"""What signs are worth: ours, plain k-means and topics as BERTopic finds them, on the same scenes of unseen books.

    python benchmarks/inventory.py [DATA_DIR] [--aligned FILE] [--signs N ...] [--methods NAME ...] [--json FILE]

DATA_DIR holds books; they are built into a dataset with scene vectors, once. Books are held out in three folds (copies
of a work left out, versions of a work held out together); every method is fitted on two folds and judged on the
third. FILE is a table of aligned verses (`book_id` and columns whose names start with en, ru and zh); blocks of 8
verses are taken for scenes, and inventories are fitted on DATA_DIR, on the verses of other books, and on the very
same verses. Figures are means over the folds, with the lowest and the highest.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.inventories.aligned import Agreement, Aligned, agree, agreement, embed_blocks, halves
from benchmarks.inventories.methods import METHODS, BookVectors, Fit
from benchmarks.inventories.scores import cross_validate, summary
from benchmarks.next_scene.books import read_works, without_copies
from scenesign.pipeline.output import settle_output
from scenesign.transforms.dataset.works import works_of

SHARED = ROOT.parent / "shared" / "data"
FOLDS = 3
EMBEDDER = "use-multilingual"
# Methods whose signs are compared across languages: the others differ in size or levels alone.
ACROSS = ("plain k-means", "UMAP + HDBSCAN, as BERTopic", "ours")


def build(data: Path, output: Path) -> Path:
    """The dataset of all books, with scene vectors; an earlier one is used again."""
    dataset = output / "dataset"
    if not (dataset / "manifest.json").exists():
        command = [sys.executable, "-m", "scenesign", "build", str(data), "-o", str(dataset), "--inventory", "fit"]
        subprocess.run([*command, "--concepts", "float32"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return dataset


def read_books(dataset: Path) -> list[BookVectors]:
    """Books of a dataset, one copy of each work."""
    works, _ = without_copies(read_works(dataset))
    names = works_of((work.book_id, work.language, work.source) for work in works)
    return [BookVectors(w.book_id, w.language, names[w.book_id] or w.book_id, w.vectors) for w in works]


def judge(books: Sequence[BookVectors], names: Sequence[str], sizes: Sequence[int], seed: int) -> list[dict[str, Any]]:
    """A row per method and number of signs."""
    rows = []
    for signs in sizes:
        for name in names:
            if signs != sizes[0] and name in ("UMAP + HDBSCAN, as BERTopic", "ours, auto"):
                continue  # they choose the number themselves
            began = time.perf_counter()
            found = summary(cross_validate(METHODS[name], books, signs, FOLDS, seed))
            rows.append({"method": name, "asked": signs, "seconds": time.perf_counter() - began, "scores": found})
            print(f"  {name}, {signs}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
    return rows


def compare_languages(
    aligned: Aligned, books: Sequence[BookVectors], names: Sequence[str], sizes: Sequence[int], seed: int
) -> list[dict[str, Any]]:
    """A row per method, number of signs and text that the inventory was fitted on."""
    whole = [(aligned.as_books(), aligned)]
    apart = [(fitted.as_books(), asked) for fitted, asked in halves(aligned)]
    sources = {"books": [(list(books), aligned)], "other verses": apart, "the same verses": whole}
    rows = []
    for signs in sizes:
        for name in [name for name in ACROSS if name in names]:
            for source, turns in sources.items():
                if name.startswith("UMAP") and (signs != sizes[0] or source != "books"):
                    continue
                pairs = _agreements(METHODS[name], turns, signs, seed)
                rows.append({"method": name, "asked": signs, "fitted_on": source, "pairs": pairs})
                print(f"  {name}, {signs}, fitted on {source}", file=sys.stderr)
    return rows


def _agreements(
    fit: Fit, turns: Sequence[tuple[Sequence[BookVectors], Aligned]], signs: int, seed: int
) -> dict[str, dict[str, float]]:
    found: dict[tuple[str, str], list[Any]] = {}
    most = 0
    for train, asked in turns:
        method = fit(train, signs, seed)
        most = max(most, method.signs)
        for pair, codes in agreement(method, asked).items():
            found.setdefault(pair, []).append(codes)
    made: dict[str, Agreement] = {f"{a}-{b}": agree(codes, most) for (a, b), codes in found.items()}
    return {pair: asdict(value) for pair, value in made.items()}


COLUMNS = {
    "signs": ("signs", "{:.0f}"),
    "perplexity": ("perplexity", "{:.0f}"),
    "ami_book": ("AMI with book", "{:.3f}"),
    "ami_language": ("AMI with language", "{:.3f}"),
    "saved_unigram": ("bits saved by shares", "{:+.2f}"),
    "saved_bigram": ("by the sign before", "{:+.2f}"),
    "retrieval": ("retrieval@1", "{:.3f}"),
    "retrieval_all": ("with all levels", "{:.3f}"),
    "outliers": ("without a sign", "{:.0%}"),
}


def table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Markdown: means, with lowest and highest of the folds where they matter."""
    lines = [
        "| method | " + " | ".join(title for title, _ in COLUMNS.values()) + " |",
        "|---|" + "---:|" * len(COLUMNS),
    ]
    # what the folds differ in most
    ranged = ("ami_book", "saved_unigram", "retrieval")
    for row in rows:
        cells = []
        for key, (_, form) in COLUMNS.items():
            mean, low, high = row["scores"][key]
            text = form.format(mean)
            cells.append(text + (f" ({form.format(low)} to {form.format(high)})" if key in ranged else ""))
        lines.append(f"| {row['method']} | " + " | ".join(cells) + " |")
    return lines


def aligned_table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Markdown: share of aligned blocks with one sign; in brackets what chance gives, and the cosine of the blocks."""
    pairs = list(rows[0]["pairs"])
    lines = [
        "| method | signs | fitted on | perplexity | " + " | ".join(pairs) + " |",
        "|---|---:|---|---:|" + "---:|" * len(pairs),
    ]
    for row in rows:
        cells = ["{same:.2f} ({chance:.2f}; {cosine:.2f})".format(**row["pairs"][p]) for p in pairs]
        spread = sum(row["pairs"][p]["perplexity"] for p in pairs) / len(pairs)
        head = [row["method"], str(row["asked"]), row["fitted_on"], f"{spread:.0f}"]
        lines.append("| " + " | ".join([*head, *cells]) + " |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DATA_DIR", nargs="?", default=SHARED / "books")
    parser.add_argument("--dataset", type=Path, help="a dataset built with --concepts float32, instead of DATA_DIR")
    parser.add_argument("--aligned", type=Path, help="table of aligned verses")
    parser.add_argument("--signs", type=int, nargs="+", default=[256])
    parser.add_argument("--methods", nargs="+", metavar="NAME", choices=METHODS, default=list(METHODS), help="of these")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "out" / "inventory")
    parser.add_argument("--json", type=Path, help="also write all figures to this file")
    arguments = parser.parse_args()
    if not arguments.dataset and not arguments.data.is_dir():
        print(f"{arguments.data}: not a folder of books, so nothing to measure; give one as DATA_DIR")
        return
    dataset = (arguments.dataset or build(arguments.data.resolve(), arguments.output.resolve())).resolve()
    books = read_books(dataset)
    scenes = sum(len(book.vectors) for book in books)
    print(f"{len(books)} books, {scenes:,} scenes, {FOLDS} folds by book, seed {arguments.seed}\n")
    rows = judge(books, arguments.methods, arguments.signs, arguments.seed)
    print("\n".join(table(rows)), "\n", sep="\n")
    verses: list[dict[str, Any]] = []
    if arguments.data == SHARED / "books" and not arguments.aligned:
        arguments.aligned = SHARED / "parallel" / "bible" / "aligned_en_ru_zh.tsv"
    if arguments.aligned:
        aligned = embed_blocks(arguments.aligned, EMBEDDER, arguments.output)
        print(f"{len(aligned.books):,} blocks of 8 verses in three languages: same sign (by chance; cosine)\n")
        verses = compare_languages(aligned, books, arguments.methods, arguments.signs, arguments.seed)
        print("\n".join(aligned_table(verses)))
    if arguments.json:
        arguments.json.write_text(json.dumps({"books": rows, "aligned": verses}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    settle_output()
    main()
