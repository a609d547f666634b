"""`scenesign decode`: a story in short lines, in the reader's language, and what could not be read."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from scenesign.pipeline.cli import main
from scenesign.pipeline.commands.terminal import Glyphs
from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.signs import inventory


def decode(*arguments: object, **environment: str) -> Result:
    return CliRunner().invoke(main, ["decode", *map(str, arguments)], env={"LC_ALL": "", "LANG": "", **environment})


@pytest.fixture(scope="module")
def glyphs(demo: Path) -> str:
    """A whole book of the demo."""
    return str(next(pq.read_table(path, partitioning=None) for path in demo.glob("sequences/*/*.parquet"))["glyphs"][0])


def test_a_scene_is_a_line_and_the_opening_of_a_scene_like_it(demo: Path, glyphs: str) -> None:
    done = decode("-i", demo, glyphs, "--language", "en")
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    told = [line for line in lines if not line.startswith("    ")]
    assert [line.split("  ")[0] for line in told] == [glyphs[i : i + 2] for i in range(0, len(glyphs), 2)]
    assert all(len(line) <= 104 for line in lines)
    openings = [line for line in lines if line.startswith("    ")]
    assert openings
    assert all(line.isascii() or "’" in line or "…" in line for line in openings)


def test_who_is_there_is_told_where_the_dataset_has_the_glyphs_in_one_place(demo: Path) -> None:
    book = next(book for book in Dataset(demo).books(language="en") if book.cast)
    told = [json.loads(line) for line in decode("-i", demo, book.glyphs, "--json").stdout.splitlines()]
    assert [tuple(member["id"] for member in scene["cast"]) for scene in told] == list(book.scene_cast)
    lines = decode("-i", demo, book.glyphs).stdout.splitlines()
    names = {member.id: member.name for member in book.cast}
    who = [f"    with {', '.join(names[number] for number in ids)}" for ids in book.scene_cast if ids]
    assert [line for line in lines if line.startswith("    with ")] == who
    alone = decode("-i", demo / "inventory", book.glyphs)
    assert alone.exit_code == 0
    assert "    with " not in alone.stdout


def test_the_readers_language_is_stated_or_that_of_the_locale(demo: Path, glyphs: str) -> None:
    russian = decode("-i", demo, glyphs, "--language", "Russian").stdout
    assert decode("-i", demo, glyphs, LANG="ru_RU.UTF-8").stdout == russian
    english = decode("-i", demo, glyphs, "--language", "en").stdout
    assert decode("-i", demo, glyphs, LC_ALL="C").stdout == decode("-i", demo, glyphs).stdout == english
    assert russian != english
    assert any("а" <= char <= "я" for char in russian)
    assert decode("-i", demo, glyphs, "--language", "nowherish").exit_code == 2


def test_json_has_everything_of_a_scene(demo: Path, glyphs: str) -> None:
    rows = [json.loads(line) for line in decode("-i", demo, glyphs, "--json").stdout.splitlines()]
    assert "".join(row["glyphs"] for row in rows) == glyphs
    assert all(len(row["letters"]) == 3 and row["topic"]["sign"] == row["signs"][0] for row in rows)
    assert rows[0]["changed"] == []
    for before, row in itertools.pairwise(rows):
        assert row["changed"] == [letter for letter in row["letters"] if letter not in before["letters"]]


def test_what_can_not_be_read_is_said(demo: Path, glyphs: str) -> None:
    done = decode("-i", demo, f"{glyphs[1:]}é\x1b")
    assert done.exit_code == 0
    assert "starts in the middle of a scene: 1 glyph before the first topic left out" in done.stderr
    assert "characters of no sign of this inventory, left out: é" in done.stderr
    assert "\x1b" not in done.stderr
    nothing = decode("-i", demo, "é")
    assert nothing.exit_code == 1
    assert nothing.stdout == ""


def test_without_an_inventory_the_script_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "SCRIPTS", tmp_path)
    done = decode("一")
    assert done.exit_code == 2
    assert "error: this installation comes without script-1; name an inventory" in done.stderr


def test_codes_that_stand_for_glyphs_in_a_poor_terminal_are_read(demo: Path) -> None:
    glyphs = "一각丁"
    codes = "".join(f"\\u{ord(glyph):04x}" for glyph in glyphs)
    told = decode("-i", demo, glyphs, "--json")
    assert told.exit_code == 0
    assert decode("-i", demo, codes, "--json").stdout == told.stdout
    assert decode("-i", demo, codes.upper().replace("\\U", "\\u"), "--json").stdout == told.stdout
    assert Glyphs().convert("\\u4e00\\U00020b8e\\ud842\\u12", None, None) == "一\U00020b8e\\ud842\\u12"
