"""`scenesign encode` and `scenesign decode`: text to pseudo-hieroglyphs, and what they mean."""

from __future__ import annotations

import json
import os
import posixpath
import sys
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, NoReturn

import click

from scenesign.pipeline.commands.build import build
from scenesign.schemas.records import RejectError

if TYPE_CHECKING:
    from scenesign.transforms.signs.encoder import Encoding, SignEncoder

_INVENTORY = click.option(
    "-i",
    "--inventory",
    required=True,
    type=click.Path(),
    help="A dataset, or its folder `inventory`.",
)


def _load(where: str) -> SignEncoder:
    # embedding libraries take seconds to import; `--help` shouldn't wait for them
    from scenesign.transforms.signs.encoder import SignEncoder

    try:
        return SignEncoder(where)
    except (OSError, ValueError) as error:
        _fail(str(error), 2)


def _fail(message: str, code: int) -> NoReturn:
    click.echo(f"error: {message}", err=True)
    sys.exit(code)


@click.command(short_help="Prints texts as pseudo-hieroglyphs.")
@_INVENTORY
@click.argument("files", nargs=-1, metavar="[FILE|-]...", type=click.Path(allow_dash=True))
@click.option("--language", help="Language of the text (code or English name); otherwise detected.")
@click.option("--scenes", is_flag=True, help="A line per scene: glyphs, distance, first words.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object per text.")
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    help="Write whole books into a dataset instead: `scenesign build` with this inventory, which has more options.",
)
@click.pass_context
def encode(
    context: click.Context,
    inventory: str,
    files: tuple[str, ...],
    language: str | None,
    scenes: bool,
    as_json: bool,
    output: str | None,
) -> None:
    """Prints the pseudo-hieroglyphs of texts; without FILE, or for -, of standard input.

    FILE is of any form that `scenesign build` reads; of one that holds many books (an archive, rows, a folder) each is
    printed in turn, by --json with its name.

    With -o, FILEs are books (or folders of them), and become a dataset with the signs of this inventory.

    \b
    scenesign encode -i out/demo examples/library/en/the-bell-of-saltmarsh.txt
    scenesign encode -i out/demo --scenes book.epub
    scenesign encode -i out/demo --json *.txt > signs.jsonl
    echo "The wind tore the sail." | scenesign encode -i out/demo --language en -
    scenesign encode -i out/demo -o out/more more-books/
    """
    if output:
        _build_with(context, inventory, files, output, language, as_json, scenes)
        return
    encoder = _load(inventory)
    failed = False
    for name, found in _encoded(encoder, files or ("-",), language):
        for note in found.notes:
            click.echo(f"{'note' if found.scenes else 'error'}: {name}: {note}", err=True)
        if not found.scenes:
            failed = True
            continue
        if name not in files and name != "-" and not as_json:
            click.echo(f"{name}:")
        if as_json:
            click.echo(_as_json(name, found))
        elif scenes:
            for scene in found:
                mark = " novel" if scene.novel else ""
                words = " ".join(scene.text.split())[:80]
                click.echo(f"{scene.glyphs}  {scene.distance:.2f}{mark}  {words}")
        else:
            click.echo(found.glyphs)
    if failed:
        sys.exit(1)


def _encoded(encoder: SignEncoder, files: tuple[str, ...], language: str | None) -> Iterator[tuple[str, Encoding]]:
    """What each text is called, and its signs; a text that has none has a note that says why."""
    from scenesign.transforms.signs.encoder import Encoding

    for name in files:
        try:
            if name == "-":
                yield from _of_standard_input(encoder, language)
                continue
            for source, found in encoder.encode_path(name, language):
                # a book inside a file or folder has a name of its own
                yield name if source == posixpath.basename(name) else source, found
        except (OSError, ValueError) as error:
            yield name, Encoding("", (), (str(error).removeprefix(f"{name}: "),))


def _of_standard_input(encoder: SignEncoder, language: str | None) -> Iterator[tuple[str, Encoding]]:
    """The signs of what is piped in: a text of any length, or a file of a form that `build` reads."""
    from scenesign.transforms.read.registry import is_plain_text
    from scenesign.transforms.text.decode import decode as decode_bytes

    data = sys.stdin.buffer.read()
    try:
        if is_plain_text(data):
            yield "-", encoder.encode(decode_bytes(data, language).text, language)
            return
    except RejectError as error:
        raise ValueError(error.detail) from error
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "standard-input")
        with open(path, "wb") as file:
            file.write(data)
        for source, found in encoder.encode_path(path, language):
            yield source.replace("standard-input", "-", 1), found


def _as_json(name: str, found: Encoding) -> str:
    row = {
        "file": name,
        "language": found.language,
        "signs": found.signs,
        "glyphs": found.glyphs,
        "scenes": [(scene.start, scene.end) for scene in found],
        "distances": [scene.distance for scene in found],
        "novel": [scene.novel for scene in found],
    }
    return json.dumps(row, ensure_ascii=False)


def _build_with(
    context: click.Context,
    inventory: str,
    files: tuple[str, ...],
    output: str,
    language: str | None,
    as_json: bool,
    scenes: bool,
) -> None:
    if not files or "-" in files:
        _fail(f"-o makes a dataset of books, and standard input is none; name the FILEs to put into {output}", 2)
    if scenes:
        _fail("--scenes prints lines and -o writes a dataset; choose one", 2)
    context.invoke(build, inputs=files, output=output, inventory=inventory, language=language, as_json=as_json)


@click.command("decode", short_help="Prints what glyphs mean.")
@_INVENTORY
@click.argument("glyphs")
@click.option("--json", "as_json", is_flag=True, help="A JSON object per sign.")
def decode_glyphs(inventory: str, glyphs: str, as_json: bool) -> None:
    """Prints what each glyph of GLYPHS means: keywords by language, and the scene nearest to it.

    \b
    scenesign decode -i out/demo 丂丅丆
    scenesign decode -i out/demo --json "$(scenesign encode -i out/demo chapter.txt)"
    """
    encoder = _load(inventory)
    from scenesign.transforms.signs.glyphs import signs_of

    info = encoder.inventory.info
    signs, unknown = signs_of(glyphs, info.sizes, info.composed)
    if unknown:
        click.echo(f"note: no sign of this inventory: {' '.join(unknown)}", err=True)
    try:
        entries = encoder.glosses(signs)
    except ValueError as error:
        _fail(str(error), 2)
    for entry in entries:
        if as_json:
            row = {"sign": entry.sign, "glyph": entry.glyph, "count": entry.count, "keywords": dict(entry.keywords)}
            texts = [example.text for example in entry.examples]
            click.echo(json.dumps(row | {"examples": texts}, ensure_ascii=False))
            continue
        words = "; ".join(f"{language}: {' '.join(found[:5])}" for language, found in entry.keywords.items())
        click.echo(f"{entry.glyph} {entry.sign}  {entry.count} scenes  {words}")
        if entry.examples:
            click.echo(f"     {entry.examples[0].text[:160]}")
    if not signs:
        _fail(f"no glyph of this inventory in the argument; `scenesign signs {inventory}` shows those it has", 1)
