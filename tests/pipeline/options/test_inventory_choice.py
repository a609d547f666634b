"""Signs of their own for books enough, a script's for fewer: settled before a run, chosen in it."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from rich.console import Console

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.run.build_dataset import BuildResult, build_dataset, settle
from scenesign.pipeline.run.summary import choice_line
from scenesign.pipeline.script.ship import inventory_digest, ship_inventory
from scenesign.pipeline.validate.dataset import validate_dataset
from scenesign.schemas.manifest import Manifest
from scenesign.transforms.signs import choose, inventory
from tests.runs import data_digests

SCRIPT = "scenesign-script-1"


@pytest.fixture
def script(bell: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only script that ships: the signs of two small books."""
    monkeypatch.setattr(inventory, "SCRIPTS", tmp_path / "scripts")
    ship_inventory(bell / "inventory", tmp_path / "scripts" / "script-1", SCRIPT, ())
    (tmp_path / "scripts" / "script-1" / "README.md").write_text("what it is", encoding="utf-8")
    return tmp_path / "scripts" / "script-1"


@pytest.fixture
def parts(bell: Path, tmp_path: Path) -> Path:
    """Finished books of the pair."""
    return Path(shutil.copytree(f"{bell}.parts", tmp_path / "parts"))


def manifest_of(result: BuildResult) -> Manifest:
    assert result.manifest
    return replace(result.manifest, run={})


def build(pair: Path, output: Path, parts: Path, **asked: object) -> BuildResult:
    result = build_dataset(pair, output, parts=parts, name="bell", **asked)  # type: ignore[arg-type]
    assert result.manifest
    assert result.manifest.run["counters"].get("sentences/embedded", 0) == 0
    verdict = validate_dataset(output)
    assert verdict.valid, verdict.findings
    return result


def test_books_too_few_are_written_in_the_script_as_if_it_had_been_asked_for(
    script: Path, parts: Path, pair: Path, tmp_path: Path
) -> None:
    chosen = build(pair, tmp_path / "chosen", parts)
    asked = build(pair, tmp_path / "asked", parts, inventory="script-1")
    assert manifest_of(chosen) == manifest_of(asked)
    assert data_digests(tmp_path / "chosen") == data_digests(tmp_path / "asked")
    assert manifest_of(chosen).options["frozen"] == inventory_digest(script)
    copied = {file.name: file.read_bytes() for file in (tmp_path / "chosen" / "inventory").iterdir()}
    assert copied.keys() - {file.name for file in script.iterdir()} == {"embeddings.safetensors"}
    assert {name: data for name, data in copied.items() if name != "embeddings.safetensors"} == {
        file.name: file.read_bytes() for file in script.iterdir() if file.name != "README.md"
    }
    assert not (tmp_path / "chosen" / "inventory" / "README.md").exists()
    line = choice_line(manifest_of(chosen))
    assert line is not None
    assert line.startswith("2 books of ")
    assert line.endswith(f"(100 books and 10,000 scenes needed): written in {SCRIPT}")


def test_books_enough_get_signs_of_their_own_as_if_that_had_been_asked_for(
    script: Path, parts: Path, pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choose, "FEWEST_BOOKS", 2)
    monkeypatch.setattr(choose, "FEWEST_SCENES", 2)
    chosen = build(pair, tmp_path / "chosen", parts, refine=0)
    asked = build(pair, tmp_path / "asked", parts, inventory="fit")
    assert manifest_of(chosen) == manifest_of(asked)
    assert data_digests(tmp_path / "chosen") == data_digests(tmp_path / "asked")
    assert manifest_of(chosen).options["frozen"] is None
    assert manifest_of(chosen).inventory["script"] == ""


def test_signs_made_of_few_books_come_with_a_warning(script: Path, parts: Path, pair: Path, tmp_path: Path) -> None:
    line = choice_line(manifest_of(build(pair, tmp_path / "out", parts, signs=4)))
    assert line is not None
    assert "may mean little" in line
    assert "--inventory script-1" in line


@pytest.mark.parametrize(
    ("books", "scenes", "few"),
    [(99, 10**6, True), (100, 9_999, True), (100, 10_000, False), (10**6, 10**6, False), (1, 1, True)],
)
def test_both_books_and_scenes_must_be_enough(books: int, scenes: int, few: bool) -> None:
    assert choose.too_few(books, scenes) is few


@pytest.mark.parametrize(
    "asked",
    [
        {"signs": 64},
        {"refine": 1},
        {"embedder": "minilm"},
        {"max_sentences": 50},
        {"scene_size": "fine"},
        {"inventory": "fit"},
    ],
)
def test_whoever_asks_for_what_a_script_settles_gets_signs_of_their_own(asked: dict[str, object], script: Path) -> None:
    options, _ = settle(["in"], {"output": "out"} | asked, [])
    assert (options.frozen, options.fallback) == (None, None)


def test_what_says_nothing_of_signs_leaves_the_choice_open(script: Path) -> None:
    options, _ = settle(["in"], {"output": "out", "seed": 7, "signs": "auto", "language": "en", "workers": 2}, [])
    assert options.frozen is None
    assert options.fallback is not None
    assert options.fallback.frozen is not None
    assert options.fallback.frozen.sha256 == inventory_digest(script)
    assert (options.fallback.inventory.seed, options.fallback.dataset.seed) == (7, 7)


def test_without_a_script_all_signs_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "SCRIPTS", tmp_path)
    options, _ = settle(["in"], {"output": "out"}, [])
    assert options.fallback is None


def test_a_script_of_scenes_cut_otherwise_is_not_taken_unasked(script: Path) -> None:
    info = json.loads((script / "inventory.json").read_text(encoding="utf-8"))
    for setting, value in (("max_sentences", 40), ("size", "coarse")):
        scenes = info["segmentation"]["scenes"] | {setting: value}
        changed = info | {"segmentation": info["segmentation"] | {"scenes": scenes}}
        (script / "inventory.json").write_text(json.dumps(changed), encoding="utf-8")
        assert settle(["in"], {"output": "out"}, [])[0].fallback is None
        frozen, _ = settle(["in"], {"output": "out", "inventory": "script-1"}, [])
        assert asdict(frozen.scenes)[setting] == value


@pytest.mark.parametrize("size", ["huge", "", None, 3])
def test_scenes_of_a_size_that_is_none_are_said_before_anything_is_begun(size: object, script: Path) -> None:
    info = json.loads((script / "inventory.json").read_text(encoding="utf-8"))
    info["segmentation"]["scenes"]["size"] = size
    (script / "inventory.json").write_text(json.dumps(info), encoding="utf-8")
    says = re.escape(
        f"inventory.json: segmentation.scenes: scene size must be one of fine, medium, coarse, not {size!r}"
    )
    with pytest.raises(UsageError, match=f"--inventory: .*{says}"):
        settle(["in"], {"output": "out", "inventory": "script-1"}, [])


def test_a_size_that_an_inventory_settles_cannot_be_asked_for(script: Path) -> None:
    with pytest.raises(UsageError, match="--scene-size and --inventory exclude each other: script-1 settles it"):
        settle(["in"], {"output": "out", "inventory": "script-1", "scene_size": "fine"}, [])


def test_a_damaged_script_is_said_before_anything_is_begun(script: Path) -> None:
    codebook = script / "codebook.safetensors"
    codebook.write_bytes(codebook.read_bytes()[:-1] + b"x")
    with pytest.raises(UsageError, match=r"codebook.safetensors is not the file .* or add --inventory fit"):
        settle(["in"], {"output": "out"}, [])
    assert settle(["in"], {"output": "out", "inventory": "fit"}, [])[0].fallback is None


def test_scripts_are_known_by_both_their_names_and_unknown_ones_are_told_which_there_are(script: Path) -> None:
    for name in ("script-1", SCRIPT):
        assert inventory.inventory_folder(name) == str(script)
    with pytest.raises(UsageError, match=r"--inventory: script-9 is not an inventory: .* script-1"):
        settle(["in"], {"output": "out", "inventory": "script-9"}, [])
    with pytest.raises(UsageError, match="--embedder and --inventory exclude each other: script-1 settles it"):
        settle(["in"], {"output": "out", "inventory": "script-1", "embedder": "minilm"}, [])


def test_the_plan_says_what_will_be_chosen(script: Path, pair: Path, tmp_path: Path) -> None:
    from scenesign.pipeline.run.build import check, plan_build
    from scenesign.pipeline.run.plan import plan_fields, show_plan

    options, beam = settle([str(pair)], {"output": str(tmp_path / "out")}, [])
    plan = plan_build(options, beam, check(options, beam), "", print, dry=True)
    console = Console(record=True, width=200)
    show_plan(console, plan, [])
    assert "from 100 books and 10,000 scenes on, else those of script-1" in console.export_text()
    assert plan_fields(plan, [])["script_if_too_few"] == "script-1"
