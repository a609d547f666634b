"""What stops a build, in one line that a user can act on."""

from __future__ import annotations


class UsageError(Exception):
    """Wrong use: names the option or path, and the next step. Nothing was begun."""


class BuildError(Exception):
    """The run can't be finished: says why, and what to do. An earlier dataset is untouched."""
