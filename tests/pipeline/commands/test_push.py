"""`scenesign push`: what it prints, for people and for programs, and how it ends."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from scenesign.pipeline.commands.encode import decode_glyphs
from scenesign.pipeline.commands.push import push_dataset
from scenesign.transforms.dataset.read import Dataset
from tests.conftest import ROOT, fresh_environment
from tests.hub import TOKEN, Hub


def run(*arguments: object) -> Result:
    return CliRunner().invoke(push_dataset, list(map(str, arguments)))


def test_a_dry_run_lists_what_would_go_and_a_push_says_where_it_is(bell: Path, hub: Hub) -> None:
    planned = run(bell, "hf:ada/books", "--dry-run")
    assert planned.exit_code == 0
    lines = planned.stdout.splitlines()
    assert lines[0].startswith("bell: 2 books, ")
    assert any(line.startswith("+ manifest.json  ") for line in lines)
    assert lines[-1] == f"to {hub.endpoint}/datasets/ada/books, branch main; nothing was sent"
    assert hub.repositories == {}
    done = run(bell, "hf:ada/books")
    commit = hub.repositories["datasets/ada/books"].branches["main"]
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-2:] == [
        f"{hub.endpoint}/datasets/ada/books/commit/{commit}",
        'read it: datasets.load_dataset("ada/books", "sequences")',
    ]
    assert done.stderr.startswith("note: 2 of 2 books state no licence")
    assert "nothing to do: all of it is there already" in run(bell, "hf:ada/books").stdout
    assert TOKEN not in planned.output + done.output


def test_json_has_each_file_and_what_becomes_of_it(bell: Path, hub: Hub) -> None:
    done = run(bell / "inventory", "hf:ada/script", "--private", "--json")
    told = json.loads(done.stdout)
    assert (told["kind"], told["repo"], told["dry_run"]) == ("model", "ada/script", False)
    assert told["commit"] == hub.repositories["models/ada/script"].branches["main"]
    states = {file["path"]: file["state"] for file in told["files"]}
    assert states["inventory.json"] == states["README.md"] == "new"
    assert hub.repositories["models/ada/script"].private


def test_exit_codes_tell_wrong_use_from_failure(bell: Path, hub: Hub, tmp_path: Path) -> None:
    wrong = run(bell, "books")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert wrong.stderr == (
        "error: books names no repository of the hub; write hf:USER/NAME[@REVISION][#sha256=DIGEST]\n"
    )
    assert run(tmp_path, "hf:ada/books").exit_code == 2
    copy = shutil.copytree(bell, tmp_path / "copy")
    (copy / "report" / "metrics.json").write_text("{}", encoding="utf-8")
    damaged = run(copy, "hf:ada/books")
    assert damaged.exit_code == 1
    assert damaged.stderr.count("\n") == 1
    hub.refusal = (403, "no rights")
    assert run(bell, "hf:ada/books").exit_code == 1


def test_as_a_user_runs_it(bell: Path, hub: Hub, tmp_path: Path) -> None:
    environment = fresh_environment() | {
        "HF_ENDPOINT": hub.endpoint,
        "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_OFFLINE": "0",
        "HF_TOKEN": TOKEN,
    }

    def scenesign(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "scenesign", *map(str, arguments)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=environment,
            timeout=120,
        )

    sent = scenesign("push", bell, "hf:ada/books")
    assert sent.returncode == 0, sent.stderr
    glyphs = next(iter(Dataset(bell))).glyphs[:4]
    alone = shutil.copytree(bell / "inventory", tmp_path / "inventory")
    here = CliRunner().invoke(decode_glyphs, ["-i", str(alone), glyphs, "--language", "en"])
    there = scenesign("decode", "-i", "hf:ada/books", glyphs, "--language", "en")
    assert (there.returncode, there.stdout) == (0, here.stdout)
    assert TOKEN not in sent.stdout + sent.stderr + there.stdout + there.stderr
