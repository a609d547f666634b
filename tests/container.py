"""The Dockerfile as tests read it: its stages, and what each takes from the repository."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conftest import ROOT


def instructions() -> list[tuple[str, str]]:
    """Instructions and what follows each, in order."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
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


def lineage(stage: str) -> list[tuple[str, str]]:
    """Instructions that a stage's image is made by, those of the stages that it is made from first."""
    parents: dict[str, str] = {}
    own: dict[str, list[tuple[str, str]]] = {}
    for word, rest in instructions():
        if word == "FROM":
            parent, _, now = rest.split()
            parents[now], own[now] = parent, []
        elif parents:
            own[now].append((word, rest))
    return [*(lineage(parents[stage]) if parents[stage] in own else []), *own[stage]]


def environment(stage: str) -> dict[str, str]:
    """What a stage's image sets in the environment of its programs."""
    words = [rest for word, rest in lineage(stage) if word == "ENV"]
    return dict(pair.split("=", 1) for rest in words for pair in shlex.split(rest))


def setting(stage: str, word: str) -> str:
    """What a stage's image has of what can be set once, such as USER; empty where Beam's image decides."""
    return next((rest for set_by, rest in reversed(lineage(stage)) if set_by == word), "")


def stages() -> list[str]:
    """Names of the stages."""
    return [rest.split()[-1] for word, rest in instructions() if word == "FROM"]


def make_wheel(folder: Path) -> None:
    """Puts into a folder the wheel that the image gets, made from what its first stage copies."""
    with tempfile.TemporaryDirectory() as source:
        for name in copied("wheel"):
            target = Path(source, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, target)
        asked = (sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, source)
        made = subprocess.run(asked, capture_output=True, text=True, encoding="utf-8")
    assert made.returncode == 0, made.stderr
