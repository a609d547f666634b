"""Commands in the documents are commands of this version: each is parsed, with Beam's options after `--`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest

from scenesign.pipeline.cli import main
from scenesign.pipeline.run.options import beam_options
from tests.conftest import ROOT

DOCUMENTS = ["README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]


def commands(document: str) -> Iterator[list[str]]:
    """The words of each `scenesign` command in the code blocks of a document."""
    text = (ROOT / document).read_text(encoding="utf-8")
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.S | re.M):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("scenesign "):
                words = shlex.split(line, comments=True)[1:]
                yield words[: words.index(">")] if ">" in words else words


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_are_taken(document: str) -> None:
    found = list(commands(document))
    assert found or document.startswith("docs/")
    for name, *words in found:
        command = main.commands[name]
        with command.make_context(name, list(words)) as context:
            beam_options(context.meta.get("beam_arguments", []))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    targets = [target.split("#")[0] for target in re.findall(r"\]\((?!\w+:)([^)]+)\)", text)]
    folder = (ROOT / document).parent
    assert not [target for target in targets if target and not (folder / target).exists()]


def test_the_documents_hold_commands_for_every_runner() -> None:
    words = [word for document in DOCUMENTS for command in commands(document) for word in command]
    for runner in ("DataflowRunner", "FlinkRunner", "SparkRunner", "PortableRunner"):
        assert f"--runner={runner}" in words
