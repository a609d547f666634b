"""The figures of the demo that the documents carry, from the dataset that `make demo` builds.

    python benchmarks/demo.py [DATASET] [--write]

Prints the blocks; with --write puts them between their marks, `<!-- demo: NAME -->` and `<!-- end of demo -->`, in
README.md and docs/. Signs hang on the last bits of sums, which differ between the kernels of processors, so a block
of signs says on which kernel it was made.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from scenesign.pipeline.output import settle_output
from scenesign.pipeline.run.summary import book_fact, glyph_fact, left_out_fact, scene_fact
from scenesign.schemas.language_names import LANGUAGE_NAMES
from scenesign.schemas.manifest import Manifest
from scenesign.transforms.dataset.in_use import example_in, topics_in_use
from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.signs.glosses.glossary import SignEntry

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "out" / "demo"
NAMES = {code: LANGUAGE_NAMES[code] for code in ("en", "ru", "zh")}
SHOWN = 8
WORDS = 3
OPENING = 68
BLOCK = re.compile(r"(<!-- demo: (\w+) -->\n)(.*?)(<!-- end of demo -->)", re.S)


def kernel() -> str:
    """Which arithmetic this machine does: names of its kernels, and a digest of what they make of fixed numbers.

    The digest is of a matrix product and of k-means on it, by one thread, as the pipeline does both.
    """
    import faiss
    from threadpoolctl import threadpool_info, threadpool_limits

    numbers = np.random.default_rng(0).standard_normal((384, 512), dtype=np.float32)
    faiss.omp_set_num_threads(1)
    with threadpool_limits(1):
        product = numbers @ numbers.T
        means = faiss.Kmeans(384, 18, niter=10, seed=1, min_points_per_centroid=1)
        means.train(product)
    probe = hashlib.blake2b(product.tobytes() + means.centroids.tobytes(), digest_size=4).hexdigest()
    # the matrix library that numpy brings lies in the folder numpy.libs beside it
    found = [pool for pool in threadpool_info() if pool["user_api"] == "blas" and "numpy" in pool["filepath"]]
    blas = " ".join(f"{pool['internal_api']} {pool.get('architecture', '')}" for pool in found) or "unknown BLAS"
    vectors = " ".join(word for word in faiss.get_compile_options().split() if word not in ("OPTIMIZE", "DD"))
    return f"{blas.strip()}; faiss {vectors}; probe {probe}"


def made_on(block: str) -> str | None:
    """The kernel that a block says it was made on."""
    found = re.search(r"<!-- made on: (.*) -->", block)
    return found[1] if found else None


def counts_block(manifest: Manifest) -> str:
    """What the demo read and found; the same on every machine."""
    return " ".join(fact(manifest) for fact in (book_fact, scene_fact, glyph_fact, left_out_fact))


def languages_block(manifest: Manifest) -> str:
    """A row per language; the same on every machine."""
    lines = [
        "| language | books | sentences | scenes | characters | characters per scene |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for code, row in manifest.counts.by_language.items():
        each = row.characters / row.scenes
        lines.append(
            f"| {NAMES[code]} | {row.books} | {row.sentences:,} | {row.scenes} | {row.characters:,} | {each:,.0f} |"
        )
    return "\n".join(lines)


def signs_block(manifest: Manifest, topics: list[SignEntry], made: str) -> str:
    """The most frequent topics, and how many signs translations share. made: the kernel."""
    lines = [
        f"<!-- made on: {made} -->",
        "",
        f"| topic | scenes | {' | '.join(NAMES.values())} | a scene like it begins |",
        "|---|---:|---|---|---|---|",
    ]
    for entry in topics[:SHOWN]:
        example = example_in(entry, tuple(NAMES))
        words = [cell(" ".join(entry.keywords.get(code, ())[:WORDS])) for code in NAMES]
        begins = opening(example.text) if example else ""
        lines.append(f"| {entry.glyph} | {entry.count} | {' | '.join(words)} | {begins} |")
    shared, in_order, chance, chance_in_order = (
        f"{100 * manifest.metrics[f'translations/{name}']:.0f} %"
        for name in ("shared", "shared_in_order", "chance", "chance_in_order")
    )
    lines += [
        "",
        f"{len(topics)} topics in use. Translations of one story share {shared} of them, {in_order} in the same order;",
        f"different stories in different languages {chance} and {chance_in_order}.",
    ]
    return "\n".join(lines)


def cell(text: str) -> str:
    """Text that can't end the cell of a table or begin markup."""
    return re.sub(r"([\\|*_`<\[\]])", r"\\\1", text)


def opening(text: str) -> str:
    """The first words of a scene, cut between words."""
    return cell(text if len(text) <= OPENING else text[:OPENING].rsplit(" ", 1)[0] + " …")


def blocks(dataset: Path, made: str) -> dict[str, str]:
    """All blocks by name. made: the kernel. Raises ValueError or OSError where there is no such dataset."""
    manifest = Manifest.from_json((dataset / "manifest.json").read_text(encoding="utf-8"))
    return {
        "counts": counts_block(manifest),
        "languages": languages_block(manifest),
        "signs": signs_block(manifest, topics_in_use(Dataset(dataset)), made),
    }


def documents() -> list[Path]:
    """The documents that may hold blocks."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def held(text: str) -> dict[str, str]:
    """The blocks that a document holds, by name."""
    return {found[2]: found[3].rstrip("\n") for found in BLOCK.finditer(text)}


def renew(text: str, new: Mapping[str, str], marks: re.Pattern[str] = BLOCK) -> str:
    """The document with its blocks replaced. Raises ValueError for a mark of an unknown name.

    marks: matches a block; its groups are the mark before it, its name, what it holds, and the mark after it.
    """

    def one(found: re.Match[str]) -> str:
        if found[2] not in new:
            raise ValueError(f"there is no block {found[2]!r}; the names are {', '.join(new)}")
        return f"{found[1]}{new[found[2]]}\n{found[4]}"

    return marks.sub(one, text)


def main() -> None:
    """Prints or writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", nargs="?", type=Path, default=DEMO)
    parser.add_argument("--write", action="store_true", help="renew the documents")
    given = parser.parse_args()
    if not (given.dataset / "manifest.json").is_file():
        print(f"{given.dataset} is not here: `make demo` builds it")
        sys.exit(1 if given.write else 0)
    new = blocks(given.dataset, kernel())
    if not given.write:
        print("\n\n".join(f"{name}:\n{block}" for name, block in new.items()))
        return
    for path in documents():
        text = path.read_text(encoding="utf-8")
        if (renewed := renew(text, new)) != text:
            path.write_text(renewed, encoding="utf-8", newline="\n")
            print(f"renewed {path.relative_to(ROOT)}")


if __name__ == "__main__":
    settle_output()
    main()
