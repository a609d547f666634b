"""The summary at the end of a run, and the plan of a dry run, for people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from scenesign.pipeline.output import fit_output
from scenesign.pipeline.run.graph import BuildPlan
from scenesign.schemas.inventory import DEFAULT_SCRIPT
from scenesign.schemas.manifest import NO_CAST, Manifest
from scenesign.schemas.parts import BookEntry
from scenesign.schemas.records import UNEXPECTED, Reject
from scenesign.transforms.dataset.in_use import example_in
from scenesign.transforms.dataset.splits import split_lots
from scenesign.transforms.quality.near_duplicates import groups_of
from scenesign.transforms.signs.choose import FEWEST_BOOKS, FEWEST_SCENES, too_few
from scenesign.transforms.signs.glosses.glossary import SignEntry
from scenesign.transforms.signs.inventory import no_mean_note, scripts
from scenesign.transforms.support import storage
from scenesign.transforms.support.unexpected import unexpected_causes

# What differs between two notes of one kind: counts, and remarks in brackets that hold one.
_NUMBERS = re.compile(r" ?\([^()]*\d[^()]*\)|\b\d[\d,]* ")
_LANGUAGE_NAMES = {"en": "English", "ru": "Russian", "zh": "Chinese"}


def human_bytes(count: float) -> str:
    """A number of bytes for a reader, `1.2 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return ""


def language_table(manifest: Manifest) -> Table:
    """Books, scenes and compression by language."""
    table = Table(title=f"{manifest.name}: what is in the dataset", title_justify="left")
    table.add_column("language")
    for name in ("books", "sentences", "scenes", "characters", "characters per sign"):
        table.add_column(name, justify="right")
    for code, row in manifest.counts.by_language.items():
        table.add_row(
            _LANGUAGE_NAMES.get(code, code),
            f"{row.books:,}",
            f"{row.sentences:,}",
            f"{row.scenes:,}",
            f"{row.characters:,}",
            f"{row.characters / max(1, row.scenes * manifest.levels):,.0f}",
        )
    return table


def topic_table(topics: Sequence[SignEntry], languages: Sequence[str], count: int = 8) -> Table:
    """The most frequent topics, with name, keywords and a scene like it, in languages of the books."""
    table = Table(title="most frequent topics", title_justify="left", show_lines=True)
    table.add_column("sign")
    table.add_column("scenes", justify="right")
    table.add_column("books", justify="right")
    table.add_column("name and keywords")
    table.add_column("a scene like it")
    for entry in topics[:count]:
        words = [f"{code}: {' '.join(entry.keywords[code][:4])}" for code in languages if entry.keywords.get(code)]
        example = example_in(entry, languages)
        table.add_row(
            fit_output(f"{entry.glyph} {entry.sign}"),
            str(entry.count),
            str(entry.books),
            fit_output("\n".join(filter(None, (entry.name, *words)))),
            fit_output(example.text[:160] if example else ""),
        )
    return table


def accounts(manifest: Manifest) -> str:
    """The accounts in a line: inputs = books + duplicates + rejects, and why they were refused."""
    counts = manifest.counts
    line = (
        f"{counts.inputs:,} inputs = {counts.books:,} books + {counts.duplicates:,} duplicates + "
        f"{counts.rejects:,} rejects"
    )
    if counts.rejects_by_reason:
        reasons = ", ".join(f"{name} {n}" for name, n in counts.rejects_by_reason.items())
        line += f" ({reasons})"
    if counts.volumes:
        line += f"; {counts.volumes:,} of the books are volumes of books too long to be one"
    return line


def choice_line(manifest: Manifest) -> str | None:
    """Whose signs these are, and why, where the books are few or the signs are a script's; None otherwise."""
    counts, inventory = manifest.counts, manifest.inventory
    script = inventory.get("script")
    few = too_few(counts.books, counts.scenes)
    shelf = f"{counts.books:,} {'book' if counts.books == 1 else 'books'} of {counts.scenes:,} scenes"
    needed = f"({FEWEST_BOOKS:,} books and {FEWEST_SCENES:,} scenes needed)"
    if script:
        why = f"{shelf} are too few for signs of their own {needed}: " if few else ""
        return f"{why}written in {script}"
    if manifest.options.get("frozen") or not few or DEFAULT_SCRIPT not in scripts():
        return None
    more = f"`--inventory {DEFAULT_SCRIPT}` has more"
    return f"{shelf} are few for signs of their own {needed}: these may mean little; {more}"


def inventory_line(manifest: Manifest) -> str:
    """Size and use of the inventory, and languages that it doesn't know."""
    inventory, metrics = manifest.inventory, manifest.metrics
    sizes = " + ".join(f"{size:,}" for size in inventory["sizes"])
    owner = inventory.get("script") or "another dataset"
    origin = f"signs of {owner}, made" if manifest.options.get("frozen") else "signs"
    line = (
        f"inventory: {sizes} {origin} from {inventory['sample_scenes']:,} scenes, used as evenly as "
        f"{metrics['level1/perplexity']:.0f}; {100 * metrics['novel/share']:.1f} % of scenes are unlike those it knows"
    )
    unknown = [no_mean_note(code, inventory["languages"]) for code in sorted(manifest.counts.by_language)]
    for note in filter(None, (*inventory["notes"], *unknown)):
        line += f"\n  note: {note}"
    return line


def cast_line(manifest: Manifest) -> str | None:
    """How many members casts have, and how many scenes name one; None where nobody looked."""
    members, scenes = (manifest.metrics.get(f"cast/{key}") for key in ("members", "scenes"))
    if members is None or scenes is None:
        return None
    kept_back = " (ids only: their names are left out)" if manifest.options.get("cast_names") == "no" else ""
    return f"cast: {members:,.0f} members a book{kept_back}; {100 * scenes:.0f} % of scenes name one"


def castless_lines(manifest: Manifest, most: int = 3) -> Iterator[str]:
    """What a reader must see too: books whose cast an unexpected error kept out. None where none did."""
    if not manifest.castless:
        return
    yield f"WITHOUT A CAST: {len(manifest.castless):,} books, for unexpected errors, which are not the books' fault"
    for book in manifest.castless[:most]:
        yield f"  {book.source}: {next(note for note in book.notes if note.startswith(NO_CAST))}"
    yield "  this is a defect of scenesign or of an installed library: please report it with these lines"


def sharing_line(manifest: Manifest) -> str | None:
    """How much translations share; None without translations."""
    metrics = manifest.metrics
    if "translations/shared" not in metrics:
        return None
    shared, in_order = (100 * metrics[f"translations/{key}"] for key in ("shared", "shared_in_order"))
    chance, chance_in_order = (100 * metrics[f"translations/{key}"] for key in ("chance", "chance_in_order"))
    return (
        f"translations of one work (same file name, another language) share {shared:.0f} % of their signs, "
        f"{in_order:.0f} % in the same order; different works in different languages {chance:.0f} % and "
        f"{chance_in_order:.0f} %"
    )


def near_duplicates_line(manifest: Manifest) -> str | None:
    """How many books hold much of another's text; None without any."""
    groups = groups_of(manifest.books)
    if not groups:
        return None
    books = sum(map(len, groups))
    return (
        f"near-duplicates: {books:,} books share much of their text, in {len(groups):,} "
        f"{'group' if len(groups) == 1 else 'groups'}, each in one split; `--near-duplicates drop` keeps the longest"
    )


def mixed_line(manifest: Manifest, most: int = 3) -> str | None:
    """Books that hold much of another language; None without any."""
    mixed = sorted((book for book in manifest.books if book.other_language), key=lambda b: (-b.other_share, b.source))
    if not mixed:
        return None
    shown = "; ".join(f"{b.source}: about {b.other_share:.0%} {b.other_language}" for b in mixed[:most])
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
        f"make {lots:,} {'lot' if lots == 1 else 'lots'} for {len(asked):,} splits"
    )


def left_out_lines(rejects: Sequence[Mapping[str, Any]], where: str, most: int = 5) -> Iterator[str]:
    """The first inputs that are not in the dataset, and the file that lists all. rejects: rows of its table."""
    refused = [row for row in rejects if row["reason"] != "duplicate"]
    for row in refused[:most]:
        yield f"left out: {row['source']}: {row['detail']} ({row['reason']})"
    if rejects:
        more = f"and {len(refused) - most:,} more; " if len(refused) > most else ""
        yield f"{more}what was left out, and why: {where}"


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


def show_summary(
    console: Console,
    manifest: Manifest,
    topics: Sequence[SignEntry],
    rejects: Sequence[Mapping[str, Any]],
    output: str,
    parts: str,
) -> None:
    """Prints the summary of a finished run, first what is wrong with it.

    topics: counted in these books, the most frequent first; rejects: rows of their table.
    """
    counters = manifest.run.get("counters", {})
    lines = [accounts(manifest), choice_line(manifest), inventory_line(manifest), cast_line(manifest)]
    lines.append(sharing_line(manifest))
    reused = counters.get("books/reused", 0)
    took = f"{manifest.run.get('seconds', 0):.1f} s; {counters.get('sentences/embedded', 0):,} sentences embedded"
    lines.append(took + (f"; {reused:,} books reused from an earlier run" if reused else ""))
    asked = [item.partition("=")[0] for item in str(manifest.options["splits"]).split(",")]
    lines.append(splits_line(asked, {file.split for file in manifest.files}, manifest.books))
    lines += [near_duplicates_line(manifest), mixed_line(manifest), shared_line(manifest)]
    lines += [retried_line(counters), notes_line(manifest.books)]
    lines += left_out_lines(rejects, f"{output}/rejects/rejects.parquet")
    # `datasets` would want a driver of its own for a store; a copy it reads as it is
    loaded = output if storage.is_local(output) else "a local copy"
    lines.append(
        f'the dataset: {output} (datasets.load_dataset("{loaded}", "sequences"); start with {output}/README.md)'
    )
    lines.append(f"a page to look at: {output}/report/report.html")
    lines.append(f"finished books are kept in {parts}, so that a later run embeds only what is new; delete it freely")
    body = Text("\n".join(line for line in lines if line))
    for line in (*unexpected_lines(rejects), *castless_lines(manifest)):
        console.print(Text(line, style="bold red"), soft_wrap=True)
    counted = manifest.counts.by_language
    languages = sorted(counted, key=lambda code: (-counted[code].scenes, code))
    console.print(Group(language_table(manifest), topic_table(topics, languages)))
    # a path that is broken in two can't be copied, nor found by a program that reads along
    console.print(body, soft_wrap=True)


def plan_fields(plan: BuildPlan, steps: list[str]) -> dict[str, object]:
    """The plan of a dry run for programs."""
    return {
        "inputs": [asdict(source) for source in plan.sources],
        "refused": [asdict(reject) for reject in plan.listed_rejects],
        "finished_books": sum(len(part.books) for part in plan.finished),
        "parts": plan.parts,
        "output": plan.options.output,
        "options": plan.options.data_options(),
        "script_if_too_few": DEFAULT_SCRIPT if plan.options.fallback else None,
        "steps": steps,
    }


def show_plan(console: Console, plan: BuildPlan, steps: list[str]) -> None:
    """Prints the plan of a dry run."""
    by_kind: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for source in plan.sources:
        kind = PurePosixPath(source.name).suffix or "(none)"
        by_kind[kind] += 1
        sizes[kind] += source.bytes
    table = Table(title="inputs", title_justify="left")
    for name in ("kind", "files", "bytes"):
        table.add_column(name, justify="left" if name == "kind" else "right")
    for kind, count in sorted(by_kind.items()):
        table.add_row(kind, f"{count:,}", human_bytes(sizes[kind]))
    table.add_row("all", f"{len(plan.sources):,}", human_bytes(sum(sizes.values())))
    console.print(table)
    if plan.listed_rejects:
        count = len(plan.listed_rejects)
        console.print("1 file would be refused:" if count == 1 else f"{count:,} files would be refused:")
        for reject in plan.listed_rejects[:10]:
            console.print(Text(f"  {reject.source}: {reject.detail}"))
    done = sum(len(part.books) for part in plan.finished)
    console.print(f"finished books of earlier runs in {plan.parts}: {done}")
    if plan.options.fallback:
        console.print(
            f"signs: of these books' own from {FEWEST_BOOKS:,} books and {FEWEST_SCENES:,} scenes on, else those of "
            f"{DEFAULT_SCRIPT}"
        )
    console.print(f"graph: {' -> '.join(steps)}")
    console.print(f"would write: {plan.options.output}", highlight=False)
    console.print("dry run: nothing was read in full, nothing was written")
