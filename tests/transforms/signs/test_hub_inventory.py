"""An inventory by its name on the hub: fetched once, of one commit, checked, and never more than data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from huggingface_hub import constants

from scenesign.transforms.signs.encoder import SignEncoder
from scenesign.transforms.signs.hub_inventory import fetch_inventory
from scenesign.transforms.signs.inventory import Inventory
from scenesign.transforms.support.hub import HubName
from tests.hub import Hub, Repository


def files_of(folder: Path, prefix: str = "") -> dict[str, bytes]:
    return {f"{prefix}{path.name}": path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def shared_script(hub: Hub, demo: Path) -> Repository:
    """The demo's inventory in a repository of its own, beside a file that no inventory has."""
    made = hub.make("models/ada/script")
    made.commit("main", files_of(demo / "inventory") | {"evil.py": b"boom", "README.md": b"#"}, "inventory")
    return made


def test_it_is_read_by_its_name(shared_script: Repository, hub: Hub, demo: Path) -> None:
    del shared_script
    digest = hashlib.sha256((demo / "inventory/inventory.json").read_bytes()).hexdigest()
    found = Inventory.from_pretrained("ada/script", sha256=digest)
    assert found.info == Inventory.load(demo).info
    assert SignEncoder(f"hf:ada/script#sha256={digest}").glossary == SignEncoder(demo).glossary
    assert SignEncoder.from_pretrained("ada/script", revision="main").letters == SignEncoder(demo).letters
    folder = Path(fetch_inventory(HubName("ada/script")))
    assert {path.name for path in folder.iterdir()} == set(files_of(demo / "inventory"))
    assert not any("evil.py" in request for request in hub.requests)


def test_a_dataset_of_the_hub_has_one_too(hub: Hub, demo: Path) -> None:
    there = hub.make("datasets/ada/books", private=True)
    there.commit("main", files_of(demo / "inventory", "inventory/") | {"manifest.json": b"{}"}, "a dataset")
    assert Inventory.load("hf:ada/books").info == Inventory.load(demo).info
    assert not any(request.endswith("manifest.json") for request in hub.requests)


def test_what_was_fetched_is_there_without_a_network(
    shared_script: Repository, hub: Hub, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(constants, "HF_HUB_OFFLINE", True)
        with pytest.raises(FileNotFoundError, match=r"hf:ada/script is not in the cache of this machine"):
            fetch_inventory(HubName("ada/script"))
        assert hub.requests == []
    folder = fetch_inventory(HubName("ada/script"))
    asked = len(hub.requests)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert fetch_inventory(HubName("ada/script")) == folder
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    commit = shared_script.branches["main"]
    assert fetch_inventory(HubName("ada/script", commit)) == folder  # a commit stays what it is: nobody is asked
    assert len(hub.requests) == asked
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert fetch_inventory(HubName("ada/script")) == folder
    assert Inventory.load("hf:ada/script").info == Inventory.load(demo).info


def test_a_name_follows_its_branch_and_a_commit_does_not(shared_script: Repository, demo: Path) -> None:
    first = shared_script.branches["main"]
    shared_script.commit("main", {"inventory.json": b"{}"}, "broken")
    with pytest.raises(ValueError, match=r"hf:ada/script, inventory\.json is not the description of an inventory"):
        fetch_inventory(HubName("ada/script"))
    assert Inventory.from_pretrained("ada/script", revision=first).info == Inventory.load(demo).info


def test_another_one_than_asked_for_is_refused_before_its_arrays_are_fetched(
    shared_script: Repository, hub: Hub
) -> None:
    del shared_script
    with pytest.raises(
        ValueError, match=r"is not what was asked for: the SHA-256 of its inventory\.json is [0-9a-f]{64}"
    ):
        Inventory.from_pretrained("ada/script", sha256="0" * 64)
    assert not any(request.endswith("safetensors") for request in hub.requests)


def test_an_altered_file_is_refused(shared_script: Repository) -> None:
    files = shared_script.files()
    shared_script.commit("main", files | {"codebook.safetensors": files["codebook.safetensors"] + b"x"}, "altered")
    with pytest.raises(ValueError, match=r"codebook\.safetensors is not the file that inventory\.json describes"):
        Inventory.from_pretrained("ada/script")


@pytest.mark.parametrize(
    "name", ["../../x.json", "code.py", "weights.pkl", "a/b.json", ".x.json", "C:x.json", "x\\y.json"]
)
def test_files_of_other_kinds_are_not_fetched(name: str, shared_script: Repository, hub: Hub) -> None:
    files = shared_script.files()
    info = json.loads(files["inventory.json"])
    info["files"][name] = "0" * 64
    shared_script.commit("main", files | {"inventory.json": json.dumps(info).encode()}, "odd")
    with pytest.raises(ValueError, match="which is no file of an inventory; nothing was fetched"):
        Inventory.from_pretrained("ada/script")
    assert not any(request.endswith("safetensors") for request in hub.requests)


def test_what_is_too_large_is_not_fetched(shared_script: Repository, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    del shared_script
    monkeypatch.setattr("scenesign.transforms.signs.hub_inventory._FILE_BYTES", 1_000)
    with pytest.raises(ValueError, match=r"codebook\.safetensors has [\d,]+ bytes, more than"):
        fetch_inventory(HubName("ada/script"))
    assert not any("/resolve/" in request and request.endswith("safetensors") for request in hub.requests)


def test_too_many_files_are_not_fetched(shared_script: Repository, hub: Hub) -> None:
    files = shared_script.files()
    info = json.loads(files["inventory.json"])
    info["files"] |= {f"{number}.json": "0" * 64 for number in range(99)}
    shared_script.commit("main", files | {"inventory.json": json.dumps(info).encode()}, "many")
    with pytest.raises(ValueError, match=r"names \d+ files, more than the 64 that are fetched"):
        fetch_inventory(HubName("ada/script"))
    assert not any(request.endswith("safetensors") for request in hub.requests)


@pytest.mark.parametrize("files", ["5", '["codebook.safetensors"]', '{"a.json": 5}', "[" * 9_000 + "]" * 9_000])
def test_a_description_that_is_none_is_refused(files: str, shared_script: Repository) -> None:
    there = shared_script.files()
    info = json.dumps({**json.loads(there["inventory.json"]), "files": "FILES"}).replace('"FILES"', files)
    shared_script.commit("main", there | {"inventory.json": info.encode()}, "odd")
    with pytest.raises(ValueError, match=r"inventory\.json is not the description of an inventory"):
        fetch_inventory(HubName("ada/script"))


def empty(hub: Hub) -> None:
    hub.make("datasets/ada/script")


def private(hub: Hub) -> None:
    hub.make("models/ada/script", private=True)


@pytest.mark.parametrize(
    ("there", "name", "token", "said"),
    [
        (None, "ada/script", True, "no such user or repository"),
        (empty, "ada/script", True, r"holds no inventory: there is no inventory\.json in it"),
        (private, "ada/script", False, "or it is not for you to see"),
        (empty, "ada/script@v9", True, "has no branch, tag or commit v9"),
    ],
)
def test_what_is_not_there_is_said(
    there: Callable[[Hub], None] | None,
    name: str,
    token: bool,
    said: str,
    hub: Hub,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    if there:
        there(hub)
    if not token:
        monkeypatch.delenv("HF_TOKEN")
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    with pytest.raises(FileNotFoundError, match=said):
        Inventory.from_pretrained(name)
