"""Tables that a run keeps for itself: parts, which later runs take up, and files that pass from step to step.

They are no part of the protocol, and nothing here hangs on its version: parts stay good when it is raised.
"""

from __future__ import annotations

import pyarrow as pa


def _table(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in columns.items()])


def parts_table(dimensions: int) -> pa.Schema:
    """One row per finished book, in a checkpoint part. Texts and vectors stay here; only names cross a barrier.

    scene_start: character offsets, the first 0; a scene ends where the next begins, the last at the text's end.
    scene_sentences: whole sentences per scene. chapters: indices of scenes that open with a heading.
    """
    return _table(
        book_id=pa.string(),
        language=pa.string(),
        text=pa.string(),
        scene_start=pa.list_(pa.int64()),
        scene_sentences=pa.list_(pa.int32()),
        chapters=pa.list_(pa.int32()),
        scene_vectors=pa.list_(pa.list_(pa.float32(), dimensions)),
    )


def samples_table(dimensions: int) -> pa.Schema:
    """One row per book: the mean of its scene vectors, and those of them that the inventory is fitted on.

    places: the indices of these scenes in the book, ascending.
    """
    return _table(
        book_id=pa.string(),
        language=pa.string(),
        scenes=pa.int32(),
        mean=pa.list_(pa.float32(), dimensions),
        places=pa.list_(pa.int32()),
        vectors=pa.list_(pa.list_(pa.float32(), dimensions)),
    )


# One row per book of a part: the codes of its scenes before signs are numbered, and which of them are no scenes.
ASSIGNMENTS = _table(
    book_id=pa.string(),
    language=pa.string(),
    codes=pa.list_(pa.int32()),
    distances=pa.list_(pa.float32()),
    strangeness=pa.list_(pa.float32()),
    apparatus=pa.list_(pa.bool_()),
)

# One row: the words of a language's scenes, and their occurrences [scenes, words] as a sparse matrix by rows.
# shown: how each is written. books: the first row of each, and the end of the last.
WORD_COUNTS = _table(
    keys=pa.list_(pa.string()),
    shown=pa.list_(pa.string()),
    books=pa.list_(pa.int64()),
    starts=pa.list_(pa.int64()),
    words=pa.list_(pa.int32()),
    counts=pa.list_(pa.float32()),
)

# One row per book of a part: its cast, a list entry per member, and the ids of those whom each scene names.
CASTS = _table(
    book_id=pa.string(),
    names=pa.list_(pa.list_(pa.string())),
    first_scene=pa.list_(pa.int32()),
    scenes=pa.list_(pa.int32()),
    mentions=pa.list_(pa.int32()),
    scene_cast=pa.list_(pa.list_(pa.int32())),
)
