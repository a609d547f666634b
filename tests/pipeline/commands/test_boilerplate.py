"""`scenesign boilerplate`: what it finds, and that a build can use what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scenesign.pipeline.commands.boilerplate import boilerplate
from scenesign.pipeline.options.build_options import make_options
from scenesign.pipeline.options.errors import UsageError
from scenesign.schemas.records import Book, Source
from scenesign.transforms.read.books import read_books
from scenesign.transforms.read.options import ReadOptions
from tests.conftest import LIBRARY

NOTICE = "This scan was made by the Friends of the Saltmarsh Library, and may be shared."


def run(*arguments: object) -> Result:
    return CliRunner().invoke(boilerplate, [str(a) for a in arguments])


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Four books with one notice at their ends, each wrapped in its own way, and a picture."""
    folder = tmp_path / "scans"
    folder.mkdir()
    for number, path in enumerate(sorted(LIBRARY.glob("en/*.txt"))):
        notice = NOTICE.replace(", ", ",\n") if number == 1 else NOTICE
        text = path.read_text(encoding="utf-8")[:4_000].rpartition("\n\n")[0]
        (folder / path.name).write_text(f"{text}\n\n{notice}\n", encoding="utf-8")
    (folder / "cover.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    return folder


def test_rules_are_found_written_and_taken(scans: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.txt"
    done = run(scans, "-o", rules)
    assert done.exit_code == 0, done.output
    assert f"in 4 books: {NOTICE}" in done.output
    assert "1 shared paragraph in 4 books; inputs refused: 1" in done.output
    assert NOTICE in rules.read_text(encoding="utf-8").splitlines()
    keys = make_options(["in"], {"output": "out", "boilerplate": str(rules)}).boilerplate.keys
    for path in sorted(scans.glob("*.txt")):
        (plain,), (without,) = (
            list(read_books(Source(str(path), path.name), options))
            for options in (ReadOptions(), ReadOptions(boilerplate=keys))
        )
        assert isinstance(plain, Book)
        assert isinstance(without, Book)
        assert " ".join(plain.text.split()).endswith(NOTICE)
        assert plain.text.startswith(without.text)
        assert "Friends of the Saltmarsh Library" not in without.text
        assert without.book_id != plain.book_id
        assert any("1 paragraph of shared boilerplate left out" in note for note in without.notes)


def test_nothing_shared_writes_nothing(scans: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.txt"
    done = run(scans, "-o", rules, "--least", 5, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"books": 4, "refused": 1, "paragraphs": []}
    assert not rules.exists()


def test_rules_that_somebody_may_have_changed_are_not_replaced_unasked(scans: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.txt"
    rules.write_text("mine\n", encoding="utf-8")
    done = run(scans, "-o", rules)
    assert done.exit_code == 2
    assert f"error: {rules} exists; add --overwrite" in done.output
    assert rules.read_text(encoding="utf-8") == "mine\n"
    assert run(scans, "-o", rules, "--overwrite").exit_code == 0
    assert NOTICE in rules.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"), [(["nowhere"], "nowhere"), ([LIBRARY, "--language", "Elvish"], "elvish")]
)
def test_wrong_use_is_exit_code_2(arguments: list[object], says: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert says in done.output


@pytest.mark.parametrize(
    ("data", "says"),
    [(None, "rules.txt"), (b"\xff\xfe\xfa", "is not UTF-8"), (b"# no\n", "holds no rule"), (b"a\n", "line 1")],
)
def test_rules_that_are_none_are_refused_before_a_build(data: bytes | None, says: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules.txt"
    if data is not None:
        rules.write_bytes(data)
    with pytest.raises(UsageError, match=f"--boilerplate: .*{says}"):
        make_options(["in"], {"output": "out", "boilerplate": str(rules)})
