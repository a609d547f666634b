"""A push: whole or not at all, nothing twice, nothing damaged, and nothing deleted that is another's."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import datasets
import pytest
from huggingface_hub import constants
from transformers import PreTrainedTokenizerFast

from scenesign.pipeline.hub.files import DamagedError
from scenesign.pipeline.hub.push import PushError, push
from scenesign.pipeline.validate.dataset import validate_dataset
from scenesign.transforms.signs.inventory import Inventory, load_inventory
from tests.hub import TOKEN, Hub

NAME, KEY = "hf:ada/books", "datasets/ada/books"


@pytest.fixture
def copy(bell: Path, tmp_path: Path) -> Path:
    """A dataset that may be changed."""
    return Path(shutil.copytree(bell, tmp_path / "copy"))


def paths_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def saved(files: dict[str, bytes], folder: Path) -> Path:
    """What is on the hub, downloaded."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def test_what_is_there_afterwards_is_a_valid_dataset_under_its_name(
    bell: Path, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = push(bell, NAME)
    files = hub.repositories[KEY].files()
    assert set(files) == paths_in(bell) | {".gitattributes"}
    assert all(files[path] == (bell / path).read_bytes() for path in paths_in(bell) - {"README.md"})
    assert b'load_dataset("ada/books", "sequences")' in files["README.md"]
    assert done.commit == hub.repositories[KEY].branches["main"]
    assert hub.repositories[KEY].messages == ["initial commit", done.title]
    assert validate_dataset(saved(files, tmp_path / "there")).counts == {}
    monkeypatch.setattr(datasets.config, "HF_ENDPOINT", hub.endpoint)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
    for config in ("sequences", "scenes"):
        read = datasets.load_dataset("ada/books", config, cache_dir=str(tmp_path / "cache"), token=TOKEN)
        here = datasets.load_dataset(str(bell), config, cache_dir=str(tmp_path / "cache"))
        assert {split: table.to_list() for split, table in read.items()} == {
            split: table.to_list() for split, table in here.items()
        }


def test_nothing_goes_twice(copy: Path, hub: Hub) -> None:
    push(copy, NAME)
    before, sent = hub.repositories[KEY].branches["main"], len(hub.uploads)
    again = push(copy, NAME)
    assert (again.commit, again.bytes_to_send, len(hub.uploads)) == (before, 0, sent)
    (copy / "report" / "report.html").write_text("another page", encoding="utf-8")
    third = push(copy, NAME, message="another page")
    assert [(file.path, file.state) for file in third.of_state("new", "changed")] == [("report/report.html", "changed")]
    assert (len(hub.uploads), hub.repositories[KEY].messages[-1]) == (sent, "another page")


def test_a_dry_run_changes_nothing_and_needs_no_login(
    copy: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HF_TOKEN")
        patch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
        plan = push(copy, NAME, dry_run=True)
        assert {file.path for file in plan.of_state("new")} == paths_in(copy)
        assert (plan.commit, hub.repositories) == ("", {})
        with pytest.raises(PushError, match="no token; log in by `hf auth login`, or set HF_TOKEN") as refused:
            push(copy, NAME)
        assert refused.value.used_wrongly
    push(copy, NAME)
    assert push(copy, NAME, dry_run=True).bytes_to_send == 0
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    unseen = push(copy, NAME, dry_run=True)
    assert len(unseen.of_state("new")) == len(paths_in(copy))
    assert "HF_HUB_OFFLINE is set" in unseen.notes[-1]


def restate(folder: Path, edit: Callable[[dict[str, object]], None]) -> None:
    """Changes a manifest, and the description that is made from it."""
    from scenesign.schemas.manifest import Manifest
    from scenesign.transforms.dataset.croissant import write_croissant

    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    edit(manifest)
    text = json.dumps(manifest)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    write_croissant(str(folder), Manifest.from_json(text))


def test_only_files_of_an_earlier_push_are_deleted(copy: Path, hub: Hub) -> None:
    push(copy, NAME)
    repository = hub.repositories[KEY]
    repository.commit("main", repository.files() | {"notes.md": b"mine", "scenes/mine.parquet": b"PAR1"}, "by hand")

    def lose_metrics(manifest: dict[str, object]) -> None:
        files = manifest["files"]
        assert isinstance(files, list)
        manifest["files"] = [entry for entry in files if entry["path"] != "report/metrics.json"]

    restate(copy, lose_metrics)
    (copy / "report" / "metrics.json").unlink()
    (copy / "report" / "report.html").unlink()
    plan = push(copy, NAME, dry_run=True)
    assert [file.path for file in plan.of_state("deleted")] == ["report/metrics.json", "report/report.html"]
    assert "scenes/mine.parquet there is of no push, and would be read with the data; delete it there" in plan.notes
    push(copy, NAME)
    assert set(repository.files()) == paths_in(copy) | {".gitattributes", "notes.md", "scenes/mine.parquet"}


def test_a_manifest_there_that_is_no_manifest_deletes_nothing(copy: Path, hub: Hub) -> None:
    there = hub.make(KEY)
    there.commit("main", {"manifest.json": b'{"files": [{"path": "notes.md"}, 7', "notes.md": b"mine"}, "by hand")
    push(copy, NAME)
    assert there.files()["notes.md"] == b"mine"


def test_a_manifest_there_of_another_program_deletes_nothing(copy: Path, hub: Hub) -> None:
    files = {"manifest.json": b'{"files": [{"path": "notes.md"}]}', "notes.md": b"mine", "report/atlas.png": b"mine"}
    hub.make(KEY).commit("main", files, "by hand")
    assert push(copy, NAME).of_state("deleted") == ()
    there = hub.repositories[KEY].files()
    assert (there["notes.md"], there["report/atlas.png"]) == (b"mine", b"mine")


def test_rules_of_git_are_not_deleted_whoever_lists_them(copy: Path, hub: Hub) -> None:
    manifest = b'{"protocol": "scene-signs/2.1.0", "files": [{"path": ".gitattributes"}, {"path": "old.parquet"}]}'
    repository = hub.make(KEY)
    repository.commit("main", repository.files() | {"manifest.json": manifest, "old.parquet": b"PAR1"}, "earlier")
    assert [file.path for file in push(copy, NAME).of_state("deleted")] == ["old.parquet"]
    assert ".gitattributes" in repository.files()


def test_what_is_meant_to_be_private_does_not_go_where_everybody_reads(copy: Path, hub: Hub) -> None:
    repository = hub.make(KEY)
    for revision in (None, "v1"):
        with pytest.raises(PushError, match="is there already, and open to everybody; make it private"):
            push(copy, NAME, private=True, revision=revision)
    assert set(repository.files()) == {".gitattributes"}
    repository.private = True
    assert push(copy, NAME, private=True).commit == repository.branches["main"]


@pytest.mark.parametrize("path", ["report/report.html", "report/atlas.png"])
def test_a_link_out_of_the_dataset_shows_nothing_to_the_hub(path: str, copy: Path, hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("mine", encoding="utf-8")
    (copy / path).unlink(missing_ok=True)
    (copy / path).symlink_to(tmp_path / "secret")
    with pytest.raises(DamagedError, match=r"is a link that leads out of the dataset; .* stays here"):
        push(copy, NAME)
    assert hub.requests == []


@pytest.mark.parametrize("name", ["README.md", "signs.parquet"])
def test_a_link_out_of_an_inventory_shows_nothing_either(name: str, bell: Path, hub: Hub, tmp_path: Path) -> None:
    inventory = shutil.copytree(bell / "inventory", tmp_path / "inventory")
    shutil.copy(bell / "inventory" / "signs.parquet", tmp_path / "secret")
    (inventory / name).unlink(missing_ok=True)
    (inventory / name).symlink_to(tmp_path / "secret")
    with pytest.raises(DamagedError, match=r"is a link that leads out of the dataset; .* stays here"):
        push(inventory, "hf:ada/script")
    assert hub.requests == []


def flip(folder: Path) -> None:
    path = next(folder.glob("scenes/*/*.parquet"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    "damage",
    [
        flip,
        lambda folder: next(folder.glob("scenes/*/*.parquet")).unlink(),
        lambda folder: shutil.copy(next(folder.glob("scenes/*/*.parquet")), folder / "scenes" / "stray.parquet"),
        lambda folder: (folder / "manifest.json").write_text("{}", encoding="utf-8"),
        lambda folder: (folder / "README.md").write_text("nothing", encoding="utf-8"),
        lambda folder: (folder / "README.md").unlink(),
        lambda folder: (folder / "croissant.json").write_text("{}", encoding="utf-8"),
    ],
)
def test_a_damaged_dataset_stays_here(damage: Callable[[Path], object], copy: Path, hub: Hub) -> None:
    damage(copy)
    with pytest.raises(DamagedError, match=r"is damaged, and stays here .* `scenesign validate .*copy` says all"):
        push(copy, NAME)
    assert hub.requests == []


def test_files_beside_the_dataset_stay_here(copy: Path, hub: Hub) -> None:
    (copy / ".env").write_text("HF_TOKEN=secret", encoding="utf-8")
    (copy / "inventory" / "notes.txt").write_text("mine", encoding="utf-8")
    done = push(copy, NAME)
    assert "not of the dataset, and stays here: .env, inventory/notes.txt" in done.notes
    assert not {".env", "inventory/notes.txt"} & set(hub.repositories[KEY].files())


def test_a_branch_of_its_own_leaves_main_alone(copy: Path, hub: Hub) -> None:
    done = push(copy, NAME, revision="v1", private=True)
    repository = hub.repositories[KEY]
    assert repository.private
    assert set(repository.files()) == {".gitattributes"}
    assert repository.branches["v1"] == done.commit != repository.branches["main"]
    assert push(copy, f"{NAME}@v1").bytes_to_send == 0


def test_who_comes_second_is_told_so(copy: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import HfApi

    hub.make(KEY)
    preupload = HfApi.preupload_lfs_files

    def meanwhile(self: HfApi, *arguments: object, **named: object) -> object:
        hub.repositories[KEY].commit("main", {"README.md": b"theirs"}, "another's")
        return preupload(self, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(HfApi, "preupload_lfs_files", meanwhile)
    with pytest.raises(PushError, match="somebody else changed it meanwhile; run the same command again"):
        push(copy, NAME)
    assert hub.repositories[KEY].files() == {"README.md": b"theirs"}


@pytest.mark.parametrize(
    ("name", "refusal", "said"),
    [
        ("hf:bob/books", None, "your token may not write to it .*rights to create a repository under bob"),
        (NAME, (403, "Storage quota exceeded"), "the hub has no room for it"),
        (NAME, (503, "busy"), r"is out of order \(status 503\)"),
        (NAME, (429, "slow down"), "the hub was asked too often"),
        (NAME, (401, "Invalid username or password."), "the hub doesn't know who asks"),
    ],
)
def test_what_the_hub_refuses_is_said(
    name: str, refusal: tuple[int, str] | None, said: str, copy: Path, hub: Hub
) -> None:
    hub.refusal = refusal
    with pytest.raises(PushError, match=said) as raised:
        push(copy, name)
    assert not raised.value.used_wrongly
    assert TOKEN not in str(raised.value)
    assert not any("parquet" in path for repository in hub.repositories.values() for path in repository.files())


def test_a_hub_out_of_reach_is_said(copy: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    del hub
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(PushError, match=r"http://127\.0\.0\.1:9 can't be reached"):
        push(copy, NAME)


def test_what_does_not_arrive_is_said(copy: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from scenesign.pipeline.hub import push as module

    there = module._ids

    def without_metrics(*arguments: object) -> dict[str, tuple[str, int]]:
        found = there(*arguments)  # type: ignore[arg-type]
        return {path: known for path, known in found.items() if path != "report/metrics.json"}

    monkeypatch.setattr(module, "_ids", without_metrics)
    with pytest.raises(PushError, match=r"report/metrics\.json did not arrive as it is here"):
        push(copy, NAME)


def test_an_inventory_becomes_a_model_whose_tokenizer_is_loaded_by_name(bell: Path, hub: Hub, tmp_path: Path) -> None:
    inventory = shutil.copytree(bell / "inventory", tmp_path / "inventory")
    (inventory / "embeddings.safetensors").unlink()  # as a script comes; they are made again
    done = push(inventory, "hf:ada/script")
    files = hub.repositories["models/ada/script"].files()
    assert {path for path in files if path != "README.md" and not path.startswith(".")} == {
        path.name for path in (bell / "inventory").iterdir()
    }
    assert files["embeddings.safetensors"] == (bell / "inventory/embeddings.safetensors").read_bytes()
    assert f'SignEncoder.from_pretrained("ada/script", sha256="{done.sha256}")'.encode() in files["README.md"]
    tokenizer = PreTrainedTokenizerFast.from_pretrained("ada/script", cache_dir=str(tmp_path / "cache"))
    first = load_inventory(str(bell / "inventory")).info
    assert len(tokenizer) == first.signs + 5 + len(first.cast_tokens)
    assert Inventory.from_pretrained("ada/script", sha256=done.sha256).info == first
    assert push(inventory, "hf:ada/script").bytes_to_send == 0


def test_a_damaged_inventory_stays_here(bell: Path, hub: Hub, tmp_path: Path) -> None:
    inventory = shutil.copytree(bell / "inventory", tmp_path / "inventory")
    (inventory / "signs.parquet").write_bytes(b"PAR1")
    with pytest.raises(
        DamagedError, match=r"signs\.parquet is not the file that inventory\.json describes.* stays here"
    ):
        push(inventory, "hf:ada/script")
    (inventory / "signs.parquet").unlink()
    with pytest.raises(DamagedError, match=r"signs\.parquet.* stays here"):
        push(inventory, "hf:ada/script")
    assert hub.requests == []


def test_what_is_neither_is_not_sent(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="is neither a dataset nor an inventory"):
        push(tmp_path, NAME)
    with pytest.raises(FileNotFoundError, match="lies in an object store; copy it to this machine"):
        push("s3://bucket/out", NAME)
    for name in ("books", "hf:books", f"{NAME}#sha256={'0' * 64}"):
        with pytest.raises(PushError) as refused:
            push(tmp_path, name)
        assert refused.value.used_wrongly
    assert hub.requests == []


def test_names_of_files_suit_the_hub_and_data_version_control(bell: Path, demo: Path) -> None:
    for folder in (bell, demo):
        paths = paths_in(folder)
        assert len({path.lower() for path in paths}) == len(paths)  # one tree on file systems that know no case
        for path in paths:
            assert path.isascii()
            for piece in path.split("/"):
                assert piece == piece.strip(" .")
                assert not set(piece) & set('\\:*?"<>|')
                assert not piece.endswith((".dvc", ".lock", ".incomplete"))
                assert piece not in ("dvc.yaml", "dvc.lock", ".git", ".dvc", ".gitattributes", ".gitignore")
