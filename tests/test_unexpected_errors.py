"""An error that nobody foresaw, in a run of the command: tried again, told first; many of them end the run."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from scenesign import Dataset, build, validate
from scenesign.schemas.manifest import Manifest
from scenesign.transforms.parts.format import SUFFIX
from scenesign.transforms.scenes import sentences
from scenesign.transforms.support import attempts, storage
from tests.runs import Nursery, Run, data_digests

pytestmark = pytest.mark.timeout(400)


def failing_sentences(times: int, where: str) -> str:
    """A fault: so many calls of the sentence splitter fail in each process, on texts for which `where` holds."""
    return f"""
from scenesign.transforms.scenes import sentences
split, left = sentences.split_sentences, iter(range({times}))
def split_or_fail(text, blocks, language, options=None):
    if ({where}) and next(left, None) is not None:
        raise KeyError("[E018] Can't retrieve string for hash")
    return split(text, blocks, language, options)
sentences.split_sentences = split_or_fail
"""


FAILING_CAST = """
from scenesign.transforms.cast import steps
real = steps.find_cast
def find_or_fail(text, starts, language, spacy_model=None):
    if language == "en":
        raise KeyError("nobody foresaw this")
    return real(text, starts, language, spacy_model)
steps.find_cast = find_or_fail
"""


def test_a_book_whose_cast_fails_stays_and_is_told_of_above_all_else(
    nursery: Nursery, pair: Path, bell: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    done = build_pair(nursery, pair, output, FAILING_CAST).completed()
    assert done.returncode == 3, done.stderr
    assert counts_of(output) == {"books": 2, "rejects": {}}
    first, second, *_ = done.stdout.splitlines()
    assert first == "WITHOUT A CAST: 1 books, for unexpected errors, which are not the books' fault"
    assert second.startswith("  en.txt: no cast, after an unexpected error: KeyError: 'nobody foresaw this' (in ")
    verdict = validate(output)
    assert (verdict.valid, verdict.counts) == (True, {})
    books = {book.language: book for book in Dataset(output)}
    assert books["en"].cast == ()
    whole = {book.language: book for book in Dataset(bell)}
    assert whole["en"].cast
    assert (books["en"].signs, books["zh"].cast) == (whole["en"].signs, whole["zh"].cast)


def test_strict_ends_at_a_book_whose_cast_fails(nursery: Nursery, pair: Path, tmp_path: Path) -> None:
    done = build_pair(nursery, pair, tmp_path / "out", FAILING_CAST, "--strict").completed()
    assert done.returncode == 1
    assert "--strict: en.txt was refused by FindCast (unexpected): KeyError: 'nobody foresaw this'" in done.stderr
    assert not (tmp_path / "out").exists()


def counts_of(output: Path) -> dict[str, object]:
    counts = Manifest.from_json((output / "manifest.json").read_text(encoding="utf-8")).counts
    assert counts.inputs == counts.books + counts.duplicates + counts.rejects
    return {"books": counts.books, "rejects": dict(counts.rejects_by_reason)}


def build_pair(nursery: Nursery, pair: Path, output: Path, faults: str, *options: object) -> Run:
    return nursery.start("build", pair, "-o", output, "--signs", 6, "--quiet", *options, apart=True, faults=faults)


def test_a_failure_that_does_not_come_again_costs_nothing(
    nursery: Nursery, pair: Path, bell: Path, tmp_path: Path
) -> None:
    done = build_pair(nursery, pair, tmp_path / "out", failing_sentences(1, "True")).completed()
    assert done.returncode == 0, done.stderr
    assert data_digests(tmp_path / "out") == data_digests(bell)
    manifest = Manifest.from_json((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest.run["counters"]["books/retried"] == 1
    assert "right at the second try, after an unexpected error at the first: 1 (nothing is lost" in done.stdout


def test_a_book_that_fails_twice_is_missed_above_all_else(nursery: Nursery, pair: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    done = build_pair(nursery, pair, output, failing_sentences(9, "language == 'zh'")).completed()
    assert done.returncode == 3, done.stderr
    assert counts_of(output) == {"books": 1, "rejects": {"unexpected": 1}}
    first, second, *_ = done.stdout.splitlines()
    assert first == "BOOKS MISSING: 1 kept out by unexpected errors, which are not the books' fault"
    assert second.startswith(
        '  SplitSentences: 1, first: zh.txt: KeyError: "[E018] Can\'t retrieve string for hash" (in '
    )
    (reject,) = storage.read_table(str(output / "rejects" / "rejects.parquet")).to_pylist()
    assert (reject["stage"], reject["reason"]) == ("SplitSentences", "unexpected")
    assert reject["detail"] in second

    told = build_pair(nursery, pair, output, failing_sentences(9, "language == 'zh'"), "--overwrite", "--json")
    done = told.completed()
    assert done.returncode == 3, done.stderr
    assert json.loads(done.stdout)["counts"]["rejects_by_reason"] == {"unexpected": 1}
    assert first in done.stderr.splitlines()
    assert second in done.stderr.splitlines()

    done = build_pair(nursery, pair, output, "", "--overwrite").completed()
    assert done.returncode == 0, done.stderr
    assert counts_of(output) == {"books": 2, "rejects": {}}
    assert "1 book reused" in done.stdout


def test_a_program_sees_it_too(pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    split = sentences.split_sentences
    tries = []

    def split_or_fail(text: str, blocks: object, language: str, options: object = None) -> object:
        if language == "zh":
            tries.append(text)
            raise KeyError(text[:3])
        return split(text, blocks, language, options)  # type: ignore[arg-type]

    monkeypatch.setattr(sentences, "split_sentences", split_or_fail)
    # an earlier run of the program had its troubles with a file of this name
    monkeypatch.setattr(attempts, "_in_vain", Counter({"zh.txt": 99}))
    assert build(pair, tmp_path / "out", signs=6).unexpected == 1
    assert len(tries) == 2


@pytest.mark.parametrize("workers", [1, 2])
def test_many_stop_the_run_and_keep_what_is_finished(
    workers: int, nursery: Nursery, library: Path, tmp_path: Path
) -> None:
    shelf, output = tmp_path / "shelf", tmp_path / "out"
    shelf.mkdir()
    text = (library / "en" / "the-ferrymans-debt.txt").read_text(encoding="utf-8")[:1500]
    for number in range(4):
        (shelf / f"{number}.txt").write_text(f"{text}\n\nThis was the end of number {number}.", encoding="utf-8")
    (shelf / "empty.txt").write_bytes(b"")
    faults = failing_sentences(99, "'number 3' not in text")
    run = nursery.start("build", shelf, "-o", output, "--quiet", "--workers", workers, faults=faults)
    assert run.code() == 1, run.said()
    (line,) = [line for line in run.said().splitlines() if line.startswith("error: ")]
    assert line.startswith("error: unexpected errors in 3 books, 3 of them in SplitSentences, first: 0.txt: KeyError: ")
    assert "please report it; finished books are kept" in line
    assert not output.exists()
    assert len(list(Path(f"{output}.parts").rglob("*" + SUFFIX))) == 1
    refused = storage.read_table(f"{output}.parts/rejects.parquet").to_pylist()
    assert [row["reason"] for row in refused] == ["unexpected"] * 3 + ["empty"]


def test_a_stop_is_one_line_where_beams_workers_are_threads_of_the_command_too(
    nursery: Nursery, pair: Path, tmp_path: Path
) -> None:
    words = ("--runner=PortableRunner", "--job_endpoint=embed", "--environment_type=LOOPBACK")
    faults = failing_sentences(9, "language == 'zh'")
    run = nursery.start("build", pair, "-o", tmp_path / "out", "--strict", "--quiet", "--", *words, faults=faults)
    assert run.code() == 1, run.said()
    first, second = run.said().splitlines()
    assert first.startswith("scenesign: building")
    assert second.startswith("error: --strict: zh.txt was refused by SplitSentences (unexpected): KeyError: ")
