"""FreezeInventory: signs in order of frequency, each with its glossary entry; the inventory as it is published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import apache_beam as beam
import faiss
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from scenesign.schemas.parts import AssignmentEntry
from scenesign.schemas.tables import SIGN_TABLE
from scenesign.transforms.parts.write import read_row
from scenesign.transforms.signs.assign import read_assignments
from scenesign.transforms.signs.glyphs import glyph
from scenesign.transforms.signs.inventory import Inventory, load_inventory, save_inventory
from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.signs.tally import KeywordCounts, SceneRef, SignTally, content_words, opening, shown_examples
from scenesign.transforms.signs.tokenizer import tokenizer_files
from scenesign.transforms.support import storage

NEIGHBOURS = 5
# A scene farther from its codewords than this share of all scenes is marked as novel.
NOVEL_PERCENTILE = 99.9


def frequency_order(counts: np.ndarray, sizes: Sequence[int]) -> list[np.ndarray]:
    """Per level the old codes in their new order: most frequent first, ties by the old code."""
    orders, first = [], 0
    for size in sizes:
        orders.append(np.argsort(-counts[first : first + size], kind="stable"))
        first += size
    return orders


def renumbering(orders: Sequence[np.ndarray]) -> np.ndarray:
    """New sign of each old one, int32 [signs], over all levels."""
    first, parts = 0, []
    for order in orders:
        rank = np.empty(len(order), dtype=np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        parts.append(rank + first)
        first += len(order)
    return np.concatenate(parts)


def tally_signs(inventory: Inventory, assignments: Iterable[AssignmentEntry]) -> SignTally:
    """Counts over every scene of the run's books."""
    tally = SignTally(inventory.info.signs)
    for entry in sorted(assignments, key=lambda a: a.part.name):
        used = {book.book_id for book in entry.part.books}
        for book in read_assignments(entry.uri, len(inventory.info.sizes)):
            if book.book_id in used:
                tally.add(book.book_id, book.language, inventory.signs(book.codes), book.distances)
    return tally


def novel_distance(assignments: Iterable[AssignmentEntry], levels: int) -> float:
    """The distance beyond which a scene is unlike any sign: the NOVEL_PERCENTILE of all scenes."""
    distances = []
    for entry in sorted(assignments, key=lambda a: a.part.name):
        used = {book.book_id for book in entry.part.books}
        distances += [book.distances for book in read_assignments(entry.uri, levels) if book.book_id in used]
    return round(float(np.percentile(np.concatenate(distances), NOVEL_PERCENTILE)), 6)


def read_exemplars(
    wanted: Iterable[SceneRef], assignments: Iterable[AssignmentEntry]
) -> Iterable[tuple[str, int, str, str]]:
    """(book_id, scene, language, text) of the wanted scenes, book by book."""
    scenes: dict[str, set[int]] = {}
    for ref in wanted:
        scenes.setdefault(ref.book_id, set()).add(ref.scene)
    for entry in sorted(assignments, key=lambda a: a.part.name):
        books = [book for book in entry.part.books if book.book_id in scenes]
        if not books:
            continue
        with storage.parquet_reader(entry.part.uri) as reader:
            for book in books:
                row = read_row(reader, book.row)
                texts = row.scene_texts()
                for scene in sorted(scenes[book.book_id]):
                    yield book.book_id, scene, book.language, texts[scene]


def sign_rows(inventory: Inventory, tally: SignTally, assignments: Sequence[AssignmentEntry]) -> list[dict[str, Any]]:
    """The glossary: one row of `SIGN_TABLE` per sign."""
    sizes = inventory.info.sizes
    exemplars = [tally.exemplars(sign) for sign in range(tally.signs)]
    uses: dict[tuple[str, int], list[int]] = {}
    for sign, by_language in enumerate(exemplars):
        for refs in by_language.values():
            for ref in refs:
                uses.setdefault((ref.book_id, ref.scene), []).append(sign)
    shown = [shown_examples(by_language) for by_language in exemplars]
    keep = {(ref.book_id, ref.scene) for refs in shown for ref in refs}
    openings: dict[tuple[str, int], str] = {}
    counts: dict[str, KeywordCounts] = {}
    refs = [ref for by_language in exemplars for found in by_language.values() for ref in found]
    for book_id, scene, language, text in read_exemplars(refs, assignments):
        words = set(content_words(text, language))
        for sign in uses[book_id, scene]:
            counts.setdefault(language, KeywordCounts()).add(sign, book_id, words)
        if (book_id, scene) in keep:
            openings[book_id, scene] = opening(text)
    keywords = {language: found.keywords() for language, found in sorted(counts.items())}
    level_of = np.repeat(np.arange(len(sizes)), sizes)
    firsts = np.cumsum([0, *sizes[:-1]])
    totals = np.add.reduceat(tally.counts, firsts)
    rows = []
    for sign in range(tally.signs):
        level = int(level_of[sign])
        scenes_in = {language: int(seen[sign]) for language, seen in sorted(tally.by_language.items()) if seen[sign]}
        worded = {language: words[sign] for language, words in keywords.items() if sign in words}
        distances = [ref.distance for found in exemplars[sign].values() for ref in found]
        rows.append(
            {
                "sign": sign,
                "glyph": glyph(sign, sizes),
                "level": level + 1,
                "code": sign - int(firsts[level]),
                "count": int(tally.counts[sign]),
                "share": float(tally.counts[sign] / max(1, totals[level])),
                "books": int(tally.books[sign]),
                "languages": list(scenes_in),
                "language_counts": list(scenes_in.values()),
                "keyword_languages": list(worded),
                "keywords": list(worded.values()),
                "radius": float(np.median(distances)) if distances else 0.0,
                "neighbours": _neighbours(inventory, level, sign - int(firsts[level]), int(firsts[level])),
                "example_books": [ref.book_id for ref in shown[sign]],
                "example_scenes": [ref.scene for ref in shown[sign]],
                "example_languages": [ref.language for ref in shown[sign]],
                "example_texts": [openings[ref.book_id, ref.scene] for ref in shown[sign]],
                "example_distances": [ref.distance for ref in shown[sign]],
            }
        )
    return rows


def _neighbours(inventory: Inventory, level: int, code: int, first: int) -> list[int]:
    words = inventory.codebook.levels[level].astype(np.float64)
    distance = np.round(((words - words[code]) ** 2).sum(axis=1), 9)
    distance[code] = np.inf
    near = np.argsort(distance, kind="stable")[: min(NEIGHBOURS, len(words) - 1)]
    return [int(first + other) for other in near]


def freeze(draft: Inventory, assignments: Sequence[AssignmentEntry]) -> tuple[Inventory, dict[str, bytes], np.ndarray]:
    """The inventory with its signs in order of frequency, the files that go beside its codebook, and the new sign
    of each old one, int32 [signs]."""
    tally = tally_signs(draft, assignments)
    orders = frequency_order(tally.counts, draft.info.sizes)
    inventory = Inventory(
        info=replace(
            draft.info,
            scenes=int(tally.counts.sum()) // len(draft.info.sizes),
            novel_distance=novel_distance(assignments, len(draft.info.sizes)),
        ),
        codebook=draft.codebook.reorder(orders),
        neutraliser=draft.neutraliser,
    )
    new = renumbering(orders)
    ordered = _renumber(tally, new)
    table = pa.Table.from_pylist(sign_rows(inventory, ordered, assignments), schema=SIGN_TABLE)
    files = {"signs.parquet": _parquet(table), "index.faiss": _faiss_index(inventory)}
    return inventory, files | tokenizer_files(inventory), new


def _renumber(tally: SignTally, new: np.ndarray) -> SignTally:
    ordered = SignTally(tally.signs)
    ordered.counts[new] = tally.counts
    ordered.books[new] = tally.books
    for language, counts in tally.by_language.items():
        ordered.by_language[language] = np.zeros_like(counts)
        ordered.by_language[language][new] = counts
    ordered.nearest = {(int(new[sign]), language): refs for (sign, language), refs in tally.nearest.items()}
    return ordered


def _parquet(table: pa.Table) -> bytes:
    sink = BytesIO()
    pq.write_table(table, sink, **storage.PARQUET_OPTIONS)
    return sink.getvalue()


def _faiss_index(inventory: Inventory) -> bytes:
    """Level 1 as a flat FAISS index of unit vectors, for users who search it from their own programs."""
    index = faiss.IndexFlatIP(inventory.info.dimensions)
    index.add(unit(inventory.codebook.levels[0]))
    return faiss.serialize_index(index).tobytes()


class Freeze(beam.DoFn):
    """One element, assignments as side input -> folder of the inventory to publish."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def process(
        self, draft_folder: str, assignments: Sequence[AssignmentEntry]
    ) -> Iterable[tuple[str, list[int], tuple[int, ...], float]]:
        draft = load_inventory(draft_folder)
        inventory, files, new = freeze(draft, assignments)
        save_inventory(self.folder, inventory, files)
        yield self.folder, [int(sign) for sign in new], inventory.info.sizes, inventory.info.novel_distance


@dataclass
class FreezeInventory(beam.PTransform):
    """Path of a draft inventory -> (folder, new sign of each old one, sizes, novel distance) of the one to publish."""

    folder: str
    assignments: Any  # PCollection[AssignmentEntry]

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, draft: beam.PCollection) -> Any:
        return draft | "Freeze" >> beam.ParDo(Freeze(self.folder), assignments=beam.pvalue.AsList(self.assignments))


class Keep(beam.DoFn):
    """Folder of a frozen inventory -> what FreezeInventory makes of a draft, with every sign as it is."""

    def process(self, folder: str) -> Iterable[tuple[str, list[int], tuple[int, ...], float]]:
        info = load_inventory(folder).info
        yield folder, list(range(info.signs)), info.sizes, info.novel_distance


@dataclass
class KeepInventory(beam.PTransform):
    """Path of a frozen inventory -> (folder, the signs themselves, sizes, novel distance): nothing is fitted."""

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, frozen: beam.PCollection) -> Any:
        return frozen | "Keep" >> beam.ParDo(Keep())
