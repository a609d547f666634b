"""Books as scenes, read from a dataset, one copy of each work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.dataset as ds

# Two texts that share this much of their 24-letter runs are copies or editions of one work.
SAME_WORK = 0.1
_RUN, _SKETCH = 24, 2000
# What is longer is no heading.
_HEADING = 80


@dataclass(frozen=True, eq=False)
class Work:
    """A book as scenes.

    texts: they join to the clean text. vectors: float32 [scenes, D], unit length, as embedded. chapters: indices of
    scenes that open with a heading.
    """

    book_id: str
    title: str
    language: str
    source: str
    texts: tuple[str, ...]
    vectors: np.ndarray
    chapters: frozenset[int]

    @property
    def characters(self) -> int:
        return sum(map(len, self.texts))

    def body(self, scene: int) -> str:
        """A scene without the headings that it opens with."""
        text = self.texts[scene]
        if scene not in self.chapters:
            return text
        blocks = text.split("\n\n")
        heads = next((i for i, block in enumerate(blocks) if i and len(block) > _HEADING), len(blocks))
        return "\n\n".join(blocks[heads:]) or text


def read_works(dataset: Path) -> list[Work]:
    """The books of a dataset that was built with `--concepts`, by book id.

    Raises ValueError saying so when it was built without.
    """
    if not (dataset / "concepts").is_dir():
        raise ValueError(f"{dataset} has no folder `concepts`; build it with --concepts float32")
    sequences = {
        row["book_id"]: row
        for row in ds.dataset(dataset / "sequences", partitioning="hive")
        .to_table(columns=["book_id", "title", "source", "chapters"])
        .to_pylist()
    }
    works = []
    # a data card lies beside the Parquet files
    concepts = ds.dataset(dataset / "concepts", partitioning="hive", format="parquet", exclude_invalid_files=True)
    for batch in concepts.to_batches(batch_size=1):
        for i in range(batch.num_rows):
            book_id = batch["book_id"][i].as_py()
            column = batch["scene_vectors"][i].values
            vectors = column.flatten().to_numpy(zero_copy_only=False).reshape(len(column), -1).astype(np.float32)
            row = sequences[book_id]
            works.append(
                Work(
                    book_id=book_id,
                    title=row["title"],
                    language=batch["language"][i].as_py(),
                    source=row["source"],
                    texts=tuple(batch["text_scenes"][i].as_py()),
                    vectors=vectors,
                    chapters=frozenset(row["chapters"]),
                )
            )
    return sorted(works, key=lambda w: w.book_id)


def sketch(text: str) -> frozenset[int]:
    """The lowest hashes of a text's runs of letters (a bottom-k sketch): like texts have like sketches."""
    letters = "".join(filter(str.isalpha, text.casefold()))
    codes = np.frombuffer(letters.encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    runs = max(1, len(codes) - _RUN + 1)
    hashes = np.zeros(runs, dtype=np.uint64)
    for i in range(min(_RUN, len(codes))):  # a polynomial hash, all runs at once; it wraps around
        hashes = (hashes + codes[i : i + runs]) * np.uint64(0x9E3779B97F4A7C15)
        hashes ^= hashes >> np.uint64(29)
    # only the lowest matter: those under a bound that some four times as many as wanted fall under
    low = hashes[hashes <= np.uint64(min(1.0, 4 * _SKETCH / runs) * (2.0**64 - 2048))]
    return frozenset(np.unique(low)[:_SKETCH].tolist())


def alike(a: frozenset[int], b: frozenset[int]) -> float:
    """Estimated share of runs that two texts have in common (Jaccard), 0..1."""
    union = sorted(a | b)[:_SKETCH]
    return len(a & b & set(union)) / max(1, len(union))


def without_copies(works: Sequence[Work]) -> tuple[list[Work], list[str]]:
    """One copy of each work, the first by source, and the sources of the others."""
    kept: list[tuple[Work, frozenset[int]]] = []
    copies = []
    for work in sorted(works, key=lambda w: w.source):
        print_of = sketch("".join(work.texts))
        if any(other.language == work.language and alike(print_of, seen) >= SAME_WORK for other, seen in kept):
            copies.append(work.source)
        else:
            kept.append((work, print_of))
    return sorted((work for work, _ in kept), key=lambda w: w.book_id), copies
