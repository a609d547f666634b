"""The command `scenesign`."""

from __future__ import annotations

import atexit
import difflib
import json
import logging
import os
import signal
import sys
import threading
import traceback
import warnings
from importlib import metadata
from typing import Any

import click
from rich.console import Console

from pipeline.completion import completion
from pipeline.encode import decode, encode
from pipeline.languages import languages
from pipeline.report import report
from pipeline.signs import signs
from pipeline.stopping import exit_code, stopped_by_signals
from pipeline.validate import validate
from schemas.version import PROTOCOL, PROTOCOL_VERSION

STOPPED = "stopped; finished books are kept, and the same command goes on from there"
_SECONDS_TO_EXIT = 2.0  # for what libraries want to do then


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


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(
    metadata.version("scenesign"), message=f"scenesign %(version)s, protocol {PROTOCOL}/{PROTOCOL_VERSION}"
)
def main() -> None:
    """Turns any pile of books into a compact dataset of scene-signs.

    \b
    scenesign build books/ -o out/books            books in, dataset out
    scenesign build books/ -o out/books --dry-run  what would be done
    scenesign encode -i out/books FILE             a text as pseudo-hieroglyphs
    scenesign decode -i out/books GLYPHS           what they mean
    scenesign signs out/books                      what signs there are; search by meaning
    scenesign validate out/books                   whether a dataset keeps the protocol
    scenesign languages -o out/languages           what the same text costs in each language
    scenesign report out/books                     a page to look at
    scenesign COMMAND --help                       all about a command, with examples

    Every command that prints figures takes --json. Messages and progress go to stderr, results to stdout. Colours
    are for terminals only, and NO_COLOR=1 turns them off. Exit codes: 0 done, 1 failed, 2 wrong use,
    128 and its number for a signal that stopped it (130 for Ctrl-C).
    """
    # before Beam is imported anywhere: it warns of optional packages that nobody asked for
    logging.basicConfig(level=logging.ERROR)


@main.command(cls=_CommandWithBeamOptions, short_help="Builds a dataset from books.")
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
    err = Console(stderr=True, highlight=False, soft_wrap=True)
    with stopped_by_signals(STOPPED):
        try:
            _quiet(verbose)
            _build(context, given, err, dry_run, as_json, quiet, verbose)
        except KeyboardInterrupt as stop:
            _fail(err, STOPPED, exit_code(stop))


def _build(
    context: click.Context,
    given: dict[str, Any],
    err: Console,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    # Beam, torch and spaCy take seconds to import; `--help` and wrong options shouldn't wait for them
    from pipeline.build import BuildError
    from pipeline.build import build as run_build
    from pipeline.frozen_inventory import apply_frozen
    from pipeline.options import UsageError, beam_options
    from pipeline.progress import make_display

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
        try:
            manifest = run_build(options, beam, lambda line: err.print(f"note: {line}", markup=False), display)
        finally:
            if display:  # also when the run was left alone
                display.close()
    except UsageError as error:
        _fail(err, str(error), 2)
    except BuildError as error:
        if verbose and error.__cause__:
            err.print_exception()
        _fail(err, str(error), 1)
    try:
        _tell(manifest, options, err, as_json)
    except KeyboardInterrupt as stop:
        _fail(err, f"stopped; {options.output} is whole", exit_code(stop))


def _tell(manifest: Any, options: Any, err: Console, as_json: bool) -> None:
    """What there is to say of a run that has come to a good end."""
    if manifest is None:
        err.print("scenesign: the template is written; the job it starts publishes by itself", markup=False)
    elif as_json:
        fields = json.loads(manifest.to_json())
        click.echo(json.dumps({k: fields[k] for k in ("name", "counts", "metrics", "run")}, ensure_ascii=False))
    else:
        _show(manifest, options)


def _show(manifest: Any, options: Any) -> None:
    from pipeline.summary import show_summary
    from transforms import storage

    signs = storage.read_table(storage.join(options.output, "inventory", "signs.parquet")).to_pylist()
    rejects = []
    if manifest.counts.rejects or manifest.counts.duplicates:
        rejects = storage.read_table(storage.join(options.output, "rejects", "rejects.parquet")).to_pylist()
    show_summary(Console(highlight=False), manifest, signs, rejects, options.output, options.parts_folder)


def _dry_run(options: Any, beam: Any, err: Console, as_json: bool) -> None:
    from pipeline.build import check, plan_build
    from pipeline.graph import build_graph, graph_steps
    from pipeline.runners import make_pipeline
    from pipeline.summary import plan_fields, show_plan

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
    from pipeline.options import BuildOptions, UsageError, parse_limits, parse_signs, parse_splits
    from transforms.find_scenes import SceneOptions
    from transforms.fit_inventory import InventoryOptions
    from transforms.split_sentences import SentenceOptions
    from transforms.write_dataset import DatasetOptions

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


def _quiet(verbose: bool) -> None:
    """Libraries that chat at import and in every worker are asked to keep to errors."""
    logging.getLogger().setLevel(logging.INFO if verbose else logging.ERROR)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if not verbose:
        warnings.filterwarnings("ignore")
        logging.getLogger("apache_beam").setLevel(logging.ERROR)
        logging.getLogger("root").setLevel(logging.ERROR)
        # the traceback of a step that failed; the last line of the run names the cause
        logging.getLogger("apache_beam.runners.common").setLevel(logging.CRITICAL)


def _fail(console: Console, message: str, code: int) -> None:
    console.print(f"error: {message}", markup=False)
    sys.exit(code)


for command in (encode, decode, signs, validate, languages, report, completion):
    main.add_command(command)


def entry() -> None:
    """Runs the command, and ends the process without its libraries' C++ exit handlers.

    Arrow, torch and gRPC take down threads of their own there, in no settled order; now and then one is still
    running, and a program that has done all its work would end with an abort. Exit functions written in Python run,
    but nobody waits long for them.
    """
    code = 1
    try:
        main(prog_name="scenesign")
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else int(done.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        exiting = threading.Thread(target=_exit_functions, daemon=True)
        exiting.start()
        exiting.join(_SECONDS_TO_EXIT)
        try:
            sys.stdout.flush()
        except OSError:  # whoever read our output is gone
            code = code or 1
        sys.stderr.flush()
        os._exit(code)


def _exit_functions() -> None:
    atexit._run_exitfuncs()
    logging.shutdown()


if __name__ == "__main__":
    entry()
