"""The demo's job as an installed package does it: from another folder, with no network to reach."""

from __future__ import annotations

import functools
import re
import shlex
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.installs.environments import ROOT, Environment, FailedError
from tests.runs import data_digests

# Where a network can't be taken away, this stops what asks for a proxy at least.
_NOWHERE = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")


@dataclass(frozen=True)
class DemoRun:
    """seconds: by the clock. digests: of the data files, by name. cut_off: whether the network was taken away."""

    seconds: float
    digests: dict[str, str]
    cut_off: bool


def differing(first: Mapping[str, str], second: Mapping[str, str]) -> list[str]:
    """Names of the files that aren't the same in both, or are in one alone. Values are digests."""
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def demo_words() -> list[str]:
    """What `make demo` asks of the command: its arguments."""
    line = re.search(r"^\t\$\(BIN\)/scenesign (build .*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    if not line:
        raise ValueError("Makefile: the demo runs no `$(BIN)/scenesign build`")
    return shlex.split(line[1])


@functools.cache
def without_network() -> tuple[str, ...]:
    """Words that start a program in a network of its own, which leads nowhere; none where that can't be done."""
    words = ("unshare", "--map-root-user", "--net")
    try:
        able = subprocess.run([*words, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        able = False
    return words if able else ()


def run_alone(environment: Environment, *words: object, folder: Path) -> str:
    """Runs the installed command in a folder, with no network to reach; what it said. Raises FailedError."""
    return environment.run("scenesign", *words, folder=folder, before=without_network(), **_NOWHERE)


def run_demo(environment: Environment, out: Path | None = None) -> DemoRun:
    """Runs the demo's job of the installed package. out: where its dataset stays; else it goes. Raises FailedError."""
    words = demo_words()
    words[words.index("examples/library")] = str(ROOT / "examples" / "library")
    with tempfile.TemporaryDirectory(prefix="scenesign-demo-") as name:
        out = out or Path(name, "demo")
        words[words.index("-o") + 1] = str(out)
        began = time.perf_counter()
        said = run_alone(environment, *words, folder=Path(name))
        if not (out / "report" / "report.html").exists():  # the job goes on without it, with a note
            raise FailedError("scenesign: no report was made", said)
        return DemoRun(time.perf_counter() - began, data_digests(out), bool(without_network()))
