"""Prism, where there is one, and workers for it."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import ROOT, fresh_environment, once
from tests.engines.servers import VARIABLE, find_prism, prism_server, worker_pool

LIBRARY_OF_MANY = ROOT.parent / "shared" / "library"
BOOKS, BYTES = 2, 30_000  # of each language; the beginning of each book, at most


@pytest.fixture(scope="session")
def program() -> Path:
    """Prism's program; a test that wants it is skipped where there is none, unless one was named."""
    try:
        return find_prism()
    except FileNotFoundError as error:
        if os.environ.get(VARIABLE):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def prism(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of Prism's job service."""
    with prism_server(program, tmp_path_factory.mktemp("prism")) as (address, _):
        yield address


@pytest.fixture(scope="module")
def pools(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The addresses of two pools, whose workers have as many threads as they like."""
    with ExitStack() as stack:
        folders = tmp_path_factory.mktemp("pool"), tmp_path_factory.mktemp("pool")
        one, other = (stack.enter_context(worker_pool(folder, fresh_environment())) for folder in folders)
        yield one[0], other[0]


@pytest.fixture(scope="session")
def mixed_shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The beginnings of real books, the two shortest in each of thirteen languages."""
    if not LIBRARY_OF_MANY.is_dir():
        pytest.skip("../shared/library is not here")

    def make(folder: Path) -> None:
        listed = (LIBRARY_OF_MANY / "manifest.tsv").read_text(encoding="utf-8")
        files = defaultdict(list)
        for row in csv.DictReader(io.StringIO(listed), delimiter="\t"):
            files[row["language"]].append((int(row["bytes"]), row["file"]))
        for language, found in files.items():
            (folder / language).mkdir()
            with zipfile.ZipFile(LIBRARY_OF_MANY / f"{language}.zip") as archive:
                for _, name in sorted(found)[:BOOKS]:
                    whole_lines = archive.read(name)[:BYTES].rpartition(b"\n")[0]
                    (folder / language / name).write_bytes(whole_lines)

    return once(tmp_path_factory, "mixed-shelf", make)
