"""`make script`: the script that ships, from a library of books in the public domain.

    python -m scenesign.pipeline.script.make LIBRARY [--cache FOLDER] [--leave-out FILE] [--out FOLDER]

Embedding a library takes hours and is done once: finished books stay in the cache, and a run that was stopped goes on.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from scenesign.pipeline.run.kernels import pin_kernels

if __name__ == "__main__":
    pin_kernels()  # before anything imports numpy

from scenesign.pipeline.options.errors import BuildError, UsageError
from scenesign.pipeline.output import settle_output
from scenesign.pipeline.script.library import Work, read_left_out, read_works, write_rows
from scenesign.schemas.inventory import DEFAULT_SCRIPT
from scenesign.schemas.parts import BookEntry
from scenesign.schemas.records import whole_of

SCRIPT = f"scenesign-{DEFAULT_SCRIPT}"
# Kinds of happening that the library tells apart.
TOPICS = 512
GLYPHS = 4


@click.command()
@click.argument("library", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the script [default: where it ships from].")
@click.option(
    "--cache",
    type=click.Path(path_type=Path),
    default=Path("out/script"),
    show_default=True,
    help="Folder of the dataset and its finished books, which a later run takes up.",
)
@click.option(
    "--leave-out",
    type=click.Path(exists=True, path_type=Path),
    help="Works to leave out, to judge by: a table of tab-separated columns `language` and `file`.",
)
@click.option("--topics", type=click.IntRange(2), default=TOPICS, show_default=True, help="Signs of the first level.")
@click.option("--workers", type=click.IntRange(1), help="Processes at most [default: one for each core].")
def script_command(
    library: Path, out: Path | None, cache: Path, leave_out: Path | None, topics: int, workers: int | None
) -> None:
    """Makes a script from LIBRARY, a folder of archives of texts, one a language, with `manifest.tsv`."""
    try:
        folder = make_script(library, out or shipped_folder(), cache, leave_out, topics, workers)
    except (UsageError, BuildError, ValueError) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    click.echo(f"{folder}: look at README.md in it")


def shipped_folder() -> Path:
    """Where the script lies that comes with the program."""
    from scenesign.transforms.signs.inventory import SCRIPTS

    return SCRIPTS / DEFAULT_SCRIPT


def used_works(named: Mapping[str, Work], books: Iterable[BookEntry]) -> list[Work]:
    """The works of a dataset's books, in the order of the library. named: by the source of their book."""
    found = {whole_of(book.source) or book.source for book in books}
    return [work for source, work in named.items() if source in found]


def make_script(
    library: Path,
    out: Path,
    cache: Path,
    leave_out: Path | None = None,
    topics: int = TOPICS,
    workers: int | None = None,
) -> Path:
    """Builds the library with an inventory of its own, and makes that a script, in place of what lies in `out`.

    Raises UsageError for a library that can't be read, BuildError when the build breaks or refuses a work, and
    ValueError when the inventory is damaged.
    """
    from scenesign.pipeline.run.build_dataset import build_dataset
    from scenesign.pipeline.script.card import card_of_script
    from scenesign.pipeline.script.ship import inventory_digest, share_alike, ship_inventory

    works = read_works(library, read_left_out(leave_out) if leave_out else ())
    shutil.rmtree(cache / "rows", ignore_errors=True)
    named = write_rows(library, works, cache / "rows")
    result = build_dataset(
        cache / "rows",
        cache / "dataset",
        inventory="fit",
        signs=topics,
        glyphs=GLYPHS,
        parts=cache / "parts",
        name=SCRIPT,
        workers=workers,
        max_reject_share=0.0,
        overwrite=True,
        progress=True,
        note=lambda line: click.echo(f"note: {line}", err=True),
    )
    manifest = result.manifest
    assert manifest is not None  # nothing but a template has none
    info = ship_inventory(cache / "dataset" / "inventory", out, SCRIPT, share_alike(manifest.books))
    card = card_of_script(info, inventory_digest(out), manifest, used_works(named, manifest.books))
    (out / "README.md").write_text(card, encoding="utf-8", newline="\n")
    return out


if __name__ == "__main__":
    settle_output()
    script_command()
