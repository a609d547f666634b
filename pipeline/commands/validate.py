"""`scenesign validate`: whether a dataset keeps the protocol."""

from __future__ import annotations

import os
import sys

import click


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
    from scenesign.pipeline.validate.files import MANIFEST
    from scenesign.transforms.support import storage

    if storage.is_local(dataset):
        if not os.path.isdir(dataset):
            _no_dataset(f"{dataset} is not a folder; give the folder that holds manifest.json")
    else:
        try:
            found = storage.exists(storage.join(dataset, MANIFEST))
        except (OSError, ValueError) as error:  # no such file system, or no way into it
            _no_dataset(f"{dataset} can't be read ({error}); check the address and your credentials")
        if not found:
            _no_dataset(f"{dataset} holds no manifest.json; give the folder of a dataset")
    verdict = validate_dataset(dataset)
    click.echo(verdict.to_json() if as_json else "\n".join(describe(verdict)))
    sys.exit(0 if verdict.valid else 1)


def _no_dataset(message: str) -> None:
    click.echo(f"error: {message}", err=True)
    sys.exit(2)
