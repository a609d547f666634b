"""`scenesign validate`: whether a dataset keeps the protocol."""

from __future__ import annotations

import sys

import click

from scenesign.pipeline.output import print_json


@click.command(short_help="Checks a dataset against the protocol.")
@click.argument("dataset", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="One JSON object: valid, findings, counts by rule.")
def validate(dataset: str, as_json: bool) -> None:
    """Checks DATASET, a folder (local, gs:// or s3://), against the scene-signs protocol.

    Every broken rule is named with file and row. Safe for datasets of strangers: nothing in them is executed.
    Exit code 0: valid; 1: a MUST of the protocol is broken; 2: there is no such dataset.

    \b
    scenesign validate out/demo
    scenesign validate gs://my-bucket/out/books --json
    """
    from scenesign.pipeline.validate.dataset import describe, validate_dataset

    try:
        verdict = validate_dataset(dataset)
    except OSError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    if as_json:
        print_json(verdict.to_json())
    else:
        click.echo("\n".join(describe(verdict)))
    sys.exit(0 if verdict.valid else 1)
