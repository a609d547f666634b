"""The hostile corpus: over five hundred files that a real library could hold, and many that only an enemy would."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

from tests.conftest import LIBRARY
from tests.hostile.items import STORY, TEXTS, Item
from tests.hostile.odd_archives import odd_archives
from tests.hostile.odd_documents import odd_documents
from tests.hostile.odd_forms import odd_forms
from tests.hostile.odd_texts import odd_texts

LONG = ("the-clockmakers-winter.txt", "the-mapmaker-of-kesh.txt")


def items(seed: int) -> list[Item]:
    """Every file of the corpus that is a file. The same seed makes the same bytes."""
    rng = random.Random(seed)
    return [*odd_texts(rng), *odd_archives(rng), *odd_forms(rng), *odd_documents(rng)]


def make_corpus(folder: Path, seed: int, step: int = 1) -> dict[str, str]:
    """Fills a folder, and returns what must come of each thing in it, by its name in the file system.

    good/ holds stories of the example library as they are, and two of them as one long book; whole/ the sound texts
    that others disguise. step: takes one of so many from the rest.
    """
    expected = {}
    for item in items(seed)[::step]:
        path = folder / item.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(item.data)
        expected[item.name] = item.expect
    for language in ("en", "ru", "zh"):
        (folder / "good" / language).mkdir(parents=True)
        shutil.copy(LIBRARY / language / STORY, folder / "good" / language)
        expected[f"good/{language}/{STORY}"] = "any"
    long = "\n\n".join((LIBRARY / "en" / name).read_text(encoding="utf-8") for name in LONG)
    (folder / "good" / "long.txt").write_text(long, encoding="utf-8")
    expected["good/long.txt"] = "any"
    for key, text in TEXTS.items():
        (folder / "whole").mkdir(exist_ok=True)
        (folder / "whole" / f"{key}.txt").write_text(text, encoding="utf-8", newline="")
        expected[f"whole/{key}.txt"] = f"book:{key}"
    return expected | _links(folder / "links")


def _links(folder: Path) -> dict[str, str]:
    """What a file system holds besides files."""
    folder.mkdir()
    (folder / "circle").symlink_to(folder.parent, target_is_directory=True)  # every file again, were it followed
    (folder / "self.txt").symlink_to("self.txt")
    (folder / "nowhere.txt").symlink_to("no-such-file.txt")
    (folder / "endless.txt").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.txt")
    (folder / "locked.txt").write_text(TEXTS["en"], encoding="utf-8")
    (folder / "locked.txt").chmod(0)
    no_utf8 = os.fsdecode(b"bytes-\xff\xfe.txt")
    (folder / no_utf8).write_text(TEXTS["en"], encoding="utf-8")
    return {
        "links/self.txt": "unreadable",
        "links/nowhere.txt": "unreadable",
        "links/endless.txt": "unsupported-type",
        "links/pipe.txt": "unsupported-type",
        "links/locked.txt": "book:en" if os.geteuid() == 0 else "unreadable",  # root reads everything
        f"links/{no_utf8}": "book:en",
    }
