"""What people read while a command works: progress and remarks, on standard error."""

from __future__ import annotations

import contextlib
import os

from rich.console import Console


def side_console() -> Console:
    """A console on standard error, of whole lines. Where its reader leaves early it falls silent, and nothing ends."""
    return _SideConsole(stderr=True, highlight=False, soft_wrap=True)


class _SideConsole(Console):
    def on_broken_pipe(self) -> None:
        """Called by rich, which would end the program, and its standard output, which others may be reading."""
        self.quiet = True
        # what is still in the stream's buffer has to go somewhere, or it would be an error at the end
        with contextlib.suppress(OSError, ValueError), open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), self.file.fileno())
