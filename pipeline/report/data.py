"""What a report shows, read from a finished dataset: a pure function of its files, and small whatever its size.

The run's seconds and counters are left out: equal datasets give equal reports.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from scenesign.pipeline.report.atlas import AtlasMap, Region, describe_regions, draw_map
from scenesign.pipeline.report.cut import first_words
from scenesign.pipeline.report.files import ReportError, small_table
from scenesign.pipeline.report.scatter import Scatter, read_scatter
from scenesign.pipeline.report.strips import BookStrip, read_strips
from scenesign.schemas.manifest import Manifest
from scenesign.schemas.tables import ATLAS_TOPICS, ATLAS_TOPICS_FILE, REJECTS, SEQUENCES, as_stated
from scenesign.schemas.version import FIRST_COMPOSED, major_version
from scenesign.transforms.dataset.in_use import counted_anew, told_in
from scenesign.transforms.signs.glosses.glossary import LetterEntry, SignEntry, read_glossary, read_letters
from scenesign.transforms.signs.inventory import Inventory, load_inventory
from scenesign.transforms.signs.layout import method_of
from scenesign.transforms.signs.numbering import first_signs, letter_ids
from scenesign.transforms.signs.places import map_topics
from scenesign.transforms.support import storage
from scenesign.transforms.support.inside import file_inside

# What the page may carry. Texts are counted in bytes, so that every script gets about as much said.
EXAMPLES_BUDGET = 1_500_000
EXAMPLE_BYTES = 360
FEWEST_EXAMPLE_BYTES = 120
MOST_KEYWORDS = 5
MOST_REJECTS = 200
# The title of a book that the inventory was made from and this dataset doesn't hold.
ANOTHER_BOOK = "another book"


@dataclass(frozen=True)
class ExampleScene:
    """The opening of a scene that lies near a sign."""

    language: str
    title: str
    scene: int
    text: str


@dataclass(frozen=True)
class LetterCard:
    """A value of a letter as the page shows it: 0 lead, 1 vowel, 2 tail of the glyphs of a level."""

    level: int
    letter: int
    value: int
    name: str
    count: int
    keywords: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class SignCard:
    """One topic as the page shows it. languages: scenes by language; keywords: by language, best first."""

    sign: int
    glyph: str
    name: str
    count: int
    share: float
    books: int
    languages: Mapping[str, int]
    keywords: Mapping[str, tuple[str, ...]]
    examples: tuple[ExampleScene, ...]
    neighbours: tuple[int, ...]


@dataclass(frozen=True)
class BookSize:
    """A book's length in both forms."""

    language: str
    characters: int
    scenes: int


@dataclass(frozen=True)
class Refused:
    """An input that is not in the dataset."""

    source: str
    stage: str
    reason: str
    detail: str


@dataclass(frozen=True, eq=False)
class ReportData:
    """All that a report is made from.

    signs: the topics, counted in these books and told in their languages; atlas and regions: their map. scatter: scenes
    on the same map; None where the dataset has no places of scenes. letters: of the
    glyphs that the books are written in, likewise. samples: text by language that tokens are counted on. trimmed: what
    the page leaves out, a line each.
    """

    manifest: Manifest
    metrics: Mapping[str, Any]
    signs: tuple[SignCard, ...]
    letters: tuple[LetterCard, ...]
    atlas: AtlasMap
    regions: tuple[Region, ...]
    books: tuple[BookSize, ...]
    strips: tuple[BookStrip, ...]
    rejects: tuple[Refused, ...]
    samples: Mapping[str, tuple[str, ...]]
    trimmed: tuple[str, ...]
    scatter: Scatter | None = None

    @property
    def levels(self) -> int:
        """Signs per scene."""
        return self.manifest.levels


def read_report_data(folder: str) -> ReportData:
    """Reads a dataset.

    Raises ReportError naming the file when `folder` is not a dataset or a file of it is missing or damaged.
    """
    manifest = _manifest(folder)
    try:
        inventory = load_inventory(storage.join(folder, "inventory"))
        _, glossary = read_glossary(storage.join(folder, "inventory"))
        letters = read_letters(storage.join(folder, "inventory"))
    except ValueError as error:
        raise ReportError(f"{error}; build the dataset again") from error
    titles = {book.book_id: book.title for book in manifest.books}
    trimmed: list[str] = []
    paths = [entry.path for entry in manifest.files if entry.config == "sequences"]
    sequences = as_stated(SEQUENCES, manifest.protocol)
    table = pa.concat_tables([small_table(folder, path, sequences) for path in paths])
    books = [row | {"row": n} for n, row in enumerate(table.select(_BOOK_COLUMNS).to_pylist())]
    sizes = inventory.info.sizes[: manifest.levels]
    glossary = counted_anew(glossary, ((code, book[:, :1]) for code, book in _codes(folder, table, sizes)))
    letters = [entry for entry in letters if entry.level <= manifest.levels]
    letters = counted_anew(letters, ((code, letter_ids(book)) for code, book in _codes(folder, table, sizes)))
    spoken = manifest.counts.languages
    signs = _sign_cards([told_in(entry, spoken) for entry in glossary], titles, trimmed)
    atlas = _map(folder, manifest, inventory)
    of_signs = ([s.keywords for s in signs], [s.languages for s in signs], [s.name for s in signs])
    regions = describe_regions(atlas.regions.tolist(), *of_signs)
    strips, samples = read_strips(folder, manifest, books, table, trimmed)
    scatter = read_scatter(folder, manifest)
    if scatter and len(scatter.topics) < scatter.all_scenes:
        trimmed.append(f"{len(scatter.topics):,} of {scatter.all_scenes:,} scenes on the map")
    rejects = _rejects(folder, manifest, trimmed)
    return ReportData(
        manifest=manifest,
        metrics=_metrics(folder, manifest),
        signs=signs,
        letters=tuple(_letter_card(told_in(entry, spoken)) for entry in letters),
        atlas=atlas,
        regions=regions,
        scatter=scatter,
        books=tuple(BookSize(book["language"], book["characters"], book["scenes"]) for book in books),
        strips=strips,
        rejects=rejects,
        samples=samples,
        trimmed=tuple(trimmed),
    )


def _map(folder: str, manifest: Manifest, inventory: Inventory) -> AtlasMap:
    """The map of topics that the dataset has; drawn anew where it has none, as in those of earlier versions."""
    if all(entry.path != ATLAS_TOPICS_FILE for entry in manifest.files):
        topics = map_topics(inventory.quantiser)
        return draw_map(topics.places, topics.method)
    table = small_table(folder, ATLAS_TOPICS_FILE, ATLAS_TOPICS)
    if table.num_rows != inventory.info.sizes[0]:
        raise ReportError(
            f"{folder}/{ATLAS_TOPICS_FILE} has {table.num_rows} rows for {inventory.info.sizes[0]} topics; "
            "build the dataset again"
        )
    return draw_map(np.stack([table[axis].to_numpy() for axis in ("x", "y")], axis=1), method_of(table.num_rows))


# Of a book's sequence, what is looked at to choose whose strips are shown.
_BOOK_COLUMNS = ["book_id", "language", "source", "scenes", "characters"]


def _codes(folder: str, table: pa.Table, sizes: tuple[int, ...]) -> Iterator[tuple[str, np.ndarray]]:
    """Of each book its language and the codes of its scenes, int64 [scenes, levels]."""
    firsts = first_signs(sizes)
    for book, language, written in zip(table["book_id"], table["language"], table["signs"], strict=True):
        signs = written.values.to_numpy().astype(np.int64)
        codes = signs - np.resize(firsts, len(signs))
        if len(codes) % len(sizes) or (codes < 0).any() or (codes >= np.resize(sizes, len(codes))).any():
            raise ReportError(
                f"{folder}: book {book} of sequences/ has a sign outside its level; build the dataset again"
            )
        yield language.as_py(), codes.reshape(-1, len(sizes))


def _manifest(folder: str) -> Manifest:
    uri = storage.join(folder, "manifest.json")
    try:
        manifest = Manifest.from_json(storage.read_bytes(file_inside(folder, "manifest.json")).decode(), uri)
        if major_version(manifest.protocol) < FIRST_COMPOSED:
            raise ValueError(f"{uri} follows protocol {manifest.protocol}; for a report build the dataset again")
        return manifest
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ReportError(
            f"{folder} is not a dataset: {uri} can't be opened; make one with `scenesign build`"
        ) from error
    except UnicodeDecodeError as error:
        raise ReportError(f"{uri} is not a scenesign manifest ({error}); build the dataset again") from error
    except (OSError, ValueError) as error:
        raise ReportError(str(error)) from error


def _metrics(folder: str, manifest: Manifest) -> Mapping[str, Any]:
    uri = storage.join(folder, "report", "metrics.json")
    if not storage.exists(uri):
        return manifest.metrics
    try:
        metrics = json.loads(storage.read_bytes(file_inside(folder, "report/metrics.json")))
        if not isinstance(metrics, dict):
            raise ValueError("not a JSON object")
    except (OSError, ValueError) as error:
        raise ReportError(f"{uri} can't be read ({error}); build the dataset again") from error
    return metrics


def _sign_cards(glossary: Sequence[SignEntry], titles: Mapping[str, str], trimmed: list[str]) -> tuple[SignCard, ...]:
    room = EXAMPLES_BUDGET // max(1, len(glossary))
    shown = max(1, min(6, room // FEWEST_EXAMPLE_BYTES))
    limit = max(FEWEST_EXAMPLE_BYTES, min(EXAMPLE_BYTES, room // shown))
    most = max((len(entry.examples) for entry in glossary), default=0)
    if shown < most:
        trimmed.append(f"{shown} of {most} example scenes of each sign")
    if limit < EXAMPLE_BYTES:
        trimmed.append(f"example scenes cut at {limit} bytes")
    return tuple(_sign_card(entry, titles, shown, limit) for entry in glossary)


def _sign_card(entry: SignEntry, titles: Mapping[str, str], shown: int, limit: int) -> SignCard:
    return SignCard(
        sign=entry.sign,
        glyph=entry.glyph,
        name=entry.name,
        count=entry.count,
        share=entry.share,
        books=entry.books,
        languages=entry.languages,
        keywords={language: words[:MOST_KEYWORDS] for language, words in entry.keywords.items()},
        examples=tuple(
            ExampleScene(
                scene.language, titles.get(scene.book_id, ANOTHER_BOOK), scene.scene, first_words(scene.text, limit)
            )
            for scene in entry.examples[:shown]
        ),
        neighbours=entry.neighbours,
    )


def _letter_card(entry: LetterEntry) -> LetterCard:
    return LetterCard(
        level=entry.level,
        letter=entry.letter,
        value=entry.value,
        name=entry.name,
        count=entry.count,
        keywords={language: words[:MOST_KEYWORDS] for language, words in entry.keywords.items()},
    )


def _rejects(folder: str, manifest: Manifest, trimmed: list[str]) -> tuple[Refused, ...]:
    if not any(entry.config == "rejects" for entry in manifest.files):
        return ()
    rows = small_table(folder, "rejects/rejects.parquet", REJECTS).to_pylist()
    if len(rows) > MOST_REJECTS:
        trimmed.append(f"{MOST_REJECTS:,} of {len(rows):,} rejects")
    return tuple(
        Refused(row["source"], row["stage"], row["reason"], first_words(row["detail"], 400))
        for row in rows[:MOST_REJECTS]
    )
