"""A toy script, made from two stories, from the archive to the encoder."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from scenesign.pipeline.script.make import SCRIPT, make_script, script_command
from scenesign.pipeline.script.ship import next_version
from scenesign.schemas.inventory import InventoryInfo
from scenesign.transforms.signs.encoder import SignEncoder
from scenesign.transforms.signs.glosses.glossary import read_glossary, read_letters
from tests.conftest import once
from tests.pipeline.script.test_library import COLUMNS

TITLES = {"en": "The Bell | of Saltmarsh", "zh": "鹽澤之鐘"}
LICENCES = {"en": "public domain text; markup CC BY 4.0 (README)", "zh": "CC BY-SA 4.0 (LICENSE)"}


@pytest.fixture(scope="module")
def home(pair: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library, the script made from it in `one`, and the cache; nobody may change them."""

    def make(folder: Path) -> None:
        (folder / "library").mkdir()
        rows = [
            "\t".join((code, f"{code}.txt", title, "Doe, J.", "died 1900", f"us/{code}", "abc", LICENCES[code], "1"))
            for code, title in TITLES.items()
        ]
        (folder / "library" / "manifest.tsv").write_text(COLUMNS + "\n".join(rows) + "\n", encoding="utf-8")
        for code in TITLES:
            with zipfile.ZipFile(folder / "library" / f"{code}.zip", "w") as archive:
                archive.write(pair / f"{code}.txt", f"{code}.txt")
        make_script(folder / "library", folder / "one", folder / "cache", topics=6)

    return once(tmp_path_factory, "script", make)


def digests(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def info_of(folder: Path) -> InventoryInfo:
    return InventoryInfo.from_json((folder / "inventory.json").read_text(encoding="utf-8"))


def test_a_script_says_its_name_and_version_and_writes_texts(home: Path) -> None:
    encoder = SignEncoder(home / "one")
    info = encoder.inventory.info
    assert (info.script, info.version, info.sizes[0]) == (SCRIPT, "1.0.0", 6)
    assert info.sample_scenes == info.scenes
    found = encoder.encode("The wind tore the sail. A wave broke over the deck.", language="en")
    assert len(found.signs) == 4 * len(found)
    assert encoder.decode(found.glyphs)[0].topic.sign == found.signs[0]


def test_no_words_of_a_share_alike_work_are_passed_on(home: Path) -> None:
    def quoted(folder: Path) -> list[set[str]]:
        entries = (read_glossary(str(folder))[1], read_letters(str(folder)))
        return [{example.language for entry in some for example in entry.examples} for some in entries]

    assert quoted(home / "cache" / "dataset" / "inventory") == [{"en", "zh"}, {"en", "zh"}]
    assert quoted(home / "one") == [{"en"}, {"en"}]


def test_the_card_names_what_it_was_made_from(home: Path) -> None:
    card = (home / "one" / "README.md").read_text(encoding="utf-8")
    digest = hashlib.sha256((home / "one" / "inventory.json").read_bytes()).hexdigest()
    for words in (
        f"# {SCRIPT}\n",
        f"| SHA-256 of `inventory.json` | `{digest}` |",
        "Named as their licences ask: us/en (CC BY 4.0), us/zh (CC BY-SA 4.0).",
        "| en | Doe, J. | The Bell \\| of Saltmarsh | died 1900 | us/en |",
        "| zh | Doe, J. | 鹽澤之鐘 | died 1900 | us/zh |",
    ):
        assert words in card


def test_made_again_it_is_the_same_and_keeps_its_version(home: Path, tmp_path: Path) -> None:
    before = digests(home / "one")
    make_script(home / "library", home / "one", home / "cache", topics=6)
    assert digests(home / "one") == before
    run = json.loads((home / "cache" / "dataset" / "manifest.json").read_text(encoding="utf-8"))["run"]
    assert run["counters"].get("sentences/embedded", 0) == 0


def test_made_of_other_works_its_version_goes_up(home: Path, tmp_path: Path) -> None:
    left_out = tmp_path / "left-out.tsv"
    left_out.write_text("language\tfile\nzh\tzh.txt\n", encoding="utf-8")
    out = tmp_path / "script"
    out.mkdir()
    for file in (home / "one").iterdir():
        (out / file.name).write_bytes(file.read_bytes())
    (out / "of-an-earlier-form.bin").write_bytes(b"x")
    make_script(home / "library", out, home / "cache", left_out, topics=6)
    assert info_of(out).version == "1.1.0"
    assert set(info_of(out).languages) == {"en"}
    assert "鹽澤之鐘" not in (out / "README.md").read_text(encoding="utf-8")
    assert {file.name for file in out.iterdir()} == set(digests(home / "one"))


def test_a_work_that_cannot_be_used_ends_it(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    with zipfile.ZipFile(folder / "en.zip", "w") as archive:
        archive.writestr("en.txt", "Too short.")
    done = CliRunner().invoke(
        script_command, [str(folder), "--cache", str(tmp_path / "cache"), "--out", str(tmp_path / "out")]
    )
    assert done.exit_code == 1
    assert "en.jsonl#0" in done.output
    assert not (tmp_path / "out").exists()


def test_the_version_tells_a_change_of_codes_from_one_of_words(home: Path) -> None:
    info = replace(info_of(home / "one"), version="1.4.2")
    words = replace(info, files={**info.files, "signs.parquet": "0" * 64})
    codes = replace(info, files={**words.files, "codebook.safetensors": "0" * 64})
    assert [next_version(info, now) for now in (info, words, codes)] == ["1.4.2", "1.4.3", "1.5.0"]
