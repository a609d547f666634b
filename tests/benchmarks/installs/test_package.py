"""Demos of two installs: the same bytes, the same rows in other bytes, or not the same."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from benchmarks.installs import package as module
from benchmarks.installs.environments import FailedError
from benchmarks.installs.package import FLAGS, Demo, commands, compare, content, write_documents
from benchmarks.installs.pythons import Python
from scenesign.pipeline.cli import main
from tests.conftest import ROOT

DIGESTS = {"scenes/a.parquet": "1", "inventory/index.faiss": "2"}
LOCKED = Demo("out/demo", "25.0.1", DIGESTS, {"scenes/a.parquet": "rows", "inventory/index.faiss": "2"})
TABLE = pa.table({"sign": pa.array([3, 1, 2], pa.int32())}, metadata={"protocol": "scene-signs"})
OLD, NEW = Python(Path("/made/up/3.10"), "3.10.9"), Python(Path("/made/up/3.14"), "3.14.1")


def lowest(pyarrow: str = "18.0.0", rows: str = "rows", index: str = "2") -> Demo:
    """The demo of another pyarrow."""
    digests = {"scenes/a.parquet": "other bytes", "inventory/index.faiss": index}
    return Demo("lowest versions", pyarrow, digests, {"scenes/a.parquet": rows, "inventory/index.faiss": index})


def test_equal_bytes_are_the_best_that_can_be_said() -> None:
    other = replace(LOCKED, maker="newest versions", pyarrow="26.0.0")
    assert compare(LOCKED, other) == "out/demo and newest versions: 2 data files are equal byte for byte"


def test_two_versions_of_pyarrow_may_lay_out_the_same_rows_in_their_own_way() -> None:
    assert compare(LOCKED, lowest()) == (
        "out/demo and lowest versions: 2 data files hold the same, 1 of them in the bytes of pyarrow 25.0.1 and 18.0.0"
    )


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (lowest(rows="other rows"), "1 data files differ, scenes/a.parquet first"),
        (lowest(index="3"), "1 data files differ, inventory/index.faiss first"),
        (lowest(pyarrow="25.0.1"), "1 data files differ, scenes/a.parquet first"),  # one version has one layout
        (Demo("lowest versions", "18.0.0", {}, {}), "2 data files differ, inventory/index.faiss first"),
    ],
)
def test_other_contents_fail(other: Demo, said: str) -> None:
    with pytest.raises(FailedError, match=rf"^out/demo and lowest versions: {said}$"):
        compare(LOCKED, other)


def test_contents_are_rows_and_schema_but_no_layout(tmp_path: Path) -> None:
    def write(name: str, table: pa.Table, **layout: object) -> str:
        pq.write_table(table, tmp_path / name, **layout)
        return content(tmp_path / name)

    one = write("a.parquet", TABLE, compression="zstd")
    assert write("b.parquet", TABLE, compression="none", use_dictionary=False, row_group_size=1) == one
    assert (tmp_path / "a.parquet").read_bytes() != (tmp_path / "b.parquet").read_bytes()
    others = [
        TABLE.take([0, 2, 1]),
        TABLE.slice(0, 2),
        TABLE.rename_columns(["signs"]),
        TABLE.cast(pa.schema([("sign", pa.int64())], metadata=TABLE.schema.metadata)),
        TABLE.replace_schema_metadata({"protocol": "other"}),
    ]
    found = [write(f"{n}.parquet", table) for n, table in enumerate(others)]
    assert len({one, *found}) == 1 + len(others)


def test_contents_of_other_files_are_their_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "a.json", tmp_path / "b.json"
    one.write_text(json.dumps([1, 2]), encoding="utf-8")
    two.write_text(json.dumps([1, 2], indent=1), encoding="utf-8")
    assert content(one) != content(two)
    two.write_bytes(one.read_bytes())
    assert content(one) == content(two)


def test_all_that_is_asked_of_the_package_is_asked_as_its_command_knows_it(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    out.mkdir()
    write_documents(tmp_path)
    for words in commands(out, tmp_path):
        said = CliRunner().invoke(main, list(words))
        assert "Usage:" not in said.output, said.output  # a wrong word of ours, before the missing dataset


def test_lowest_versions_are_those_of_the_project() -> None:
    assert FLAGS["lowest"][:2] == ("--resolution", "lowest-direct")  # of what is named beside the wheel
    assert FLAGS["lowest"][2:] == FLAGS["newest"] == ("-r", str(ROOT / "pyproject.toml"), "--extra", "office")


def test_what_is_no_dataset_is_refused_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "found", lambda: [OLD])
    monkeypatch.setattr(module, "distributions", lambda folder: pytest.fail("was built"))
    for name, text in (("empty", None), ("odd", "{}")):
        (tmp_path / name).mkdir()
        if text:
            (tmp_path / name / "manifest.json").write_text(text, encoding="utf-8")
        done = CliRunner().invoke(module.package, ["--equal-to", str(tmp_path / name)])
        assert done.exit_code == 2
        assert done.output.splitlines()[-1].startswith(f"Error: --equal-to {tmp_path / name}: it is no dataset: ")


def test_the_newest_goes_on_the_newest_python_and_a_difference_ends_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel, archive = tmp_path / "a.whl", tmp_path / "a.tar.gz"
    wheel.write_bytes(b"1")
    archive.write_bytes(b"1")
    tried: list[tuple[str, str]] = []
    demos = {"newest": replace(LOCKED, maker="newest versions"), "lowest": lowest()}

    def try_versions(name: str, python: Python, _: Path) -> Demo:
        tried.append((name, python.version))
        return demos[name]

    monkeypatch.setattr(module, "found", lambda: [OLD, NEW])
    monkeypatch.setattr(module, "distributions", lambda folder: (wheel, archive))
    monkeypatch.setattr(module, "run", lambda *words: "")
    monkeypatch.setattr(module, "check_types", lambda wheel, python: None)
    monkeypatch.setattr(module, "try_versions", try_versions)
    said = CliRunner().invoke(module.package)
    assert said.exit_code == 0, said.output
    assert tried == [("newest", "3.14.1"), ("lowest", "3.10.9")]
    assert "newest versions and lowest versions: 2 data files hold the same" in said.output
    demos["lowest"] = lowest(rows="other rows")
    said = CliRunner().invoke(module.package)
    assert said.exit_code == 1
    assert said.output.splitlines()[-1].startswith("Error: newest versions and lowest versions: 1 data files differ")
