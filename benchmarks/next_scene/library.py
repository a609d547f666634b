"""The library of the experiment: which works are trained on and which are held out, and both as datasets.

Whole lots are held out: all that is by one author or a version of one work, in any language. The inventory is fitted on
the works that are trained on, alone; the others are written with it.
"""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scenesign.pipeline.script.library import Work, read_works, write_rows
from scenesign.schemas.parts import BookEntry
from scenesign.transforms.dataset.splits import position, split_lots

ROOT = Path(__file__).resolve().parents[2]
# Shares of each language's works that are held out: to choose by, and to ask about.
CHOSEN, ASKED = 0.05, 0.16
# Names of one author that don't begin alike.
_ALSO = {"夏目漱石": "Natsume-Soseki", "馮夢龍-蔡元放": "馮夢龍"}
GLYPHS = 4


@dataclass(frozen=True)
class Plan:
    """Who is on which side. train: in the order in which shelves of any size take from it. Works are language/file."""

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]


def key_of(work: Work) -> str:
    return f"{work.language}/{work.file}"


def lots_of(works: Sequence[Work]) -> dict[str, list[str]]:
    """Works that stay on one side, by the lot's key. An author is known by the family name, so are translations."""
    family = {work.author: _ALSO.get(work.author, work.author.split(",")[0]) for work in works}
    entries = [
        BookEntry(key_of(work), key_of(work), work.title, family[work.author], work.language, 0, 0, "")
        for work in works
    ]
    return {key: [entry.book_id for entry in lot] for key, lot in split_lots(entries).items()}


def hold_out(works: Sequence[Work], seed: int = 0, chosen: float = CHOSEN, asked: float = ASKED) -> Plan:
    """Draws the lots to ask about, then those to choose by; the rest is trained on.

    In an order by hash a lot is held out when no language gets more than its share by it (one work at least, never
    all lots), so a lot that is large for its languages is trained on. Languages with few lots choose first, else they
    would find none that fits; where no lot does, the smallest is taken. The training works stand in rounds, one of
    each lot, so that few of them are of many authors.
    """
    lots = lots_of(works)
    order = sorted(lots, key=lambda key: (position(key, seed), key))
    total = Counter(work.language for work in works)
    spoken = {key: Counter(work.split("/")[0] for work in lot) for key, lot in lots.items()}
    languages = sorted(total, key=lambda language: (sum(language in own for own in spoken.values()), language))
    sides: list[list[str]] = []
    for share in (asked, chosen):
        left = Counter(language for key in order for language in spoken[key])
        room = {code: max(1, round(share * count)) if left[code] > 1 else 0 for code, count in total.items()}
        side: list[str] = []
        for key in [key for language in languages for key in order if language in spoken[key]]:
            own = spoken[key]
            if key in order and all(room[code] >= count for code, count in own.items()):
                room = {code: free - own[code] for code, free in room.items()}
                side += lots[key]
                order.remove(key)
        if not side and len(order) > 1:  # of few works the smallest lot has to do
            smallest = min(order, key=lambda key: len(lots[key]))
            side = lots[smallest]
            order.remove(smallest)
        sides.append(side)
    rounds = [(place, number, work) for number, key in enumerate(order) for place, work in enumerate(lots[key])]
    return Plan(tuple(work for _, _, work in sorted(rounds)), tuple(sorted(sides[1])), tuple(sorted(sides[0])))


def packed(folder: Path, target: Path) -> Path:
    """A library of the texts of a folder, LANGUAGE/*.txt: an archive per language."""
    target.mkdir(parents=True, exist_ok=True)
    for language in sorted(path for path in folder.iterdir() if path.is_dir()):
        with zipfile.ZipFile(target / f"{language.name}.zip", "w") as archive:
            for path in sorted(language.glob("*.txt")):
                archive.writestr(zipfile.ZipInfo(path.name), path.read_text(encoding="utf-8"))
    return target


@dataclass(frozen=True)
class Built:
    """fitted: the dataset of the training works, which has the inventory; held_out: that of the others.

    sources: language/file of each book, by what its dataset calls its source; the same for held_out.
    """

    plan: Plan
    fitted: Path
    held_out: Path
    of_fitted: dict[str, str]
    of_held_out: dict[str, str]


def build(library: Path, output: Path, topics: int | None, parts: Path | None = None, seed: int = 0) -> Built:
    """Both datasets; those that an earlier call left whole are used again.

    parts: finished books of earlier builds, to go on with. Raises UsageError for a library that can't be read,
    ValueError when it is too small to hold something out, and subprocess.CalledProcessError when a build fails; it has
    said why.
    """
    works = read_works(library)
    plan = hold_out(works, seed)
    if not (plan.train and plan.validation and plan.test):
        raise ValueError(f"{library}: works of {len(lots_of(works))} authors; give three or more")
    finished = ["--parts", str(parts or output / "parts"), "--glyphs", str(GLYPHS), "--concepts", "float16"]
    known = {key_of(work): work for work in works}
    found = []
    for name, keys in (("fitted", plan.train), ("held-out", plan.validation + plan.test)):
        rows, dataset = output / f"rows-{name}", output / name
        shutil.rmtree(rows, ignore_errors=True)
        chosen = [known[key] for key in sorted(keys)]
        named = write_rows(library, [replace(work, licence="") for work in chosen], rows)
        inventory = ["--inventory", str(output / "fitted") if found else "fit"]
        inventory += ["--signs", str(topics)] if topics and not found else []
        if not (dataset / "manifest.json").exists():
            command = [sys.executable, "-m", "scenesign", "build", str(rows), "-o", str(dataset), *inventory, *finished]
            subprocess.run([*command, "--quiet"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        found.append((dataset, {source: key_of(work) for source, work in named.items()}))
    return Built(plan, found[0][0], found[1][0], found[0][1], found[1][1])


def sizes_of(books: int, wanted: Sequence[int]) -> tuple[int, ...]:
    """Sizes of the shelves to train on, ascending: those wanted that there are books for, and all books."""
    return tuple(sorted({size for size in wanted if size < math.ceil(0.9 * books)} | {books}))
