"""Summarise: rejects, metrics, card and manifest; with the manifest, written last, the dataset is whole."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import apache_beam as beam
import numpy as np

from scenesign.schemas.manifest import NO_CAST, Counts, LanguageCounts, Manifest
from scenesign.schemas.parts import AssignmentEntry, BookEdges, BookEntry, CastEntry, FileEntry
from scenesign.schemas.records import Reject, whole_of
from scenesign.transforms.dataset.atlas import write_atlas
from scenesign.transforms.dataset.card import write_card
from scenesign.transforms.dataset.croissant import write_croissant
from scenesign.transforms.dataset.datacard import DATACARD, datacard_text
from scenesign.transforms.dataset.splits import split_lots
from scenesign.transforms.dataset.works import works_of
from scenesign.transforms.dataset.write import file_entry
from scenesign.transforms.metrics.fidelity import RETRIEVAL_SCENES, neutral_sample
from scenesign.transforms.metrics.metric import BookSigns, CastSize, Evidence
from scenesign.transforms.metrics.registry import compute_metrics
from scenesign.transforms.parts.resolve import one_reject_per_input, write_rejects
from scenesign.transforms.quality.shared_paragraphs import count_shared
from scenesign.transforms.quality.stages import count_stages
from scenesign.transforms.signs.assign import read_assignments
from scenesign.transforms.signs.fitted_on import read_place
from scenesign.transforms.signs.glosses.gloss import words_uri
from scenesign.transforms.signs.glosses.glossary import read_glossary
from scenesign.transforms.signs.glosses.scene_words import load_words
from scenesign.transforms.signs.glosses.spoken import SpokenScenes, read_spoken, spoken_languages
from scenesign.transforms.signs.glosses.words import word_key
from scenesign.transforms.signs.inventory import CODEBOOK, INFO, Inventory, load_inventory
from scenesign.transforms.signs.numbering import FrozenSigns
from scenesign.transforms.support import storage
from scenesign.transforms.support.counting import tell
from scenesign.transforms.support.room import make_room


@dataclass(frozen=True)
class RunFacts:
    """What the manifest says of how the run was asked for.

    options: those that matter for the data. options_taken: the same of a run whose inventory is taken over. glyphs:
    signs per scene. versions: of the programs that decide its bytes. kernels: those of the process that began the run.
    draft: the folder of an inventory that the run may fit, with kernels that then stand in place of these.
    """

    name: str
    options: Mapping[str, object]
    glyphs: int
    options_taken: Mapping[str, object] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    kernels: Mapping[str, str] = field(default_factory=dict)
    draft: str = ""
    embedder_licence: str = "unknown"
    embedder_origin: str = ""


def account(
    entries: Sequence[BookEntry],
    books: Sequence[BookEntry],
    duplicates: Sequence[Reject],
    rejects: Sequence[Reject],
    languages: Mapping[str, LanguageCounts],
) -> Counts:
    """Adds up the run. Raises RuntimeError when an input is missing from the sum.

    entries: inputs that could be read; books: those in the dataset.
    """
    refused = Counter(reject.reason for reject in rejects)
    unread = sum(1 for reject in rejects if not reject.book_id)
    return Counts(
        inputs=len(entries) + unread,
        books=len(books),
        duplicates=len(duplicates),
        rejects=len(rejects),
        scenes=sum(row.scenes for row in languages.values()),
        by_language=dict(languages),
        rejects_by_reason=dict(sorted(refused.items())),
        volumes=sum(whole_of(book.source) is not None for book in books),
    )


def count_languages(books: Sequence[BookEntry], assignments: Iterable[AssignmentEntry]) -> dict[str, LanguageCounts]:
    """Totals by language."""
    sizes = {
        book.book_id: (book.scenes, book.sentences) for assignment in assignments for book in assignment.part.books
    }
    totals = {}
    for language in sorted({book.language for book in books}):
        mine = [book for book in books if book.language == language]
        totals[language] = LanguageCounts(
            books=len(mine),
            scenes=sum(sizes[book.book_id][0] for book in mine),
            sentences=sum(sizes[book.book_id][1] for book in mine),
            characters=sum(book.characters for book in mine),
            utf8_bytes=sum(book.utf8_bytes for book in mine),
        )
    return totals


def kin_of(books: Iterable[BookEntry], works: Mapping[str, str]) -> dict[str, str]:
    """A name by book id that is the same for books which may not be on both sides of an experiment.

    These are the lots that splits are made of: an author's books, volumes, versions of a work, shared text. works: of
    each book, or empty. A lot has the name of a work in it, so that it doesn't depend on the text.
    """
    found = {}
    for key, lot in split_lots(books).items():
        name = min((works[book.book_id] for book in lot if works[book.book_id]), default=key)
        found.update({book.book_id: name for book in lot})
    return found


def signed_books(
    books: Iterable[BookEntry],
    assignments: Iterable[AssignmentEntry],
    frozen: FrozenSigns,
    levels: int,
) -> tuple[list[BookSigns], np.ndarray, np.ndarray]:
    """Final signs of every book, of the first `levels`; distances of all scenes, float32; and which are novel, bool."""
    entries = {book.book_id: book for book in books}
    works = works_of((book.book_id, book.language, book.source) for book in entries.values())
    kin = kin_of(entries.values(), works)
    signed, distances, novel = [], [], []
    for assignment in sorted(assignments, key=lambda a: a.part.name):
        used = {book.book_id for book in assignment.part.books}
        for found in read_assignments(assignment.uri, len(frozen.sizes)):
            if found.book_id in used:
                signs = frozen.signs(found.codes)[:, :levels]
                book_id = found.book_id
                signed.append(BookSigns(book_id, found.language, signs, works[book_id], kin[book_id]))
                distances.append(found.distances)
                novel.append(frozen.novel(found.strangeness))
    return signed, np.concatenate(distances), np.concatenate(novel)


def summarise(
    folder: str,
    facts: RunFacts,
    entries: Sequence[BookEntry],
    books: Sequence[BookEntry],
    rejects: Sequence[Reject],
    duplicates: Sequence[Reject],
    assignments: Sequence[AssignmentEntry],
    files: Sequence[FileEntry],
    frozen: FrozenSigns,
    casts: Sequence[CastEntry] = (),
    castless: Sequence[Reject] = (),
    edges: Sequence[BookEdges] = (),
) -> Manifest:
    """Writes what remains of the dataset into its folder, the manifest last.

    castless: why the cast of a book could not be found, by book id. edges: of all books that were read.
    """
    tell("summary", "begun")
    books = note_castless(sorted(books, key=lambda b: b.book_id), castless)
    refused = one_reject_per_input(rejects, entries, books)
    counts = account(entries, books, duplicates, refused, count_languages(books, assignments))
    inventory = load_inventory(frozen.folder)
    signed, distances, novel = signed_books(books, assignments, frozen, facts.glyphs)
    parts = [assignment.part for assignment in assignments]
    keywords = [entry.keywords for entry in read_glossary(frozen.folder)[1] if entry.level == 1]
    metrics = compute_metrics(
        Evidence(
            books=sorted(signed, key=lambda b: b.book_id),
            sizes=frozen.sizes[: facts.glyphs],
            distances=distances,
            novel=novel,
            characters=sum(book.characters for book in books),
            sample=neutral_sample(parts, inventory, RETRIEVAL_SCENES, inventory.info.seed),
            quantiser=inventory.quantiser,
            keywords=keywords,
            fitted=not frozen.taken_over,
            spoken=lambda: _spoken(inventory, assignments, keywords, frozen.words),
            cast=CastSize(sum(c.members for c in casts), sum(c.scenes for c in casts)) if casts else None,
        )
    )
    every_file = [*files, *write_atlas(folder, files, inventory)]
    if refused or duplicates:
        every_file.append(_write_rejects(folder, [*refused, *duplicates]))
    metrics_json = json.dumps(metrics, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    storage.write_bytes(storage.join(folder, "report", "metrics.json"), metrics_json.encode())
    every_file.append(file_entry(folder, "report/metrics.json"))
    every_file += [file_entry(folder, f"inventory/{name}") for name in (INFO, *inventory.info.files)]
    if any(entry.config == "concepts" for entry in files):
        every_file.append(_write_datacard(folder, inventory, files))
    named = [book for part in parts for book in part.books]
    fitted_on = read_place(facts.draft)
    manifest = Manifest(
        name=facts.name,
        options=facts.options_taken if frozen.taken_over else facts.options,
        levels=facts.glyphs,
        versions={**facts.versions, **(fitted_on.kernels if fitted_on else facts.kernels)},
        counts=counts,
        inventory=_inventory_summary(inventory),
        metrics=metrics,
        books=tuple(books),
        files=tuple(sorted(every_file, key=lambda f: f.path)),
        stages=count_stages(counts, entries, books, refused, named, len(castless) if casts else None),
        shared_paragraphs=count_shared(books, edges),
    )
    write_card(folder, manifest, facts.embedder_licence, facts.embedder_origin)
    write_croissant(folder, manifest)
    storage.write_bytes(storage.join(folder, "manifest.json"), manifest.to_json().encode())
    return manifest


def note_castless(books: Iterable[BookEntry], castless: Iterable[Reject]) -> list[BookEntry]:
    """The books, those whose cast could not be found with a note that says why."""
    why = {reject.book_id: f"{NO_CAST}: {reject.detail}" for reject in castless}
    return [replace(book, notes=(*book.notes, why[book.book_id])) if book.book_id in why else book for book in books]


def _spoken(
    inventory: Inventory,
    assignments: Sequence[AssignmentEntry],
    keywords: Sequence[Mapping[str, tuple[str, ...]]],
    words: str,
) -> Iterator[SpokenScenes]:
    """The words of scenes by language: those that keywords were chosen from, or of keywords that were taken over these
    alone.
    """
    for language in spoken_languages(assignments):
        if words:
            counted = load_words(words_uri(words, language))
            yield read_spoken(language, assignments, inventory, counted=counted)
            continue
        known = {word_key(word, language) for by_language in keywords for word in by_language.get(language, ())}
        yield read_spoken(language, assignments, inventory, known)


def _inventory_summary(inventory: Inventory) -> dict[str, object]:
    summary = asdict(inventory.info)
    summary.pop("files")
    return summary


def _write_datacard(folder: str, inventory: Inventory, files: Sequence[FileEntry]) -> FileEntry:
    splits = tuple(sorted({entry.split for entry in files if entry.config == "concepts"}))
    text = datacard_text(inventory.info.files[CODEBOOK], inventory.info.dimensions, splits)
    storage.write_bytes(storage.join(folder, DATACARD), text.encode())
    return file_entry(folder, DATACARD)


def _write_rejects(folder: str, rejects: Sequence[Reject]) -> FileEntry:
    path = "rejects/rejects.parquet"
    table = write_rejects(storage.join(folder, path), rejects)
    return file_entry(folder, path, "rejects", "rejects", table.num_rows, table.nbytes)


class WriteSummary(beam.DoFn):
    """FrozenSigns, everything small as side inputs -> the folder, once its manifest is written."""

    def __init__(self, folder: str, facts: RunFacts) -> None:
        self.folder = folder
        self.facts = facts

    def process(
        self,
        inventory: FrozenSigns,
        entries: Sequence[BookEntry],
        books: Sequence[BookEntry],
        rejects: Sequence[Reject],
        duplicates: Sequence[Reject],
        assignments: Sequence[AssignmentEntry],
        files: Sequence[FileEntry],
        casts: Sequence[CastEntry],
        castless: Sequence[Reject],
        edges: Sequence[BookEdges],
    ) -> Iterable[str]:
        make_room()
        summarise(
            self.folder,
            self.facts,
            entries,
            books,
            rejects,
            duplicates,
            assignments,
            files,
            inventory,
            casts,
            castless,
            edges,
        )
        yield self.folder


@dataclass
class Summarise(beam.PTransform):
    """FrozenSigns and all small collections -> the folder, once its manifest is written."""

    folder: str
    facts: RunFacts

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, pcolls: dict[str, beam.PCollection]) -> beam.PCollection:
        sides = {name: beam.pvalue.AsList(pcoll) for name, pcoll in pcolls.items() if name != "inventory"}
        return pcolls["inventory"] | "WriteSummary" >> beam.ParDo(WriteSummary(self.folder, self.facts), **sides)
