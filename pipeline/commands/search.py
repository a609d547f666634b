"""`scenesign search`: the scenes of a dataset by meaning, in any language."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from scenesign.pipeline.commands.terminal import Words, json_line, names_of, plain_line, whereabouts
from scenesign.pipeline.output import print_json
from scenesign.schemas.records import printable

if TYPE_CHECKING:
    from scenesign.transforms.dataset.search import SceneMatch, SearchResult

_FOUND = 10


@click.command("search", short_help="Finds scenes by meaning, in any language.")
@click.argument("folder", metavar="DATASET")
@click.argument("text", type=Words())
@click.option("--language", help="Language of TEXT (code or name); otherwise the likeliest of the inventory's.")
@click.option(
    "--top", type=click.IntRange(1), default=_FOUND, show_default=True, help="How many scenes to print at most."
)
@click.option(
    "--book", type=Words(), help="Only books whose title or author has this in it, or whose id begins with it."
)
@click.option("--in-language", help="Only books in this language (code or name).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with everything that was found.")
def search_scenes(
    folder: str,
    text: str,
    language: str | None,
    top: int,
    book: str | None,
    in_language: str | None,
    as_json: bool,
) -> None:
    """Finds the scenes of DATASET that are most like TEXT, a phrase or a few sentences.

    \b
    scenesign search out/demo "a storm at sea"
    scenesign search out/demo "буря на море" --in-language en
    scenesign search out/demo "a letter that came too late" --book Saltmarsh --top 3
    scenesign search out/demo "a storm at sea" --json | jq .scenes[].opening

    Books in every language are searched at once. The similarity of a scene is the cosine of its vector and the text's,
    less what all have in common: 1 at most, and 0.2 is much. A note says when nothing is close.
    """
    from scenesign.transforms.dataset import search as finding

    try:
        found = finding.search(folder, text, language=language, top=top, book=book, in_language=in_language)
    except (OSError, ValueError) as error:
        click.echo(f"error: {printable(str(error))}", err=True)
        sys.exit(2)
    for note in found.notes:
        click.echo(f"note: {printable(note)}", err=True)
    if as_json:
        print_json(json_line(_as_json(found)))
        return
    for match in found:
        click.echo(f"{match.similarity:.2f}  {plain_line(whereabouts(match))}")
        click.echo(f"      {plain_line(match.opening)}")
        if who := names_of(match.scene.cast):
            click.echo(f"      with {who}")
    if topics := finding.topics_of(found.topics, found.language):
        click.echo(f"topics: {plain_line(topics)}")


def _as_json(found: SearchResult) -> dict[str, object]:
    return {
        "query": found.query,
        "language": found.language,
        "close": found.close,
        "chance": found.chance,
        "notes": found.notes,
        "scenes": [match_as_json(match) for match in found],
        "topics": [
            {"sign": m.sign, "glyph": m.glyph, "name": m.name, "similarity": m.similarity, "keywords": dict(m.keywords)}
            for m in found.topics
        ],
    }


def match_as_json(match: SceneMatch) -> dict[str, object]:
    """A scene with all that is known of it."""
    book, scene = match.book, match.scene
    return {
        "similarity": match.similarity,
        "book_id": book.book_id,
        "title": book.title,
        "author": book.author,
        "language": book.language,
        "source": book.source,
        "scene": scene.index,
        "scenes": len(book),
        "start": scene.start,
        "end": scene.end,
        "chapter": match.chapter,
        "glyphs": scene.glyphs,
        "topic": match.topic.name,
        "cast": [member.name for member in scene.cast if member.names],
        "opening": match.opening,
        "text": scene.text,
    }
