"""A state on disk: what was written comes back, whatever is cut short, and nothing in it can run."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from scenesign.pipeline.train import checkpoint
from scenesign.pipeline.train.checkpoint import Checkpoint, read_checkpoint, remove_checkpoint, write_checkpoint


def state(step: int) -> Checkpoint:
    draw = torch.Generator().manual_seed(step)
    return Checkpoint(
        settings={"rate": 2e-3, "on": "glyphs", "seed": 2**40},
        loader={"epoch": 1, "delivered": step, "order": 1, "shuffle": True},
        step=step,
        losses=(8.1, 0.1 + 0.2, float("inf")),
        model={"a.b/c": torch.randn(3, 2, generator=draw), "scalar": torch.tensor(2.5)},
        best={"a.b/c": torch.randn(3, 2, generator=draw).T},
        moments={"0.step": torch.tensor(7.0), "0.exp_avg": torch.full((2,), float("nan"))},
        random={"cpu": torch.arange(5, dtype=torch.uint8)},
    )


def same(one: Checkpoint | None, other: Checkpoint) -> bool:
    if one is None:
        return False
    for name in ("model", "best", "moments", "random"):
        a, b = getattr(one, name), getattr(other, name)
        if a.keys() != b.keys() or any(a[k].dtype != b[k].dtype for k in a):
            return False
        if not all(torch.equal(a[k].nan_to_num(-1), b[k].nan_to_num(-1)) for k in a):
            return False
    return all(getattr(one, n) == getattr(other, n) for n in ("settings", "loader", "step", "losses"))


def test_what_was_written_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "model.state"
    assert read_checkpoint(folder) is None
    for step in (1, 2):
        write_checkpoint(folder, state(step))
        assert same(read_checkpoint(folder), state(step))
    assert [path.name for path in folder.parent.iterdir()] == ["model.state"]


def test_it_is_safetensors_and_json(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "s", state(1))
    assert {path.name for path in (tmp_path / "s").iterdir()} == {"state.safetensors", "state.json"}
    with safe_open(tmp_path / "s" / "state.safetensors", "pt") as opened:
        assert "model/a.b/c" in opened.keys()  # noqa: SIM118 - no mapping


@pytest.mark.parametrize("broken", ["state.safetensors", "state.json"])
@pytest.mark.parametrize("kind", ["short", "empty", "missing", "other"])
def test_a_torn_file_gives_the_state_before_it(broken: str, kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    write_checkpoint(folder, state(1))
    shutil.copytree(folder, tmp_path / "s.old")
    write_checkpoint(folder.with_name("t"), state(2))
    shutil.rmtree(folder)
    folder.with_name("t").rename(folder)
    assert same(read_checkpoint(folder), state(2))
    file = folder / broken
    data = {"short": file.read_bytes()[:-3], "empty": b"", "other": b"\x80\x04cbuiltins\nexit\n."}
    if kind == "missing":
        file.unlink()
    else:
        file.write_bytes(data[kind])
    assert same(read_checkpoint(folder), state(1))
    shutil.rmtree(tmp_path / "s.old")
    assert read_checkpoint(folder) is None


def test_whenever_it_is_cut_short_the_state_before_or_the_new_one_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the attempts after it are cut short."""

    class Cut(BaseException):
        pass

    folder = tmp_path / "s"
    write_checkpoint(folder, state(0))
    expected = 0
    for step in range(1, 30):
        left = [step % 8]

        def counted(real: object, left: list[int] = left) -> object:
            def call(*arguments: object, **named: object) -> object:
                if not left[0]:
                    raise Cut
                left[0] -= 1
                return real(*arguments, **named)  # type: ignore[operator]

            return call

        with monkeypatch.context() as patch:
            patch.setattr(checkpoint.os, "rename", counted(checkpoint.os.rename))
            patch.setattr(checkpoint.shutil, "rmtree", counted(shutil.rmtree))
            patch.setattr(checkpoint, "save_file", counted(checkpoint.save_file))
            with contextlib.suppress(Cut):
                write_checkpoint(folder, state(step))
        found = read_checkpoint(folder)
        assert found is not None
        assert found.step in (expected, step)
        assert same(found, state(found.step))
        expected = found.step
    assert expected > 0


def test_a_removed_state_leaves_nothing(tmp_path: Path) -> None:
    for name in ("s", "s.old", "s.new"):
        write_checkpoint(tmp_path / name, state(1))
    (tmp_path / "s2").mkdir()
    remove_checkpoint(tmp_path / "s")
    assert [path.name for path in tmp_path.iterdir()] == ["s2"]
    remove_checkpoint(tmp_path / "s")
