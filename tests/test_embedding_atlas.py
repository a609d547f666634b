"""The atlas of a dataset in embedding-atlas: the line of docs/tools.md opens it, as it was written."""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scenesign.schemas.tables import ATLAS, ATLAS_SCENES_FILE, ATLAS_TOPICS_FILE
from tests.conftest import ROOT

# beside the packages of this Python, which it takes the rest from
VIEWER = Path(sys.prefix) / "viewer"
PAGE = (ROOT / "docs" / "tools.md").read_text(encoding="utf-8")
(LINE,) = re.findall(r"^embedding-atlas (.*)$", PAGE, re.M)


@pytest.fixture
def beside_demo(demo: Path, tmp_path: Path) -> Path:
    """Where `out` is, as after `make demo`."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "demo").symlink_to(demo)
    return tmp_path


def test_the_line_names_files_and_columns_that_are_there(beside_demo: Path) -> None:
    """What embedding-atlas 0.26 asks of them: numbers x and y, and neighbours as equally many zero-based rows."""
    words = shlex.split(LINE)
    options = dict(zip(words[1::2], words[2::2], strict=True))
    assert (beside_demo / options.pop("--labels")).is_file()
    frame = pq.read_table(beside_demo / words[0]).to_pandas()
    assert set(options) == {"--x", "--y", "--text", "--neighbors"}
    assert set(options.values()) <= set(frame.columns)
    assert np.isfinite(frame[[options["--x"], options["--y"]]].to_numpy()).all()
    near = frame[options["--neighbors"]]
    ids, distances = (np.stack([np.asarray(cell[key]) for cell in near]) for key in ("ids", "distances"))
    assert ids.shape == distances.shape == (len(frame), 10)
    assert set(ids.ravel().tolist()) <= set(range(len(frame)))
    labels = pq.read_table(beside_demo / "out" / "demo" / ATLAS_TOPICS_FILE)
    assert {"x", "y", "text", "priority"} <= set(labels.column_names)
    assert pa.types.is_struct(ATLAS.field("neighbors").type)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("localhost", 0))
        return int(listening.getsockname()[1])


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server that was started by the document's line, in a folder."""
    port = free_port()
    command = [sys.executable, "-m", "embedding_atlas.cli", *shlex.split(LINE), "--port", str(port), "--no-auto-port"]
    environment = os.environ | {"PYTHONPATH": str(VIEWER), "HOME": str(folder), "XDG_CACHE_HOME": str(folder)}
    with (folder / "said.txt").open("w", encoding="utf-8") as said:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said)
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(f"http://localhost:{port}/data/metadata.json", timeout=10).close()
                    break
                except urllib.error.URLError:
                    assert server.poll() is None, (folder / "said.txt").read_text(encoding="utf-8")
                    time.sleep(0.1)
            yield f"http://localhost:{port}"
        finally:
            server.kill()
            server.wait()


def ask(address: str, sql: str) -> list[dict[str, Any]]:
    body = json.dumps({"sql": sql, "type": "json"}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{address}/data/query", body), timeout=60) as answer:
        return json.loads(answer.read())


@pytest.mark.slow
@pytest.mark.skipif(not (VIEWER / "embedding_atlas").is_dir(), reason="embedding-atlas isn't there (make viewer)")
def test_embedding_atlas_opens_it_unchanged(beside_demo: Path) -> None:
    rows = pq.read_table(beside_demo / "out" / "demo" / ATLAS_SCENES_FILE).to_pylist()
    with served(beside_demo) as address:
        with urllib.request.urlopen(f"{address}/data/metadata.json", timeout=60) as answer:
            shown = json.loads(answer.read())["props"]
        assert shown["data"] == {
            "id": "__row_index__",
            "projection": {"x": "x", "y": "y"},
            "text": "text",
            "neighbors": "neighbors",
        }
        assert [label["sign"] for label in shown["embeddingViewLabels"]] == list(range(12))
        found = ask(address, "select __row_index__, x, y, text, neighbors from dataset order by __row_index__")
        assert [row["__row_index__"] for row in found] == list(range(len(rows)))
        for told, row in zip(found, rows, strict=True):
            assert told["text"] == row["text"]
            assert (told["x"], told["y"]) == pytest.approx((row["x"], row["y"]))
            assert told["neighbors"]["ids"] == row["neighbors"]["ids"]
        # the nearest of the first is found by the number of its row, as the program looks for it
        nearest = "dataset d join dataset n on n.__row_index__ = d.neighbors.ids[1] where d.__row_index__ = 0"
        assert ask(address, f"select n.text from {nearest}") == [{"text": rows[rows[0]["neighbors"]["ids"][0]]["text"]}]
        with urllib.request.urlopen(address, timeout=60) as answer:
            assert b"<html" in answer.read().lower()
