"""Every hostile file at once through one `scenesign build`: no crash, nothing vanishes, good books stay as they are."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import psutil
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from scenesign.schemas.manifest import Manifest
from scenesign.schemas.records import REASONS, printable, text_digest
from scenesign.transforms.text.clean import clean
from tests.conftest import ROOT
from tests.hostile.corpus import items, make_corpus
from tests.hostile.items import STORY, TEXTS

SEED = 6
# Of a run in one process; 1,150 MiB measured on Python 3.11, most of it the embedder, word lists and libraries.
MOST_MEMORY = 1_500 * 1024 * 1024
# Small versions of what is endless in earnest; the defaults are tested file by file.
LIMITS = ("--limit", "xml_elements=100000", "--limit", "book_characters=20000")
OPTIONS = ("--signs", "8", "--workers", "1", *LIMITS)


@dataclass(frozen=True)
class Run:
    """One run over the corpus. outcomes: by name of the file, what came of each book or reject in it."""

    expected: dict[str, str]
    output: Path
    error: str
    returncode: int
    memory: int
    outcomes: dict[str, list[str]]

    @property
    def manifest(self) -> Manifest:
        return Manifest.from_json((self.output / "manifest.json").read_text(encoding="utf-8"))


def tree_memory(process: psutil.Process) -> int:
    """Bytes that a process and all it started hold in memory now."""
    total = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            # until it begins its own program a child only borrows its parent's memory
            if one == process or one.cmdline() != process.cmdline():
                total += one.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def outcomes_of(output: Path, names: list[str]) -> dict[str, list[str]]:
    """`book:ID` or a reason for each source of the dataset, by the file it came from."""
    manifest = Manifest.from_json((output / "manifest.json").read_text(encoding="utf-8"))
    rows = pq.read_table(output / "rejects" / "rejects.parquet").to_pylist()
    came = [(book.source, f"book:{book.book_id}") for book in manifest.books]
    came += [
        (row["source"], f"book:{row['book_id']}" if row["reason"] == "duplicate" else row["reason"]) for row in rows
    ]
    found: dict[str, list[str]] = {name: [] for name in names}
    for source, outcome in came:
        # a row or member is called after its file, and names may hold the marks themselves
        name = source
        while name not in found and max(name.rfind("#"), name.rfind("!")) > 0:
            name = name[: max(name.rfind("#"), name.rfind("!"))]
        assert name in found, f"{source} comes from no file of the corpus"
        found[name].append(outcome)
    return found


@pytest.fixture(scope="module", params=[12, pytest.param(1, marks=pytest.mark.slow)], ids=["one in twelve", "all"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("hostile")
    corpus, output = folder / "corpus", folder / "out"
    corpus.mkdir()
    expected = make_corpus(corpus, SEED, request.param)
    with (folder / "stderr").open("w", encoding="utf-8") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "scenesign", "build", str(corpus), "-o", str(output), *OPTIONS],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            env=os.environ | {"COLUMNS": "200", "PYTHONPATH": str(ROOT)},
        )
        watched, memory = psutil.Process(process.pid), 0
        try:
            while process.poll() is None:
                memory = max(memory, tree_memory(watched))
                time.sleep(0.05)
        finally:
            process.kill()
    names = [printable(name) for name in expected]
    made = (output / "manifest.json").exists()
    return Run(
        expected={printable(name): expect for name, expect in expected.items()},
        output=output,
        error=(folder / "stderr").read_text(encoding="utf-8"),
        returncode=process.returncode,
        memory=memory,
        outcomes=outcomes_of(output, names) if made else {},
    )


def test_the_corpus_is_large_and_the_same_each_time() -> None:
    made = items(SEED)
    assert len({item.name for item in made}) == len(made) >= 500
    assert [item.data for item in items(SEED)] == [item.data for item in made]


def test_the_run_ends_well_in_little_memory(run: Run) -> None:
    assert run.returncode == 0, run.error
    assert "Traceback" not in run.error
    assert run.memory < MOST_MEMORY, f"{run.memory / 2**20:,.0f} MiB"


def test_every_file_is_accounted_for(run: Run) -> None:
    assert [name for name, came in run.outcomes.items() if not came] == []
    counts = run.manifest.counts
    assert counts.inputs == sum(map(len, run.outcomes.values()))
    assert counts.inputs == counts.books + counts.duplicates + counts.rejects
    assert set(counts.rejects_by_reason) <= set(REASONS)


def test_each_file_comes_to_what_it_must(run: Run) -> None:
    ids = {f"book:{key}": f"book:{text_digest(clean(text).text)}" for key, text in TEXTS.items()}
    wrong = {}
    for name, expect in run.expected.items():
        wanted = {ids.get(one, one) for one in expect.split("|")}
        if expect != "any" and not (len(run.outcomes[name]) == 1 and run.outcomes[name][0] in wanted):
            wrong[name] = (expect, run.outcomes[name])
    assert wrong == {}


def test_nothing_came_as_a_surprise(run: Run) -> None:
    """`error` stands for what nobody foresaw; every file here has a reason of its own."""
    rows = pq.read_table(run.output / "rejects" / "rejects.parquet").to_pylist()
    assert [(row["source"], row["detail"]) for row in rows if row["reason"] == "unexpected"] == []
    assert all(row["detail"] and row["detail"] == printable(row["detail"]) for row in rows)
    refused = Counter(row["reason"] for row in rows)
    counters = run.manifest.run["counters"]
    assert {f"rejected/{reason}": count for reason, count in refused.items()} == {
        name: count for name, count in counters.items() if name.startswith("rejected/")
    }


def test_good_books_among_them_are_unchanged(run: Run, demo: Path) -> None:
    alone, among = ({}, {})
    for dataset, scenes in ((demo, alone), (run.output, among)):
        columns = ["book_id", "scene", "start", "end", "sentences", "text"]
        for row in ds.dataset(dataset / "scenes", partitioning="hive").to_table(columns=columns).to_pylist():
            scenes.setdefault(row["book_id"], []).append(tuple(row[column] for column in columns[1:]))
    for language in ("en", "ru", "zh"):
        (came,) = run.outcomes[f"good/{language}/{STORY}"]
        book_id = came.removeprefix("book:")
        assert among[book_id] == alone[book_id]
        text = "".join(scene[-1] for scene in among[book_id])
        assert hashlib.blake2b(text.encode(), digest_size=16).hexdigest() == book_id


def test_a_long_book_came_in_volumes(run: Run) -> None:
    volumes = [book for book in run.manifest.books if book.source.startswith("good/long.txt")]
    assert [book.source for book in sorted(volumes, key=lambda b: b.source)] == [
        f"good/long.txt#volume-{n}" for n in range(1, len(volumes) + 1)
    ]
    assert run.manifest.counts.volumes == len(volumes) > 1
    rows = ds.dataset(run.output / "sequences", partitioning="hive").to_table().to_pylist()
    mine = [row for row in rows if row["source"].startswith("good/long.txt")]
    title = "The Clockmaker’s Winter"
    assert {row["title"] for row in mine} == {f"{title} (volume {n + 1} of {len(mine)})" for n in range(len(mine))}
    # volumes of one book are never on both sides of a split
    assert len({row["split"] for row in mine}) == 1


def test_nothing_was_written_outside(run: Run) -> None:
    parts = Path(f"{run.output}.parts")
    assert {path.name for path in run.output.parent.iterdir()} == {"corpus", "out", parts.name, "stderr"}
    assert not Path("/tmp/evil.txt").exists()
    assert not list(run.output.rglob("*evil*"))
    text = (run.output / "manifest.json").read_text(encoding="utf-8")
    assert "root:x:0:0" not in text + "".join(
        ds.dataset(run.output / "scenes", partitioning="hive").to_table(columns=["text"])["text"].to_pylist()
    )
