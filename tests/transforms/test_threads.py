"""Right in threads: what eight of them get at once is what one gets alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import LIBRARY, ROOT, THREADS

FUNCTIONS = (
    "read",
    "detect",
    "split",
    "words",
    "embed",
    "embed-minilm",
    "scenes",
    "write",
    "fit",
    "assign",
    "encode",
    "search",
    "chain",
)


def probe(dataset: Path, *folders: Path) -> dict[str, list[str]]:
    """What went wrong with each function, in a process that begins cold and has as many threads as it likes."""
    environment = {name: value for name, value in os.environ.items() if name not in THREADS}
    done = subprocess.run(
        [sys.executable, "-m", "tests.side_by_side", str(dataset), *map(str, folders)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=550,
        env=environment | {"PYTHONPATH": str(ROOT)},
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr[-4_000:]
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_the_whole_shelf(bell: Path) -> None:
    assert probe(bell, LIBRARY) == {name: [] for name in FUNCTIONS}
