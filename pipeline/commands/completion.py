"""`scenesign completion`: the script by which a shell completes commands, options and file names."""

from __future__ import annotations

import os
import sys

import click
from click.shell_completion import get_completion_class

_WHERE = {
    "bash": "scenesign completion bash >> ~/.bashrc",
    "zsh": "scenesign completion zsh >> ~/.zshrc",
    "fish": "scenesign completion fish > ~/.config/fish/completions/scenesign.fish",
}


@click.command(short_help="Prints the completion script of a shell.")
@click.argument("shell", type=click.Choice(sorted(_WHERE)), required=False)
@click.pass_context
def completion(context: click.Context, shell: str | None) -> None:
    """Prints what SHELL needs to complete scenesign's commands, options and file names; by default for your shell.

    \b
    scenesign completion bash >> ~/.bashrc
    scenesign completion zsh >> ~/.zshrc
    scenesign completion fish > ~/.config/fish/completions/scenesign.fish

    Then open a new terminal.
    """
    shell = shell or os.path.basename(os.environ.get("SHELL", ""))
    if shell not in _WHERE:
        click.echo(f"error: no completion for '{shell}'; name one of {', '.join(sorted(_WHERE))}", err=True)
        sys.exit(2)
    kind = get_completion_class(shell)
    assert kind is not None
    found = kind(context.find_root().command, {}, "scenesign", "_SCENESIGN_COMPLETE")
    # not found.source(): that one runs the shell to learn its version
    click.echo(found.source_template % found.source_vars())
