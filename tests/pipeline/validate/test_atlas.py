"""The atlas: what contradicts the scenes or the number of topics is found, and a dataset may have none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scenesign.schemas.tables import ATLAS_SCENES_FILE, ATLAS_TOPICS_FILE
from tests.pipeline.validate.damage import Copy, Damage, set_at

Rows = list[dict[str, Any]]


def scenes(edit: Callable[[Rows], object]) -> Damage:
    return lambda copy: copy.edit_rows(ATLAS_SCENES_FILE, edit)


def topics(edit: Callable[[Rows], object]) -> Damage:
    return lambda copy: copy.edit_rows(ATLAS_TOPICS_FILE, edit)


def neighbours(edit: Callable[[list[int], list[float]], object]) -> Damage:
    return scenes(lambda rows: edit(rows[3]["neighbors"]["ids"], rows[3]["neighbors"]["distances"]))


def one_less(rows: Rows) -> None:
    for values in rows[3]["neighbors"].values():
        values.pop()


def drop_last(rows: Rows) -> None:
    """The last scene goes, and as neighbour of others a scene that none of them has takes its place."""
    last = len(rows) - 1
    rows.pop()
    for at, row in enumerate(rows):
        ids = row["neighbors"]["ids"]
        unused = (other for other in range(last) if other != at and other not in ids)
        row["neighbors"]["ids"] = [next(unused) if other == last else other for other in ids]


DAMAGES: dict[str, tuple[Damage, set[str]]] = {
    "a scene less": (scenes(drop_last), {"atlas.scenes"}),
    "scenes in another order": (scenes(lambda rows: rows.insert(0, rows.pop(1))), {"atlas.scenes"}),
    "a book of no dataset": (scenes(set_at(0, book_id="f" * 32)), {"atlas.scenes"}),
    "another split": (scenes(set_at(0, split="nowhere")), {"atlas.scenes"}),
    "another language": (scenes(set_at(0, language="de")), {"atlas.scenes"}),
    "another topic": (scenes(set_at(0, sign=lambda sign: (sign + 1) % 12)), {"atlas.scenes"}),
    "no place": (scenes(set_at(0, x=float("nan"))), {"atlas.scenes"}),
    "a neighbour too few": (scenes(one_less), {"atlas.neighbors"}),
    "a neighbour of no row": (neighbours(lambda ids, _: ids.__setitem__(9, 10**6)), {"atlas.neighbors"}),
    "a scene beside itself": (neighbours(lambda ids, _: ids.__setitem__(0, 3)), {"atlas.neighbors"}),
    "a neighbour twice": (neighbours(lambda ids, _: ids.__setitem__(1, ids[0])), {"atlas.neighbors"}),
    "distances that fall": (neighbours(lambda _, far: far.reverse()), {"atlas.neighbors"}),
    "a distance beyond 2": (neighbours(lambda _, far: far.__setitem__(9, 2.5)), {"atlas.neighbors"}),
    "a topic less": (topics(lambda rows: rows.pop()), {"atlas.topics"}),
    "topics in another order": (topics(lambda rows: rows.reverse()), {"atlas.topics"}),
    "a topic without a place": (topics(set_at(0, y=float("inf"))), {"atlas.topics"}),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_by_its_rule(name: str, copy: Copy) -> None:
    damage, rules = DAMAGES[name]
    damage(copy)
    copy.seal()
    assert set(copy.validate().counts) == rules


def test_a_dataset_may_have_no_atlas(copy: Copy) -> None:
    for path in (ATLAS_SCENES_FILE, ATLAS_TOPICS_FILE):
        (copy / path).unlink()

    def forget(fields: dict[str, Any]) -> None:
        fields["files"] = [entry for entry in fields["files"] if not entry["path"].startswith("atlas/")]

    copy.edit_manifest(forget)
    copy.seal()
    verdict = copy.validate()
    assert verdict.valid
    assert not verdict.counts


def test_a_stray_file_beside_it_is_found(copy: Copy) -> None:
    (copy / "atlas" / "more.parquet").write_bytes((copy / ATLAS_TOPICS_FILE).read_bytes())
    assert set(copy.validate().counts) == {"files.unlisted"}
