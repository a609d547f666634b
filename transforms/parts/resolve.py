"""ResolveBooks: what was read in this run, matched with what lies finished in parts. Nothing is lost in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from operator import attrgetter

import apache_beam as beam
import pyarrow as pa

from scenesign.schemas.parts import BookEntry, PartBook, PartEntry, ShingleSample
from scenesign.schemas.records import UNEXPECTED, Book, Reject
from scenesign.schemas.tables import REJECTS
from scenesign.transforms.quality.languages import other_language
from scenesign.transforms.quality.measured import measured
from scenesign.transforms.quality.near_duplicates import REASON, NearDuplicates, settle_near_duplicates
from scenesign.transforms.support import storage
from scenesign.transforms.support.counting import count
from scenesign.transforms.support.failures import RunStoppedError
from scenesign.transforms.support.unexpected import too_many_unexpected


def book_entry(book: Book) -> BookEntry:
    """What the run's index keeps of a book that was read."""
    found = measured("OtherLanguage", book.source, lambda: other_language(book.text, book.language), ("", 0.0))
    return BookEntry(
        book_id=book.book_id,
        source=book.source,
        title=book.title,
        author=book.author,
        language=book.language,
        characters=len(book.text),
        utf8_bytes=len(book.text.encode("utf-8", "surrogatepass")),
        encoding=book.encoding,
        bytes=book.bytes,
        notes=book.notes,
        license=book.license,
        other_language=found[0],
        other_share=found[1],
    )


_SHOWN = 3  # rejects in a message, each for another reason
# By name first; the rest only so that nothing hangs on the order in which workers come to an end.
_ORDER = attrgetter("source", "language", "encoding", "title", "author", "license", "bytes", "notes")


def first_of_each_text(entries: Iterable[BookEntry]) -> dict[str, BookEntry]:
    """By book id, of all inputs with that text the first by name: it is the book, the others are its duplicates."""
    return {entry.book_id: entry for entry in sorted(entries, key=_ORDER, reverse=True)}


@dataclass(frozen=True)
class Resolved:
    """The books of this run, each once, and the parts that hold them.

    duplicates: one reject per input whose text another input has too. dropped: one per book that is nearly another.
    """

    entries: tuple[BookEntry, ...]
    parts: tuple[PartEntry, ...]
    duplicates: tuple[Reject, ...]
    dropped: tuple[Reject, ...] = ()


def resolve(entries: Iterable[BookEntry], parts: Iterable[PartEntry], rejects: Iterable[Reject]) -> Resolved:
    """Matches inputs and finished books.

    Of several inputs with one text the first by name is the book. Of several finished copies the one in the
    part with the lowest name counts; copies are the same bytes. Raises RuntimeError when a book is neither
    finished nor rejected, which would be a defect of this program.
    """
    entries = list(entries)
    chosen = first_of_each_text(entries)
    duplicates = []
    for entry in sorted(entries, key=_ORDER):
        first = chosen[entry.book_id]
        if first is not entry:
            detail = f"same text as {first.source}; nothing to do"
            duplicates.append(Reject(entry.source, "ResolveBooks", "duplicate", detail, entry.book_id, entry.bytes))
    homes: dict[str, tuple[PartEntry, PartBook]] = {}
    for part in sorted(set(parts), key=lambda p: (p.name, p.uri)):
        for book in part.books:
            wanted = chosen.get(book.book_id)
            if wanted and wanted.language == book.language:
                homes.setdefault(book.book_id, (part, book))
    refused = {reject.book_id for reject in rejects}
    lost = [e.source for e in chosen.values() if e.book_id not in homes and e.book_id not in refused]
    if lost:
        raise RuntimeError(f"{len(lost)} books were read but neither finished nor rejected, first: {lost[0]}")
    used: dict[str, tuple[PartEntry, list[PartBook]]] = {}
    for part, book in homes.values():
        used.setdefault(part.name, (part, []))[1].append(book)
    return Resolved(
        entries=tuple(chosen[book_id] for book_id in sorted(homes)),
        parts=tuple(
            replace(part, books=tuple(sorted(books, key=lambda b: b.row))) for _, (part, books) in sorted(used.items())
        ),
        duplicates=tuple(duplicates),
    )


def told_apart(resolved: Resolved, samples: Iterable[ShingleSample], mode: NearDuplicates) -> Resolved:
    """The same with what books share named, or without those that are nearly another. Parts on disk stay so."""
    kept, dropped = settle_near_duplicates(resolved.entries, samples, mode)
    ids = {entry.book_id for entry in kept}
    parts = (replace(part, books=tuple(b for b in part.books if b.book_id in ids)) for part in resolved.parts)
    return Resolved(tuple(kept), tuple(part for part in parts if part.books), resolved.duplicates, tuple(dropped))


def one_reject_per_input(
    rejects: Sequence[Reject], entries: Iterable[BookEntry], books: Iterable[BookEntry]
) -> list[Reject]:
    """Rejects in order of source: all of inputs that could not be read, and one of each book that was not finished.

    entries: inputs that could be read; books: those that are in the dataset. Copies of one text that were read by two
    workers may fail twice, in either's name. The first by name is the reject, the others are duplicates.
    """
    finished = {book.book_id for book in books}
    firsts = first_of_each_text(entries)
    kept = [reject for reject in rejects if not reject.book_id]
    failed: dict[str, Reject] = {}
    for reject in sorted(rejects, key=lambda r: (r.stage, r.reason, r.detail, r.source)):
        if reject.book_id and reject.book_id not in finished:
            failed.setdefault(reject.book_id, reject)
    for book_id, reject in failed.items():
        first = firsts[book_id]
        kept.append(replace(reject, source=first.source, bytes=first.bytes))
    return sorted(kept, key=lambda r: (r.source, r.book_id, r.reason, r.detail))


def count_inputs(entries: Sequence[BookEntry], refused: Sequence[Reject]) -> int:
    """All inputs: those that could be read, and those that could not, which have no book id."""
    return len(entries) + sum(not reject.book_id for reject in refused)


def too_many_rejects(
    entries: Sequence[BookEntry], refused: Sequence[Reject], books: int, allowed: float | None
) -> str | None:
    """Why a run must not go on to a dataset, or None.

    entries: inputs that could be read; refused: one reject per input; books: what the dataset would hold;
    allowed: the greatest share of rejects among all inputs.
    """
    inputs = count_inputs(entries, refused)
    reasons = ", ".join(f"{name} {count}" for name, count in Counter(r.reason for r in refused).most_common())
    firsts = {reject.reason: reject for reject in reversed(refused)}  # by reason, the first of each
    shown = sorted(firsts.values(), key=lambda reject: refused.index(reject))[:_SHOWN]
    first = f"first: {'; '.join(f'{reject.source}: {reject.detail}' for reject in shown)}" if refused else ""
    if any(reject.reason == UNEXPECTED for reject in refused):
        first += f"; what is {UNEXPECTED} is a defect of scenesign or of an installed library, please report it"
    if not books:
        all_of_them = "the only input was" if inputs == 1 else f"all {inputs:,} inputs were"
        return f"no book could be built: {all_of_them} refused ({reasons}); {first}"
    if allowed is not None and len(refused) > allowed * inputs:
        return (
            f"{len(refused):,} of {inputs:,} inputs were refused, more than --max-reject-share {allowed:g} allows "
            f"({reasons}); {first}"
        )
    return None


def write_rejects(uri: str, rejects: Iterable[Reject]) -> pa.Table:
    """Writes rejects as a table in a fixed order, and returns it."""
    rows = [asdict(reject) for reject in sorted(rejects, key=lambda r: (r.source, r.stage, r.reason))]
    table = pa.Table.from_pylist(rows, schema=REJECTS)
    with storage.parquet_writer(uri, REJECTS) as writer:
        writer.write_table(table)
    return table


class Resolve(beam.DoFn):
    """One element, with everything small as side inputs -> PartEntry; tags `entries`, `duplicates` and `dropped`.

    Raises RunStoppedError when too many inputs were refused, or all, or too many for an unexpected error; the rejects
    are then at `refused_uri`.
    """

    def __init__(
        self, refused_uri: str, sources: int, max_reject_share: float | None, near_duplicates: NearDuplicates
    ) -> None:
        self.refused_uri = refused_uri
        self.sources = sources
        self.max_reject_share = max_reject_share
        self.near_duplicates = near_duplicates

    def process(
        self,
        _: None,
        entries: Sequence[BookEntry],
        parts: Sequence[PartEntry],
        rejects: Sequence[Reject],
        samples: Sequence[ShingleSample],
    ) -> Iterable[PartEntry | beam.pvalue.TaggedOutput]:
        resolved = resolve(entries, parts, rejects)
        refused = one_reject_per_input(rejects, entries, resolved.entries)
        problem = too_many_unexpected(refused, count_inputs(entries, refused), self.sources)
        problem = problem or too_many_rejects(entries, refused, len(resolved.entries), self.max_reject_share)
        if problem:
            write_rejects(self.refused_uri, [*refused, *resolved.duplicates])
            raise RunStoppedError(f"{problem}; nothing was published, and each is listed in {self.refused_uri}")
        resolved = told_apart(resolved, samples, self.near_duplicates)
        count("rejected", "duplicate", len(resolved.duplicates))
        if resolved.dropped:
            count("rejected", REASON, len(resolved.dropped))
        yield from resolved.parts
        yield from (beam.pvalue.TaggedOutput("entries", entry) for entry in resolved.entries)
        yield from (beam.pvalue.TaggedOutput("duplicates", reject) for reject in resolved.duplicates)
        yield from (beam.pvalue.TaggedOutput("dropped", reject) for reject in resolved.dropped)


@dataclass
class ResolveBooks(beam.PTransform):
    """(entries, parts, rejects, samples) -> parts with only the books that this run uses; tagged entries, duplicates
    and dropped.

    refused_uri: where the rejects are listed when the run must end here. sources: how many files and datasets the run
    reads, see `too_many_unexpected`. max_reject_share: see `too_many_rejects`, which
    looks at what was refused and not at what is dropped. near_duplicates: what becomes of them.
    """

    refused_uri: str
    sources: int
    max_reject_share: float | None = None
    near_duplicates: NearDuplicates = "flag"

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, pcolls: dict[str, beam.PCollection]) -> beam.pvalue.DoOutputsTuple:
        pipeline = pcolls["entries"].pipeline
        return (
            pipeline
            | "Once" >> beam.Create([None])
            | "Resolve"
            >> beam.ParDo(
                Resolve(self.refused_uri, self.sources, self.max_reject_share, self.near_duplicates),
                **{name: beam.pvalue.AsList(pcoll) for name, pcoll in pcolls.items()},
            ).with_outputs("entries", "duplicates", "dropped", main="parts")
        )
