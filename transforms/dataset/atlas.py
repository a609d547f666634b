"""The atlas: every scene on a map, with the scenes most like it, in the columns that embedding-atlas reads.

Made from the tables of a dataset by their paths, when they are written: what is held of a scene is a byte for each
dimension and some 130 more, and texts a row group at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from scenesign.schemas.parts import FileEntry
from scenesign.schemas.tables import ATLAS, ATLAS_SCENES_FILE, ATLAS_TOPICS, ATLAS_TOPICS_FILE
from scenesign.transforms.dataset.chapter import split_heading
from scenesign.transforms.dataset.nearest_scenes import nearest_scenes, whole_numbers
from scenesign.transforms.dataset.write import file_entry
from scenesign.transforms.signs.glosses.glossary import SignEntry, read_glossary
from scenesign.transforms.signs.inventory import Inventory
from scenesign.transforms.signs.neutralise import Neutraliser
from scenesign.transforms.signs.places import TopicMap, map_topics
from scenesign.transforms.signs.sketch import unpacked
from scenesign.transforms.signs.tally import opening
from scenesign.transforms.support import storage
from scenesign.transforms.support.steady import steady_sum, steady_unit

# In more scenes than these no neighbours are looked for: they would take hours and gigabytes.
MOST_COMPARED = 1_000_000
OPENING_CHARACTERS = 240


@dataclass(frozen=True, eq=False)
class _Scenes:
    """What is known of all scenes, in the order of the files.

    topics: int64 [n]. places: float64 [n, 2]. vectors: int8 [n, D]; without rows where there are too many to compare.
    """

    topics: np.ndarray
    places: np.ndarray
    vectors: np.ndarray


@dataclass(frozen=True)
class _Book:
    title: str
    author: str
    chapters: frozenset[int]


def write_atlas(folder: str, files: Sequence[FileEntry], inventory: Inventory) -> list[FileEntry]:
    """Writes the tables of the atlas of a dataset whose other tables are `files`, inventory and all in `folder`."""
    scenes_files = sorted((f for f in files if f.config == "scenes"), key=lambda f: f.path)
    _, glossary = read_glossary(storage.join(folder, "inventory"))
    topics = map_topics(inventory.quantiser)
    scenes = _read_scenes(folder, scenes_files, inventory, topics)
    uri = storage.join(folder, ATLAS_SCENES_FILE)
    nbytes = 0
    with storage.parquet_writer(uri, ATLAS) as writer:
        for table in _rows(folder, scenes_files, _read_books(folder, files), scenes, topics, glossary):
            writer.write_table(table)
            nbytes += table.nbytes
    counts = np.bincount(scenes.topics, minlength=len(glossary))
    with storage.parquet_writer(storage.join(folder, ATLAS_TOPICS_FILE), ATLAS_TOPICS) as writer:
        writer.write_table(_topics_table(topics, glossary, counts))
    return [
        file_entry(folder, ATLAS_SCENES_FILE, "atlas", "atlas", len(scenes.topics), nbytes),
        file_entry(folder, ATLAS_TOPICS_FILE),
    ]


def _topics_table(topics: TopicMap, glossary: Sequence[SignEntry], counts: np.ndarray) -> pa.Table:
    columns = {
        "x": topics.places[:, 0],
        "y": topics.places[:, 1],
        "text": [entry.name for entry in glossary],
        "priority": counts,
        "sign": [entry.sign for entry in glossary],
        "glyph": [entry.glyph for entry in glossary],
    }
    return pa.Table.from_arrays([pa.array(columns[f.name]).cast(f.type) for f in ATLAS_TOPICS], schema=ATLAS_TOPICS)


def neutral_sketches(packed: np.ndarray, language: str, neutraliser: Neutraliser) -> np.ndarray:
    """The neutral unit vectors of a whole book as its sketches tell them, uint8 [n, bytes] to float [n, D].

    What a neutraliser does to the vectors less their language's mean, in steady arithmetic.
    """
    vectors = steady_unit(unpacked(packed, len(neutraliser.global_mean)).astype(np.float64))
    trust = len(vectors) / (len(vectors) + neutraliser.prior_scenes)
    centred = vectors - trust * (steady_sum(vectors.T) / len(vectors))
    damp = neutraliser.damping.get(language)
    return steady_unit(damp(centred) if damp else centred)


def _read_scenes(folder: str, files: Sequence[FileEntry], inventory: Inventory, topics: TopicMap) -> _Scenes:
    total = sum(file.rows for file in files)
    compared = total if total <= MOST_COMPARED else 0
    found = _Scenes(
        np.zeros(total, np.int64), np.zeros((total, 2)), np.zeros((compared, inventory.info.dimensions), np.int8)
    )
    first = 0
    for language, signs, packed in _books_of(folder, files):
        rows = slice(first, first + len(signs))
        vectors = neutral_sketches(packed, language, inventory.neutraliser)
        found.topics[rows] = signs
        if compared:
            found.vectors[rows] = whole_numbers(vectors)
        for topic in np.unique(signs):
            mine = np.flatnonzero(signs == topic)
            found.places[first + mine] = topics.place(vectors[mine], int(topic))
        first = rows.stop
    return found


def _books_of(folder: str, files: Sequence[FileEntry]) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Book by book its language, topics int64 [n] and sketches uint8 [n, bytes]."""
    book, language = "", ""
    signs: list[np.ndarray] = []
    packed: list[np.ndarray] = []
    for file in files:
        for table in _groups(folder, file.path, ["book_id", "language", "signs", "sketch"]):
            ids, levels = table["book_id"].to_numpy(), table["signs"].chunk(0)
            own = levels.values.to_numpy()[levels.offsets.to_numpy()[:-1]].astype(np.int64)
            flat = np.frombuffer(b"".join(table["sketch"].to_pylist()), np.uint8).reshape(len(ids), -1)
            starts = np.flatnonzero(np.concatenate([[True], ids[1:] != ids[:-1]]))
            for start, end in zip(starts, [*starts[1:], len(ids)], strict=True):
                if ids[start] != book:
                    if signs:
                        yield language, np.concatenate(signs), np.concatenate(packed)
                    book, language, signs, packed = ids[start], table["language"][int(start)].as_py(), [], []
                signs.append(own[start:end])
                packed.append(flat[start:end])
    if signs:
        yield language, np.concatenate(signs), np.concatenate(packed)


def _groups(folder: str, path: str, columns: list[str]) -> Iterator[pa.Table]:
    with storage.parquet_reader(storage.join(folder, path)) as reader:
        for group in range(reader.num_row_groups):
            yield reader.read_row_group(group, columns=columns, use_threads=False).combine_chunks()


def _read_books(folder: str, files: Sequence[FileEntry]) -> dict[str, _Book]:
    found = {}
    for file in files:
        if file.config == "sequences":
            for table in _groups(folder, file.path, ["book_id", "title", "author", "chapters"]):
                for row in table.to_pylist():
                    found[row["book_id"]] = _Book(row["title"], row["author"], frozenset(row["chapters"]))
    return found


def _rows(
    folder: str,
    files: Sequence[FileEntry],
    books: dict[str, _Book],
    scenes: _Scenes,
    topics: TopicMap,
    glossary: Sequence[SignEntry],
) -> Iterator[pa.Table]:
    """The table of scenes, a row group at a time."""
    names = [entry.name or entry.glyph for entry in glossary]
    near, distances = nearest_scenes(scenes.vectors, scenes.topics[: len(scenes.vectors)], topics.words)
    if len(near) < len(scenes.topics):
        near, distances = np.zeros((len(scenes.topics), 0), np.int32), np.zeros((len(scenes.topics), 0), np.float32)
    first, heading, headed = 0, "", ""
    for file in files:
        for table in _groups(folder, file.path, ["book_id", "scene", "language", "text", "glyphs"]):
            texts, chapters, ids = [], [], table["book_id"].to_pylist()
            for book_id, scene, text in zip(ids, table["scene"].to_pylist(), table["text"].to_pylist(), strict=True):
                if book_id != headed:
                    heading, headed = "", book_id
                if scene in books[book_id].chapters:
                    heading, text = split_heading(text)
                texts.append(opening(text or heading, OPENING_CHARACTERS))
                chapters.append(opening(heading, OPENING_CHARACTERS))
            rows = slice(first, first + len(ids))
            columns = {
                "x": scenes.places[rows, 0],
                "y": scenes.places[rows, 1],
                "text": texts,
                "title": [books[book_id].title for book_id in ids],
                "author": [books[book_id].author for book_id in ids],
                "chapter": chapters,
                "language": table["language"].chunk(0),
                "split": [file.split] * len(ids),
                "topic": [names[topic] for topic in scenes.topics[rows]],
                "glyphs": table["glyphs"].chunk(0),
                "sign": scenes.topics[rows],
                "book_id": ids,
                "scene": table["scene"].chunk(0),
                "neighbors": _struct(near[rows], distances[rows]),
            }
            arrays = [
                columns[f.name] if f.name == "neighbors" else pa.array(columns[f.name]).cast(f.type) for f in ATLAS
            ]
            yield pa.Table.from_arrays(arrays, schema=ATLAS)
            first = rows.stop


def _struct(near: np.ndarray, distances: np.ndarray) -> pa.StructArray:
    offsets = np.arange(len(near) + 1, dtype=np.int32) * near.shape[1]
    ids = pa.ListArray.from_arrays(offsets, pa.array(near.ravel()))
    lengths = pa.ListArray.from_arrays(offsets, pa.array(distances.ravel()))
    kind = ATLAS.field("neighbors").type
    return pa.StructArray.from_arrays([ids, lengths], fields=[kind.field(i) for i in range(kind.num_fields)])
