"""A step's error as workers write it down, a traceback as text, and the one line of it that the user is told."""

from __future__ import annotations

import re

_HOST = re.compile(r"^\[on host ([^\]\n]+)\]$", re.MULTILINE)
_STEP = re.compile(r" ?\[while running '([^'/]+)[^']*'\]")
# Beam wraps an error whose kind it can't make anew.
_WRAPPED = re.compile(r"^RuntimeError: (?=[\w.]+(?:Error|Exception): )")
_FRAME = '  File "'
_MOST = 400  # characters of a cause


def mark_host(error: str, host: str) -> str:
    """The text with the machine that it comes from, unless it names one already."""
    return error if host_of(error) else f"{error.rstrip()}\n[on host {host}]"


def host_of(error: str) -> str:
    """The machine that a text comes from; "" where it names none."""
    found = _HOST.search(error)
    return found[1] if found else ""


def step_of(error: str) -> str:
    """The step that an error comes from, as the graph names it; "" where the text names none."""
    found = _STEP.search(error)
    return found[1] if found else ""


def cause_line(error: str) -> str:
    """Step, machine and cause on one line, as far as the text has them; "" of a text without a word."""
    lines = [line for line in _HOST.sub("", error).strip().splitlines() if re.search(r"\w", line)]
    # a worker reports a whole traceback: after its last frame, the first line that isn't indented has the cause
    last = max((n for n, line in enumerate(lines) if line.startswith(_FRAME)), default=len(lines))
    found = [line for line in lines[last:] if not line[0].isspace()]
    found += reversed([line for line in lines if "Error" in line] or lines)
    cause = _WRAPPED.sub("", _STEP.sub("", found[0]).strip())[:_MOST] if found else ""
    step, host = step_of(error), host_of(error)
    where = " on ".join(filter(None, (step, host)))
    return ": ".join(filter(None, (where, cause)))
