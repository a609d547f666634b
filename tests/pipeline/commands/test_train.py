"""`scenesign train`: what it prints, and what it refuses, in a line that says what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scenesign.pipeline.cli import main
from scenesign.pipeline.commands.train import train_model
from scenesign.pipeline.run.locks import held
from scenesign.pipeline.train.record import read_record
from scenesign.pipeline.train.trainer import TrainingOptions
from tests.pipeline.train.stories import change_manifest, rounds, usual_stories, write_stories

USUAL = ("--cast", 3, "--epochs", 2, "--context", 24, "--batch", 4, "--width", 8, "--device", "cpu")


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Books that go in rounds; nobody may change them."""
    folder = tmp_path_factory.mktemp("stories") / "shelf"
    folder.mkdir()
    return usual_stories(folder, concepts=True)


def train(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["train", *map(str, arguments)])


def test_its_usual_settings_are_those_of_a_training_from_python() -> None:
    """The command states them again, so that `--help` needs no torch."""
    stated = {option.name: option.default for option in train_model.params}
    usual = TrainingOptions()
    assert stated["cast"] == usual.members
    for name in ("on", "epochs", "width", "layers", "context", "batch", "rate", "seed"):
        assert stated[name] == getattr(usual, name), name


def test_it_prints_what_the_model_knows_beside_what_needs_no_training(stories: Path, tmp_path: Path) -> None:
    done = train(stories, "-o", tmp_path / "model", *USUAL)
    assert done.exit_code == 0, done.stderr
    record = read_record(tmp_path / "model")
    lines = done.stdout.splitlines()
    assert lines[0] == (
        f"8 books trained on, 3 told when to stop, 3 of test asked; epoch {record.best} of {record.epochs} kept"
    )
    for way, share in record.far.items():
        (line,) = [line for line in lines if line.startswith(f"{way}  ") and record.near[way].show(True) in line]
        assert share.show(True) in line
    for way in ("uniform", "unigram", "bigram", "cache", "model"):
        assert any(line.startswith(way) and line.endswith(record.bits[way].show()) for line in lines)
    assert any(line.split() == ["chance", "3.1", "3.1"] for line in lines)
    assert lines[-2] == record.verdict
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["epoch 1", "epoch 2"]


def test_json_is_the_record_of_the_model(stories: Path, tmp_path: Path) -> None:
    done = train(stories, "-o", tmp_path / "model", *USUAL, "--on", "vectors", "--json")
    assert json.loads(done.stdout) == json.loads((tmp_path / "model" / "training.json").read_text(encoding="utf-8"))
    assert json.loads(done.stdout)["on"] == "vectors"


def test_one_glyph_is_read_where_there_is_one(tmp_path: Path) -> None:
    books = rounds([40] * 4)
    (tmp_path / "shelf").mkdir()
    shelf = write_stories(tmp_path / "shelf", {"train": books})
    done = train(shelf, "-o", tmp_path / "model", *USUAL, "--glyphs", 1)
    assert done.exit_code == 0, done.stderr
    assert read_record(tmp_path / "model").settings["glyphs"] == 1
    assert "no validation books" in done.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--width", 30), "--width 30: it must be a multiple of 4, the heads of the transformer"),
        (("--rate", "nan"), "--rate nan: it must be a number, such as 2e-3"),
        (("--rate", "inf"), "--rate inf: it must be a number, such as 2e-3"),
        (("--rate", "0"), "Invalid value for '--rate'"),
        (("--glyphs", 3), "--glyphs 3: "),
        (("--glyphs", 0), "Invalid value for '--glyphs'"),
        (("--cast", 257), "Invalid value for '--cast'"),
        (("--context", 10**9), "Invalid value for '--context'"),
        (("--seed", 2**64), "Invalid value for '--seed'"),
        (("--on", "letters"), "Invalid value for '--on'"),
        (("--device", "cuda:77"), "--device: torch can't use 'cuda:77' here; leave it out, or give cpu"),
        (("-o", "gs://bucket/model"), "a model is written to a folder of this machine"),
    ],
)
def test_options_that_will_not_do_are_refused(
    options: tuple[object, ...], says: str, stories: Path, tmp_path: Path
) -> None:
    done = train(stories, "-o", tmp_path / "model", *USUAL, *options)
    assert done.exit_code == 2
    assert says in done.stderr
    assert not list(tmp_path.iterdir())


def error_of(done: Result) -> str:
    """The one line of a refusal."""
    assert done.exit_code == 2
    assert not done.stdout
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert done.stderr.splitlines()[-1] == line
    return line


def test_each_refusal_is_one_line(stories: Path, tmp_path: Path) -> None:
    target = tmp_path / "model"
    assert "is no dataset" in error_of(train(tmp_path / "nowhere", "-o", target))
    with held(f"{target}.lock", str(target)):
        assert "another run is at work on" in error_of(train(stories, "-o", target, *USUAL))
    (tmp_path / "one").mkdir()
    single = write_stories(tmp_path / "one", {"train": rounds([40])})
    assert "one book can't be trained on and held out" in error_of(train(single, "-o", target, *USUAL))
    assert "has no vectors" in error_of(train(single, "-o", target, *USUAL, "--on", "vectors"))
    change_manifest(single, protocol="scene-signs/9.0.0")
    assert "follows protocol scene-signs/9.0.0" in error_of(train(single, "-o", target, *USUAL))
    (single / "manifest.json").write_text("{", encoding="utf-8")
    assert "manifest.json is not a scenesign manifest" in error_of(train(single, "-o", target, *USUAL))
    target.mkdir()
    (target / "notes.txt").write_text("", encoding="utf-8")
    assert "model is there already; give --overwrite" in error_of(train(stories, "-o", target, *USUAL))
    assert "leaves it alone" in error_of(train(stories, "-o", target, *USUAL, "--overwrite"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "one"]


def test_a_name_with_a_terminals_escapes_is_shown_as_text(tmp_path: Path) -> None:
    done = train(tmp_path / "no\x1b[31mwhere", "-o", tmp_path / "model")
    assert "\x1b" not in error_of(done)


def test_the_demo_is_too_small_to_learn_from_and_it_is_said(demo: Path, tmp_path: Path) -> None:
    done = train(demo, "-o", tmp_path / "model", "--epochs", 1, "--device", "cpu")
    assert done.exit_code == 0, done.stderr
    assert "No held-out book is long enough to be asked which of 32 scenes comes next" in done.stdout
    refused = CliRunner().invoke(main, ["continue", str(tmp_path / "model"), "It was a dark and stormy night."])
    assert refused.exit_code == 1
    assert "No held-out book is long enough" in refused.stderr
