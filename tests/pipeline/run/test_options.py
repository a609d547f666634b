"""Options: parsed exactly, and an unknown one is an error that names its nearest relative."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenesign.pipeline.run.options import (
    BuildOptions,
    UsageError,
    beam_options,
    parse_limits,
    parse_signs,
    parse_splits,
)
from scenesign.transforms.scenes.find import SceneOptions
from scenesign.transforms.support.limits import Limits
from tests.conftest import run_scenesign


def test_splits() -> None:
    assert parse_splits("train=0.8, test=0.2") == (("train", 0.8), ("test", 0.2))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("train", "is not NAME=SHARE"),
        ("train=x", "'x' is not a number"),
        ("train=0.5", "add up to 0.5"),
        ("train=1.5,test=-0.5", "above 0"),
        ("a=0.5,a=0.5", "occurs twice"),
        ("../x=1", "is not NAME=SHARE"),
    ],
)
def test_bad_splits(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse_splits(text)


def test_limits() -> None:
    assert parse_limits([]) == Limits()
    assert parse_limits(["book-characters=1_000", " file_bytes = 5"]) == Limits(book_characters=1000, file_bytes=5)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("book_chars=5", "did you mean book_characters"),
        ("quux=5", "these are: file_bytes, "),
        ("book_lines", "is not NAME=NUMBER"),
        ("book_lines=0", "above 0"),
        ("book_lines=-5", "above 0"),
    ],
)
def test_bad_limits(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse_limits([text])


def test_signs() -> None:
    assert (parse_signs("auto"), parse_signs("64")) == (None, 64)
    for text in ("0", "-1", "many", "1.5"):
        with pytest.raises(UsageError, match="--signs"):
            parse_signs(text)


def test_known_beam_options_pass_and_unknown_ones_are_named() -> None:
    options = beam_options(["--runner=DataflowRunner", "--project=p", "--region=r"])
    assert options.get_all_options()["project"] == "p"
    with pytest.raises(UsageError, match=r"unknown Beam option --projct: did you mean --project\?"):
        beam_options(["--projct=p"])


def test_parts_are_keyed_by_what_decides_them(tmp_path: Path) -> None:
    plain = BuildOptions(("in",), "out")
    assert plain.parts_key() == BuildOptions(("other",), "elsewhere", workers=3, overwrite=True).parts_key()
    assert plain.parts_key() != BuildOptions(("in",), "out", embedder="minilm").parts_key()
    assert plain.parts_key() != BuildOptions(("in",), "out", scenes=SceneOptions(min_sentences=5)).parts_key()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["examples/library", "-o", "x", "--sings", "4"], "No such option '--sings'. Did you mean '--signs'?"),
        (["examples/library", "-o", "x", "--", "--runer=X"], "unknown Beam option --runer: did you mean --runner?"),
        (["nowhere/at/all", "-o", "x"], "nowhere/at/all"),
        (["examples/library", "-o", "Makefile"], "Makefile is a file"),
        (["examples/library", "-o", "schemas"], "not empty and not a scenesign dataset"),
        (["examples/library", "-o", "examples/library/out"], "lies inside the input"),
        (["examples/library", "-o", "x", "--signs", "0"], "--signs: '0' is neither"),
        (["examples/library", "-o", "x", "--min-sentences", "9", "--max-sentences", "3"], "min_sentences"),
        (["examples/library", "-o", "x", "--embedder", "no/such"], "use-multilingual or minilm"),
        (["-o", "x"], "Missing argument 'INPUT...'"),
    ],
)
def test_wrong_use_is_exit_code_2_and_says_what_to_do(arguments: list[str], says: str) -> None:
    done = run_scenesign("build", *arguments)
    assert done.returncode == 2, done.stderr
    assert says.replace(" ", "") in done.stderr.replace(" ", "").replace("\n", "")
    assert "Traceback" not in done.stderr


def test_dry_run_prints_the_plan_and_writes_nothing(tmp_path: Path, library: Path) -> None:
    done = run_scenesign("build", library, "-o", tmp_path / "out", "--dry-run")
    assert done.returncode == 0, done.stderr
    for word in ("12", "ReadBooks -> SkipFinished -> SplitSentences", "FitInventory", "nothing was written"):
        assert word in done.stdout
    assert list(tmp_path.iterdir()) == []
