"""`scenesign train`: a concept model from a dataset."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

import click

from scenesign.pipeline.commands.terminal import plain_line
from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.output import print_json
from scenesign.pipeline.run.stopping import exit_code, stopped_by_signals
from scenesign.schemas.records import printable

if TYPE_CHECKING:
    from scenesign.pipeline.train.record import TrainingRecord

_STOPPED = "stopped; no model was written, and the same command goes on from the last state of this one"


@click.command("train", short_help="Trains a concept model on a dataset.")
@click.argument("dataset", metavar="OUT")
@click.option("-o", "--output", required=True, type=click.Path(), help="Folder of the model.")
@click.option(
    "--on",
    type=click.Choice(["glyphs", "vectors"]),
    default="glyphs",
    show_default=True,
    help="What is read of a scene: its glyphs, or its vector (as Large Concept Models do; OUT needs --concepts).",
)
@click.option("--glyphs", type=click.IntRange(1), help="Glyphs of a scene that are read [default: 2, or all of OUT].")
@click.option(
    "--cast", type=click.IntRange(0, 256), default=4, show_default=True, help="Members of the cast that are read."
)
@click.option(
    "--epochs", type=click.IntRange(0, 10_000), default=15, show_default=True, help="Passes over the books, at most."
)
@click.option(
    "--width", type=click.IntRange(4, 4_096), default=32, show_default=True, help="Of the model's states; by 4."
)
@click.option("--layers", type=click.IntRange(0, 64), default=1, show_default=True, help="Of the model's transformer.")
@click.option("--context", type=click.IntRange(2, 4_096), default=128, show_default=True, help="Scenes of a window.")
@click.option("--batch", type=click.IntRange(1, 4_096), default=8, show_default=True, help="Windows of a step.")
@click.option("--rate", type=click.FloatRange(0, min_open=True), default=2e-3, show_default=True, help="Learning rate.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True, help="Of start and order.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, mps.")
@click.option("--overwrite", is_flag=True, help="Replace an earlier model, once the new one is whole.")
@click.option("--json", "as_json", is_flag=True, help="The whole record as one JSON object.")
def train_model(
    dataset: str,
    output: str,
    on: str,
    glyphs: int | None,
    cast: int,
    epochs: int,
    width: int,
    layers: int,
    context: int,
    batch: int,
    rate: float,
    seed: int,
    device: str,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Trains a concept model on OUT, a dataset: it reads a book scene by scene and tells what the next one is like.

    \b
    scenesign train out/books -o out/model
    scenesign train out/books -o out/lcm --on vectors
    scenesign continue out/model "It was a dark and stormy night. ..."

    The model starts as the best that needs no training (what is like the last scenes, who was there) and learns from
    the books of `train` until those of `validation` say that it is enough; a model worse than its start is never
    kept. What it knows is measured on the books of `test` beside what needs no training. Interrupted, the same
    command goes on where it was. A few books teach it little: it says so.
    """
    # torch takes seconds to import; `--help` shouldn't wait for it
    from scenesign.pipeline.train.train_dataset import train_dataset
    from scenesign.pipeline.train.trainer import TrainingOptions
    from scenesign.transforms.dataset.read import Dataset

    try:
        if width % 4:
            raise UsageError(f"--width {width}: it must be a multiple of 4, the heads of the transformer")
        if not math.isfinite(rate):
            raise UsageError(f"--rate {rate}: it must be a number, such as 2e-3")
        usual = min(2, Dataset(dataset).manifest.levels)
        options = TrainingOptions(
            on=on,
            glyphs=glyphs or usual,
            members=cast,
            width=width,
            layers=layers,
            context=context,
            batch=batch,
            epochs=epochs,
            rate=rate,
            seed=seed,
        )
        with stopped_by_signals(_STOPPED):
            record = train_dataset(dataset, output, options, device=device, overwrite=overwrite, tell=_tell)
    except (OSError, ValueError, UsageError) as error:
        click.echo(f"error: {printable(str(error))}", err=True)
        sys.exit(2)
    except KeyboardInterrupt as stop:
        click.echo(f"error: {_STOPPED}", err=True)
        sys.exit(exit_code(stop))
    if as_json:
        print_json(record.to_json().rstrip())
    else:
        _print(record, output)


def _tell(line: str) -> None:
    click.echo(printable(line), err=True)


def _print(record: TrainingRecord, output: str) -> None:
    from scenesign.pipeline.train.card import bit_rows, figure_rows

    train, validation, asked = record.books
    click.echo(
        f"{train:,} books trained on, {validation:,} told when to stop, {asked:,} of {record.judged_on} asked; "
        f"epoch {record.best} of {record.epochs} kept"
    )
    rows = list(figure_rows(record))
    if rows:
        click.echo(f"\n{'which of 32 scenes is next':<28} {'far, %':>20} {'near, %':>20}")
        for way, far, near in rows:
            click.echo(f"{way:<28} {far:>20} {near:>20}")
        click.echo(f"{'chance':<28} {'3.1':>20} {'3.1':>20}")
    if record.bits:
        click.echo(f"\n{'the next topic':<28} {'bits per scene':>20}")
        for way, bits in bit_rows(record):
            click.echo(f"{way:<28} {bits:>20}")
    click.echo(f"\n{record.verdict}")
    click.echo(f"{plain_line(output)}: {record.flops:.1e} floating-point operations of training")
