"""How well scenes are found, next to simpler ways and other programs, on texts whose segments are known.

    python benchmarks/segmentation.py [DATA_DIR] [--shared DIR] [--embedder NAME ...] [--leave-one-out] [--json FILE]
        [--no-peers] [--no-files] [--no-gold]

DATA_DIR is searched for `*.ref` files (Choi 2000: a sentence a line, `==========` between segments) and `*.csv` files
(`label,sentence` without a header; label 1: a scene starts here). Of these every method gets the sentences and nothing
else. The annotated chapters (`benchmarks/gold.py`) come with their books, which are in DIR: ours finds scenes in the
whole book, with its language, paragraphs and headings, and its scenes inside the chapter are scored; the others get the
chapter's sentences. They are grouped by language.

Ours runs with its defaults, and again with one part at a time switched off. `even` and `random` get as many scenes as
ours found; `random` is the mean of twenty draws. Pk and WindowDiff are those of nltk, with windows of half the mean
length of the true segments. Boundaries are counted without the first sentence of a document: F1@0 and F1@3 match each
once, `F1 lsx` and B (boundary similarity) are said in `benchmarks/segmentations/scores.py`. Intervals are the middle
95 % of the mean over 2,000 samples of the documents with replacement.

With --leave-one-out the penalty is chosen for each story and each annotated chapter: of .7, .85, 1, 1.2 and 1.4 the one
with the best mean F1@3 on the others (of other books).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.gold import read_gold
from benchmarks.segmentations.answers import SHIPPED, Row, by_book, choose, rows_of
from benchmarks.segmentations.passages import Passage, of_gold, read_passages
from benchmarks.segmentations.rivals import Find, semantic_chunker, text_tiling
from benchmarks.segmentations.speed import SENTENCES, Speed, speed
from benchmarks.segmentations.tables import chosen_lines, files_table, groups_table, summaries
from scenesign.pipeline.output import settle_output
from scenesign.transforms.embedders.registry import embedder_info, load_embedder
from scenesign.transforms.embedders.texts import embed_texts, prose_texts

SHARED = ROOT.parent / "shared"
EMBEDDERS = ("use-multilingual", "minilm")


@dataclass(frozen=True)
class Result:
    """All rows of one embedder."""

    embedder: str
    rows: list[Row]
    speed: Speed


def gold_passages(shared: Path) -> list[Passage]:
    """The annotated chapters of the books under a folder; none, and a line that says so, where these are absent."""
    try:
        return [of_gold(text) for text in read_gold(shared)]
    except (OSError, KeyError) as error:
        print(f"no annotated chapters: {error}; give the folder of their books as --shared")
        return []


def run(
    passages: Sequence[Passage], embedder: str, peers: bool, leave_one_out: bool = False, long: int | None = None
) -> Result:
    """Every method on every passage with one embedder.

    passages: of which those in languages that the embedder knows are judged, at least one; long: sentences of the book
    that speed is measured on, SENTENCES unless given.
    """
    model = load_embedder(embedder)
    known = embedder_info(embedder).languages
    books = by_book([passage for passage in passages if not known or passage.book.book.language in known])
    texts = list(dict.fromkeys(text for same in books for text in prose_texts(same[0].book)))
    began = time.perf_counter()
    vectors = embed_texts(model, texts)
    rate = len(texts) / (time.perf_counter() - began)
    others: dict[str, Find] = {}
    if peers:
        for name, make in (("nltk TextTiling", text_tiling), ("chonkie", lambda: semantic_chunker(model))):
            try:
                others[name] = make()
            except ImportError as error:
                print(f"no row for {name}: {error}; pip install 'scenesign[bench]'")
    places = {text: i for i, text in enumerate(texts)}
    rows: list[Row] = []
    for same in books:
        book = same[0].book
        with_vectors = book.with_fields(vectors=vectors[np.array([places[text] for text in prose_texts(book)])])
        rows += rows_of(same, with_vectors, embedder, others, leave_one_out)
    if leave_one_out:
        rows += choose(rows)
    return Result(embedder, rows, speed(texts, vectors, rate, embedder, long or SENTENCES))


def show(result: Result, files: bool) -> None:
    """Prints one embedder's tables: each document of ours, then each folder and kind for every method."""
    parts = [[f"## {result.embedder}"], files_table(result.rows) if files else [], groups_table(result.rows)]
    for lines in (*parts, chosen_lines(result.rows), result.speed.lines()):
        if lines:
            print("\n" + "\n".join(lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DATA_DIR", nargs="?", default=SHARED / "data" / "segmentation")
    parser.add_argument(
        "--shared", type=Path, metavar="DIR", default=SHARED, help="the books of the annotated chapters"
    )
    parser.add_argument("--embedder", nargs="+", default=list(EMBEDDERS), help="names, as of `scenesign build`")
    parser.add_argument("--leave-one-out", action="store_true", help="the penalty that is best on the other documents")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every number of every document")
    parser.add_argument("--no-peers", action="store_true", help="without nltk TextTiling and chonkie")
    parser.add_argument("--no-files", action="store_true", help="tables by folder only")
    parser.add_argument("--no-gold", action="store_true", help="without the annotated chapters")
    arguments = parser.parse_args()
    passages = read_passages(arguments.data) if arguments.data.is_dir() else []
    if not passages:
        print(f"{arguments.data}: no *.ref or *.csv here; give the folder as DATA_DIR")
    if not arguments.no_gold and arguments.shared.is_dir():
        passages += gold_passages(arguments.shared)
    if not passages:
        print("nothing to measure")
        return
    results = [run(passages, name, not arguments.no_peers, arguments.leave_one_out) for name in arguments.embedder]
    for result in results:
        show(result, not arguments.no_files)
    if arguments.json:
        content = {
            "options": asdict(SHIPPED),
            "results": [
                {
                    "embedder": result.embedder,
                    "speed": asdict(result.speed),
                    "summaries": summaries(result.rows),
                    "rows": [row.flat() for row in result.rows],
                }
                for result in results
            ],
        }
        arguments.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    settle_output()
    main()
