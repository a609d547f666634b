"""The demo's figures in the documents are those of the dataset that `make demo` builds."""

from __future__ import annotations

import re
import shlex

import pytest

from benchmarks.demo import NAMES, SHOWN, blocks, documents, held, kernel, made_on, opening, renew
from tests.conftest import ROOT, run_scenesign


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The blocks of a dataset that was built by the words of the Makefile, into a folder of its own."""
    line = re.search(r"^\t\$\(BIN\)/scenesign (build .*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert line
    words = shlex.split(line[1])
    output = tmp_path_factory.mktemp("make-demo") / "demo"
    words[words.index("-o") + 1] = str(output)
    done = run_scenesign(*words)
    assert done.returncode == 0, done.stderr
    return blocks(output, kernel())


def test_the_documents_say_what_a_fresh_demo_says(fresh: dict[str, str]) -> None:
    found = [(path.name, name, block) for path in documents() for name, block in held(path.read_text("utf-8")).items()]
    assert {name for document, name, _ in found if document == "README.md"} == {"counts", "signs"}
    for document, name, block in found:
        made = made_on(block)
        if made in (None, made_on(fresh[name])):
            assert block == fresh[name], f"{document}, {name}: run `make figures`"
        else:  # other kernels find other signs; the form is the same
            assert shape(block) == shape(fresh[name]), f"{document}, {name}: run `make figures`"


def shape(block: str) -> tuple[str, list[int]]:
    """The head of a table, and how many cells its rows have."""
    rows = [line for line in block.splitlines() if line.startswith("|")]
    return rows[0], [row.count("|") - row.count("\\|") for row in rows]


def test_the_demo_leaves_nothing_out(fresh: dict[str, str]) -> None:
    stories = len(list((ROOT / "examples" / "library" / "en").glob("*.txt")))
    books = stories * len(NAMES)
    assert fresh["counts"].startswith(f"{books} books of {books} inputs: ")
    assert fresh["counts"].endswith(" Nothing was left out.")
    assert len(shape(fresh["signs"])[1]) == 2 + SHOWN


def test_blocks_are_replaced_and_nothing_else() -> None:
    text = "a\n<!-- demo: one -->\n<!-- end of demo -->\nb\n<!-- demo: two -->\nold\n\nold\n<!-- end of demo -->\nc\n"
    assert held(text) == {"one": "", "two": "old\n\nold"}
    renewed = renew(text, {"one": "1", "two": "2\n2", "three": "3"})
    assert held(renewed) == {"one": "1", "two": "2\n2"}
    assert renew(renewed, {"one": "", "two": "old\n\nold"}) == text.replace("-->\n<!-- end", "-->\n\n<!-- end", 1)
    with pytest.raises(ValueError, match="'two'; the names are one"):
        renew(text, {"one": "1"})


def test_text_of_books_does_not_break_the_table() -> None:
    assert opening("a | b <i> `c` [d] *e*") == "a \\| b \\<i> \\`c\\` \\[d\\] \\*e\\*"
    assert opening("word " * 40).removesuffix(" …").split() == ["word"] * 13


def test_the_kernel_of_this_machine_is_the_same_again() -> None:
    assert kernel() == kernel()
    assert kernel().count(";") == 2
