"""Opening a saved model: what is missing, damaged or of another kind is named, and nothing in it runs."""

from __future__ import annotations

import json
import pickle
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from scenesign.pipeline.train.model import ConceptModel
from scenesign.pipeline.train.saved import open_model
from tests.models import copy_model, save_model


@pytest.fixture(scope="module")
def saved(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("models") / "glyphs", demo)


@pytest.fixture
def model(saved: Path, tmp_path: Path) -> Path:
    return copy_model(saved, tmp_path / "model")


def state(folder: Path, **changed: object) -> None:
    """Changes what the model's configuration says."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | changed), encoding="utf-8")


def weigh(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    """Changes the weights."""
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


def test_what_was_saved_is_opened(model: Path, demo: Path) -> None:
    opened = open_model(model)
    as_it_is = ConceptModel.from_pretrained(model)
    assert opened.record.dataset == str(demo)
    assert opened.inventory.info.sizes[: len(opened.pieces.levels)] == opened.pieces.levels
    assert not opened.model.training
    weights = opened.model.state_dict()
    assert all(torch.equal(weights[name], tensor) for name, tensor in as_it_is.state_dict().items())
    assert opened.encoder.folder == str(model / "inventory")


def test_nothing_is_said_while_it_is_opened(model: Path, capfd: pytest.CaptureFixture[str]) -> None:
    open_model(model)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["training.json", "config.json", "model.safetensors", "inventory"])
def test_a_folder_that_lacks_something_is_no_model(model: Path, name: str) -> None:
    (model / name).rename(model.parent / "elsewhere")
    with pytest.raises(FileNotFoundError, match=rf"{model} .*{name}"):
        open_model(model)


def test_pickled_weights_are_never_read(model: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (Path(model / "went-off"),)  # type: ignore[return-value]

    (model / "model.safetensors").unlink()
    (model / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(FileNotFoundError, match="weights of other forms are not read"):
        open_model(model)
    assert not (model / "went-off").exists()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"model_type": "gpt2"}, "model_type is 'gpt2'"),
        ({"on": "words"}, "'on' is 'words'"),
        ({"width": "64"}, "'width' is '64'"),
        ({"width": 2_000_000_000}, "'width' is 2000000000"),
        ({"layers": -1}, "'layers' is -1"),
        ({"layers": 60_000}, "'layers' is 60000"),
        ({"heads": 0}, "'heads' is 0"),
        ({"heads": 5}, "'width' of 64 can't be shared by 5 'heads'"),
        ({"members": None}, "'members' is None"),
        ({"dropout": "much"}, "'dropout' is 'much'"),
        ({"levels": 7}, "not iterable"),
        ({"levels": [12]}, "are no first levels"),
        ({"levels": [11, 4096]}, "are no first levels"),
        ({"levels": [], "composed": []}, "are no first levels"),
        ({"composed": [False, False]}, "are no first levels"),
        ({"inventory": "0" * 64}, "another inventory"),
    ],
)
def test_a_configuration_of_no_such_model_is_refused(model: Path, changed: dict[str, object], message: str) -> None:
    state(model, **changed)
    with pytest.raises(ValueError, match=message) as refused:
        open_model(model)
    assert f"{model / 'config.json'}" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_model_of_vectors_is_of_the_inventorys_space(demo: Path, tmp_path: Path) -> None:
    folder = save_model(tmp_path / "vectors", demo, on="vectors")
    assert open_model(folder).model.config.on == "vectors"
    state(folder, dimensions=7)
    with pytest.raises(ValueError, match="'dimensions' is 7"):
        open_model(folder)


@pytest.mark.parametrize("name", ["config.json", "training.json", "inventory/inventory.json"])
@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b"{}"])
def test_files_that_are_no_json_of_ours_are_named(model: Path, name: str, content: bytes) -> None:
    (model / name).write_bytes(content)
    with pytest.raises(ValueError, match=name) as refused:
        open_model(model)
    assert "\n" not in str(refused.value)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def promise(path: Path) -> None:
    path.write_bytes(struct.pack("<Q", 1 << 60) + b"{}")


@pytest.mark.parametrize("harm", [cut, promise, lambda path: path.write_bytes(b"")], ids=["cut", "promise", "empty"])
def test_damaged_weights_are_named(model: Path, harm: Callable[[Path], object]) -> None:
    harm(model / "model.safetensors")
    with pytest.raises(ValueError, match=r"model\.safetensors") as refused:
        open_model(model)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda weights: weights.pop("likeness"), r"likeness should be \(\) by config\.json, and is absent"),
        (lambda weights: weights.update(strange=torch.zeros(2)), r"strange should be absent .*, and is \(2,\)"),
        (lambda weights: weights.update(bias=torch.zeros(2)), r"bias should be \(60,\) .*, and is \(2,\)"),
        (lambda weights: weights["bias"].fill_(float("nan")), "bias is not made of numbers"),
    ],
)
def test_weights_that_do_not_fit_are_refused(
    model: Path, change: Callable[[dict[str, torch.Tensor]], object], message: str
) -> None:
    """Where transformers would begin with new ones, and warn."""
    weigh(model, change)
    with pytest.raises(ValueError, match=message) as refused:
        open_model(model)
    assert "\n" not in str(refused.value)


def test_a_width_that_no_file_fills_takes_no_memory(model: Path) -> None:
    state(model, width=60_000)
    with pytest.raises(ValueError, match=r"by config\.json, and is \(192,\)"):
        open_model(model)


@pytest.mark.parametrize("changed", [{"dataset": 5}, {"verdict": None}, {"at_chance": "no"}])
def test_a_record_of_other_things_is_refused(model: Path, changed: dict[str, object]) -> None:
    told = json.loads((model / "training.json").read_text(encoding="utf-8"))
    (model / "training.json").write_text(json.dumps(told | changed), encoding="utf-8")
    with pytest.raises(ValueError, match=r"training\.json"):
        open_model(model)


def test_weights_in_half_the_bits_are_read(model: Path) -> None:
    weigh(model, lambda weights: weights.update({name: tensor.half() for name, tensor in weights.items()}))
    assert {weights.dtype for weights in open_model(model).model.parameters()} == {torch.float32}


def test_an_altered_inventory_is_refused(model: Path) -> None:
    cut(model / "inventory" / "codebook.safetensors")
    with pytest.raises(ValueError, match=r"codebook\.safetensors"):
        open_model(model)


def test_an_embedder_that_is_not_here_is_named(model: Path) -> None:
    path = model / "inventory" / "inventory.json"
    info = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(
        json.dumps(info | {"embedder": "somebody/their-embedder", "embedder_version": "revision 1"}), encoding="utf-8"
    )
    with pytest.raises(ValueError, match="somebody/their-embedder"):
        open_model(model)
