"""`scenesign search`: what it prints, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scenesign.pipeline.cli import main


def search(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["search", *map(str, arguments)])


def test_a_scene_is_told_in_two_lines_and_who_is_there(demo: Path) -> None:
    done = search(demo, "a storm at sea", "--top", 2)
    assert done.exit_code == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if not line.startswith("      with ")]
    who = [line.removeprefix("      with ") for line in done.stdout.splitlines() if line not in lines]
    found = json.loads(search(demo, "a storm at sea", "--top", 2, "--json").stdout)["scenes"]
    assert who == [", ".join(scene["cast"]) for scene in found if scene["cast"]]
    assert who
    assert all("scene " in line and " of " in line for line in lines[:4:2])
    # the topics of so few books may have no names
    assert len(lines) == 4 or (len(lines) == 5 and lines[4].startswith("topics: "))
    assert done.stderr == ""


def test_json_has_the_scenes_whole(demo: Path) -> None:
    done = search(demo, "a storm at sea", "--top", 3, "--json")
    (line,) = done.stdout.splitlines()
    found = json.loads(line)
    assert (found["language"], found["close"], len(found["scenes"])) == ("en", True, 3)
    for scene in found["scenes"]:
        assert len(scene["text"]) == scene["end"] - scene["start"]
        assert 0 <= scene["scene"] < scene["scenes"]


def test_that_nothing_is_close_is_said_on_stderr(demo: Path) -> None:
    done = search(demo, "kubernetes pod scheduling", "--language", "en", "--top", 1)
    assert done.exit_code == 0
    assert "note: nothing here is close to this" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("...",), "there is no word in the query"),
        (("a storm", "--language", "gibberish"), "gibberish"),
        (("a storm", "--book", "Moby Dick"), "has no book with title or author 'Moby Dick'"),
    ],
)
def test_wrong_questions_are_one_line(demo: Path, arguments: tuple[str, ...], message: str) -> None:
    done = search(demo, *arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_folder_without_a_dataset_is_named(tmp_path: Path) -> None:
    done = search(tmp_path, "a storm")
    assert done.exit_code == 2
    assert f"error: {tmp_path} is no dataset" in done.stderr
