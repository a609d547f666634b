"""`scenesign push`: a dataset or an inventory to the Hugging Face hub."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, NoReturn

import click

from scenesign.pipeline.output import print_json
from scenesign.pipeline.wording import counted, human_bytes

if TYPE_CHECKING:
    from scenesign.pipeline.hub.push import Pushed

_SIGNS = {"new": "+", "changed": "~", "deleted": "-"}


@click.command("push", short_help="Sends a dataset to the Hugging Face hub.")
@click.argument("dataset", type=click.Path())
@click.argument("name", metavar="hf:USER/NAME")
@click.option("--private", is_flag=True, help="For your eyes only; not sent to one there that is open.")
@click.option("--revision", metavar="BRANCH", help="Branch to send to; made where it isn't there [default: main].")
@click.option("--message", help="What the commit says [default: name and size of the dataset].")
@click.option("--dry-run", is_flag=True, help="Show what would go, and send nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: files and what becomes of each, commit, url.")
def push_dataset(
    dataset: str, name: str, private: bool, revision: str | None, message: str | None, dry_run: bool, as_json: bool
) -> None:
    """Sends DATASET, a folder that `build` wrote, to the Hugging Face hub.

    Its files are checked first, and go in one commit or not at all; what the hub has already is not sent again. Files
    of an earlier push that are no longer in it are deleted there, and no others. DATASET may be an inventory, such as
    the folder `inventory` of a dataset: it gets a model repository, so that `transformers` finds its tokenizer.

    Log in by `hf auth login`, or set HF_TOKEN. HF_ENDPOINT names another hub.

    \b
    scenesign push out/demo hf:ada/demo --dry-run
    scenesign push out/demo hf:ada/demo --private
    scenesign push out/demo/inventory hf:ada/demo-script
    scenesign encode -i hf:ada/demo-script book.epub

    Exit codes: 1 damaged, or the hub refuses or is out of reach; 2 wrong use.
    """
    from huggingface_hub.utils import disable_progress_bars

    from scenesign.pipeline.hub.files import DamagedError
    from scenesign.pipeline.hub.push import PushError, push

    if as_json or not sys.stderr.isatty():
        disable_progress_bars()
    try:
        done = push(dataset, name, private=private, revision=revision, message=message, dry_run=dry_run)
    except FileNotFoundError as error:
        _fail(str(error), 2)
    except PushError as error:
        _fail(str(error), 2 if error.used_wrongly else 1)
    except DamagedError as error:
        _fail(str(error), 1)
    for note in done.notes:
        click.echo(f"note: {note}", err=True)
    if as_json:
        print_json(json.dumps(asdict(done) | {"dry_run": dry_run}, ensure_ascii=False))
        return
    click.echo("\n".join(_told(done, dry_run)))


def _fail(message: str, code: int) -> NoReturn:
    click.echo(f"error: {message}", err=True)
    sys.exit(code)


def _told(done: Pushed, dry_run: bool) -> list[str]:
    """What was done, or would be, for people."""
    lines = [done.title]
    if dry_run:
        lines += [
            f"{_SIGNS[file.state]} {file.path}" + (f"  {human_bytes(file.bytes)}" if file.state != "deleted" else "")
            for file in done.of_state(*_SIGNS)
        ]
    sent, deleted, same = done.of_state("new", "changed"), done.of_state("deleted"), done.of_state("same")
    verb = "would send" if dry_run else "sent"
    counts = f"{verb} {counted(len(sent), 'file')} ({human_bytes(done.bytes_to_send)})"
    if deleted:
        counts += f", {'would delete' if dry_run else 'deleted'} {len(deleted):,}"
    if same:
        counts += f"; {len(same):,} {'is' if len(same) == 1 else 'are'} there already"
    lines.append(counts if sent or deleted else "nothing to do: all of it is there already")
    if dry_run:
        return [*lines, f"to {done.url}, branch {done.revision}; nothing was sent"]
    lines.append(f"{done.url}/commit/{done.commit}")
    if done.kind == "model":
        lines.append(f"use it: scenesign encode -i 'hf:{done.repo}@{done.commit}#sha256={done.sha256}' FILE")
    else:
        lines.append(f'read it: datasets.load_dataset("{done.repo}", "sequences"{_revision(done)})')
    return lines


def _revision(done: Pushed) -> str:
    return "" if done.revision == "main" else f', revision="{done.revision}"'
