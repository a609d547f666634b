"""`scenesign encode` and `scenesign decode`: text to pseudo-hieroglyphs, and what they mean."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, NoReturn

import click

from scenesign.pipeline.commands.build import build
from scenesign.pipeline.commands.terminal import Glyphs, json_line, names_of, plain_line
from scenesign.pipeline.output import print_data, print_json
from scenesign.schemas.inventory import DEFAULT_SCRIPT
from scenesign.schemas.records import RejectError, in_unicode, printable

if TYPE_CHECKING:
    from scenesign.transforms.signs.encoder import Encoding, SignEncoder
    from scenesign.transforms.signs.glosses.glossary import LetterEntry
    from scenesign.transforms.signs.story import ToldScene

# Words that a line of `decode` has, where the inventory has a vocabulary.
_LIKELY_WORDS = 8
# Elsewhere: words of a topic, and of what is new in a scene.
_TOPIC_WORDS, _FRESH_WORDS = 4, 4
_OPENING_CHARACTERS = 100
# Words of a scene that an opening has, at least, to be a picture of it.
_WORDS_SHOWN = 2
_INVENTORY = click.option(
    "-i",
    "--inventory",
    default=DEFAULT_SCRIPT,
    show_default=True,
    type=click.Path(),
    help="A dataset, its folder `inventory`, the name of a script, or one of the hub, hf:USER/NAME.",
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
@click.option(
    "--scenes",
    is_flag=True,
    help="A line per scene: glyphs, distance, whether no sign fits well, who is there, first words.",
)
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
    scenesign encode examples/library/en/the-bell-of-saltmarsh.txt
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
    for name, found in encoded_texts(encoder, files or ("-",), language):
        for note in found.notes:
            click.echo(f"{'note' if found.scenes else 'error'}: {name}: {note}", err=True)
        if not found.scenes:
            failed = True
            continue
        if name not in files and name != "-" and not as_json:
            print_data(f"{printable(name)}:")
        if as_json:
            print_json(_as_json(name, found))
        elif scenes:
            for scene in found:
                mark = " (no sign fits well)" if scene.novel else ""
                words = " ".join(scene.text.split())[:80]
                who = f"[{names_of(scene.cast)}]  " if scene.cast else ""
                print_data(f"{scene.glyphs}  {scene.distance:.2f}{mark}  {who}{words}")
        else:
            print_data(found.glyphs)
    if failed:
        sys.exit(1)


def encoded_texts(encoder: SignEncoder, files: tuple[str, ...], language: str | None) -> Iterator[tuple[str, Encoding]]:
    """What each text is called, and its signs; a text that has none has a note that says why.

    files: any that `SignEncoder.encode_path` reads, or - for standard input. language: code or name.
    """
    from scenesign.transforms.signs.encoder import Encoding
    from scenesign.transforms.support import storage

    for name in files:
        try:
            if name == "-":
                yield from _of_standard_input(encoder, language)
                continue
            for source, found in encoder.encode_path(name, language):
                # a book inside a file or folder has a name of its own
                yield name if source == printable(storage.base_name(name)) else source, found
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
        "file": in_unicode(name),
        "language": found.language,
        "signs": found.signs,
        "glyphs": found.glyphs,
        "scenes": [(scene.start, scene.end) for scene in found],
        "distances": [scene.distance for scene in found],
        "novel": [scene.novel for scene in found],
        "cast": [[member.id for member in scene.cast] for scene in found],
        "members": [asdict(member) for member in found.cast],
    }
    return json_line(row)


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


@click.command("decode", short_help="Prints what glyphs tell.")
@_INVENTORY
@click.argument("glyphs", type=Glyphs())
@click.option("--language", help="Language of the reader (code or name) [default: that of the locale, else English].")
@click.option("--json", "as_json", is_flag=True, help="A JSON object per scene, with everything.")
def decode_glyphs(inventory: str, glyphs: str, language: str | None, as_json: bool) -> None:
    """Prints what GLYPHS tell, a scene at a time: its topic, and words that it is likely to speak of.

    \b
    scenesign decode 丁뎱丆뭳
    scenesign decode -i out/demo "$(scenesign encode -i out/demo chapter.txt)" --language ru
    scenesign decode --json "$(scenesign encode chapter.txt)"

    A topic's glyph opens a scene, and up to three more say what is particular to it. A line has the topic's name, where
    it has one in the reader's language, a colon, and the likely words. Below may stand how a scene like it opens, and
    who is there, where -i names a dataset that has GLYPHS in one place. An inventory without a vocabulary tells the
    topic's keywords, and after a plus those of what is particular. A code, \\uXXXX, counts
    as the glyph that it stands for.
    """
    encoder = _load(inventory)
    try:
        story = encoder.decode(glyphs, language or _locale_language())
    except ValueError as error:
        _fail(str(error), 2)
    for note in story.notes:
        click.echo(f"note: {printable(note)}", err=True)
    shown = ""
    for scene in _with_cast(story.scenes, inventory):
        if as_json:
            print_json(json_line(_scene_as_json(scene, story.language)))
            continue
        click.echo(f"{scene.glyphs}  {plain_line(_told(scene, story.language))}")
        if who := names_of(scene.cast):
            click.echo(f"    with {who}")
        opening = _opening(scene, story.language)
        # a run of scenes of one kind is told once
        if opening and opening != shown:
            click.echo(f"    {opening}")
        shown = opening
    if not len(story):
        _fail(f"no scene in the argument; `scenesign signs {inventory}` shows the glyphs that open one", 1)


def _with_cast(scenes: tuple[ToldScene, ...], where: str) -> tuple[ToldScene, ...]:
    """Who is there as well, where the inventory was named by its dataset, and that has these scenes."""
    from scenesign.transforms.dataset.place import with_cast
    from scenesign.transforms.dataset.read import Dataset

    try:
        return with_cast(scenes, Dataset(where))
    except FileNotFoundError:  # an inventory that lies alone
        return scenes
    except ValueError as error:
        click.echo(f"note: who is there can't be told: {printable(str(error))}", err=True)
        return scenes


def _locale_language() -> str:
    """Language of the user's locale as the environment names it, `en` where it names none."""
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    code = named.split(".")[0].split("_")[0].lower()
    return code if len(code) == 2 and code.isalpha() else "en"


def _told(scene: ToldScene, language: str) -> str:
    """`NAME: word word word` of a scene; without a vocabulary `NAME: word word + word word`."""
    from scenesign.transforms.signs.story import keywords_in

    topic = scene.topic
    if scene.words:
        name = scene.name(language)
        likely = [word for word in scene.words if word not in name.split(", ")][:_LIKELY_WORDS]
        return ": ".join(filter(None, (name, " ".join(likely))))
    words = [word for word in keywords_in(topic.keywords, language, _TOPIC_WORDS) if word not in topic.name.split(", ")]
    told = ": ".join(filter(None, (topic.name, " ".join(words)))) or f"topic {topic.sign}"
    fresh = dict.fromkeys(
        word for letter in scene.changed for word in keywords_in(letter.keywords, language, 1) if word not in words
    )
    return told + (" + " + " ".join(list(fresh)[:_FRESH_WORDS]) if fresh else "")


def _opening(scene: ToldScene, language: str) -> str:
    """How a scene like this one opens, in the reader's language; empty where no such scene opens with what is told."""
    from scenesign.transforms.signs.story import words_in

    line = plain_line(next((example.text for example in scene.examples if example.language == language), ""))
    if len(line) > _OPENING_CHARACTERS:
        line = f"{line[: _OPENING_CHARACTERS - 1]}…"
    telling = dict.fromkeys((*scene.name(language).split(", "), *scene.words))
    return line if not scene.words or len(words_in(line, tuple(telling))) >= _WORDS_SHOWN else ""


def _scene_as_json(scene: ToldScene, language: str) -> dict[str, object]:
    def letter(entry: LetterEntry) -> dict[str, object]:
        place = {"level": entry.level, "letter": entry.letter, "value": entry.value}
        return place | {"name": entry.name, "keywords": dict(entry.keywords)}

    topic = scene.topic
    return {
        "glyphs": scene.glyphs,
        "signs": scene.signs,
        "topic": {
            "sign": topic.sign,
            "name": topic.name,
            "count": topic.count,
            "words": scene.keywords(language),
            "keywords": dict(topic.keywords),
        },
        "words": scene.words,
        "letters": [letter(entry) for entry in scene.letters],
        "changed": [letter(entry) for entry in scene.changed],
        "examples": [asdict(example) for example in scene.examples],
        "cast": [asdict(member) for member in scene.cast],
    }
