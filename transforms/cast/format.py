"""The form in which casts pass from step to step: a small file per part, a row per book."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from scenesign.schemas.checkpoints import CASTS
from scenesign.transforms.cast.cast import Cast, CastMember
from scenesign.transforms.support import storage


def cast_table(casts: Sequence[tuple[str, Cast]]) -> pa.Table:
    """Casts by book id, a row per book."""
    columns = {
        "book_id": [book_id for book_id, _ in casts],
        "names": [[list(member.names) for member in cast.members] for _, cast in casts],
        "first_scene": [[member.first_scene for member in cast.members] for _, cast in casts],
        "scenes": [[member.scenes for member in cast.members] for _, cast in casts],
        "mentions": [[member.mentions for member in cast.members] for _, cast in casts],
        "scene_cast": [[list(ids) for ids in cast.scenes] for _, cast in casts],
    }
    return pa.Table.from_pydict(columns, schema=CASTS)


def read_casts(uri: str) -> Iterator[tuple[str, Cast]]:
    """The casts of such a file by book id, in its order."""
    with storage.parquet_reader(uri) as reader:
        table = reader.read()
    for row in table.to_pylist():
        columns = zip(row["names"], row["first_scene"], row["scenes"], row["mentions"], strict=True)
        members = tuple(
            CastMember(number, tuple(names), first, scenes, mentions)
            for number, (names, first, scenes, mentions) in enumerate(columns, 1)
        )
        yield row["book_id"], Cast(members, tuple(map(tuple, row["scene_cast"])))
