"""Manners of the command line: help that teaches, completion, plain output for programs, words that help on."""

from __future__ import annotations

import json
import os
import re
import select
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from rich.console import Console

from scenesign.pipeline.cli import main
from scenesign.pipeline.commands import build
from scenesign.schemas.version import PROTOCOL_VERSION
from tests.conftest import ROOT, run_scenesign, warm_nursery

COMMANDS = sorted(main.commands)
ESCAPE = "\x1b"


def examples(command: click.Command) -> list[list[str]]:
    """The command lines in a command's help, as words."""
    lines = [line.strip() for line in re.sub(r" \\\n\s*", " ", command.help or "").splitlines()]
    lines = [line[line.index("scenesign ") :] for line in lines if re.match(r"(echo .*\| )?scenesign ", line)]
    return [shlex.split(re.split(r" [<>]| \| |  ", line)[0]) for line in lines]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_teaches_by_examples_that_parse(name: str) -> None:
    command = main.commands[name]
    found = [words for words in examples(command) if words[1] == name]
    assert found, f"{name} --help has no example"
    for words in found:
        context = click.Context(command, info_name=name)
        command.parse_args(context, list(words[2:]))
    done = CliRunner().invoke(main, [name, "--help"])
    assert done.exit_code == 0
    assert (command.short_help or "").endswith(".")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained(name: str) -> None:
    for parameter in main.commands[name].params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


def test_the_overview_names_every_command_and_its_examples_parse() -> None:
    for words in examples(main):
        if words[1] in main.commands:
            command = main.commands[words[1]]
            command.parse_args(click.Context(command, info_name=words[1]), list(words[2:]))
    shown = CliRunner().invoke(main, ["--help"]).stdout
    assert all(re.search(rf"^  {name} ", shown, re.M) for name in COMMANDS)


def test_version_names_the_protocol() -> None:
    shown = CliRunner().invoke(main, ["--version"]).stdout
    assert re.fullmatch(rf"scenesign \d+\.\d+\.\d+, protocol scene-signs/{re.escape(PROTOCOL_VERSION)}\n", shown)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["buidl"], "Did you mean 'build'"),
        (["encode", "--inventry", "x"], "Did you mean '--inventory'"),
        (["validate"], "Missing argument 'DATASET'"),
        (["build", "x", "-o", "y", "--concepts", "float8"], "'float8' is not one of 'none', 'float16', 'float32'"),
        (["completion", "tcsh"], "'tcsh' is not one of 'bash', 'fish', 'zsh'"),
    ],
)
def test_wrong_use_names_the_way_out(arguments: list[str], says: str) -> None:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert says in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_parse(shell: str) -> None:
    script = CliRunner().invoke(main, ["completion", shell])
    assert script.exit_code == 0
    assert "_SCENESIGN_COMPLETE" in script.stdout
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script.stdout, text=True, check=True, encoding="utf-8")


def test_the_shell_that_is_in_use_is_the_default() -> None:
    assert "fish_complete" in CliRunner().invoke(main, ["completion"], env={"SHELL": "/usr/bin/fish"}).stdout
    odd = CliRunner().invoke(main, ["completion"], env={"SHELL": "/bin/dash"})
    assert (odd.exit_code, odd.stderr) == (2, "error: no completion for 'dash'; name one of bash, fish, zsh\n")


def complete(words: str) -> list[str]:
    """What bash is offered for the last of the words."""
    environment = os.environ | {
        "_SCENESIGN_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "scenesign"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_bash_is_offered_commands_options_values_and_files() -> None:
    assert complete("scenesign va") == ["plain,validate"]
    assert complete("scenesign build --conc") == ["plain,--concepts"]
    assert complete("scenesign build --concepts float") == ["plain,float16", "plain,float32"]
    assert complete("scenesign validate out/d")[0].startswith("file,")


def run_in_terminal(*arguments: object, **environment: str) -> str:
    """The command's output as a terminal gets it."""
    import pty

    master, slave = pty.openpty()
    clean = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "CI", "COLUMNS")}
    settings = clean | {"TERM": "xterm-256color"} | environment
    running = warm_nursery().start(*arguments, terminal=os.ttyname(slave), environment=settings)
    output = b""
    while True:
        over = running.over  # asked first: what it said before its end is then there to read
        if select.select([master], [], [], 0.05)[0]:
            output += os.read(master, 65536)
        elif over:
            break
    os.close(master)
    os.close(slave)
    assert running.code() == 0, output
    return output.decode()


def test_colours_are_for_terminals_that_want_them(library: Path, tmp_path: Path) -> None:
    plan = ("build", library, "-o", tmp_path / "out", "--dry-run")
    assert ESCAPE in run_in_terminal(*plan)
    # bold and italics may stay: NO_COLOR is about colour
    assert not re.search(r"\x1b\[[\d;]*3[0-7]m", run_in_terminal(*plan, NO_COLOR="1"))
    piped = run_scenesign(*plan)
    assert ESCAPE not in piped.stdout + piped.stderr


def test_a_plan_for_programs(library: Path, tmp_path: Path) -> None:
    words = ("build", library / "en", "-o", tmp_path / "out", "--dry-run", "--json", "--seed", 7)
    run = warm_nursery().start(*words, apart=True)
    done = run.completed()
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert len(plan["inputs"]) == 4
    assert plan["options"]["inventory"]["seed"] == 7
    assert "ReadBooks" in plan["steps"]
    assert list(tmp_path.iterdir()) == []
    assert list(run.temporary.iterdir()) == []


@pytest.mark.parametrize("option", ["-o", "--parts"])
def test_a_place_that_cannot_be_written_to_is_named_before_any_work(library: Path, tmp_path: Path, option: str) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    places = {"-o": tmp_path / "out", "--parts": tmp_path / "parts"} | {option: tmp_path / "file" / "below"}
    done = run_scenesign("build", library / "en", *(word for pair in places.items() for word in pair))
    assert done.returncode == 2
    assert re.search(
        rf"error: can't write to {re.escape(str(tmp_path))}/file.*; choose another -o or --parts", done.stderr
    )
    assert "Traceback" not in done.stderr


def test_encode_and_decode_for_programs(demo: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        "The wind tore the sail. A wave broke over the deck and the mast fell.", encoding="utf-8"
    )
    encoded = run_scenesign("encode", "-i", demo, "--json", tmp_path / "a.txt")
    row = json.loads(encoded.stdout)
    assert len(row["signs"]) == 2 * len(row["scenes"])
    decoded = run_scenesign("decode", "-i", demo, "--json", row["glyphs"])
    told = [json.loads(line) for line in decoded.stdout.splitlines()]
    assert [sign for scene in told for sign in scene["signs"]] == row["signs"]
    missing = run_scenesign("encode", "-i", tmp_path, tmp_path / "a.txt")
    assert missing.returncode == 2
    assert "give a dataset or its folder `inventory`" in missing.stderr


def test_without_a_folder_for_temporary_files_a_line_says_so(library: Path, tmp_path: Path) -> None:
    program = """
import sys, tempfile
def none():
    raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp']")
tempfile._get_default_tempdir = none
from scenesign.pipeline.cli import entry
entry()
"""
    command = [sys.executable, "-c", program, "build", str(library), "-o", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.returncode == 2
    first, error = done.stderr.splitlines()
    assert first.startswith("scenesign: building ")
    assert error.startswith("error: no folder for temporary files can be written to; set TMPDIR")


def test_what_others_say_is_no_code_of_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A pool, or a worker on another machine, says what it likes."""
    with pytest.raises(SystemExit):
        build._fail(Console(), "birch says \x1b[2J[red]\x07", 1)
    assert capsys.readouterr().out == "error: birch says \\x1b[2J[red]\\x07\n"
