"""Runs the notebooks in `examples/notebooks` and writes what they print into them, or tells what has changed.

    python examples/run_notebooks.py                # all of them, outputs written
    python examples/run_notebooks.py --check        # writes nothing; exits with 1 where an output is another

Each runs in a kernel of its own, in one folder for all: what the first builds, the others use. Times, warnings and
progress are left out, so that running them again changes nothing. A cell with the tag `varies` may print something else
on another machine; it is run, and not compared.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets.config import Config

NOTEBOOKS = Path(__file__).parent / "notebooks"
SECONDS = 300  # the most that a cell may take


def notebooks() -> list[Path]:
    """In the order of their numbers."""
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def run(path: Path, folder: Path) -> NotebookNode:
    """A notebook with its outputs, run in a folder. Raises CellExecutionError with the traceback where a cell fails."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as sockets:
        client = NotebookClient(
            notebook,
            timeout=SECONDS,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
            record_timing=False,
            config=Config({"KernelManager": transport(sockets)}),
        )
        client.execute(env=environment())
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = joined(kept for output in cell.outputs if (kept := lasting(output)))
    notebook.metadata = nbformat.read(path, as_version=4).metadata
    return notebook


def transport(folder: str) -> dict[str, str]:
    """How to speak to a kernel: by sockets in a folder, where there are such, not read by others."""
    return {"transport": "ipc", "ip": f"{folder}/kernel"} if os.name == "posix" else {}


def environment() -> dict[str, str]:
    """Of a kernel: nothing is looked for on a hub, and this project is found from any folder."""
    root = str(Path(__file__).parents[1])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": os.pathsep.join(paths), "PYTHONWARNINGS": "ignore"}


def lasting(output: NotebookNode) -> NotebookNode | None:
    """An output without what differs from run to run; None for messages and progress."""
    if output.get("name") == "stderr":
        return None
    if "data" in output:
        output.data.pop("text/html", None) if "image/png" in output.data else None
    output.pop("execution_count", None) if output.output_type != "execute_result" else None
    return output


def joined(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    """The outputs, with what was printed in several pieces in one."""
    found: list[NotebookNode] = []
    for output in outputs:
        if found and output.output_type == found[-1].output_type == "stream":
            found[-1].text += output.text
        else:
            found.append(output)
    return found


def differences(stated: NotebookNode, found: NotebookNode) -> Iterator[str]:
    """Cells whose outputs are other ones, but for those with the tag `varies`; pictures count as equal."""
    for number, (old, new) in enumerate(zip(stated.cells, found.cells, strict=True)):
        if old.cell_type == "code" and "varies" not in old.metadata.get("tags", []) and said(old) != said(new):
            yield f"cell {number}: {said(old)[:300]!r} became {said(new)[:300]!r}"


def said(cell: NotebookNode) -> str:
    """All text that a cell prints or shows. What it prints comes in as many pieces as the kernel happens to send."""
    return "".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs)


def main() -> int:
    """Runs what is asked for; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, and tell what has changed")
    check = parser.parse_args().check
    changed = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in notebooks():
            found = run(path, Path(folder))
            if check:
                for difference in differences(nbformat.read(path, as_version=4), found):
                    print(f"{path.name}: {difference}")
                    changed = 1
            else:
                nbformat.write(found, path)
                print(f"{path.name}: written")
    return changed


if __name__ == "__main__":
    sys.exit(main())
