"""Every Parquet table that touches disk.

A table is a pyarrow schema whose metadata carries its Hugging Face features (so that `datasets` reads the types we
mean, not the ones it guesses) and the protocol version. `protocol.md` describes the same columns for people.
"""

from __future__ import annotations

import json

import pyarrow as pa

from scenesign.schemas.version import PROTOCOL, PROTOCOL_VERSION, has_cast

IDS = pa.list_(pa.int32())


def _table(**columns: pa.DataType) -> pa.Schema:
    schema = pa.schema([pa.field(name, kind) for name, kind in columns.items()])
    return schema.with_metadata(
        {
            b"huggingface": json.dumps({"info": {"features": features_of(schema)}}).encode(),
            b"protocol": f"{PROTOCOL}/{PROTOCOL_VERSION}".encode(),
        }
    )


def as_stated(schema: pa.Schema, protocol: str) -> pa.Schema:
    """A table as a version of this protocol has it: before 2.1 there was no `cast`.

    protocol: as a manifest states it, `scene-signs/2.0.0`.
    """
    if has_cast(protocol):
        return schema
    return _table(**{field.name: field.type for field in schema if field.name != "cast"})


def features_of(schema: pa.Schema) -> dict[str, object]:
    """The Hugging Face features of a schema, in the form that `datasets` writes into Parquet metadata."""
    return {field.name: _feature(field.type) for field in schema}


def card_features(schema: pa.Schema) -> list[dict[str, object]]:
    """The same features in the form that the header of a dataset card has them in."""
    return [{"name": field.name, **_card_feature(field.type)} for field in schema]


def _card_feature(kind: pa.DataType) -> dict[str, object]:
    if pa.types.is_struct(kind):
        return {"struct": [{"name": field.name, **_card_feature(field.type)} for field in kind]}
    if not (pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind)):
        return {"dtype": _feature(kind)["dtype"]}
    item = _card_feature(kind.value_type)
    length = {"length": kind.list_size} if pa.types.is_fixed_size_list(kind) else {}
    return {"list": item.get("dtype", item), **length}


def _feature(kind: pa.DataType) -> dict[str, object]:
    if pa.types.is_struct(kind):
        return {field.name: _feature(field.type) for field in kind}
    if pa.types.is_fixed_size_list(kind):
        return {"feature": _feature(kind.value_type), "length": kind.list_size, "_type": "List"}
    if pa.types.is_list(kind):
        return {"feature": _feature(kind.value_type), "_type": "List"}
    # pyarrow calls its 32- and 16-bit floats `float` and `halffloat`; `datasets` counts bits
    names = {"float": "float32", "double": "float64", "halffloat": "float16"}
    return {"dtype": names.get(str(kind), str(kind)), "_type": "Value"}


# One row per book: what a concept model trains on.
SEQUENCES = _table(
    book_id=pa.string(),
    title=pa.string(),
    author=pa.string(),
    language=pa.string(),
    source=pa.string(),
    license=pa.string(),
    signs=IDS,
    glyphs=pa.string(),
    levels=pa.int32(),
    chapters=pa.list_(pa.int32()),
    scenes=pa.int32(),
    sentences=pa.int32(),
    characters=pa.int64(),
    utf8_bytes=pa.int64(),
    novel_scenes=pa.int32(),
    cast=pa.list_(IDS),
)

# One row per scene: the text behind each sign.
SCENES = _table(
    book_id=pa.string(),
    scene=pa.int32(),
    language=pa.string(),
    start=pa.int64(),
    end=pa.int64(),
    sentences=pa.int32(),
    text=pa.string(),
    signs=IDS,
    glyphs=pa.string(),
    distance=pa.float32(),
    strangeness=pa.float32(),
    novel=pa.bool_(),
    sketch=pa.binary(),
    cast=IDS,
)

# One row per member of a book's cast: whom its scenes name by ids.
CAST = _table(
    book_id=pa.string(),
    id=pa.int32(),
    names=pa.list_(pa.string()),
    first_scene=pa.int32(),
    scenes=pa.int32(),
    mentions=pa.int32(),
)

ATLAS_SCENES_FILE = "atlas/scenes.parquet"
ATLAS_TOPICS_FILE = "atlas/topics.parquet"

# One row per scene, on a map: columns as embedding-atlas takes them; `ids` are numbers of rows.
ATLAS = _table(
    x=pa.float32(),
    y=pa.float32(),
    text=pa.string(),
    title=pa.string(),
    author=pa.string(),
    chapter=pa.string(),
    language=pa.string(),
    split=pa.string(),
    topic=pa.string(),
    glyphs=pa.string(),
    sign=pa.int32(),
    book_id=pa.string(),
    scene=pa.int32(),
    neighbors=pa.struct([("ids", IDS), ("distances", pa.list_(pa.float32()))]),
)

# One row per topic: its place on the same map, and its name as a label there.
ATLAS_TOPICS = _table(
    x=pa.float32(),
    y=pa.float32(),
    text=pa.string(),
    priority=pa.int64(),
    sign=pa.int32(),
    glyph=pa.string(),
)

# One row per input (or piece of one) that is not in the dataset.
REJECTS = _table(
    source=pa.string(),
    book_id=pa.string(),
    stage=pa.string(),
    reason=pa.string(),
    detail=pa.string(),
    bytes=pa.int64(),
)

# One row per topic, that is per sign of level 1: its glossary entry.
SIGN_TABLE = _table(
    sign=pa.int32(),
    glyph=pa.string(),
    name=pa.string(),
    count=pa.int64(),
    share=pa.float64(),
    books=pa.int32(),
    languages=pa.list_(pa.string()),
    language_counts=pa.list_(pa.int64()),
    keyword_languages=pa.list_(pa.string()),
    keywords=pa.list_(pa.list_(pa.string())),
    radius=pa.float32(),
    neighbours=IDS,
    example_books=pa.list_(pa.string()),
    example_scenes=pa.list_(pa.int32()),
    example_languages=pa.list_(pa.string()),
    example_texts=pa.list_(pa.string()),
    example_distances=pa.list_(pa.float32()),
)

# One row per value of each letter of each composed level: what it adds to a glyph that is spelled with it.
LETTER_TABLE = _table(
    level=pa.int32(),
    letter=pa.int32(),
    value=pa.int32(),
    name=pa.string(),
    count=pa.int64(),
    share=pa.float64(),
    books=pa.int32(),
    languages=pa.list_(pa.string()),
    language_counts=pa.list_(pa.int64()),
    keyword_languages=pa.list_(pa.string()),
    keywords=pa.list_(pa.list_(pa.string())),
    example_books=pa.list_(pa.string()),
    example_scenes=pa.list_(pa.int32()),
    example_languages=pa.list_(pa.string()),
    example_texts=pa.list_(pa.string()),
    example_distances=pa.list_(pa.float32()),
)


def concepts_table(dimensions: int, half: bool = False) -> pa.Schema:
    """One row per book, in the form that the Large Concept Model's trainer reads: aligned lists, no struct column."""
    value = pa.float16() if half else pa.float32()
    return _table(
        book_id=pa.string(),
        language=pa.string(),
        text_scenes=pa.list_(pa.string()),
        scene_vectors=pa.list_(pa.list_(value, dimensions)),
    )
