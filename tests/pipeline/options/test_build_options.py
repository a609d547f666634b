"""Options: parsed exactly, and an unknown one is an error that names its nearest relative."""

from __future__ import annotations

import json
import ntpath
import os
import re
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from scenesign.pipeline.options.beam import beam_options
from scenesign.pipeline.options.build_options import BuildOptions, Columns, FrozenInventory, make_options
from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.options.table import BY_NAME, OPTIONS
from scenesign.transforms.dataset.write import DatasetOptions
from scenesign.transforms.scenes.find import SceneOptions
from scenesign.transforms.scenes.sentences import SentenceOptions
from scenesign.transforms.signs.fit import InventoryOptions
from scenesign.transforms.support.limits import Limits
from scenesign.transforms.text.boilerplate import parse_boilerplate
from tests.conftest import run_scenesign


def test_known_beam_options_pass_and_unknown_ones_are_named() -> None:
    options = beam_options(["--runner=DataflowRunner", "--project=nobody-project", "--region=r"])
    assert options.get_all_options()["project"] == "nobody-project"
    with pytest.raises(UsageError, match=r"unknown Beam option --projct: did you mean --project\?"):
        beam_options(["--projct=p"])


def test_options_that_were_not_given_are_those_of_the_steps() -> None:
    named = {row.name: row.default for row in OPTIONS} | {"output": "out"}
    assert make_options(["in"], {"output": "out"}) == make_options(["in"], named) == BuildOptions(("in",), "out")


def test_every_option_changes_what_it_is_declared_to_change(tmp_path: Path) -> None:
    rules = tmp_path / "rules.txt"
    rules.write_text("# a remark\nThis scan was made by the friends of it.\n", encoding="utf-8")
    given: dict[str, object] = {
        "output": "there", "language": "ru", "embedder": "minilm", "signs": 7, "glyphs": 3, "refine": 3,
        "scene_size": "coarse", "min_sentences": 2, "max_sentences": 9, "spacy_model": "m", "seed": 5,
        "accelerator": "type:a;count:1", "workers": 4, "splits": {"a": 0.25, "b": 0.75}, "concepts": "float16",
        "text_column": "body", "title_column": "t", "author_column": "a", "language_column": "l", "license_column": "c",
        "license": " cc0 \n 1 ", "limit": {"book_lines": 9}, "max_reject_share": 0.5, "strict": True, "name": "n",
        "parts": Path("p"), "overwrite": True, "cast": 7, "cast_names": "no",
        "near_duplicates": "drop", "boilerplate": rules,
    }  # fmt: skip
    assert given.keys() | {"inventory"} == BY_NAME.keys()
    assert make_options(["in"], given) == BuildOptions(
        inputs=("in",),
        output="there",
        language="ru",
        embedder="minilm",
        sentences=SentenceOptions(spacy_model="m"),
        scenes=SceneOptions(2, 9, size="coarse"),
        inventory=InventoryOptions(signs=7, glyphs=3, seed=5, refine=3),
        dataset=DatasetOptions((("a", 0.25), ("b", 0.75)), "float16", seed=5, glyphs=3, cast=7, cast_names="no"),
        columns=Columns("body", "t", "a", "l", "c"),
        license="cc0 1",
        limits=Limits(book_lines=9),
        max_reject_share=0.5,
        strict=True,
        workers=4,
        accelerator="type:a;count:1",
        overwrite=True,
        parts="p",
        name="n",
        near_duplicates="drop",
        boilerplate=parse_boilerplate("This scan was made by the friends of it.", "rules.txt"),
    )


def test_the_manifest_has_every_option_that_decides_data() -> None:
    plain = make_options(["in"], {"output": "out"}).data_options()
    assert set(plain) == {
        "language", "embedder", "glyphs", "sentences", "scenes", "inventory", "frozen", "splits", "concepts", "columns",
        "license", "limits", "cast", "cast_names", "near_duplicates", "boilerplate",
    }  # fmt: skip
    assert plain["splits"] == "train=0.9,validation=0.05,test=0.05"
    assert (plain["columns"], plain["frozen"], plain["license"], plain["glyphs"]) == ({}, None, "", 2)
    # a section goes in whole, what has no option too
    assert plain["scenes"] == asdict(SceneOptions())
    assert plain["inventory"] == asdict(InventoryOptions())
    frozen = replace(make_options(["in"], {"output": "out"}), frozen=FrozenInventory("there", "ab" * 32))
    assert frozen.data_options()["frozen"] == "ab" * 32
    elsewhere = {"output": "b", "workers": 3, "parts": "p", "strict": True, "name": "n", "overwrite": True}
    assert make_options(["other"], elsewhere).data_options() == plain


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "--output is missing"),
        ({"glyphs": 5}, "--glyphs: '5' is not a whole number from 1 to 4"),
        ({"glyphs": 0}, "--glyphs: '0' is not a whole number from 1 to 4"),
        ({"glyphs": 1.5}, "--glyphs: '1.5' is not a whole number from 1 to 4"),
        ({"min_sentences": 3, "max_sentences": 2}, "--min-sentences/--max-sentences: scene lengths need"),
        ({"max_sentences": 2}, "--max-sentences: scene lengths need"),
        ({"scene_size": "huge"}, "--scene-size: 'huge' is not one of 'fine', 'medium', 'coarse'"),
        ({"scene_size": "Fine"}, "--scene-size: 'Fine' is not one of"),
        ({"scene_size": 2}, "--scene-size: '2' is not one of"),
        ({"concepts": "float64"}, "--concepts: 'float64' is not one of 'none', 'float16', 'float32'"),
        ({"cast": 17}, "--cast: 17 is not in the range 0<=x<=16"),
        ({"cast": -1}, "--cast: -1 is not in the range 0<=x<=16"),
        ({"cast_names": False}, "--cast-names: 'False' is not one of 'yes', 'no'"),
        ({"max_reject_share": 1.2}, "--max-reject-share: 1.2 is not in the range"),
        ({"strict": "perhaps"}, "--strict: 'perhaps' is not a valid boolean"),
        ({"limit": "book_chars=5"}, "did you mean book_characters"),
    ],
)
def test_wrong_values_from_python_are_named_as_on_the_command_line(given: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=re.escape(says)):
        make_options(["in"], given if says.startswith("--output") else {"output": "out"} | given)
    with pytest.raises(UsageError, match="no inputs"):
        make_options([], {"output": "out"})


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
        (["examples/library", "-o", "x", "--signs", "1"], "--signs: '1' is neither"),
        (["examples/library", "-o", "x", "--glyphs", "5"], "5 is not in the range 1<=x<=4"),
        (["examples/library", "-o", "x", "--levels", "2"], "No such option '--levels'"),
        (["examples/library", "-o", "x", "--language", "elvish"], "--language: 'elvish' is no code"),
        (
            ["examples/library", "-o", "x", "--language", "klingon"],
            "use-multilingual does not speak 'tlh'; it speaks ar",
        ),
        (["examples/library", "-o", "x", "--language", "ru", "--embedder", "minilm"], "minilm does not speak 'ru'"),
        (["examples/library", "-o", "x", "--scene-size", "huge"], "'huge' is not one of 'fine', 'medium', 'coarse'"),
        (["examples/library", "-o", "x", "--scene-size"], "Option '--scene-size' requires an argument"),
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


def test_the_size_of_scenes_reaches_the_plan_of_a_command(tmp_path: Path, library: Path) -> None:
    done = run_scenesign("build", library, "-o", tmp_path / "out", "--scene-size", "fine", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["options"]["scenes"] == asdict(SceneOptions(size="fine"))


def test_dry_run_prints_the_plan_and_writes_nothing(tmp_path: Path, library: Path) -> None:
    done = run_scenesign("build", library, "-o", tmp_path / "out", "--dry-run", "-v")
    assert done.returncode == 0, done.stderr
    for word in ("12", "ReadBooks -> SkipFinished -> SplitSentences", "FitInventory", "nothing was written"):
        assert word in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("output", "parts", "name"),
    [
        ("out/books/", "out/books.parts", "books"),
        ("books", "books.parts", "books"),
        ("C:\\data\\my books\\", "C:\\data\\my books.parts", "my books"),
        ("data/books\\", "data/books.parts", "books"),
        ("gs://b/out/books/", "gs://b/out/books.parts", "books"),
    ],
)
def test_parts_and_name_come_of_the_output_on_any_system(
    output: str, parts: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "\\" in output:
        monkeypatch.setattr(os, "sep", "\\")
        monkeypatch.setattr(os.path, "basename", ntpath.basename)
    options = BuildOptions(("in",), output)
    assert (options.parts_folder, options.dataset_name) == (parts, name)
