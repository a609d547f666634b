"""The summary at the end of a run, for people: what is wrong, what is remarkable, and at the end five facts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scenesign.pipeline.output import fit_output
from scenesign.pipeline.wording import counted, series
from scenesign.schemas.inventory import DEFAULT_SCRIPT
from scenesign.schemas.language_names import language_name
from scenesign.schemas.manifest import NO_CAST, Manifest
from scenesign.schemas.parts import BookEntry
from scenesign.schemas.records import UNEXPECTED, Reject
from scenesign.transforms.dataset.splits import split_lots
from scenesign.transforms.metrics.verdicts import alike_translations, foretelling, marks_of_books, unlike_known
from scenesign.transforms.quality.near_duplicates import groups_of
from scenesign.transforms.signs.choose import FEWEST_BOOKS, FEWEST_SCENES, too_few
from scenesign.transforms.signs.glosses.glossary import SignEntry
from scenesign.transforms.signs.inventory import no_mean_note, scripts
from scenesign.transforms.support import storage
from scenesign.transforms.support.unexpected import unexpected_causes

# What differs between two notes of one kind: counts, and remarks in brackets that hold one.
_NUMBERS = re.compile(r" ?\([^()]*\d[^()]*\)|\b\d[\d,]* ")
_MOST_LANGUAGES = 5  # that are named, and rows of the short table; -v has all
_TOPICS = 12  # rows of the table of topics
_WORDS = 4  # of a topic


def language_table(manifest: Manifest, most: int | None = None) -> Table:
    """Books, scenes and compression by language, those with most scenes first. most: rows; None for all."""
    counts = manifest.counts
    codes = sorted(counts.by_language, key=lambda code: (-counts.by_language[code].scenes, code))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("language")
    for name in ("books", "sentences", "scenes", "characters", "per glyph"):
        table.add_column(name, justify="right")
    if most is not None and len(codes) <= most + 1:  # a row that says "1 more" is no shorter
        most = None
    for code in codes[:most]:
        row = counts.by_language[code]
        numbers = (row.books, row.sentences, row.scenes, row.characters)
        per_glyph = row.characters / max(1, row.scenes * manifest.levels)
        table.add_row(fit_output(language_name(code)), *(f"{n:,}" for n in numbers), f"{per_glyph:,.0f}")
    if more := len(codes) - len(codes[:most]):
        table.add_row(f"{more:,} more (-v)")
    return table


def topic_table(topics: Sequence[SignEntry], languages: Sequence[str], count: int = _TOPICS) -> Table:
    """The most frequent topics, a line each, those that words tell first: name and keywords in the books' languages."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("topic", no_wrap=True)
    for name in ("scenes", "books"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("name, and words in the books' languages")
    words = [_words(entry, languages) for entry in topics]
    # a topic without words says little, however frequent it is
    for i in sorted(range(len(topics)), key=lambda i: not words[i])[:count]:
        told = fit_output(words[i] or "(no words tell it)")
        told.no_wrap, told.overflow = True, "ellipsis"  # the column itself may shrink, and no other one
        glyph = fit_output(f"{topics[i].glyph} {topics[i].sign}")
        table.add_row(glyph, f"{topics[i].count:,}", f"{topics[i].books:,}", told)
    return table


def _words(entry: SignEntry, languages: Sequence[str]) -> str:
    """`name | word word | word word`; empty where there are none."""
    found = (" ".join(entry.keywords.get(code, ())[:_WORDS]) for code in languages)
    return " | ".join(filter(None, (entry.name, *found)))


def book_fact(manifest: Manifest) -> str:
    """How many books there are, and in which languages."""
    counts = manifest.counts
    codes = sorted(counts.by_language, key=lambda code: (-counts.by_language[code].books, code))
    names = [f"{counts.by_language[code].books:,} {language_name(code)}" for code in codes]
    if (more := len(names) - _MOST_LANGUAGES) > 1:
        names = [*names[:_MOST_LANGUAGES], counted(more, "more language")]
    said = f"{counted(counts.books, 'book')} of {counted(counts.inputs, 'input')}: {series(names)}"
    if counts.volumes:
        said += f"; {counts.volumes:,} of them are volumes of books too long to be one"
    return said + "."


def scene_fact(manifest: Manifest) -> str:
    """How many scenes there are, and how long they are."""
    scenes, characters = manifest.counts.scenes, _characters(manifest)
    return f"{counted(scenes, 'scene')}, of {characters / max(1, scenes):,.0f} characters on average."


def glyph_fact(manifest: Manifest) -> str:
    """How many characters of text a glyph stands for."""
    glyphs = manifest.levels * manifest.counts.scenes
    each = counted(manifest.levels, "glyph")
    return f"{_characters(manifest) / max(1, glyphs):,.0f} characters per glyph: a scene is written in {each}."


def learning_fact(manifest: Manifest) -> str:
    """How far the signs are worth training on, as far as counting tells."""
    said = (foretelling(manifest.metrics), marks_of_books(manifest.metrics, manifest.counts.books))
    return " ".join(filter(None, said))


def left_out_fact(manifest: Manifest) -> str:
    """How many inputs are not in the dataset, and why."""
    counts = manifest.counts
    said = [counted(counts.duplicates, "duplicate")] if counts.duplicates else []
    if counts.rejects:
        reasons = ", ".join(f"{name} {n:,}" for name, n in counts.rejects_by_reason.items())
        said.append(counted(counts.rejects, "reject") + (f" ({reasons})" if reasons else ""))
    if not said:
        return "Nothing was left out."
    return f"Left out: {series(said)}."


def _characters(manifest: Manifest) -> int:
    return sum(row.characters for row in manifest.counts.by_language.values())


def choice_line(manifest: Manifest) -> str | None:
    """Whose signs these are, and why, where the books are few or the signs are a script's; None otherwise."""
    counts, inventory = manifest.counts, manifest.inventory
    script = inventory.get("script")
    few = too_few(counts.books, counts.scenes)
    shelf = f"{counted(counts.books, 'book')} of {counted(counts.scenes, 'scene')}"
    verb = "is" if counts.books == 1 else "are"
    needed = f"({FEWEST_BOOKS:,} books and {FEWEST_SCENES:,} scenes needed)"
    if script:
        why = f"{shelf} {verb} too few for signs of their own {needed}: " if few else ""
        return f"{why}written in {script}"
    if manifest.options.get("frozen") or not few or DEFAULT_SCRIPT not in scripts():
        return None
    more = f"`--inventory {DEFAULT_SCRIPT}` has more"
    return f"{shelf} {verb} few for signs of their own {needed}: these may mean little; {more}"


def inventory_line(manifest: Manifest) -> str:
    """Size and use of the inventory."""
    inventory, metrics = manifest.inventory, manifest.metrics
    sizes = " + ".join(f"{size:,}" for size in inventory["sizes"])
    owner = inventory.get("script") or "another dataset"
    origin = f"signs of {owner}, made" if manifest.options.get("frozen") else "signs, made"
    return (
        f"inventory: {sizes} {origin} from {counted(inventory['sample_scenes'], 'scene')}; topics used as evenly as "
        f"{metrics['level1/perplexity']:,.0f} would be"
    )


def inventory_notes(manifest: Manifest) -> Iterator[str]:
    """What the inventory says of itself, and languages that it doesn't know."""
    inventory = manifest.inventory
    unknown = [no_mean_note(code, inventory["languages"]) for code in sorted(manifest.counts.by_language)]
    yield from (f"note: {note}" for note in (*inventory["notes"], *unknown) if note)


def cast_line(manifest: Manifest) -> str | None:
    """How many members casts have, and how many scenes name one; None where nobody looked."""
    members, scenes = (manifest.metrics.get(f"cast/{key}") for key in ("members", "scenes"))
    if members is None or scenes is None:
        return None
    kept_back = " (ids only: their names are left out)" if manifest.options.get("cast_names") == "no" else ""
    return f"cast: {members:,.0f} members a book{kept_back}; {100 * scenes:.0f} % of scenes name one"


def time_line(manifest: Manifest) -> str:
    """How long the run took, and for what."""
    counters = manifest.run.get("counters", {})
    took = (
        f"{manifest.run.get('seconds', 0):.1f} s; {counted(counters.get('sentences/embedded', 0), 'sentence')} embedded"
    )
    reused = counters.get("books/reused", 0)
    return took + (f"; {counted(reused, 'book')} reused from an earlier run" if reused else "")


def castless_lines(manifest: Manifest, most: int = 3) -> Iterator[str]:
    """What a reader must see too: books whose cast an unexpected error kept out. None where none did."""
    if not manifest.castless:
        return
    yield f"WITHOUT A CAST: {len(manifest.castless):,} books, for unexpected errors, which are not the books' fault"
    for book in manifest.castless[:most]:
        yield f"  {book.source}: {next(note for note in book.notes if note.startswith(NO_CAST))}"
    yield "  this is a defect of scenesign or of an installed library: please report it with these lines"


def near_duplicates_line(manifest: Manifest) -> str | None:
    """How many books hold much of another's text; None without any."""
    groups = groups_of(manifest.books)
    if not groups:
        return None
    books = sum(map(len, groups))
    return (
        f"near-duplicates: {books:,} books share much of their text, in {counted(len(groups), 'group')}, "
        f"each in one split; `--near-duplicates drop` keeps the longest"
    )


def mixed_line(manifest: Manifest, most: int = 3) -> str | None:
    """Books that hold much of another language; None without any."""
    mixed = sorted((book for book in manifest.books if book.other_language), key=lambda b: (-b.other_share, b.source))
    if not mixed:
        return None
    shown = "; ".join(
        f"{b.source}: about {100 * b.other_share:.0f} % {language_name(b.other_language)}" for b in mixed[:most]
    )
    more = f"; and {len(mixed) - most:,} more" if len(mixed) > most else ""
    return f"two languages in one book: {shown}{more}"


def shared_line(manifest: Manifest) -> str | None:
    """How many paragraphs books share at their ends; None without any."""
    shared = manifest.shared_paragraphs
    if not shared.paragraphs:
        return None
    return (
        f"shared paragraphs: {shared.books:,} books have {shared.paragraphs:,} in common at their ends; "
        "`scenesign boilerplate` shows them and writes rules that leave them out"
    )


def splits_line(asked: Sequence[str], found: Collection[str], books: Iterable[BookEntry]) -> str | None:
    """Splits that were asked for and not found, as no book fell to them; None where there are none."""
    empty = [name for name in asked if name not in found]
    if not empty:
        return None
    lots = len(split_lots(books))
    return (
        f"no books in {' and '.join(empty)}: an author's books stay together, and so do versions of one work; these "
        f"make {counted(lots, 'lot')} for {len(asked):,} splits"
    )


def left_out_lines(rejects: Sequence[Mapping[str, Any]], most: int = 3) -> Iterator[str]:
    """The first inputs that were refused, duplicates aside. rejects: rows of their table."""
    refused = [row for row in rejects if row["reason"] != "duplicate"]
    for row in refused[:most]:
        yield f"left out: {row['source']}: {row['detail']} ({row['reason']})"
    if len(refused) > most:
        yield f"left out: {len(refused) - most:,} more"


def unexpected_lines(rejects: Sequence[Mapping[str, Any]], most: int = 3) -> Iterator[str]:
    """What a reader must see first: books that an unexpected error kept out, by step and cause. None where none did."""
    causes = unexpected_causes(Reject(**row) for row in rejects if row["reason"] == UNEXPECTED)
    if not causes:
        return
    lost = sum(count for _, count in causes)
    yield f"BOOKS MISSING: {lost:,} kept out by unexpected errors, which are not the books' fault"
    for first, count in causes[:most]:
        yield f"  {first.stage}: {count:,}, first: {first.source}: {first.detail}"
    if len(causes) > most:
        yield f"  and {len(causes) - most:,} more causes"
    yield (
        "  this is a defect of scenesign or of an installed library: please report it with these lines; the same "
        "command with --overwrite tries these books again, and reuses the rest"
    )


def retried_line(counters: Mapping[str, int]) -> str | None:
    """Books that were right at the second try; None without any."""
    retried = counters.get("books/retried", 0)
    if not retried:
        return None
    return (
        f"right at the second try, after an unexpected error at the first: {retried:,} (nothing is lost, but please "
        "report what `-v` shows of it)"
    )


def notes_line(books: Iterable[BookEntry]) -> str | None:
    """What was repaired in books or looks odd in them, by kind; None where nothing was."""
    kinds = Counter(kind for book in books for kind in {_NUMBERS.sub("", note) for note in book.notes})
    if not kinds:
        return None
    return "notes on books: " + "; ".join(f"{kind} ({count:,})" for kind, count in kinds.most_common(8))


def remarks(manifest: Manifest, rejects: Sequence[Mapping[str, Any]], verbose: bool) -> Iterator[str]:
    """What is worth a line beside the five facts. verbose: all there is to say."""
    asked = [item.partition("=")[0] for item in str(manifest.options["splits"]).split(",")]
    counters = manifest.run.get("counters", {})
    found = [choice_line(manifest), *inventory_notes(manifest)]
    found += [unlike_known(manifest.metrics, bool(manifest.options.get("frozen")))]
    found += [alike_translations(manifest.metrics)]
    found += [near_duplicates_line(manifest), mixed_line(manifest), shared_line(manifest)]
    found += [splits_line(asked, {file.split for file in manifest.files}, manifest.books), retried_line(counters)]
    if verbose:
        found += [inventory_line(manifest), cast_line(manifest), notes_line(manifest.books)]
    found += [time_line(manifest) if verbose or counters.get("books/reused") else None, *left_out_lines(rejects)]
    yield from filter(None, found)


def show_summary(
    console: Console,
    manifest: Manifest,
    rejects: Sequence[Mapping[str, Any]],
    output: str,
    parts: str,
    topics: Callable[[], Sequence[SignEntry]] | None = None,
) -> None:
    """Prints the summary of a finished run, first what is wrong with it, at the end what matters most.

    rejects: rows of their table. topics: gives those counted in these books, the most frequent first; with them the
    summary has all that there is to say.
    """
    for line in (*unexpected_lines(rejects), *castless_lines(manifest)):
        console.print(Text(line, style="bold red"), soft_wrap=True)
    verbose = topics is not None
    counted_by = manifest.counts.by_language
    if verbose or len(counted_by) > 1:
        console.print(language_table(manifest, None if verbose else _MOST_LANGUAGES))
    if topics is not None:
        console.print(topic_table(topics(), manifest.counts.languages))
    # a program that reads along wants whole lines; and a path that is broken in two can't be copied by anybody
    whole = not console.is_terminal
    for line in remarks(manifest, rejects, verbose):
        console.print(Text(line), soft_wrap=whole)
    console.print()
    for fact in (book_fact, scene_fact, glyph_fact, learning_fact, left_out_fact):
        console.print(_with_bold_figure(fact(manifest)), soft_wrap=whole)
    console.print()
    # `datasets` would want a driver of its own for a store; a copy it reads as it is
    loaded = output if storage.is_local(output) else "a local copy"
    for what, where in (
        ("what was left out", f"{output}/rejects/rejects.parquet" if rejects else ""),
        ("the dataset", f"{output} (start with README.md in it)"),
        ("a page to look at", f"{output}/report/report.html"),
        ("to load it", f'datasets.load_dataset("{loaded}", "sequences")' if verbose else ""),
        ("kept for a later run", f"{parts} (delete it freely)"),
    ):
        if where:
            console.print(Text(f"{what}: {where}"), soft_wrap=True)


def _with_bold_figure(fact: str) -> Text:
    text = Text(fact)
    text.highlight_regex(r"^[\d,]+ \w+( per glyph)?", "bold")
    return text
