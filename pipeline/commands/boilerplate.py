"""`scenesign boilerplate`: what the books of a shelf share word for word, as rules that a build leaves out."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from scenesign.pipeline.commands.terminal import plain_line
from scenesign.pipeline.output import print_json
from scenesign.pipeline.wording import counted

_SHOWN = 10


@click.command(short_help="Paragraphs that many books share, as rules for a build.")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path())
@click.option("-o", "--output", type=click.Path(), help="File for the rules; without it they are only shown.")
@click.option("--least", type=click.IntRange(2), help="Books that a paragraph must be in [default: 3, and 1 in 100].")
@click.option("--language", help="Language of all books (code or English name); otherwise detected book by book.")
@click.option("--overwrite", is_flag=True, help="Replace a file of rules, with all that was changed in it.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def boilerplate(
    inputs: tuple[str, ...],
    output: str | None,
    least: int | None,
    language: str | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Finds paragraphs that many books of INPUTs share: a scanner's notice, a publisher's footer, terms of a site.

    It looks at the ends of books and at what comes back inside them, and writes a file of rules to read and change.
    Nothing is left out before a build is told so.

    \b
    scenesign boilerplate books/ -o rules.txt
    scenesign build books/ -o out/books --boilerplate rules.txt
    """
    # reading takes seconds to import; `--help` shouldn't wait for it
    from scenesign.pipeline.options.errors import UsageError
    from scenesign.pipeline.options.values import parse_language
    from scenesign.schemas.records import Book
    from scenesign.transforms.quality.shared_paragraphs import SharedFinder, rules_text
    from scenesign.transforms.read.books import read_books
    from scenesign.transforms.read.inputs import InputError, list_inputs
    from scenesign.transforms.read.options import ReadOptions
    from scenesign.transforms.support import storage

    finder, refused = SharedFinder(), 0
    try:
        if output and not overwrite and storage.exists(output):
            raise UsageError(f"{output} exists; add --overwrite to replace it, or choose another -o")
        options = ReadOptions(language=parse_language(language) if language else None)
        sources, rejects = list_inputs(inputs)
        refused += len(rejects)
        for source in sources:
            for item in read_books(source, options):
                if isinstance(item, Book):
                    finder.add(item)
                else:
                    refused += 1
        shared = finder.found(least)
        if output and shared:
            storage.write_bytes(output, rules_text(shared, finder.books).encode("utf-8", "replace"))
    except (InputError, UsageError, OSError) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    if as_json:
        told = {"books": finder.books, "refused": refused, "paragraphs": [asdict(one) for one in shared]}
        print_json(json.dumps(told, ensure_ascii=False))
        return
    for one in shared[:_SHOWN]:
        click.echo(f"in {one.books:,} books: {plain_line(one.text[:200])}")
    if len(shared) > _SHOWN:
        click.echo(f"and {len(shared) - _SHOWN:,} more")
    found = counted(len(shared), "shared paragraph")
    click.echo(f"{found} in {finder.books:,} books; inputs refused: {refused:,}")
    if output and shared:
        click.echo(f"rules: {output}; read them, then: scenesign build ... --boilerplate {output}")
