"""The command that a report gives: read again, it says the same."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict, fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenesign.pipeline.commands.build import build
from scenesign.pipeline.options.build_options import BuildOptions, FrozenInventory, make_options
from scenesign.pipeline.options.frozen_inventory import refuse_settled
from scenesign.pipeline.options.reproduce import build_command
from scenesign.pipeline.options.table import OPTIONS
from scenesign.transforms.scenes.find import SceneOptions
from scenesign.transforms.scenes.sizes import SCENE_SIZES
from scenesign.transforms.support.limits import Limits

# no command line carries a NUL or half a surrogate pair
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
SPLITS = st.sampled_from(["train=1", "b=0.25,a=0.75", "train=0.9,validation=0.05,test=0.05", "a=1e-3,b=0.999"])
LIMITS = st.dictionaries(st.sampled_from([f.name for f in fields(Limits)]), st.integers(1, 10**12), max_size=4)
STRATEGIES: dict[str, st.SearchStrategy[object]] = {
    "language": st.sampled_from(["", "ru", "Russian", "pt-BR", "und"]),
    "signs": st.just("auto") | st.integers(2, 10**6),
    "glyphs": st.integers(1, 4),
    "refine": st.integers(0, 20),
    "scene_size": st.sampled_from(SCENE_SIZES),
    "min_sentences": st.integers(1, 50),
    "max_sentences": st.integers(50, 200),
    "seed": st.integers(-(2**40), 2**40),
    "splits": SPLITS,
    "boilerplate": st.just(""),
    "near_duplicates": st.sampled_from(["flag", "drop", "off"]),
    "concepts": st.sampled_from(["none", "float16", "float32"]),
    "cast": st.integers(0, 16),
    "cast_names": st.sampled_from(["yes", "no"]),
    "limit": LIMITS,
}
DECIDING = [row for row in OPTIONS if row.manifest and row.name != "inventory"]
GIVEN = st.fixed_dictionaries({}, optional={row.name: STRATEGIES.get(row.name, TEXT) for row in DECIDING})


def read(command: str) -> tuple[BuildOptions, list[str]]:
    """The options that a command asks for, and those it names."""
    words = shlex.split(command)
    assert words[:5] == ["scenesign", "build", "INPUT...", "-o", "OUT"]
    with build.make_context("build", words[2:]) as context:
        assert context.params["inputs"] == ("INPUT...",), "a word of the command was taken for an input"
        named = [name for name in context.params if context.get_parameter_source(name).name == "COMMANDLINE"]  # type: ignore[union-attr]
        return make_options(context.params["inputs"], context.params), named


@given(GIVEN)
@settings(deadline=None)
def test_the_command_asks_for_the_options_of_the_manifest(asked: dict[str, object]) -> None:
    options = make_options(["books"], {"output": "out"} | asked)
    command = build_command(json.loads(json.dumps(options.data_options())))
    assert read(command)[0].data_options() == options.data_options()


@given(GIVEN)
@settings(deadline=None)
def test_what_an_inventory_settles_is_left_to_it(asked: dict[str, object]) -> None:
    frozen = FrozenInventory("there", "ab" * 32)
    options = replace(make_options(["books"], {"output": "out"} | asked), frozen=frozen)
    again, named = read(build_command(options.data_options()))
    assert "inventory" in named
    refuse_settled("there", named)
    open_options = [row.manifest.partition(".")[0] for row in DECIDING if not row.settled and "." not in row.manifest]
    assert [again.data_options()[key] for key in open_options] == [options.data_options()[key] for key in open_options]
    assert again.inventory.seed == options.inventory.seed
    assert again.columns == options.columns


@pytest.mark.parametrize("value", ["--", "-o", "--strict", "a b", "it's", "$HOME", "`id`", "#", "\\"])
def test_values_that_look_like_something_else_stay_values(value: str) -> None:
    options = make_options(["books"], {"output": "out", "embedder": value, "text_column": value})
    assert read(build_command(options.data_options()))[0].data_options() == options.data_options()


def test_a_manifest_of_other_makers_gives_what_it_has() -> None:
    assert build_command({"embedder": "minilm", "inventory": "mine", "limits": None}) == (
        "scenesign build INPUT... -o OUT --embedder minilm"
    )


def test_a_manifest_from_before_scenes_had_sizes_gives_none() -> None:
    options = make_options(["books"], {"output": "out", "max_sentences": 50}).data_options()
    before = {key: value for key, value in asdict(SceneOptions(3, 50)).items() if key != "size"}
    command = build_command(options | {"scenes": before})
    assert "--scene-size" not in command
    assert read(command)[0].data_options() == options


def test_a_command_by_hand() -> None:
    asked = {
        "output": "out", "embedder": "my model", "signs": 64, "refine": 2, "text_column": "body", "license": "cc0-1.0",
        "limit": {"xml_nesting": 9, "book_lines": 7}, "splits": "b=0.5,a=0.5",
    }  # fmt: skip
    assert build_command(make_options(["books"], asked).data_options()) == (
        "scenesign build INPUT... -o OUT --embedder 'my model' --signs 64 --glyphs 2 --refine 2 --inventory fit "
        "--scene-size medium --min-sentences 3 --max-sentences 100 --seed 0 --splits b=0.5,a=0.5 "
        "--near-duplicates flag --concepts none --cast 4 --cast-names yes --text-column body --license cc0-1.0 "
        "--limit book_lines=7 --limit xml_nesting=9"
    )
