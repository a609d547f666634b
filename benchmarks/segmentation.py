"""How well scenes are found, next to simpler ways and other programs, on texts whose segments are known.

    python benchmarks/segmentation.py [DATA_DIR] [--embedder NAME ...] [--json FILE] [--no-peers]

DATA_DIR is searched for `*.ref` files (Choi 2000: a sentence a line, `==========` between segments) and `*.csv` files
(`label,sentence` without a header; label 1: a scene starts here). Every method gets the sentences and nothing else.
Ours runs with its defaults, and again with one part at a time switched off. `even` and `random` get as many scenes as
ours found; `random` is the mean of twenty draws. Pk and WindowDiff are those of nltk, with windows of half the mean
length of the true segments. Boundaries are counted without the first sentence of a document, each matched once.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean, pstdev
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.gold import Starts, matched
from scenesign.pipeline.output import settle_output
from scenesign.schemas.records import Block, Book, SegmentedBook, Sentence, text_digest
from scenesign.transforms.embedders.registry import load_embedder
from scenesign.transforms.embedders.texts import embed_texts
from scenesign.transforms.scenes.change_points import best_starts
from scenesign.transforms.scenes.find import SceneOptions, find_scenes

DATA = ROOT.parent / "shared" / "data" / "segmentation"
EMBEDDERS = ("use-multilingual", "minilm")
SHIPPED = SceneOptions()
ABLATIONS = {
    "without cues": replace(SHIPPED, cues=False),
    "without calibration": replace(SHIPPED, calibrate=False),
    "without prior on centres": replace(SHIPPED, pull=0.0),
    "scenes of at most 40": replace(SHIPPED, max_sentences=40),
}
METRICS = ("pk", "windowdiff", "precision0", "recall0", "f0", "precision3", "recall3", "f3")


@dataclass(frozen=True)
class Document:
    """A text with known segments. starts: indices into sentences, ascending, the first 0."""

    name: str
    folder: str
    sentences: tuple[str, ...]
    starts: Starts


def read_ref(text: str) -> tuple[list[str], Starts]:
    """Sentences and segment starts of a file in Choi's format."""
    sentences: list[str] = []
    starts: list[int] = []
    for line in text.splitlines():
        if line.startswith("=========="):
            starts.append(len(sentences))
        elif line.strip():
            sentences.append(" ".join(line.split()))
    return sentences, tuple(sorted({0, *(start for start in starts if start < len(sentences))}))


def read_gold(lines: Sequence[str] | Iterator[str]) -> tuple[list[str], Starts]:
    """Sentences and scene starts of a `label,sentence` file; a blank sentence hands its label on."""
    sentences: list[str] = []
    starts = {0}
    for row in csv.reader(lines):
        if len(row) < 2:
            continue
        if row[0].strip() == "1":
            starts.add(len(sentences))
        if row[1].strip():
            sentences.append(" ".join(row[1].split()))
    return sentences, tuple(sorted(start for start in starts if start < len(sentences)))


def read_documents(folder: Path) -> list[Document]:
    """Every document under a folder, by path."""
    documents = []
    for path in sorted([*folder.rglob("*.ref"), *folder.rglob("*.csv")]):
        if path.suffix == ".ref":
            sentences, starts = read_ref(path.read_text(encoding="utf-8", errors="replace"))
        else:
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                sentences, starts = read_gold(file)
        if len(sentences) > 1:
            name = path.relative_to(folder)
            documents.append(Document(str(name), str(name.parent), tuple(sentences), starts))
    return documents


def score(gold: Starts, found: Starts, sentences: int) -> dict[str, float]:
    """The METRICS of one document, and `found` and `gold` scenes."""
    from nltk.metrics.segmentation import pk, windowdiff

    window = max(1, min(round(sentences / len(gold) / 2), sentences - 1))
    truth, guess = (_gaps(starts, sentences) for starts in (gold, found))
    result = {
        "pk": float(pk(truth, guess, k=window)),
        "windowdiff": float(windowdiff(truth, guess, k=window)),
        "found": float(len(found)),
        "gold": float(len(gold)),
    }
    for within in (0, 3):
        hits = matched(gold[1:], found[1:], within)
        precision = hits / (len(found) - 1) if len(found) > 1 else float(len(gold) == 1)
        recall = hits / (len(gold) - 1) if len(gold) > 1 else 1.0
        both = precision + recall
        result[f"precision{within}"], result[f"recall{within}"] = precision, recall
        result[f"f{within}"] = 2 * precision * recall / both if both else 0.0
    return result


def _gaps(starts: Starts, sentences: int) -> str:
    """One character per gap between two sentences: 1 where a segment starts after it."""
    inner = set(starts)
    return "".join("1" if i in inner else "0" for i in range(1, sentences))


def as_book(sentences: Sequence[str], vectors: np.ndarray) -> SegmentedBook:
    """The sentences as a book of one paragraph: these files don't say where paragraphs are."""
    text = " ".join(sentences)
    ends = np.cumsum([len(sentence) + 1 for sentence in sentences]) - 1
    spans = tuple(Sentence(int(end) - len(s), int(end)) for s, end in zip(sentences, ends, strict=True))
    book = Book(text_digest(text), "", "en", text, (Block(0, len(text)),), "benchmark")
    return SegmentedBook(book, spans, vectors)


def even(sentences: int, scenes: int) -> Starts:
    """Scenes of equal length."""
    return tuple(sorted({sentences * i // scenes for i in range(scenes)}))


def random_starts(sentences: int, scenes: int, seed: int) -> Starts:
    """Scenes at random."""
    inner = np.random.default_rng([seed, sentences]).permutation(sentences - 1)[: scenes - 1] + 1
    return (0, *sorted(int(i) for i in inner))


def text_tiling() -> Callable[[Sequence[str]], Starts]:
    """Hearst's TextTiling as nltk has it, with its defaults; each sentence is a paragraph."""
    import spacy
    from nltk.tokenize.texttiling import TextTilingTokenizer

    tiler = TextTilingTokenizer(stopwords=sorted(spacy.blank("en").Defaults.stop_words))

    def find(sentences: Sequence[str]) -> Starts:
        try:
            tiles = tiler.tokenize("\n\n" + "\n\n".join(sentences) + "\n\n")
        except (ValueError, IndexError):  # it gives up on short texts
            return (0,)
        starts, at = {0}, 0
        for tile in tiles:
            starts.add(at)
            at += sum(1 for paragraph in tile.split("\n\n") if paragraph.strip())
        return tuple(sorted(start for start in starts if start < len(sentences)))

    return find


def semantic_chunker(model: Any) -> Callable[[Sequence[str]], Starts]:
    """chonkie's SemanticChunker with its defaults, given our sentences (a line each) and our embedder."""
    from chonkie import SemanticChunker
    from chonkie.embeddings import BaseEmbeddings

    class Ours(BaseEmbeddings):  # type: ignore[misc]
        known: dict[str, np.ndarray]

        def embed(self, text: str) -> np.ndarray:
            return self.embed_batch([text])[0]

        def embed_batch(self, texts: list[str]) -> list[np.ndarray]:
            new = [text for text in dict.fromkeys(texts) if text not in self.known]
            self.known.update(zip(new, embed_texts(model, new) if new else (), strict=True))
            return [self.known[text] for text in texts]

        @property
        def dimension(self) -> int:
            return int(self.embed("x").shape[0])

        def get_tokenizer(self) -> Any:
            return "character"

    embeddings = Ours()
    embeddings.known = {}
    chunker = SemanticChunker(embeddings, delim="\n", min_characters_per_sentence=1)

    def find(sentences: Sequence[str]) -> Starts:
        chunks = chunker.chunk("\n".join(sentences))
        starts, at = [], 0
        for chunk in chunks:
            starts.append(at)
            at += chunk.text.count("\n")
        return tuple(start for start in sorted({0, *starts}) if start < len(sentences))

    return find


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Mean and standard deviation over documents."""
    result: dict[str, float] = {"documents": float(len(rows))}
    for metric in (*METRICS, "found", "gold"):
        result[metric] = mean(row[metric] for row in rows)
        result[metric + "_sd"] = pstdev(row[metric] for row in rows)
    return result


def run(documents: Sequence[Document], embedder: str, peers: bool) -> dict[str, Any]:
    """Every method on every document with one embedder."""
    model = load_embedder(embedder)
    texts = list(dict.fromkeys(text for document in documents for text in document.sentences))
    began = time.perf_counter()
    known = dict(zip(texts, embed_texts(model, texts), strict=True))
    rate = len(texts) / (time.perf_counter() - began)
    others: dict[str, Callable[[Sequence[str]], Starts]] = {}
    if peers:
        for name, make in (("nltk TextTiling", text_tiling), ("chonkie", lambda: semantic_chunker(model))):
            try:
                others[name] = make()
            except ImportError as error:
                print(f"no row for {name}: {error}; pip install 'scenesign[bench]'")
    rows: list[dict[str, Any]] = []
    for document in documents:
        vectors = np.stack([known[text] for text in document.sentences])
        book, n = as_book(document.sentences, vectors), len(vectors)
        began = time.perf_counter()
        ours = find_scenes(book, SHIPPED)
        seconds = time.perf_counter() - began
        answers = {"scenesign": ours, "even": even(n, len(ours))}
        answers |= {name: find_scenes(book, options) for name, options in ABLATIONS.items()}
        answers |= {name: find(document.sentences) for name, find in others.items()}
        scores = {name: score(document.starts, starts, n) for name, starts in answers.items()}
        draws = [score(document.starts, random_starts(n, len(ours), seed), n) for seed in range(20)]
        scores["random"] = {key: mean(draw[key] for draw in draws) for key in draws[0]}
        scores["scenesign"]["sentences_per_second"] = n / seconds
        rows += [
            {"method": name, "document": document.name, "folder": document.folder, "sentences": n, **values}
            for name, values in scores.items()
        ]
    return {"embedder": embedder, "embedded_per_second": rate, "rows": rows} | search_speed(known)


def search_speed(known: dict[str, np.ndarray], sentences: int = 50_000) -> dict[str, float]:
    """Sentences per second of the search alone, on one long book without chapters made of these vectors."""
    vectors = np.resize(np.stack(list(known.values())), (sentences, len(next(iter(known.values())))))
    began = time.perf_counter()
    best_starts(vectors, 1.0, SHIPPED.min_sentences, SHIPPED.max_sentences, pull=SHIPPED.pull)
    return {"searched_per_second": sentences / (time.perf_counter() - began)}


def show(result: dict[str, Any], files: bool) -> None:
    """Prints one embedder's tables: each document of ours, then each folder and kind for every method."""
    rows = result["rows"]
    print(f"\n## {result['embedder']}\n")
    if files:
        print("| document | sentences | Pk | WindowDiff | F1@0 | P@3 | R@3 | F1@3 | found/gold | sentences/s |")
        print("|---|---|---|---|---|---|---|---|---|---|")
        for row in rows:
            if row["method"] == "scenesign":
                print(
                    f"| {row['document']} | {row['sentences']} | {row['pk']:.3f} | {row['windowdiff']:.3f} | "
                    f"{row['f0']:.3f} | {row['precision3']:.3f} | {row['recall3']:.3f} | {row['f3']:.3f} | "
                    f"{row['found']:.0f}/{row['gold']:.0f} | {row['sentences_per_second']:,.0f} |"
                )
        print()
    print("| texts | documents | method | Pk | WindowDiff | F1@0 | P@3 | R@3 | F1@3 | found/gold |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    kinds = {"all *.ref": ".ref", "all *.csv": ".csv"}
    for group in (*sorted({row["folder"] for row in rows}), *kinds):
        for method in dict.fromkeys(row["method"] for row in rows):
            chosen = [
                row
                for row in rows
                if row["method"] == method
                and (row["document"].endswith(kinds[group]) if group in kinds else row["folder"] == group)
            ]
            if chosen:
                s = summary(chosen)
                print(
                    f"| {group} | {s['documents']:.0f} | {method} | {s['pk']:.3f} ± {s['pk_sd']:.3f} | "
                    f"{s['windowdiff']:.3f} ± {s['windowdiff_sd']:.3f} | {s['f0']:.3f} | {s['precision3']:.3f} | "
                    f"{s['recall3']:.3f} | {s['f3']:.3f} ± {s['f3_sd']:.3f} | {s['found']:.1f}/{s['gold']:.1f} |"
                )
    embedded, searched = result["embedded_per_second"], result["searched_per_second"]
    print(
        f"\nembedding {embedded:,.0f} sentences/s; the search alone {searched:,.0f} sentences/s, "
        f"{embedded / searched:.2%} of the time that embedding takes"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DATA_DIR", nargs="?", default=DATA)
    parser.add_argument("--embedder", nargs="+", default=list(EMBEDDERS), help="names, as of `scenesign build`")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every number of every document")
    parser.add_argument("--no-peers", action="store_true", help="without nltk TextTiling and chonkie")
    parser.add_argument("--no-files", action="store_true", help="tables by folder only")
    arguments = parser.parse_args()
    documents = read_documents(arguments.data) if arguments.data.is_dir() else []
    if not documents:
        print(f"{arguments.data}: no *.ref or *.csv here, so nothing to measure; give the folder as DATA_DIR")
        return
    results = [run(documents, name, not arguments.no_peers) for name in arguments.embedder]
    for result in results:
        show(result, not arguments.no_files)
    if arguments.json:
        content = {"options": asdict(SHIPPED), "results": results}
        arguments.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    settle_output()
    main()
