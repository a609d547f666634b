"""`scenesign report`: a dataset as one page to look at."""

from __future__ import annotations

import json
import sys

import click

from scenesign.pipeline.output import print_json


@click.command(short_help="A dataset as one page to look at.")
@click.argument("dataset")
@click.option("-o", "--output", type=click.Path(), help="File to write [default: DATASET/report/report.html].")
@click.option("--json", "as_json", is_flag=True, help="Print page, bytes and what it leaves out as JSON.")
def report(dataset: str, output: str | None, as_json: bool) -> None:
    """Writes a page about DATASET: one HTML file that needs no network.

    It shows a map of all signs, each book as a strip of signs, what the signs save and lose against text, and what
    was refused. `build` makes it too.

    \b
    scenesign report out/demo
    scenesign report gs://b/out/books -o books.html
    """
    # FAISS and scikit-learn take seconds to import; `--help` shouldn't wait for them
    from scenesign.pipeline.report.files import ReportError
    from scenesign.pipeline.report.page import write_report
    from scenesign.transforms.support import storage

    try:
        uri, trimmed = write_report(dataset, output)
    except (ReportError, OSError) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    if as_json:
        print_json(json.dumps({"page": uri, "bytes": storage.size(uri), "left_out": trimmed}, ensure_ascii=False))
        return
    click.echo(f"{uri} ({storage.size(uri) / 1e6:.1f} MB): open it in a browser; it needs no network")
    if trimmed:
        click.echo(f"to keep it small it shows {'; '.join(trimmed)}")
