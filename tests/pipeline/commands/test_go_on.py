"""`scenesign continue`: what it prints, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scenesign.pipeline.cli import main
from tests.models import copy_model, save_model

STORY = "The wind tore the sail from the mast. Anna held the rope. A wave broke over the deck and Anna fell."


@pytest.fixture(scope="module")
def model(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("models") / "glyphs", demo)


@pytest.fixture(scope="module")
def book(library: Path) -> Path:
    return library / "ru" / "the-ferrymans-debt.txt"


def go_on(*arguments: object, text: str | None = None) -> Result:
    return CliRunner().invoke(main, ["continue", *map(str, arguments)], input=text)


def test_each_scene_to_come_is_told_with_probabilities(model: Path, book: Path) -> None:
    done = go_on(model, book, "--scenes", 2, "--top", 3)
    assert done.exit_code == 0, done.stderr
    found = json.loads(go_on(model, book, "--scenes", 2, "--top", 3, "--json").stdout)
    head, *parts = done.stdout.split("\n\n")
    assert head == f"read {found['read']} scenes (Russian)"
    assert [part.splitlines()[0] for part in parts] == [f"scene {found['read'] + n}" for n in (1, 2)]
    for part, scene in zip(parts, found["scenes"], strict=True):
        lines = part.splitlines()
        people = lines[lines.index("  who is there") + 1 : lines.index("  real scenes")]
        assert [line.split(" %  ")[1] for line in people] == [member["name"] for member in scene["cast"]][:3]
        assert [float(line.split()[0]) for line in people] == pytest.approx(
            [100 * member["probability"] for member in scene["cast"]][:3], abs=0.051
        )
        for real in scene["real"]:
            (line,) = [
                line
                for line in lines
                if f"scene {real['scene'] + 1} of {real['scenes']}" in line and real["title"] in line
            ]
            assert line.endswith(f"; {real['times_chance']:,.1f} times chance")
        assert sum(topic["glyph"] in part for topic in scene["topics"]) == 3
    assert done.stderr == go_on(model, book, "--scenes", 2).stderr


def test_json_has_everything_on_one_line(model: Path, book: Path) -> None:
    (line,) = go_on(model, book, "--json").stdout.splitlines()
    found = json.loads(line)
    (scene,) = found["scenes"]
    assert len(scene["real"]) == 5
    assert found["choices"] > 100
    for real in scene["real"]:
        assert real["times_chance"] == pytest.approx(real["probability"] * found["choices"])
        assert real["text"]
    assert sum(topic["probability"] for topic in scene["topics"]) <= 1


def test_a_story_may_be_an_argument_a_file_or_piped_in(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "story.txt"
    path.write_text(STORY, encoding="utf-8")
    outputs = [
        go_on(model, STORY, "--language", "en").stdout,
        go_on(model, path, "--language", "en").stdout,
        go_on(model, "-", "--language", "en", text=STORY).stdout,
    ]
    assert outputs[0].startswith("read 1 scene (English)\n")
    assert outputs[1:] == outputs[:1] * 2


def test_a_model_at_chance_is_refused_with_its_record(demo: Path, tmp_path: Path, book: Path) -> None:
    done = go_on(save_model(tmp_path / "model", demo, at_chance=True), book)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "3.0 (2.0 to 4.1) % of cases, chance is 3.1 %" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((STORY, "--language", "de"), 1, "in language 'de', which the model has never read"),
        (("The wind tore the sail.", "--language", "en"), 1, "too short for a scene"),
        (("", "--language", "en"), 1, "error: "),
        (("nowhere.epub",), 2, "there is no file nowhere.epub"),
        ((STORY, "--language", "gibberish"), 2, "gibberish"),
        ((STORY, "--language", "en", "--dataset", "nowhere"), 2, "nowhere is no dataset"),
        ((STORY, "--scenes", "0"), 2, "--scenes"),
    ],
)
def test_refusals_and_wrong_use_are_told_apart(
    model: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    done = go_on(model, *arguments)
    assert done.exit_code == code, done.stderr
    assert message in done.stderr.splitlines()[-1]
    assert done.stdout == ""


def test_a_folder_of_books_is_no_story(model: Path, library: Path) -> None:
    done = go_on(model, library / "en")
    assert done.exit_code == 2
    assert "holds 4 books" in done.stderr


def test_a_file_that_is_no_text_is_refused(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "cover.txt"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    done = go_on(model, path)
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("where", ["nowhere", "."])
def test_a_folder_without_a_model_is_wrong_use(where: str, tmp_path: Path) -> None:
    done = go_on(tmp_path / where, STORY)
    assert done.exit_code == 2
    assert f"error: {tmp_path / where} is no model" in done.stderr


def test_a_model_in_an_object_store_is_named_as_it_was_given() -> None:
    done = go_on("s3://b/m", STORY)
    assert (done.exit_code, done.stderr) == (
        2,
        "error: s3://b/m: a model is read from a folder of this machine; copy it here\n",
    )


def test_names_in_a_model_are_never_a_terminals_escape(model: Path, tmp_path: Path) -> None:
    folder = copy_model(model, tmp_path / "model")
    told = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    (folder / "training.json").write_text(
        json.dumps(told | {"at_chance": True, "verdict": "\x1b[2Jfine"}), encoding="utf-8"
    )
    done = go_on(folder, STORY)
    assert done.exit_code == 1
    assert "\x1b" not in done.stderr
