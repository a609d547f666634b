"""`scenesign build`: books in, dataset out."""

from __future__ import annotations

import difflib
import json
import logging
import os
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

import click
from rich.console import Console

from scenesign.pipeline.console import side_console
from scenesign.pipeline.options.errors import BuildError, UsageError
from scenesign.pipeline.options.table import OPTIONS
from scenesign.pipeline.output import print_json
from scenesign.pipeline.run.stopping import exit_code, stopped_by_signals

if TYPE_CHECKING:
    from apache_beam.options.pipeline_options import PipelineOptions

    from scenesign.pipeline.options.build_options import BuildOptions
    from scenesign.pipeline.run.build_dataset import BuildResult
    from scenesign.pipeline.run.progress import Display


# Exit code of a build whose dataset lacks books for errors that are not theirs.
BOOKS_MISSING = 3
STOPPED = "stopped; finished books are kept, and the same command goes on from there"


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


def _with_table(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options of a build."""
    for row in reversed(OPTIONS):
        # a default, even none, is an answer: click asks for no other then
        default: dict[str, Any] = {} if row.required else {"default": row.default}
        command = click.option(
            *filter(None, (row.short, row.flag)),
            row.name,
            type=None if row.is_switch else row.type,
            is_flag=row.is_switch,
            multiple=row.is_list,
            **default,
            show_default=row.shown_default,
            required=row.required,
            metavar=row.metavar,
            help=row.help,
        )(command)
    return command


@click.command(cls=_CommandWithBeamOptions, short_help="Builds a dataset from books.")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path())
@_with_table
@click.option("--dry-run", is_flag=True, help="Print the plan and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print counts and metrics (or the plan of a dry run) as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress, only notes, errors and the summary.")
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help="Show all tables of the summary, Beam's log, and a traceback when the run breaks.",
)
@click.pass_context
def build(
    context: click.Context,
    inputs: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    **given: Any,
) -> None:
    """Builds a dataset of scene-signs from INPUTs: files, folders, globs, gs:// or s3:// paths, hf:NAME.

    Stopped or killed, the same command goes on where it was. A dataset appears only when it is whole. Exit code 3:
    it is there, and unexpected errors kept books out of it.

    \b
    scenesign build examples/library -o out/demo
    scenesign build books/ -o out/books --dry-run
    scenesign build shelf.jsonl -o out/shelf --text-column body --license-column rights --language ru
    scenesign build books/*.epub -o out/books --signs 512 --glyphs 3 --workers 2
    scenesign build books/ -o out/books --concepts float16 --overwrite --json > counts.json

    Beam's own options go after `--`:

    \b
    scenesign build gs://b/books -o gs://b/out -- --runner=DataflowRunner --project=p --region=r
    """
    err = side_console()
    with stopped_by_signals(STOPPED):
        try:
            _quiet(verbose)
            _build(context, inputs, given, err, dry_run, as_json, quiet, verbose)
        except KeyboardInterrupt as stop:
            _fail(err, STOPPED, exit_code(stop))


def _build(
    context: click.Context,
    inputs: tuple[str, ...],
    given: dict[str, Any],
    err: Console,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    from scenesign.pipeline.run.displays import LiveDisplay, make_display

    beam_words = context.meta.get("beam_arguments", [])
    inputs_named = ", ".join(inputs)
    display = None if dry_run else make_display(err, quiet)
    if not dry_run:
        err.print(f"scenesign: building {given['output']} from {inputs_named}", markup=False)
    if isinstance(display, LiveDisplay):
        display.begin(f"starting; then looking for files in {inputs_named}")
    try:
        # Beam, torch and spaCy take seconds to import; `--help` and wrong options shouldn't wait for them
        if beam_words:
            from scenesign.pipeline.options.beam import beam_options

            beam_options(beam_words)
        from scenesign.pipeline.options.frozen_inventory import FIT, refuse_settled
        from scenesign.pipeline.run.build_dataset import build_dataset, settle

        if given["inventory"] and given["inventory"] != FIT:
            # also what a user named at its default
            refuse_settled(given["inventory"], _named(context))
        if dry_run:
            _dry_run(*settle(inputs, given, beam_words), err, as_json, verbose)
            return
        result = build_dataset(
            inputs,
            **given,
            beam_options=beam_words,
            progress=display or False,
            note=lambda line: err.print(f"note: {line}", markup=False),
        )
    except UsageError as error:
        _close(display)
        _fail(err, str(error), 2)
    except BuildError as error:
        _close(display)
        if verbose and error.__cause__:
            err.print_exception()
        _fail(err, str(error), 1)
    finally:
        _close(display)
    try:
        _tell(result, err, as_json, verbose)
    except KeyboardInterrupt as stop:
        _fail(err, f"stopped; {result.output} is whole", exit_code(stop))
    if result.unexpected:
        sys.exit(BOOKS_MISSING)


def _close(display: Display | None) -> None:
    """Takes the display away before anything else is said; it may be away already."""
    if display:
        display.close()


def _tell(result: BuildResult, err: Console, as_json: bool, verbose: bool) -> None:
    """What there is to say of a run that has come to a good end."""
    from scenesign.pipeline.run.summary import castless_lines, show_summary, unexpected_lines
    from scenesign.transforms.dataset.in_use import topics_in_use
    from scenesign.transforms.dataset.read import Dataset
    from scenesign.transforms.support import storage

    if result.manifest is None:
        err.print("scenesign: the template is written; the job it starts publishes by itself", markup=False)
        return
    counts = result.manifest.counts
    rejects = []
    if counts.rejects or counts.duplicates:
        rejects = storage.read_table(storage.join(result.output, "rejects", "rejects.parquet")).to_pylist()
    if as_json:
        for line in (*unexpected_lines(rejects), *castless_lines(result.manifest)):
            err.print(line, markup=False)
        fields = json.loads(result.manifest.to_json())
        print_json(json.dumps({k: fields[k] for k in ("name", "counts", "metrics", "run")}, ensure_ascii=False))
    else:
        topics = partial(topics_in_use, Dataset(result.output)) if verbose else None
        show_summary(Console(highlight=False), result.manifest, rejects, result.output, result.parts, topics)


def _dry_run(options: BuildOptions, beam: PipelineOptions, err: Console, as_json: bool, verbose: bool) -> None:
    from scenesign.pipeline.run.build import at_work, check, plan_build
    from scenesign.pipeline.run.graph import build_graph, graph_steps
    from scenesign.pipeline.run.plan import plan_fields, show_plan
    from scenesign.pipeline.run.runners import make_pipeline

    def say(line: str) -> None:
        err.print(f"note: {line}", markup=False)

    plan = plan_build(options, beam, check(options, beam), "", say, dry=True)
    if busy := at_work(options):
        say(busy)
    pipeline = make_pipeline(beam, plan.processes)
    build_graph(pipeline, plan)
    steps = list(graph_steps(pipeline))
    if as_json:
        print_json(json.dumps(plan_fields(plan, steps), ensure_ascii=False))
    else:
        show_plan(Console(highlight=False), plan, steps, verbose)


def _named(context: click.Context) -> list[str]:
    """Names of the options that stand on the command line."""
    there = click.core.ParameterSource.COMMANDLINE
    return [str(p.name) for p in context.command.params if context.get_parameter_source(str(p.name)) == there]


def _quiet(verbose: bool) -> None:
    """Libraries that chat at import and in every worker are asked to keep to errors."""
    logging.getLogger().setLevel(logging.INFO if verbose else logging.ERROR)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if not verbose:
        warnings.filterwarnings("ignore")
        logging.getLogger("apache_beam").setLevel(logging.ERROR)
        # tracebacks of what has failed, from each that saw it; the last line of the run names the cause
        for name in ("runners.common", "runners.worker", "runners.portability", "utils.subprocess_server"):
            logging.getLogger(f"apache_beam.{name}").setLevel(logging.CRITICAL)
        logging.getLogger().addFilter(_is_no_job_message)
        logging.getLogger("PrismJobServer").disabled = True
        if threading.excepthook is threading.__excepthook__:
            threading.excepthook = _say_what_ended_a_thread


def _is_no_job_message(record: logging.LogRecord) -> bool:
    return record.module != "portable_runner"


def _say_what_ended_a_thread(args: threading.ExceptHookArgs) -> None:
    # threads of Beam and gRPC that read from a job server end so when it is gone
    places = [frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(args.exc_traceback)]
    if not args.exc_type.__module__.startswith("grpc") and not (places and places[-1].startswith("grpc.")):
        threading.__excepthook__(args)


def _fail(console: Console, message: str, code: int) -> NoReturn:
    from scenesign.schemas.records import printable

    # what a worker or a pool elsewhere says may hold codes of a terminal
    console.print(f"error: {printable(message)}", markup=False)
    sys.exit(code)
