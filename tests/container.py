"""The Dockerfile as tests read it: its stages, and what each takes from the repository."""

from __future__ import annotations

import re
import shlex

from tests.conftest import ROOT


def instructions() -> list[tuple[str, str]]:
    """Instructions and what follows each, in order."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
    lines = [line.split(None, 1) for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, rest in lines]


def arguments() -> dict[str, str]:
    """Build arguments and their defaults, empty where there is none."""
    found = [rest.partition("=") for word, rest in instructions() if word == "ARG"]
    return {name: default for name, _, default in found}


def copied(stage: str) -> list[str]:
    """Paths of the repository that a stage copies."""
    now, found = "", []
    for word, rest in instructions():
        if word == "FROM":
            now = rest.split()[-1]
        elif word == "COPY" and now == stage and "--from=" not in rest:
            found += shlex.split(rest)[:-1]
    return found


def stages() -> list[str]:
    """Names of the stages."""
    return [rest.split()[-1] for word, rest in instructions() if word == "FROM"]
