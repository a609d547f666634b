"""A build from Python: the same options as on the command line, and errors to catch."""

from __future__ import annotations

import inspect
import shutil
from pathlib import Path

import pytest

from scenesign.pipeline.options.errors import BuildError, UsageError
from scenesign.pipeline.options.table import OPTIONS
from scenesign.pipeline.run.build_dataset import build_dataset
from tests.pipeline.run.test_build import data_digests


def test_the_keywords_are_the_options_of_the_table() -> None:
    parameters = inspect.signature(build_dataset).parameters
    ours = {name: p for name, p in parameters.items() if name not in ("inputs", "beam_options", "progress", "note")}
    assert list(ours) == [row.name for row in OPTIONS]
    for row in OPTIONS:
        default = inspect.Parameter.empty if row.required else row.default
        assert ours[row.name].default == default, row.name
    assert all(p.kind is p.KEYWORD_ONLY for name, p in parameters.items() if name not in ("inputs", "output"))
    described = inspect.getdoc(build_dataset) or ""
    assert not [name for name in parameters if not name.endswith("_column") and name not in described]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"glyphs": 9}, "--glyphs"),
        ({"signs": "many"}, "--signs: 'many'"),
        ({"inventory": "there", "signs": 9}, "--signs and --inventory exclude each other"),
        ({"inventory": "nowhere/at/all"}, "--inventory: nowhere/at/all is not an inventory"),
        ({"beam_options": ["--runer=X"]}, "unknown Beam option --runer"),
    ],
)
def test_wrong_use_is_raised_before_anything_is_begun(
    asked: dict[str, object], says: str, library: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=says):
        build_dataset(library, tmp_path / "out", **asked)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_run_that_makes_nothing_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    with pytest.raises(BuildError, match="no file in it"):
        build_dataset(tmp_path / "books", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_build_from_python_is_that_of_the_command(demo: Path, shelf: Path, tmp_path: Path) -> None:
    notes: list[str] = []
    output, parts = tmp_path / "demo", tmp_path / "parts"
    shutil.copytree(f"{demo}.parts", parts)
    result = build_dataset([shelf], output, glyphs=2, signs=12, concepts="float16", parts=parts, note=notes.append)
    assert (result.output, result.parts) == (str(output), str(parts))
    assert result.manifest is not None
    assert result.manifest.counts.books == 12
    assert data_digests(output) == data_digests(demo)
    assert notes == []
    # finished books of the command are good for Python: both have one key
    assert result.manifest.run["counters"]["books/reused"] == 12
