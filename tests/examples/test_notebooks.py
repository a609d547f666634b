"""The notebooks run from a bare folder, and what is printed in them is what they print."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from examples.run_notebooks import differences, joined, lasting, notebooks, run, said
from tests.conftest import ROOT


@pytest.mark.slow
def test_every_notebook_runs_and_prints_what_it_says(tmp_path: Path) -> None:
    changed = []
    for path in notebooks():  # in one folder: the first builds what the others read
        found = run(path, tmp_path)
        changed += [f"{path.name}: {each}" for each in differences(nbformat.read(path, as_version=4), found)]
    assert not changed, "run `make notebooks`"


def test_what_is_committed_tells_nothing_of_whoever_ran_it() -> None:
    for path in notebooks():
        text = path.read_text(encoding="utf-8")
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert len(text) < 300_000, path
        assert not re.search(r'"/(home|root|tmp|work|Users)/', text), path
        assert set(notebook.metadata) == {"kernelspec", "language_info"}, path
        assert all("execution" not in cell.metadata for cell in notebook.cells), path
        ran = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
        assert ran == list(range(1, len(ran) + 1)), f"{path}: run `make notebooks`"


def test_the_guide_to_examples_names_them_all() -> None:
    guide = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    for path in [*notebooks(), *(ROOT / "examples").glob("*.py")]:
        assert f"({path.relative_to(ROOT / 'examples').as_posix()})" in guide


def cell(text: str, *tags: str, output: str = "stream") -> NotebookNode:
    made = nbformat.v4.new_output(output, name="stdout", text=text)
    return nbformat.v4.new_code_cell("x", outputs=[made], metadata={"tags": list(tags)})


def test_only_what_must_not_change_is_compared() -> None:
    def book(*cells: NotebookNode) -> NotebookNode:
        return nbformat.v4.new_notebook(cells=list(cells))

    assert not list(differences(book(cell("a"), cell("b", "varies")), book(cell("a"), cell("c", "varies"))))
    (found,) = differences(book(cell("a"), cell("b")), book(cell("a"), cell("c")))
    assert found.startswith("cell 1: ")
    assert "'b' became 'c'" in found


def test_messages_are_not_kept() -> None:
    assert lasting(nbformat.v4.new_output("stream", name="stderr", text="progress")) is None
    kept = nbformat.v4.new_output("stream", name="stdout", text="result")
    assert lasting(kept) == kept


def test_it_makes_no_difference_in_how_many_pieces_a_kernel_sends_what_is_printed() -> None:
    """A busy machine cuts where a quiet one does not."""
    pieces = [nbformat.v4.new_output("stream", name="stdout", text=text) for text in ("one\n", "  two\n")]
    shown = nbformat.v4.new_output("execute_result", data={"text/plain": "3"})
    split = nbformat.v4.new_code_cell("x", outputs=[*pieces, shown])
    assert said(split) == "one\n  two\n3"
    whole = nbformat.v4.new_code_cell("x", outputs=joined(split.outputs))
    assert [output.output_type for output in whole.outputs] == ["stream", "execute_result"]
    assert said(whole) == "one\n  two\n3"
