"""`scenesign signs`: the glossary of an inventory in the terminal, one sign in full, and search by meaning."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, NoReturn

import click
from rich.cells import cell_len, chop_cells
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scenesign.pipeline.commands.terminal import Glyphs, Words, json_line, plain_line
from scenesign.pipeline.output import fit_output, print_json
from scenesign.schemas.inventory import DEFAULT_SCRIPT
from scenesign.schemas.records import printable
from scenesign.transforms.signs.glyphs import LETTER_NAMES, signs_of

if TYPE_CHECKING:
    from scenesign.schemas.inventory import InventoryInfo
    from scenesign.transforms.dataset.read import Dataset
    from scenesign.transforms.signs.glosses.glossary import LetterEntry, SignEntry
    from scenesign.transforms.signs.search import TopicSearch

# Signs of a listing and of a search, where --top doesn't say.
_LISTED, _FOUND = 20, 10
# What is said of a sign that no words tell from others.
_NAMELESS = "(no words tell it)"
# Languages of a sign in a table, and those whose words are shown there.
_MOST_LANGUAGES = 3
# A table of eight columns is no help on a terminal narrower than this.
_TABLE_WIDTH = 76


@click.command(short_help="Shows what the signs mean; finds signs by meaning.")
@click.argument("folder", metavar="[DATASET]", default=DEFAULT_SCRIPT)
@click.option(
    "--sign", "wanted", metavar="N|GLYPH", type=Glyphs(), help="Everything about one sign, by its number or its glyph."
)
@click.option("--search", "query", metavar="TEXT", type=Words(), help="Topics nearest to a phrase or a few sentences.")
@click.option(
    "--language", help="Language of the --search text (code or name); otherwise the likeliest of the inventory's."
)
@click.option(
    "--level",
    type=click.IntRange(1, 4),
    help="Level that is listed: 1 topics, from 2 letters of composed glyphs [default: 1].",
)
@click.option(
    "--top",
    type=click.IntRange(1),
    help=f"How many signs to print at most [default: {_LISTED}, or all with --json; {_FOUND} with --search].",
)
@click.option("--json", "as_json", is_flag=True, help="A JSON object per sign.")
def signs(
    folder: str,
    wanted: str | None,
    query: str | None,
    language: str | None,
    level: int | None,
    top: int | None,
    as_json: bool,
) -> None:
    """Shows the topics of DATASET, the most frequent first, as often as its scenes have them.

    DATASET may also be an inventory or a script; without it the topics of script-1 are shown.

    \b
    scenesign signs out/demo                            what signs there are
    scenesign signs out/demo --sign 丂                  all about one of them; --sign 2 is the same
    scenesign signs out/demo --sign 각                  what a composed glyph is spelled with
    scenesign signs out/demo --level 2                  the letters of composed glyphs
    scenesign signs out/demo --search "a storm at sea"  topics by meaning; `scenesign search` finds scenes
    scenesign signs out/demo --search "буря на море" --language ru --top 3
    scenesign signs out/demo --json | jq .glyph

    A phrase finds topics by the similarity of its vector to codewords, 1 at most. The first few are hints, not
    answers: read their keywords, and their scenes with --sign.
    """
    if wanted is not None and (query is not None or level is not None or top is not None):
        raise click.UsageError("--sign shows one sign; --search, --level and --top don't go with it")
    if query is not None and level not in (None, 1):
        raise click.UsageError("--search finds topics, which are signs of level 1")
    if language is not None and query is None:
        raise click.UsageError("--language is that of the --search text")
    # Beam's file systems take a second to import; `--help` and wrong options shouldn't wait for them
    from scenesign.transforms.dataset.in_use import signs_in_use
    from scenesign.transforms.signs.glosses.glossary import read_glossary
    from scenesign.transforms.signs.inventory import inventory_folder

    try:
        info, glossary = read_glossary(inventory_folder(folder))
        dataset = _dataset(folder)
        if dataset is not None:
            glossary = signs_in_use(dataset, glossary)
    except (OSError, ValueError) as error:
        _fail(str(error))
    console = Console(highlight=False)
    if wanted is not None and (spelled := _spelled(wanted, info)) is not None:
        _print_letters(console, [_letters(folder, info, dataset)[row] for row in spelled], as_json)
        return
    if wanted is not None:
        entry = _pick(wanted, glossary, info, folder)
        if as_json:
            _print_json([asdict(entry)])
        else:
            _print(console, _in_full(entry, glossary, console.width))
        return
    if query is not None:
        found = _search(folder, query, language, top or _FOUND)
        if as_json:
            _print_json({"similarity": match.similarity, **asdict(glossary[match.entry.sign])} for match in found)
        else:
            entries = [glossary[match.entry.sign] for match in found]
            similarities = [match.similarity for match in found]
            _print(console, _listing(entries, console.width, similarities))
        return
    level = level or 1
    if level > len(info.sizes):
        _fail(f"{folder} has {len(info.sizes)} level(s) of signs, so no --level {level}")
    if level > 1 and info.composed:
        _print_letters(
            console, [entry for entry in _letters(folder, info, dataset) if entry.level == level][:top], as_json
        )
        return
    of_level = _most_frequent_first(entry for entry in glossary if entry.level == level)
    shown_entries = of_level[: top or (len(of_level) if as_json else _LISTED)]
    if as_json:
        _print_json(map(asdict, shown_entries))
        return
    _print(console, _listing(shown_entries, console.width))
    more, unused = len(of_level) - len(shown_entries), sum(not entry.count for entry in of_level)
    for line in _rest(more, unused, level, info.sizes):
        console.print(fit_output(line))


def _fail(message: str) -> NoReturn:
    click.echo(f"error: {printable(message)}", err=True)
    sys.exit(2)


def _pick(wanted: str, glossary: Sequence[SignEntry], info: InventoryInfo, folder: str) -> SignEntry:
    """The sign that a number or glyph names."""
    name = wanted.strip()
    if re.fullmatch(r"[0-9]{1,9}", name):
        if int(name) < len(glossary):
            return glossary[int(name)]
        _fail(f"there is no sign {int(name)}: the signs of {folder} are 0 to {len(glossary) - 1}")
    known, unknown = signs_of(name, info.sizes, info.composed)
    if len(known) == 1 and not unknown and known[0] < len(glossary):
        return glossary[known[0]]
    if len(known) > 1:
        _fail(f"--sign takes one glyph; for a row of them: scenesign decode -i {folder} {wanted}")
    _fail(
        f"no sign of {folder} is written '{wanted}': the signs are 0 to {len(glossary) - 1}, "
        f"and `scenesign signs {folder}` shows their glyphs"
    )


def _spelled(wanted: str, info: InventoryInfo) -> tuple[int, int, int] | None:
    """Rows of the letters that a composed glyph is spelled with; None for what is none."""
    from scenesign.transforms.signs.numbering import letters_of_sign

    known, unknown = signs_of(wanted.strip(), info.sizes, info.composed)
    if not info.composed or len(known) != 1 or unknown or known[0] < info.sizes[0]:
        return None
    return letters_of_sign(known[0], info.sizes)


def _dataset(folder: str) -> Dataset | None:
    """The dataset that a glossary was named by; None where it was not."""
    from scenesign.transforms.dataset.read import Dataset

    try:
        return Dataset(folder)
    except FileNotFoundError:
        return None


def _most_frequent_first(entries: Iterable[SignEntry]) -> list[SignEntry]:
    """Equals stay in order of ids."""
    return sorted(entries, key=lambda entry: -entry.count)


def _letters(folder: str, info: InventoryInfo, dataset: Dataset | None) -> list[LetterEntry]:
    from scenesign.transforms.dataset.in_use import letters_in_use
    from scenesign.transforms.signs.glosses.glossary import read_letters
    from scenesign.transforms.signs.inventory import inventory_folder

    try:
        letters = read_letters(inventory_folder(folder))
        return letters if dataset is None else letters_in_use(dataset, letters, info.sizes)
    except (OSError, ValueError) as error:
        _fail(str(error))


def _print_letters(console: Console, entries: Sequence[LetterEntry], as_json: bool) -> None:
    if as_json:
        _print_json(map(asdict, entries))
        return
    for entry in entries:
        head = f"level {entry.level} {LETTER_NAMES[entry.letter]} {entry.value}"
        facts = f"{entry.count:,} scenes ({100 * entry.share:.1f} %), {entry.books:,} books"
        console.print(fit_output("  ".join(filter(None, (head, plain_line(entry.name), facts))), style="bold"))
        if entry.keywords:
            _print(console, Padding(fit_output(_keywords(entry, 6)), (0, 0, 0, 2)))


def _search(folder: str, text: str, language: str | None, top: int) -> TopicSearch:
    from scenesign.transforms.signs.search import search_topics

    try:
        found = search_topics(folder, text, language=language, top=top)
    except (OSError, ValueError) as error:
        _fail(str(error))
    for note in found.notes:
        click.echo(f"note: {printable(note)}", err=True)
    return found


def _print(console: Console, shown: RenderableType) -> None:
    """Prints; in a pipe or file without the blanks that pad lines to the terminal's width."""
    if console.is_terminal:
        console.print(shown)
        return
    with console.capture() as captured:
        console.print(shown)
    click.echo("\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n")))


def _print_json(rows: Iterable[Mapping[str, object]]) -> None:
    for row in rows:
        print_json(json_line(row))


def _keywords(entry: SignEntry | LetterEntry, count: int, most: int | None = None) -> str:
    """A line per language; at most so many of those that have scenes, the most first, where that is asked for."""
    codes = list(entry.keywords)
    if most:
        told = [code for code in codes if entry.languages.get(code)] or codes
        codes = sorted(told, key=lambda code: (-entry.languages.get(code, 0), code))[:most]
    return "\n".join(f"{plain_line(code)}: {plain_line(' '.join(entry.keywords[code][:count]))}" for code in codes)


def _languages(entry: SignEntry, most: int | None = None) -> str:
    """Scenes by language, the most first; `most` languages, and how many more there are."""
    ranked = sorted(entry.languages.items(), key=lambda item: (-item[1], item[0]))
    more = [f"+ {len(ranked) - most} more"] if most and len(ranked) > most else []
    return ", ".join([f"{plain_line(code)} {scenes:,}" for code, scenes in ranked[:most]] + more)


def _listing(entries: Sequence[SignEntry], width: int, similarities: Sequence[float] | None = None) -> RenderableType:
    """Signs as a table, or on a narrow terminal as paragraphs; `similarities` to a query, where there was one."""
    if width < _TABLE_WIDTH:
        return Group(*(_paragraph(e, similarities[i] if similarities else None) for i, e in enumerate(entries)))
    table = Table()
    table.add_column("sign", justify="right", no_wrap=True)
    # what the search is about takes the place of what is beside the point
    for name in ("similarity", "scenes", "books") if similarities else ("scenes", "share", "books"):
        table.add_column(name, justify="right")
    table.add_column("languages", overflow="fold")
    table.add_column("name and keywords", ratio=1, overflow="fold")
    for i, entry in enumerate(entries):
        cells = [f"{entry.glyph} {entry.sign}"]
        if similarities:
            cells += [f"{similarities[i]:.2f}", f"{entry.count:,}", f"{entry.books:,}"]
        else:
            cells += [f"{entry.count:,}", f"{100 * entry.share:.1f} %", f"{entry.books:,}"]
        told = "\n".join(filter(None, (plain_line(entry.name), _keywords(entry, 6, _MOST_LANGUAGES)))) or _NAMELESS
        cells += [_languages(entry, _MOST_LANGUAGES).replace(", ", "\n"), told]
        # no strings, because they would be read as rich's markup
        table.add_row(*map(fit_output, cells))
    return table


def _paragraph(entry: SignEntry, similarity: float | None) -> RenderableType:
    head = fit_output(f"{entry.glyph} {entry.sign} {plain_line(entry.name)}".rstrip(), style="bold")
    head.append(f"  similarity {similarity:.2f}" if similarity is not None else "", style="not bold")
    facts = f"  {entry.count:,} scenes, {100 * entry.share:.1f} %, {entry.books:,} books; {_languages(entry)}"
    head.append(f"{facts}; radius {entry.radius:.2f}", style="not bold")
    return Group(head, Padding(fit_output(_keywords(entry, 6)), (0, 0, 0, 2)))


def _rest(more: int, unused: int, level: int, sizes: Sequence[int]) -> list[str]:
    """What the listing left out, and how to see it. unused: signs that no scene has."""
    none = f", {unused:,} of them in no scene here" if unused else ""
    lines = [f"{more:,} more{none}; --top {sizes[level - 1]} shows all of level {level}"] if more else []
    others = [f"{size:,} of level {i}" for i, size in enumerate(sizes, start=1) if i != level]
    return lines + ([f"other signs: {', '.join(others)} (--level)"] if others else [])


def _in_full(entry: SignEntry, glossary: Sequence[SignEntry], width: int) -> RenderableType:
    """Everything about one sign."""

    def title(words: str) -> Text:
        return fit_output(f"\n{words}", style="bold")

    def indented(words: str) -> Padding:
        words = fit_output(words).plain
        if cell_len(words) > 1.5 * len(words):  # wide characters, written without spaces to break lines at
            words = "\n".join(chop_cells(words, max(2, width - 2)))
        return Padding(Text(words), (0, 0, 0, 2))

    level_signs = _most_frequent_first(other for other in glossary if other.level == entry.level)
    scenes = sum(other.count for other in level_signs)
    parts: list[RenderableType] = [
        fit_output(f"{entry.glyph} sign {entry.sign}, level {entry.level}, U+{ord(entry.glyph):04X}", style="bold"),
        *([fit_output(plain_line(entry.name))] if entry.name else []),
        fit_output(
            f"{entry.count:,} of {scenes:,} scenes ({100 * entry.share:.1f} %) in {entry.books:,} books; rank "
            f"{level_signs.index(entry) + 1} of {len(level_signs):,}; radius {entry.radius:.2f}"
        ),
        title("scenes by language"),
        indented(_languages(entry) or "none"),
        title("keywords"),
        indented(_keywords(entry, len(glossary)) or "none"),
        title("nearest signs"),
    ]
    for other in (glossary[sign] for sign in entry.neighbours):
        first = "; ".join(
            f"{plain_line(code)}: {plain_line(' '.join(found[:3]))}" for code, found in other.keywords.items()
        )
        parts.append(indented(f"{other.glyph} {other.sign}  {first}"))
    for code in dict.fromkeys(example.language for example in entry.examples):
        parts.append(title(f"nearest scenes, {plain_line(code)}"))
        for example in (e for e in entry.examples if e.language == code):
            where = f"(book {plain_line(example.book_id)[:8]}…, scene {example.scene}, distance {example.distance:.2f})"
            parts.append(indented(f"{plain_line(example.text)} {where}"))
    return Group(*parts)
