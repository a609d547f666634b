"""`scenesign languages`: what languages really cost, measured on aligned text."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from scenesign.pipeline.console import side_console
from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.output import print_json
from scenesign.schemas.inventory import DEFAULT_SCRIPT
from scenesign.schemas.languages import MODEL_SHAPES


@click.command(short_help="Measures what the same text costs in each language.")
@click.option(
    "--parallel",
    "paths",
    multiple=True,
    metavar="DIR_OR_FILE",
    help="Aligned text, repeatable: .tsv or .jsonl with a column per language, or a folder with a file per "
    "language or of such files [default: the example library].",
)
@click.option(
    "--tokenizer",
    "names",
    multiple=True,
    metavar="NAME_OR_PATH",
    help="Tokenizer, repeatable: a built-in name, a tokenizer.json, a SentencePiece .model, or owner/name on "
    "the hub [default: all built-in ones].",
)
@click.option(
    "--inventory",
    metavar="DIR_OR_SCRIPT",
    default=DEFAULT_SCRIPT,
    show_default=True,
    help="Whose signs the text is measured in: a dataset, an inventory, or a script.",
)
@click.option("--no-signs", is_flag=True, help="Leave out signs: finding the scenes of long texts takes minutes.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="CORPUS=LANGUAGE",
    help="Language a corpus was written in, where no TOML beside it says so; repeatable.",
)
@click.option(
    "--model-shape",
    type=click.Choice(sorted(MODEL_SHAPES)),
    default="llama-3-8b",
    show_default=True,
    help="Model whose FLOPs and KV-cache are reported.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the bootstrap.")
@click.option("-o", "--output", required=True, metavar="OUT", help="Folder of chart, tables and report.")
@click.option("--overwrite", is_flag=True, help="Replace the results of an earlier run.")
@click.option("--html", is_flag=True, help="Also write everything as one page, languages.html.")
@click.option("--json", "as_json", is_flag=True, help="Print everything measured as JSON, and no tables.")
def languages(
    paths: tuple[str, ...],
    names: tuple[str, ...],
    inventory: str,
    no_signs: bool,
    sources: tuple[str, ...],
    model_shape: str,
    seed: int,
    output: str,
    overwrite: bool,
    html: bool,
    as_json: bool,
) -> None:
    """Measures what the same text costs in each language: tokens, FLOPs, memory, attention.

    \b
    scenesign languages -o out/languages --html
    scenesign languages --parallel flores/ --parallel novel.tsv --source novel=ru -o out/languages
    scenesign languages -o out/languages --inventory out/demo/inventory --json > costs.json
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # matplotlib and the tokenizers take a while to import; `--help` shouldn't wait for them
    from rich.console import Console

    from scenesign.pipeline.languages.compare import LanguagesError, compare
    from scenesign.pipeline.languages.parallel import ParallelTextError
    from scenesign.pipeline.languages.report import as_json as plain
    from scenesign.pipeline.languages.terminal import show_comparison
    from scenesign.pipeline.options.values import check_name

    err = side_console()

    def say(line: str) -> None:
        err.print(line, markup=False)

    for option, given in [("-o", output), *(("--parallel", path) for path in paths)]:
        if "://" in given:
            say(f"error: {option} {given}: this command works on local files; give a local path")
            sys.exit(2)
    try:
        check_name("-o", output)
        comparison = compare(
            [Path(p) for p in paths], names, None if no_signs else inventory, sources, MODEL_SHAPES[model_shape], seed,
            Path(output), overwrite, say, html,
        )  # fmt: skip
    except (UsageError, LanguagesError, ParallelTextError) as error:
        say(f"error: {error}")
        sys.exit(2)
    except KeyboardInterrupt:
        say("error: stopped; nothing was written")
        sys.exit(130)
    if as_json:
        print_json(json.dumps(plain(comparison), ensure_ascii=False))
    else:
        show_comparison(Console(highlight=False), comparison, Path(output), html)
