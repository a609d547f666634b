"""What the glyphs of an inventory mean, foretell and keep, on books of any kind.

    python benchmarks/meaning.py [BOOKS_DIR] [--inventory fit|NAME|PATH] [--parts abcde] [--json FILE] [--write]

BOOKS_DIR holds books in any languages that the embedder speaks, in any form that `scenesign build` reads. They are
built into a dataset with scene vectors, once; a build that was stopped goes on. `fit` judges the inventory that this
dataset was written with, on the books that it is from where it was fitted on them; others are judged on books that they
haven't seen if none of them is of an author they were fitted on. docs/meaning.md says what is measured. Intervals hold
95 of 100 samples of the books with replacement.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.inventories.aligned import Aligned, embed_blocks
from benchmarks.meanings import flips, keeping, keywords, neighbours, sharing, titles
from benchmarks.meanings.intervals import Figure
from benchmarks.meanings.peers import judge_peers
from benchmarks.meanings.shelf import FIT, Shelf, build, read_shelf
from benchmarks.meanings.tables import tables
from benchmarks.meanings.translations import read_works_table
from scenesign.pipeline.output import settle_output
from scenesign.transforms.embedders.registry import kept_embedder, pinned
from scenesign.transforms.signs.glosses.glossary import read_glossary
from scenesign.transforms.signs.inventory import check_embedder, inventory_folder, load_inventory, scripts

SHARED = ROOT.parent / "shared" / "data"
PAGE = ROOT / "docs" / "meaning.md"
BLOCK = re.compile(r"(<!-- figures -->\n)(.*?)(<!-- end of figures -->)", re.S)
PARTS = "abcde"


def measure(
    shelf: Shelf, folder: str, aligned: Aligned | None, parts: str, seeds: list[int], flipped: int, peers: bool
) -> Iterator[Figure]:
    """All figures, part by part. folder: of the inventory."""
    info = shelf.inventory.info
    model = kept_embedder(pinned(info.embedder, info.embedder_version)) if set(parts) & {"a", "e"} else None
    glossary = read_glossary(folder)[1] if "b" in parts else []
    ways: dict[str, Callable[[], Iterator[Figure]]] = {
        "a": lambda: titles.judge(shelf, model),  # type: ignore[arg-type]  # it is there for this part
        "b": lambda: _keywords(shelf, keywords.keywords_of(glossary), seeds[0], peers),
        "c": lambda: neighbours.judge(shelf, seeds),
        "d": lambda: _kept_and_shared(shelf, aligned, seeds),
        "e": lambda: flips.judge(shelf, model, flipped, seeds[0]),  # type: ignore[arg-type]
    }
    for part in sorted(parts):
        began = time.perf_counter()
        yield from ways[part]()
        print(f"  part {part}: {time.perf_counter() - began:.0f} s", file=sys.stderr)


def _keywords(shelf: Shelf, known: dict[str, dict[int, list[str]]], seed: int, peers: bool) -> Iterator[Figure]:
    scenes = keywords.documents(shelf)
    yield from keywords.judge("the inventory", scenes, known)
    if peers:
        yield from judge_peers(shelf, scenes, seed)


def _kept_and_shared(shelf: Shelf, aligned: Aligned | None, seeds: list[int]) -> Iterator[Figure]:
    yield from keeping.judge(shelf, seeds)
    yield from sharing.judge(shelf, aligned)


def _parts(text: str) -> str:
    if not text or set(text) - set(PARTS):
        raise argparse.ArgumentTypeError(f"'{text}': parts are letters of {PARTS}")
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("books", type=Path, metavar="BOOKS_DIR", nargs="?", default=SHARED / "books")
    parser.add_argument("--inventory", default=next(iter(scripts()), FIT), help="fit, a script's name, or a folder")
    parser.add_argument("--parts", type=_parts, default=PARTS, help="letters of abcde")
    parser.add_argument("--dataset", type=Path, help="built from BOOKS_DIR with --concepts, instead of building it")
    parser.add_argument("--works", type=Path, help="table of works, columns `file` (end of a source) and `work`")
    parser.add_argument("--aligned", type=Path, help="table of aligned verses in en, ru and zh")
    parser.add_argument("--no-peers", action="store_true", help="leave BERTopic out")
    parser.add_argument("--flips", type=int, default=300, help="scenes of which a sentence is dropped")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "out" / "meaning")
    parser.add_argument("--json", type=Path, help="also write all figures to this file")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/meaning.md")
    given = parser.parse_args()
    if not given.books.exists():
        print(f"{given.books}: not a folder of books, so nothing to measure; give one as BOOKS_DIR")
        return
    dataset = given.dataset or build(given.books.resolve(), given.output.resolve(), given.inventory)
    folder = inventory_folder(str(dataset) if given.inventory == FIT else given.inventory)
    inventory = load_inventory(folder)
    check_embedder(inventory.info, folder)
    works = read_works_table(given.works) if given.works else {}
    shelf = Shelf(read_shelf(dataset, given.books), inventory, works)
    verses = given.aligned or SHARED / "parallel" / "bible" / "aligned_en_ru_zh.tsv"
    aligned = None
    if "d" in given.parts and verses.exists():
        aligned = embed_blocks(verses, inventory.info.embedder, given.output)
    languages = " ".join(sorted({book.language for book in shelf.books}))
    head = f"{len(shelf.books)} books, {len(shelf.owners):,} scenes, {languages}; {inventory!r}; seeds {given.seeds}"
    print(head, "\n")
    peers = not given.no_peers
    figures = list(measure(shelf, folder, aligned, given.parts, given.seeds, given.flips, peers))
    lines = [head, "", *tables(figures)]
    print("\n".join(lines[2:]))
    for pairs in shelf.pairs:
        one, other = (shelf.books[i].work.source for i in (pairs.left, pairs.right))
        print(f"taken for translations: {one} = {other}, {len(pairs.scenes)} scenes", file=sys.stderr)
    if given.json:
        given.json.write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n", encoding="utf-8")
    if given.write:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(BLOCK.sub(lambda found: found[1] + "\n".join(lines) + "\n" + found[3], page), encoding="utf-8")


if __name__ == "__main__":
    settle_output()
    main()
