"""What an install is worth: on every promised Python, as a package of its own, and in bytes.

    python benchmarks/installs.py matrix [--python PATH] [--only oldest,newest] [--write]
    python benchmarks/installs.py package [--equal-to DATASET]
    python benchmarks/installs.py weight [--write]

Each command makes fresh environments one after another and removes them. Tables go into docs/install.md.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.installs.matrix import matrix
from benchmarks.installs.package import package
from benchmarks.installs.weight import weight


class Commands(click.Group):
    """What a disk or a missing file breaks ends in a line."""

    def invoke(self, context: click.Context) -> Any:
        """Runs what was asked for; called by click."""
        try:
            return super().invoke(context)
        except BrokenPipeError:  # click's own affair
            raise
        except OSError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=Commands, help=__doc__, invoke_without_command=True)
@click.pass_context
def program(context: click.Context) -> None:
    if not context.invoked_subcommand:
        click.echo(context.get_help())


program.add_command(matrix)
program.add_command(package)
program.add_command(weight)

if __name__ == "__main__":
    # as Ctrl-C does: environments are gigabytes, and are removed
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    program()
