"""The command `scenesign`."""

from __future__ import annotations

import atexit
import logging
import os
import signal
import sys
import tempfile
import threading
import traceback
import warnings
from importlib import metadata

import click

from scenesign.pipeline.commands.build import STOPPED, build
from scenesign.pipeline.commands.completion import completion
from scenesign.pipeline.commands.encode import decode_glyphs, encode
from scenesign.pipeline.commands.go_on import continue_story
from scenesign.pipeline.commands.languages import languages
from scenesign.pipeline.commands.push import push_dataset
from scenesign.pipeline.commands.report import report
from scenesign.pipeline.commands.search import search_scenes
from scenesign.pipeline.commands.signs import signs
from scenesign.pipeline.commands.train import train_model
from scenesign.pipeline.commands.validate import validate
from scenesign.pipeline.commands.worker import start_workers
from scenesign.pipeline.output import fill_streams, settle_output
from scenesign.pipeline.run.stopping import exit_code
from scenesign.schemas.version import PROTOCOL, PROTOCOL_VERSION
from scenesign.transforms.support.extras import MissingExtraError
from scenesign.transforms.support.spared_torch import spare_torch

_SECONDS_TO_EXIT = 2.0  # for what libraries want to do then


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(
    metadata.version("scenesign"), message=f"scenesign %(version)s, protocol {PROTOCOL}/{PROTOCOL_VERSION}"
)
def main() -> None:
    """Turns any pile of books into a compact dataset of scene-signs.

    \b
    scenesign build books/ -o out/books            books in, dataset out
    scenesign build books/ -o out/books --dry-run  what would be done
    scenesign search out/books "a storm at sea"    scenes by meaning, in any language
    scenesign encode -i out/books FILE             a text as pseudo-hieroglyphs
    scenesign decode -i out/books GLYPHS           what they tell
    scenesign signs out/books                      what signs there are
    scenesign validate out/books                   whether a dataset keeps the protocol
    scenesign languages -o out/languages           what the same text costs in each language
    scenesign report out/books                     a page to look at
    scenesign push out/books hf:USER/NAME          to the Hugging Face hub
    scenesign train out/books -o out/model         a model that reads scene by scene
    scenesign continue out/model FILE              how a story may go on, if the model knows
    scenesign worker                               workers for jobs of other machines
    scenesign COMMAND --help                       all about a command, with examples

    Every command that prints figures takes --json. Messages and progress go to stderr, results to stdout. A file or
    a pipe gets UTF-8 in any locale; PYTHONIOENCODING changes that for text, never for --json and the glyphs of
    encode. A terminal that can't show a glyph shows its code, \\u4e00 for U+4E00: the number beside it tells the
    sign, and PYTHONUTF8=1 may help. Colours are for terminals only, and NO_COLOR=1 turns them off.

    Exit codes: 0 done, 1 failed, 2 wrong use, 3 built, but unexpected errors kept books out, 128 and its number for
    a signal that stopped it (130 for Ctrl-C).
    """
    # before Beam is imported anywhere: it warns of optional packages that nobody asked for
    logging.basicConfig(level=logging.ERROR)
    # and Google's clients of an old Python, to people who may never have called Google
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"google\.api_core\.")


for command in (
    build,
    search_scenes,
    encode,
    decode_glyphs,
    signs,
    validate,
    languages,
    report,
    push_dataset,
    train_model,
    continue_story,
    start_workers,
    completion,
):
    main.add_command(command)


def entry() -> None:
    """Runs the command, and ends the process without its libraries' C++ exit handlers.

    Arrow, torch and gRPC take down threads of their own there, in no settled order; now and then one is still
    running, and a program that has done all its work would end with an abort. Exit functions written in Python run,
    but nobody waits long for them.
    """
    code = 1
    fill_streams()
    settle_output()
    spare_torch()
    try:
        code = _code_of_main()
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


def _code_of_main() -> int:
    try:
        code = main(prog_name="scenesign", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except MissingExtraError as error:
        click.echo(f"error: {error}", err=True)
        return 2
    except click.Abort as stop:  # a signal before or after the command itself heeds them
        click.echo(f"error: {STOPPED if sys.argv[1:2] == ['build'] else 'stopped'}", err=True)
        return exit_code(stop.__cause__ if isinstance(stop.__cause__, KeyboardInterrupt) else KeyboardInterrupt())
    except FileNotFoundError:
        try:
            tempfile.gettempdir()
        except FileNotFoundError:  # libraries ask for one as soon as they are imported
            click.echo("error: no folder for temporary files can be written to; set TMPDIR to one that can", err=True)
            return 2
        raise
    return code if isinstance(code, int) else 0


def _exit_functions() -> None:
    atexit._run_exitfuncs()
    logging.shutdown()
