"""What a step is made of: found by its imports, and changed by each of them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scenesign.pipeline.run.sources import Sources, sources_of

FILES = {
    "__init__.py": "from toyland.shop import till",  # the public face: not followed
    "work/__init__.py": "",
    "work/step.py": "import json\nfrom toyland.tools import saw\n\ndef run():\n    from toyland.work import later\n",
    "work/later.py": "import numpy as np\nfrom . import beside\nfrom .beside import something\n",
    "work/beside.py": "something = 1\n",
    "work/weights/a.bin": "1",
    "work/weights/deep/b.bin": "1",
    "work/inner/__init__.py": "",
    "work/inner/other.txt": "",
    "tools/__init__.py": "",
    "tools/saw.py": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from toyland.shop import till\nelse:\n"
    "    try:\n        import toyland.tools.file\n    except ImportError:\n        import lxml.html\n",
    "tools/file.py": "class File:\n    def sharpen(self):\n        with self:\n"
    "            import toyland.tools.oil.can as can\n",
    "tools/oil/__init__.py": "",
    "tools/oil/can.py": "",
    "tools/hammer.py": "",
    "shop/__init__.py": "",
    "shop/till.py": "import torch",
}
CHANGES = (
    "work/step.py", "work/later.py", "work/beside.py", "work/weights/a.bin", "work/weights/deep/b.bin", "tools/saw.py",
    "tools/file.py", "tools/oil/can.py", "tools/__init__.py",
)  # fmt: skip


@pytest.fixture
def toyland(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package with a step, what it needs, and what it doesn't."""
    for name, text in FILES.items():
        path = tmp_path / "toyland" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "toyland" / "__init__.py").write_text("", encoding="utf-8")
    importlib.invalidate_caches()
    yield tmp_path / "toyland"
    for name in [name for name in sys.modules if name.partition(".")[0] == "toyland"]:
        del sys.modules[name]


def found() -> Sources:
    return sources_of(["toyland.work.step"])


def test_all_that_is_imported_is_found_and_nothing_is_run(toyland: Path) -> None:
    assert list(found().digests) == [
        "toyland.tools", "toyland.tools.file", "toyland.tools.oil", "toyland.tools.oil.can", "toyland.tools.saw",
        "toyland.work", "toyland.work.beside", "toyland.work.later", "toyland.work.step",
        "toyland.work/weights/a.bin", "toyland.work/weights/deep/b.bin",
    ]  # fmt: skip
    assert found().packages == ("lxml", "numpy")
    assert "toyland.work" not in sys.modules


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_in_what_it_needs_shows(toyland: Path, name: str) -> None:
    before = found()
    with (toyland / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    changed = {key for key, digest in found().digests.items() if before.digests.get(key) != digest}
    assert len(changed) == 1


def test_a_new_data_file_shows_and_a_lost_one(toyland: Path) -> None:
    before = found()
    (toyland / "tools" / "table.csv").write_text("1,2", encoding="utf-8")
    (toyland / "work" / "weights" / "a.bin").unlink()
    assert set(before.digests) ^ set(found().digests) == {"toyland.tools/table.csv", "toyland.work/weights/a.bin"}


@pytest.mark.parametrize("name", sorted(set(FILES) - set(CHANGES) - {"work/__init__.py", "tools/oil/__init__.py"}))
def test_a_change_elsewhere_does_not(toyland: Path, name: str) -> None:
    before = found()
    (toyland / name).write_text("import os\n", encoding="utf-8")
    (toyland / "shop" / "new.txt").write_text("new", encoding="utf-8")
    (toyland / "tools" / ".hidden").write_text("an editor's", encoding="utf-8")
    (toyland / "tools" / "__pycache__").mkdir()
    (toyland / "tools" / "__pycache__" / "saw.cpython-310.pyc").write_bytes(b"\0")
    assert found() == before


def test_a_step_that_is_not_there_is_named(toyland: Path) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"toyland\.work\.gone"):
        sources_of(["toyland.work.step", "toyland.work.gone"])
