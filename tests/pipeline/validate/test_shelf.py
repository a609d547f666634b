"""What a manifest says of its shelf, and the description for catalogues that follows from it, are checked."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scenesign.schemas.rules import RULES
from tests.pipeline.validate.damage import CONSEQUENCES, SEQUENCES, Copy, Damage


def copy_ids(copy: Copy) -> list[str]:
    """Ids of the books of the split `train`, in order."""
    ids: list[str] = pq.read_table(copy / SEQUENCES, partitioning=None)["book_id"].to_pylist()
    return ids


def last_to_another_split(copy: Copy) -> None:
    book_id = copy_ids(copy)[-1]
    for config in ("sequences", "scenes", "concepts"):
        path = f"{config}/split=train/train-00000-of-00001.parquet"
        table = pq.read_table(copy / path, partitioning=None)
        mine = pa.compute.equal(table["book_id"], book_id)
        new = f"{config}/split=held/held-00000-of-00001.parquet"
        copy.write(new, table.filter(mine))
        copy.write(path, table.filter(pa.compute.invert(mine)))
        copy.list(new, config, "held")


def share_text(copy: Copy, book: int, other: str | None, share: object) -> None:
    """A book names another, by id, itself ("") or the next one (None)."""

    def edit(manifest: dict[str, Any]) -> None:
        books = manifest["books"]
        named = books[book + 1]["book_id"] if other is None else other or books[book]["book_id"]
        books[book]["near_duplicates"] = [{"book_id": named, "share": share}]

    copy.edit_manifest(edit)


def near_duplicates_in_two_splits(copy: Copy) -> None:
    """The last book goes to another split than the first, which it shares text with."""
    last_to_another_split(copy)
    share_text(copy, -1, copy_ids(copy)[0], 0.9)


UNSEALED: dict[str, tuple[Damage, set[str]]] = {
    "a near-duplicate that is not there": (
        lambda c: share_text(c, 0, "f" * 32, 0.9),
        {"splits.near-duplicates"},
    ),
    "a near-duplicate of itself": (lambda c: share_text(c, 0, "", 0.9), {"splits.near-duplicates"}),
    "more than all of a text": (lambda c: share_text(c, 0, None, 1.1), {"splits.near-duplicates"}),
    "a share beyond all numbers": (lambda c: share_text(c, 0, None, 10**400), {"manifest.form"}),
    "a stage that counts words": (
        lambda c: c.edit_manifest(lambda m: m["stages"][1].update(refused={"empty": "two"})),
        {"manifest.form"},
    ),
    "sizes of a stage that are words": (
        lambda c: c.edit_manifest(lambda m: m["stages"][-1]["sizes"]["scenes"].update(quantiles={"0.5": "many"})),
        {"manifest.form"},
    ),
    "a stage that loses a book": (
        lambda c: c.edit_manifest(lambda m: m["stages"][1].update(went_out=m["stages"][1]["went_out"] - 1)),
        {"manifest.accounts"},
    ),
    "a last stage that makes a book": (
        lambda c: c.edit_manifest(
            lambda m: m["stages"][-1].update(
                came_in=m["stages"][-1]["came_in"] + 1, went_out=m["stages"][-1]["went_out"] + 1
            )
        ),
        {"manifest.accounts"},
    ),
    "no stages, as before they were counted": (lambda c: c.edit_manifest(lambda m: m.pop("stages")), set()),
    "a share that is no number": (lambda c: share_text(c, 0, None, "much"), {"manifest.form"}),
    "no description for catalogues": (lambda c: (c / "croissant.json").unlink(), {"croissant.present"}),
    "a description that is a list": (
        lambda c: (c / "croissant.json").write_text("[]", encoding="utf-8"),
        {"croissant.files"},
    ),
    "a description of another file": (
        lambda c: c.edit_json("croissant.json", lambda d: d["distribution"][0].update(sha256="0" * 64)),
        {"croissant.files"},
    ),
    "a description of a file that is none of the dataset's": (
        lambda c: c.edit_json("croissant.json", lambda d: d["distribution"][0].update(contentUrl="../x")),
        {"croissant.files"},
    ),
    "a description that lacks a column": (
        lambda c: c.edit_json("croissant.json", lambda d: d["recordSet"][0]["field"].pop()),
        {"croissant.tables"},
    ),
    "a description of another kind": (
        lambda c: c.edit_json("croissant.json", lambda d: d.update(distribution=7, recordSet={"field": "x"})),
        {"croissant.files", "croissant.tables"},
    ),
}

SEALED: dict[str, tuple[Damage, set[str]]] = {
    "near-duplicates in two splits": (near_duplicates_in_two_splits, {"splits.near-duplicates"}),
}


@pytest.mark.parametrize("name", UNSEALED)
def test_damage_that_the_manifest_shows(name: str, copy: Copy) -> None:
    damage, rules = UNSEALED[name]
    damage(copy)
    found = set(copy.validate().counts)
    # made from the manifest, it differs from one that is changed
    assert found - rules <= {"croissant.files"} - {rule for rule in rules if rule.startswith("croissant.")}
    assert rules <= found


@pytest.mark.parametrize("name", SEALED)
def test_damage_under_true_digests(name: str, copy: Copy) -> None:
    damage, rules = SEALED[name]
    damage(copy)
    copy.seal()
    verdict = copy.validate()
    assert rules <= set(verdict.counts)
    assert set(verdict.counts) - rules <= CONSEQUENCES
    assert verdict.valid == all(not RULES[rule].must for rule in verdict.counts)
