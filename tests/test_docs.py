"""What the documents say can be done: commands are commands of this version, links lead somewhere, the site builds."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Template

import click
import pytest

from scenesign.pipeline.cli import main
from scenesign.pipeline.options.beam import beam_options
from tests.conftest import ROOT

DOCUMENTS = sorted(
    str(path.relative_to(ROOT))
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    if not path.is_symlink()  # the site's page of a document that lies at the top
)


def lines_of_code(document: str) -> Iterator[str]:
    """The lines of the code blocks of a document, continued ones joined, each command of a pipe on its own."""
    text = (ROOT / document).read_text(encoding="utf-8")
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.S | re.M):
        for line in block.replace("\\\n", " ").splitlines():
            yield from (part.strip() for part in line.split(" | "))


def commands(document: str) -> Iterator[list[str]]:
    """The words of each `scenesign` command in the code blocks of a document."""
    for line in lines_of_code(document):
        if line.startswith("scenesign "):
            words = shlex.split(line, comments=True)[1:]
            ends = [words.index(mark) for mark in (">", "&") if mark in words]
            yield words[: min(ends, default=None)]


def mentions(document: str) -> Iterator[list[str]]:
    """The words of each `scenesign` command within the prose of a document."""
    text = re.sub(r"^```.*?^```", "", (ROOT / document).read_text(encoding="utf-8"), flags=re.S | re.M)
    for found in re.findall(r"`scenesign ([^`]+)`", text):
        words = shlex.split(found)
        yield words[: words.index(">>")] if ">>" in words else words


def options_of(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)} | {"--help"}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_are_taken(document: str) -> None:
    # those of its shell
    settings = dict(re.findall(r"\b([A-Z]+)=(\S+)", (ROOT / document).read_text(encoding="utf-8")))
    for name, *words in commands(document):
        if name.startswith("-"):
            assert name in options_of(main)
            continue
        command = main.commands[name]
        with command.make_context(name, list(words)) as context:
            beam_options([Template(word).safe_substitute(settings) for word in context.meta.get("beam_arguments", [])])


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_in_prose_are_commands_with_such_options(document: str) -> None:
    for name, *words in mentions(document):
        options = {word.split("=")[0] for word in words if word.startswith("-")}
        assert options <= options_of(main if name.startswith("-") else main.commands[name]), name


@pytest.mark.parametrize("document", DOCUMENTS)
def test_scripts_that_are_run_are_there_and_take_such_options(document: str) -> None:
    for line in lines_of_code(document):
        if not line.startswith("python ") or line.startswith("python -"):
            continue
        _, script, *words = shlex.split(line, comments=True)
        source = (ROOT / script).read_text(encoding="utf-8")
        assert not [word for word in words if word.startswith("--") and f'"{word}"' not in source], line


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_make_is_asked_for_are_its_targets(document: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    text = (ROOT / document).read_text(encoding="utf-8")
    asked = re.findall(r"`make ([a-z-]+)`", text) + [
        line.split()[1] for line in lines_of_code(document) if line.startswith("make ")
    ]
    assert set(asked) <= targets


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    targets = [target.split("#")[0] for target in re.findall(r"\]\((?!\w+:)([^)]+)\)", text)]
    folder = (ROOT / document).parent
    assert not [target for target in targets if target and not (folder / target).exists()]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_of_the_repository_that_are_named_are_there(document: str) -> None:
    """Those in code spans with one of its folders in front."""
    text = (ROOT / document).read_text(encoding="utf-8")
    named = re.findall(r"`((?:benchmarks|docs|examples|pipeline|schemas|scenesign|tests|transforms)/[\w./-]*)`", text)
    assert not [name for name in named if not (ROOT / name).exists()]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_names_that_are_said_to_be_in_a_file_are_in_it(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    for name, file in re.findall(r"`(\w+)`\s+of\s+`([\w/]+\.py)`", text):
        assert re.search(rf"\b{name}\b", (ROOT / file).read_text(encoding="utf-8")), f"{name} of {file}"


def test_the_documents_hold_commands_for_every_runner() -> None:
    words = [word for document in DOCUMENTS for command in commands(document) for word in command]
    for runner in ("DataflowRunner", "FlinkRunner", "SparkRunner", "PortableRunner"):
        assert f"--runner={runner}" in words


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.slow
def test_the_site_builds_and_its_pages_fetch_nothing(tmp_path: Path) -> None:
    pytest.importorskip("material", reason="pip install -e '.[docs]' brings the site's builder")
    pytest.importorskip("mkdocstrings")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, timeout=300, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    pages = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.html")}
    assert {path.with_suffix(".html").name for path in (ROOT / "docs").glob("*.md")} <= pages.keys()
    for name, page in pages.items():
        assert not re.findall(r"<(?:script|img|link|iframe)[^>]*(?:src|href)=\"?(?:https?:)?//[^>]*>", page), name
        assert 'data-md-component="source"' not in page, "the theme asks the forge about its repository"


def test_docstrings_become_lists_and_code() -> None:
    pytest.importorskip("griffe")
    spec = importlib.util.spec_from_file_location("field_lists", ROOT / "docs" / "field_lists.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = "Sums.\n\na, b: what\n    is added. c: how. note: prose.\nd: more.\n\n>>> f(1)[2][3]\n6"
    assert module.as_markdown(text, {"a", "b", "c"}) == (
        "Sums.\n\n- `a`, `b`: what\n  is added.\n- `c`: how. note: prose.\n  d: more.\n\n"
        "```pycon\n>>> f(1)[2][3]\n6\n```"
    )
