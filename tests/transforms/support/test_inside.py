"""Datasets of strangers: no reader opens what lies outside of one."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import scenesign
from scenesign.pipeline.report.files import ReportError
from scenesign.pipeline.report.page import write_report
from scenesign.transforms.signs.encoder import SignEncoder
from scenesign.transforms.support.inside import OutsideError, file_inside

Reading = Callable[[Path], object]


@pytest.fixture
def copied(bell: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bell, tmp_path / "shelf" / "copy"))


def first(config: str, folder: Path) -> str:
    files = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    return str(next(file["path"] for file in files if file["config"] == config))


def walk(folder: Path) -> list[str]:
    return [scene.text for book in scenesign.Dataset(folder) for scene in book.scenes()]


def page(folder: Path) -> object:
    return write_report(str(folder))


def of_path(path: str) -> Callable[[Path], str]:
    return lambda folder: path


def of_table(config: str) -> Callable[[Path], str]:
    return lambda folder: first(config, folder)


@pytest.mark.parametrize(
    ("file", "read"),
    [
        (of_path("manifest.json"), walk),
        (of_table("sequences"), walk),
        (of_table("scenes"), walk),
        (of_path("manifest.json"), page),
        (of_table("sequences"), page),
        (of_table("scenes"), page),
        (of_path("report/metrics.json"), page),
        (of_path("report/report.html"), page),
        (of_path("inventory/signs.parquet"), page),
        (of_path("inventory/codebook.safetensors"), SignEncoder),
        (of_path("inventory/inventory.json"), SignEncoder),
        (of_path("inventory/signs.parquet"), lambda folder: scenesign.search(folder, "rain")),
    ],
)
@pytest.mark.parametrize("whole_folder", [False, True])
def test_no_reader_follows_a_link_out(
    file: Callable[[Path], str], read: Reading, whole_folder: bool, copied: Path, tmp_path: Path
) -> None:
    path = copied / file(copied)
    read(copied)  # it is sound
    linked = path.parent if whole_folder and path.parent != copied else path
    elsewhere = tmp_path / "elsewhere" / linked.name
    elsewhere.parent.mkdir()
    linked.rename(elsewhere)
    linked.symlink_to(elsewhere)
    with pytest.raises((OSError, ValueError, ReportError), match="leads out of the dataset"):
        read(copied)
    verdict = scenesign.validate(copied)
    if path.name != "report.html":  # which is listed nowhere
        assert not verdict.valid
        assert any("leads out of the dataset" in finding.detail for finding in verdict.findings)


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../other/manifest.json", "a/../../b", "", "./a", "a\\b", "C:/a", "a\nb"]
)
def test_no_listed_path_leads_out(path: str, copied: Path) -> None:
    with pytest.raises(OutsideError, match="not a relative path inside"):
        file_inside(str(copied), path)
    for config in ("sequences", "scenes"):
        manifest = json.loads((copied / "manifest.json").read_text(encoding="utf-8"))
        for file in manifest["files"]:
            if file["config"] == config:
                file["path"] = path
        (copied / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        for read in (walk, page):
            with pytest.raises((ValueError, ReportError)):
                read(copied)


def test_a_pipe_in_a_dataset_is_not_waited_for(copied: Path) -> None:
    os.unlink(copied / "manifest.json")
    os.mkfifo(copied / "manifest.json")
    for read in (walk, page):
        with pytest.raises((OSError, ReportError), match="not a plain file"):
            read(copied)
    assert not scenesign.validate(copied).valid


def test_links_inside_and_the_hubs_cache_are_read(copied: Path, tmp_path: Path) -> None:
    found = walk(copied)
    (tmp_path / "link").symlink_to(copied)
    assert walk(tmp_path / "link") == found
    snapshot, blobs = tmp_path / "datasets--x--y" / "snapshots" / ("a" * 40), tmp_path / "datasets--x--y" / "blobs"
    blobs.mkdir(parents=True)
    for number, path in enumerate(sorted(p for p in copied.rglob("*") if p.is_file())):
        blob = blobs / str(number)
        shutil.copy(path, blob)
        link = snapshot / path.relative_to(copied)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(blob, link.parent))
    assert walk(snapshot) == found
    assert scenesign.validate(snapshot).valid
    SignEncoder(snapshot)
