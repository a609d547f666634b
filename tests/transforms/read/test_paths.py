"""The same source from any working folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenesign.transforms.read.hugging_face import parse_dataset
from scenesign.transforms.read.paths import absolute_uri, local_path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder; its own name has what separates a dataset from its split."""
    folder = tmp_path / "at@home"
    (folder / "h" / "set").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("uri", "there"),
    [
        ("a.txt", "{}/a.txt"),
        ("./h/a@1.txt", "{}/h/a@1.txt"),
        ("h/../a.txt", "{}/h/../a.txt"),  # h may be a link
        ("hf:h", "hf:{}/h"),
        ("hf:h/set@test", "hf:{}/h/set@test"),
        ("hf:h/set/@test", "hf:{}/h/set@test"),
        ("hf:owner/set@test", "hf:owner/set@test"),
        ("hf:owner/set/config", "hf:owner/set/config"),
        ("gs://b/a.txt", "gs://b/a.txt"),
        ("/x/a.txt", "/x/a.txt"),
        ("hf:/x/a@b/set@test", "hf:/x/a@b/set@test"),
    ],
)
def test_local_paths_become_absolute_and_nothing_else_changes(uri: str, there: str, here: Path) -> None:
    assert absolute_uri(uri) == there.format(here)
    assert absolute_uri(absolute_uri(uri)) == absolute_uri(uri)


def test_a_folder_keeps_its_split(here: Path) -> None:
    (here / "set@2").mkdir()
    assert parse_dataset(absolute_uri("hf:h/set@test")) == (f"{here}/h/set", None, "test")
    assert parse_dataset(absolute_uri("hf:h/set")) == (f"{here}/h/set", None, None)
    assert parse_dataset(absolute_uri("hf:set@2")) == (f"{here}/set@2", None, None)
    assert parse_dataset("hf:owner/set/config@dev") == ("owner/set", "config", "dev")


def test_only_what_lies_on_disk_has_a_path_there(here: Path) -> None:
    # of another machine
    assert local_path("hf:/no/such/folder@train") == "/no/such/folder"
    assert local_path("hf:/no/at@home/folder") == "/no/at@home/folder"
    assert [local_path(uri) for uri in ("hf:owner/set", "s3://b/a", "a.txt")] == ["", "", "a.txt"]
