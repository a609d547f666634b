"""What a report shows, read from a finished dataset: a pure function of its files, and small whatever its size.

The run's seconds and counters are left out: equal datasets give equal reports.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scenesign.pipeline.report.atlas import AtlasMap, Region, describe_regions, draw_map
from scenesign.pipeline.report.cast import StripMember, strip_cast
from scenesign.pipeline.report.chapters import split_title
from scenesign.pipeline.report.cut import first_words
from scenesign.pipeline.report.scatter import Scatter, read_scatter
from scenesign.schemas.manifest import Manifest
from scenesign.schemas.tables import ATLAS_TOPICS, ATLAS_TOPICS_FILE, CAST, REJECTS, SEQUENCES, as_stated
from scenesign.schemas.version import FIRST_COMPOSED, has_cast, major_version
from scenesign.transforms.dataset.in_use import counted_anew, told_in
from scenesign.transforms.dataset.works import works_of
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
OPENING_BYTES = 160
MOST_SCENES = 10_000
MOST_SCENES_OF_A_BOOK = 2_500
MOST_BOOKS = 300
MOST_KEYWORDS = 5
MOST_REJECTS = 200
# The title of a book that the inventory was made from and this dataset doesn't hold.
ANOTHER_BOOK = "another book"
SAMPLE_CHARACTERS = 200_000


class ReportError(ValueError):
    """The folder can't be reported on: one line naming the file and the next step."""


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
class BookStrip:
    """A book's life: what is shown of its scenes.

    work: the same for translations of one work. scenes: of the whole book; the sequences below may stop before.
    signs: `levels` per scene, as glyphs too. lengths: characters. openings: first words, without titles. novel,
    chapters: indices of scenes. titles: of those chapters, empty where one has none. cast: those in most scenes.
    """

    title: str
    author: str
    language: str
    source: str
    work: str
    scenes: int
    signs: tuple[int, ...]
    glyphs: str
    lengths: tuple[int, ...]
    openings: tuple[str, ...]
    novel: tuple[int, ...]
    chapters: tuple[int, ...]
    titles: tuple[str, ...] = ()
    cast: tuple[StripMember, ...] = ()


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
    table = pa.concat_tables([_table(folder, path, sequences) for path in paths])
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
    strips, samples = _strips(folder, manifest, books, table, trimmed)
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
    table = _table(folder, ATLAS_TOPICS_FILE, ATLAS_TOPICS)
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


def _table(folder: str, path: str, schema: pa.Schema) -> pa.Table:
    """A small table with the columns we know. Raises ReportError when it is missing, damaged or of another form."""
    try:
        table = storage.read_table(file_inside(folder, path))
        return table.select(schema.names).cast(schema)
    except (OSError, KeyError, ValueError) as error:  # pyarrow's errors are of these kinds
        raise ReportError(
            f"{folder}/{path} can't be read ({str(error).splitlines()[0]}); build the dataset again"
        ) from error


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


def choose_books(books: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The books whose strips are shown, of rows with `book_id`, `source`, `language` and `scenes`.

    Translations of one work first, side by side; then the languages take turns, until the page is full.
    """
    work = works_of((book["book_id"], book["language"], book["source"]) for book in books)
    works: dict[str, list[Mapping[str, Any]]] = {}
    for book in sorted(books, key=lambda b: (b["language"], b["source"])):
        works.setdefault(work[book["book_id"]], []).append(book)
    translated = {name for name, found in works.items() if name and len({b["language"] for b in found}) > 1}
    order = [book for name in sorted(translated) for book in works[name]]
    turns: dict[str, int] = {}
    others = []
    for book in sorted(books, key=lambda b: b["source"]):
        if work[book["book_id"]] not in translated:
            turns[book["language"]] = turns.get(book["language"], 0) + 1
            others.append((turns[book["language"]], book["language"], book["source"], book))
    order += [book for *_, book in sorted(others, key=lambda o: o[:3])]
    chosen, room = [], MOST_SCENES
    for book in order[:MOST_BOOKS]:
        needs = min(book["scenes"], MOST_SCENES_OF_A_BOOK)
        if needs <= room:
            chosen.append(book)
            room -= needs
    return chosen


def _strips(
    folder: str, manifest: Manifest, books: Sequence[Mapping[str, Any]], sequences: pa.Table, trimmed: list[str]
) -> tuple[tuple[BookStrip, ...], dict[str, tuple[str, ...]]]:
    """The strips of the chosen books, and a sample of text by language taken from them.

    books: with `row`, where each is in the table of sequences.
    """
    chosen = choose_books(books)
    if len(chosen) < len(books):
        trimmed.append(f"the strips of {len(chosen):,} of {len(books):,} books")
    if any(book["scenes"] > MOST_SCENES_OF_A_BOOK for book in chosen):
        trimmed.append(f"the first {MOST_SCENES_OF_A_BOOK:,} scenes of longer books")
    trimmed.append(f"openings of scenes cut at {OPENING_BYTES} bytes")
    works = works_of((book["book_id"], book["language"], book["source"]) for book in books)
    found = dict(_scenes_of(folder, manifest, {book["book_id"] for book in chosen}))
    members = _members(folder, manifest, {book["book_id"] for book in chosen})
    samples: dict[str, list[str]] = {}
    sizes: dict[str, int] = {}
    strips = []
    for book in chosen:
        scenes = found.get(book["book_id"])
        if scenes is None:
            raise ReportError(
                f"{folder}: book {book['book_id']} of sequences/ has no rows in scenes/; build the dataset again"
            )
        language = book["language"]
        for text in scenes["text"].to_pylist():
            if sizes.get(language, 0) >= SAMPLE_CHARACTERS:
                break
            samples.setdefault(language, []).append(text)
            sizes[language] = sizes.get(language, 0) + len(text)
        shown = scenes.slice(0, MOST_SCENES_OF_A_BOOK)
        (whole,) = sequences.slice(book["row"], 1).to_pylist()
        strips.append(_strip(whole, works[book["book_id"]], shown, members.get(book["book_id"], [])))
    return tuple(strips), {language: tuple(texts) for language, texts in sorted(samples.items())}


def _members(folder: str, manifest: Manifest, wanted: Collection[str]) -> dict[str, list[Mapping[str, Any]]]:
    """Rows of the table of casts by book; none where the dataset has no casts."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for entry in manifest.files:
        if entry.config == "cast" and has_cast(manifest.protocol):
            table = _table(folder, entry.path, CAST)
            for row in table.filter(pc.is_in(table["book_id"], value_set=pa.array(sorted(wanted)))).to_pylist():
                found.setdefault(row["book_id"], []).append(row)
    return found


def _strip(book: Mapping[str, Any], work: str, scenes: pa.Table, members: Sequence[Mapping[str, Any]]) -> BookStrip:
    chapters = tuple(i for i in book["chapters"] if i < scenes.num_rows)
    texts = scenes["text"].to_pylist()
    titles = []
    for i in chapters:
        title, texts[i] = split_title(texts[i], book["title"], book["author"])
        titles.append(title)
    return BookStrip(
        title=book["title"],
        author=book["author"],
        language=book["language"],
        source=book["source"],
        work=work,
        scenes=book["scenes"],
        signs=tuple(book["signs"][: scenes.num_rows * book["levels"]]),
        glyphs=book["glyphs"][: scenes.num_rows * book["levels"]],
        lengths=tuple(pc.subtract(scenes["end"], scenes["start"]).to_pylist()),
        openings=tuple(first_words(text, OPENING_BYTES) for text in texts),
        novel=tuple(i for i, novel in enumerate(scenes["novel"].to_pylist()) if novel),
        chapters=chapters,
        titles=tuple(titles),
        cast=strip_cast(members, book.get("cast", ())[: scenes.num_rows]),
    )


_SCENE_COLUMNS = ["book_id", "scene", "start", "end", "text", "novel"]


def _scenes_of(folder: str, manifest: Manifest, wanted: set[str]) -> Iterator[tuple[str, pa.Table]]:
    """The scenes of each wanted book, in order, as (book_id, table); a row group at a time, skipping those without."""
    pieces: dict[str, list[pa.Table]] = {}
    for entry in manifest.files:
        if entry.config != "scenes":
            continue
        try:
            with storage.parquet_reader(file_inside(folder, entry.path)) as reader:
                for group in range(reader.num_row_groups):
                    ids = reader.read_row_group(group, columns=["book_id"], use_threads=False)["book_id"]
                    mine = [book for book in ids.unique().to_pylist() if book in wanted]
                    if mine:
                        table = reader.read_row_group(group, columns=_SCENE_COLUMNS, use_threads=False)
                        for book in mine:
                            pieces.setdefault(book, []).append(table.filter(pc.equal(table["book_id"], book)))
        except (OSError, KeyError, ValueError) as error:
            raise ReportError(
                f"{folder}/{entry.path} can't be read ({str(error).splitlines()[0]}); build the dataset again"
            ) from error
    for book, tables in pieces.items():
        yield book, pa.concat_tables(tables).sort_by("scene")


def _rejects(folder: str, manifest: Manifest, trimmed: list[str]) -> tuple[Refused, ...]:
    if not any(entry.config == "rejects" for entry in manifest.files):
        return ()
    rows = _table(folder, "rejects/rejects.parquet", REJECTS).to_pylist()
    if len(rows) > MOST_REJECTS:
        trimmed.append(f"{MOST_REJECTS:,} of {len(rows):,} rejects")
    return tuple(
        Refused(row["source"], row["stage"], row["reason"], first_words(row["detail"], 400))
        for row in rows[:MOST_REJECTS]
    )
