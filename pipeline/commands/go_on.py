"""`scenesign continue`: how a story may go on, by a model that was trained on a dataset."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from scenesign.pipeline.commands.encode import encoded_texts
from scenesign.pipeline.commands.search import match_as_json
from scenesign.pipeline.commands.terminal import json_line, names_of, plain_line, whereabouts
from scenesign.pipeline.output import print_json
from scenesign.pipeline.wording import counted
from scenesign.schemas.language_names import language_name
from scenesign.schemas.records import in_unicode, printable

if TYPE_CHECKING:
    from scenesign.pipeline.train.continuation import ComingTopic, Continuation, Outlook
    from scenesign.pipeline.train.saved import SavedModel
    from scenesign.transforms.signs.encoder import Encoding

_TOPIC_WORDS = 6


@click.command("continue", short_help="Goes on with a story.")
@click.argument("model", metavar="MODEL")
@click.argument("text", metavar="TEXT|FILE|-")
@click.option("--dataset", metavar="DATASET", help="Where real scenes come from [default: what MODEL was trained on].")
@click.option(
    "--scenes", type=click.IntRange(1, 100), default=1, show_default=True, help="How many scenes to go on for."
)
@click.option(
    "--top", type=click.IntRange(1), default=5, show_default=True, help="How many lines of each kind to print at most."
)
@click.option("--language", help="Language of the text (code or name); otherwise detected.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with everything.")
def continue_story(
    model: str, text: str, dataset: str | None, scenes: int, top: int, language: str | None, as_json: bool
) -> None:
    """Says how a story may go on: topics of the next scene, who is in it, and the real scenes that fit best.

    The story is TEXT itself, a FILE of any form that `scenesign build` reads, or standard input for -. MODEL is a
    folder that `scenesign train` wrote.

    \b
    scenesign continue out/model examples/library/en/the-ferrymans-debt.txt
    scenesign continue out/model --scenes 3 chapter.txt
    cat chapter.txt | scenesign continue out/model --dataset out/more --json -

    Each line has its probability. Real scenes compete with all scenes of the dataset, so theirs are small; beside each
    stands how many times chance it is. The people of other books are strangers to the model: a real scene is weighed by
    what happens in it, as if those whom the model expects were there. With --scenes the best real scene counts as told,
    with those who are likelier there than not, and the model is asked for the one after it. Nothing is drawn at random.

    A model that chooses no better than chance is refused. Exit codes: 1 refused, 2 wrong use.
    """
    # libraries that read and embed take seconds to import; `--help` shouldn't wait for them
    from scenesign.pipeline.train.continuation import RefusalError, go_on, refuse_at_chance
    from scenesign.pipeline.train.saved import open_model

    try:
        saved = open_model(model)
        refuse_at_chance(saved)
        read = _read(saved, text, language)
        found = go_on(saved, read, dataset=dataset, scenes=scenes, top=top)
    except RefusalError as refusal:
        _fail(str(refusal), 1)
    except (OSError, ValueError) as error:
        _fail(str(error), 2)
    for note in found.notes:
        click.echo(f"note: {printable(note)}", err=True)
    if as_json:
        print_json(json_line(_as_json(found)))
        return
    click.echo(f"read {counted(len(found.read), 'scene')} ({language_name(found.language)})")
    for number, outlook in enumerate(found, start=len(found.read) + 1):
        _print(outlook, number, found.language, top)


def _fail(message: str, code: int) -> NoReturn:
    click.echo(f"error: {printable(message)}", err=True)
    sys.exit(code)


def _read(saved: SavedModel, text: str, language: str | None) -> Encoding:
    """The story that was named or given, in the signs of the model."""
    from scenesign.pipeline.train.continuation import read_story
    from scenesign.transforms.read.registry import supported_suffixes
    from scenesign.transforms.text.language_codes import language_code

    language_code(language or "")  # a wrong one is wrong use, whatever the text
    if text != "-" and not _is_path(text):
        if len(text.split()) == 1 and text.casefold().endswith(supported_suffixes()):
            raise FileNotFoundError(f"there is no file {text}")
        return read_story(saved, in_unicode(text), language)
    found = list(encoded_texts(saved.encoder, (text,), language))
    if len(found) != 1:
        raise ValueError(f"{text} holds {len(found)} books; give the one that is to go on")
    return found[0][1]


def _is_path(text: str) -> bool:
    try:
        return "\n" not in text and ("://" in text or os.path.exists(text))
    except (OSError, ValueError):  # longer than a path may be
        return False


def _print(outlook: Outlook, number: int, language: str, top: int) -> None:
    click.echo(f"\nscene {number:,}")
    if outlook.topics:
        click.echo("  topics")
    for topic in outlook.topics:
        click.echo(f"    {_percent(topic.probability)}  {topic.entry.glyph} {plain_line(_told(topic, language))}")
    if outlook.cast:
        click.echo("  who is there")
    for coming in outlook.cast[:top]:
        click.echo(f"    {_percent(coming.probability)}  {plain_line(coming.member.name)}")
    if outlook.scenes:
        click.echo("  real scenes")
    for scene in outlook.scenes:
        chance = f"{scene.times_chance:,.1f} times chance"
        click.echo(f"    {_percent(scene.probability)}  {plain_line(whereabouts(scene.match))}; {chance}")
        click.echo(f"             {plain_line(scene.match.opening)}")
        if who := names_of(scene.match.scene.cast):
            click.echo(f"             with {who}")


def _percent(share: float) -> str:
    """` 12.3 %`, and as many digits as it takes to tell a small one from nothing."""
    return f"{100 * share:5.1f} %" if share >= 0.001 or not share else f"{100 * share:5.1g} %"


def _told(topic: ComingTopic, language: str) -> str:
    """`NAME: word word word`, in the language of the text where the glossary speaks it."""
    from scenesign.transforms.signs.story import keywords_in

    name = topic.name(language)
    words = [word for word in keywords_in(topic.entry.keywords, language, _TOPIC_WORDS) if word not in name.split(", ")]
    return ": ".join(filter(None, (name, " ".join(words)))) or f"topic {topic.entry.sign}"


def _as_json(found: Continuation) -> dict[str, object]:
    return {
        "language": found.language,
        "read": len(found.read),
        "choices": found.choices,
        "notes": found.notes,
        "scenes": [
            {
                "topics": [
                    {
                        "probability": topic.probability,
                        "sign": topic.entry.sign,
                        "glyph": topic.entry.glyph,
                        "name": topic.name(found.language),
                        "keywords": dict(topic.entry.keywords),
                    }
                    for topic in outlook.topics
                ],
                "cast": [
                    {"probability": coming.probability, "id": coming.member.id, "name": coming.member.name}
                    for coming in outlook.cast
                ],
                "real": [
                    {"probability": scene.probability, "times_chance": scene.times_chance, **match_as_json(scene.match)}
                    for scene in outlook.scenes
                ],
            }
            for outlook in found
        ],
    }
