"""`scenesign build`: books in, dataset out."""

from __future__ import annotations

import difflib
import json
import logging
import os
import sys
import warnings
from typing import Any

import click
from rich.console import Console


class _CommandWithBeamOptions(click.Command):
    """Keeps the words after `--` for Beam; click would take them for further INPUTs."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            at = args.index("--")
            context.meta["beam_arguments"] = args[at + 1 :]
            args = args[:at]
        try:
            return super().parse_args(context, args)
        except click.NoSuchOption as error:
            known = [name for parameter in self.params for name in parameter.opts]
            near = difflib.get_close_matches(error.option_name, known, n=1, cutoff=0.5)
            raise click.NoSuchOption(error.option_name, possibilities=near, ctx=context) from error


@click.command(cls=_CommandWithBeamOptions, short_help="Builds a dataset from books.")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path())
@click.option("-o", "--output", required=True, type=click.Path(), help="Folder of the dataset (local, gs:// or s3://).")
@click.option("--language", help="Language of all books (ISO 639-1); otherwise detected book by book.")
@click.option(
    "--embedder",
    default="use-multilingual",
    show_default=True,
    help="use-multilingual (16 languages) or minilm (English), both bundled; a folder or hub id of "
    "sentence-transformers.",
)
@click.option("--signs", default="auto", show_default=True, help="Signs per level: a number, or auto.")
@click.option("--levels", type=click.IntRange(1, 4), default=1, show_default=True, help="Signs per scene.")
@click.option(
    "--refine",
    type=click.IntRange(0, 20),
    default=0,
    show_default=True,
    help="Passes over all scenes that move codewords to their means, where there are more than the sample holds.",
)
@click.option("--inventory", help="Encode with this inventory (its folder, or its dataset's) instead of fitting one.")
@click.option("--min-sentences", type=click.IntRange(1), help="Fewest sentences of a scene.")
@click.option("--max-sentences", type=click.IntRange(1), help="Most sentences of a scene.")
@click.option("--spacy-model", help="Installed spaCy pipeline for the sentences of books in its language.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of sample, k-means and splits.")
@click.option(
    "--accelerator",
    metavar="SPEC",
    help="GPU of the machines that embed, on Dataflow: type:nvidia-tesla-t4;count:1;install-nvidia-driver",
)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes (local runner).")
@click.option(
    "--splits",
    default="train=0.9,validation=0.05,test=0.05",
    show_default=True,
    help="Names and shares of the splits; whole books (all of an author) go to one.",
)
@click.option(
    "--concepts",
    type=click.Choice(["none", "float16", "float32"]),
    default="none",
    show_default=True,
    help="Also write texts and vectors of scenes, as Large Concept Model trainers read them.",
)
@click.option("--text-column", help="Column of the text in .jsonl, .parquet and hf: inputs [default: text].")
@click.option("--title-column", help="Column of the title [default: title].")
@click.option("--author-column", help="Column of the author [default: author].")
@click.option("--language-column", help="Column of the language [default: language].")
@click.option("--license-column", help="Column of the licence [default: license].")
@click.option(
    "--license",
    default="",
    metavar="ID",
    help="Licence of books that state none themselves, e.g. cc0-1.0 [default: unknown].",
)
@click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="NAME=NUMBER",
    help="Raise or lower a limit on inputs, e.g. book_characters=8000000; protocol.md lists them.",
)
@click.option(
    "--max-reject-share",
    type=click.FloatRange(0, 1),
    help="Fail, and publish nothing, when a greater share of the inputs is refused [default: 1].",
)
@click.option("--strict", is_flag=True, help="Fail at the first input that is refused.")
@click.option("--name", help="Name of the dataset on its card [default: that of the output folder].")
@click.option("--parts", type=click.Path(), help="Where finished books are kept between runs [default: OUTPUT.parts].")
@click.option("--overwrite", is_flag=True, help="Replace an earlier dataset, once the new one is whole.")
@click.option("--dry-run", is_flag=True, help="Print the plan and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print counts and metrics (or the plan of a dry run) as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress, only notes, errors and the summary.")
@click.option("-v", "--verbose", is_flag=True, help="Show Beam's log, and a traceback when the run breaks.")
@click.pass_context
def build(context: click.Context, dry_run: bool, as_json: bool, quiet: bool, verbose: bool, **given: Any) -> None:
    """Builds a dataset of scene-signs from INPUTs: files, folders, globs, gs:// or s3:// paths, hf:NAME.

    Stopped or killed, the same command goes on where it was. A dataset appears only when it is whole.

    \b
    scenesign build examples/library -o out/demo
    scenesign build books/ -o out/books --dry-run
    scenesign build shelf.jsonl -o out/shelf --text-column body --license-column rights --language ru
    scenesign build books/*.epub -o out/books --signs 512 --levels 2 --workers 2
    scenesign build books/ -o out/books --concepts float16 --overwrite --json > counts.json

    Beam's own options go after `--`:

    \b
    scenesign build gs://b/books -o gs://b/out -- --runner=DataflowRunner --project=p --region=r
    """
    _quiet(verbose)
    # Beam, torch and spaCy take seconds to import; `--help` and wrong options shouldn't wait for them
    from scenesign.pipeline.run.build import BuildError
    from scenesign.pipeline.run.build import build as run_build
    from scenesign.pipeline.run.frozen_inventory import apply_frozen
    from scenesign.pipeline.run.options import UsageError, beam_options
    from scenesign.pipeline.run.progress import make_display

    err = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        options = _build_options(given)
        beam = beam_options(context.meta.get("beam_arguments", []))
        if given["inventory"]:
            options = apply_frozen(options, beam, given["inventory"], _explicit(context))
        if dry_run:
            _dry_run(options, beam, err, as_json)
            return
        err.print(f"scenesign: building {options.output} from {', '.join(options.inputs)}", markup=False)
        display = make_display(err, quiet)
        manifest = run_build(options, beam, lambda line: err.print(f"note: {line}", markup=False), display)
    except UsageError as error:
        _fail(err, str(error), 2)
    except BuildError as error:
        if verbose and error.__cause__:
            err.print_exception()
        _fail(err, str(error), 1)
    except KeyboardInterrupt:
        _fail(err, "stopped; finished books are kept, and the same command goes on from there", 130)
    if manifest is None:
        err.print("scenesign: the template is written; the job it starts publishes by itself", markup=False)
        return
    if as_json:
        fields = json.loads(manifest.to_json())
        click.echo(json.dumps({k: fields[k] for k in ("name", "counts", "metrics", "run")}, ensure_ascii=False))
        return
    _show(manifest, options)


def _show(manifest: Any, options: Any) -> None:
    from scenesign.pipeline.run.summary import show_summary
    from scenesign.transforms.signs.glossary import read_glossary
    from scenesign.transforms.support import storage

    _, signs = read_glossary(storage.join(options.output, "inventory"))
    rejects = []
    if manifest.counts.rejects or manifest.counts.duplicates:
        rejects = storage.read_table(storage.join(options.output, "rejects", "rejects.parquet")).to_pylist()
    show_summary(Console(highlight=False), manifest, signs, rejects, options.output, options.parts_folder)


def _dry_run(options: Any, beam: Any, err: Console, as_json: bool) -> None:
    from scenesign.pipeline.run.build import check, plan_build
    from scenesign.pipeline.run.graph import build_graph, graph_steps
    from scenesign.pipeline.run.runners import make_pipeline
    from scenesign.pipeline.run.summary import plan_fields, show_plan

    plan = plan_build(options, beam, check(options, beam), "", lambda line: err.print(line, markup=False))
    pipeline = make_pipeline(beam, options.workers)
    build_graph(pipeline, plan)
    steps = list(graph_steps(pipeline))
    if as_json:
        click.echo(json.dumps(plan_fields(plan, steps), ensure_ascii=False))
    else:
        show_plan(Console(highlight=False), plan, steps)


def _explicit(context: click.Context) -> list[str]:
    """The options that the user named, as on the command line."""
    named = click.core.ParameterSource.COMMANDLINE
    return [p.opts[-1] for p in context.command.params if context.get_parameter_source(str(p.name)) == named]


def _build_options(given: dict[str, Any]) -> Any:
    from scenesign.pipeline.run.options import BuildOptions, UsageError, parse_limits, parse_signs, parse_splits
    from scenesign.transforms.dataset.write import DatasetOptions
    from scenesign.transforms.scenes.find import SceneOptions
    from scenesign.transforms.scenes.sentences import SentenceOptions
    from scenesign.transforms.signs.fit import InventoryOptions

    lengths = {k: given[k] for k in ("min_sentences", "max_sentences") if given[k] is not None}
    try:
        scenes = SceneOptions(**lengths)
    except ValueError as error:
        raise UsageError(f"--min-sentences/--max-sentences: {error}") from error
    columns = {
        name: given[f"{name}_column"]
        for name in ("text", "title", "author", "language", "license")
        if given[f"{name}_column"] is not None
    }
    return BuildOptions(
        inputs=tuple(given["inputs"]),
        output=given["output"],
        language=given["language"],
        embedder=given["embedder"],
        sentences=SentenceOptions(spacy_model=given["spacy_model"]),
        scenes=scenes,
        inventory=InventoryOptions(parse_signs(given["signs"]), given["levels"], given["seed"], refine=given["refine"]),
        dataset=DatasetOptions(parse_splits(given["splits"]), given["concepts"], given["seed"]),
        columns=tuple(columns.items()),
        license=" ".join(given["license"].split()),
        limits=parse_limits(given["limits"]),
        max_reject_share=given["max_reject_share"],
        strict=given["strict"],
        workers=given["workers"],
        accelerator=given["accelerator"],
        overwrite=given["overwrite"],
        parts=given["parts"],
        name=given["name"],
    )


class _WithoutStops(logging.Filter):
    """Keeps Beam's traceback of a run that we ended on purpose to ourselves: its one line comes at the end."""

    def filter(self, record: logging.LogRecord) -> bool:
        kind = record.exc_info[0] if record.exc_info else None
        said = f"{kind.__name__ if kind else ''} {record.getMessage()}"
        return "RunStoppedError" not in said and "KeyboardInterrupt" not in said


def _quiet(verbose: bool) -> None:
    """Libraries that chat at import and in every worker are asked to keep to errors."""
    logging.getLogger().setLevel(logging.INFO if verbose else logging.ERROR)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if not verbose:
        warnings.filterwarnings("ignore")
        logging.getLogger("apache_beam").setLevel(logging.ERROR)
        logging.getLogger("root").setLevel(logging.ERROR)
        for handler in logging.getLogger().handlers:
            handler.addFilter(_WithoutStops())


def _fail(console: Console, message: str, code: int) -> None:
    console.print(f"error: {message}", markup=False)
    sys.exit(code)
