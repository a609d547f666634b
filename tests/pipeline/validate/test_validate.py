"""The validator: a good dataset passes, every way of damaging one is caught by the rule it breaks, no file harms it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from scenesign.pipeline.commands.validate import validate
from scenesign.pipeline.validate.dataset import describe
from scenesign.schemas.rules import KEPT_PER_RULE, RULES
from tests.pipeline.validate.damage import CONSEQUENCES, INFO, SCENES, SCRIPT, SEQUENCES, Copy, Damage, set_at
from tests.pipeline.validate.test_atlas import DAMAGES as ATLAS_DAMAGES
from tests.pipeline.validate.test_cast import DAMAGES as CAST_DAMAGES
from tests.pipeline.validate.test_shelf import SEALED as SHELF_SEALED
from tests.pipeline.validate.test_shelf import UNSEALED as SHELF_DAMAGES
from tests.pipeline.validate.test_shelf import last_to_another_split

CONCEPTS = "concepts/split=train/train-00000-of-00001.parquet"
SIGNS = "inventory/signs.parquet"
LETTERS = "inventory/letters.parquet"
CODEBOOK = "inventory/codebook.safetensors"
EMBEDDINGS = "inventory/embeddings.safetensors"


def call_it_a_script(copy: Copy) -> None:
    """The inventory takes the name of a published one."""
    copy.edit_json(INFO, lambda i: i.update(SCRIPT))
    copy.edit_manifest(lambda m: m["inventory"].update(SCRIPT))


def in_another_script(copy: Copy) -> None:
    """All numbers are as they should be, for an inventory that is not the one it calls itself."""
    call_it_a_script(copy)
    copy.edit_tensors(CODEBOOK, lambda t: t.update(more=np.zeros(1, np.float32)))


def swap_first_two(rows: list[Any]) -> None:
    rows[0], rows[1] = rows[1], rows[0]


def edit_card(copy: Copy, old: str, new: str) -> None:
    replace_text(copy / "README.md", old, new)


def replace_text(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def overwrite_middle(path: Path) -> None:
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(64)
    path.write_bytes(data)


def drop(copy: Copy, path: str) -> None:
    """A file that neither exists nor is listed."""
    (copy / path).unlink()
    copy.edit_manifest(lambda m: m.update(files=[f for f in m["files"] if f["path"] != path]))


def rename_shard(copy: Copy, old: str, new: str) -> None:
    (copy / old).rename(copy / new)
    copy.edit_manifest(lambda m: next(f for f in m["files"] if f["path"] == old).update(path=new))


def drop_first_book(rows: list[dict[str, Any]]) -> None:
    first = rows[0]["book_id"]
    rows[:] = [row for row in rows if row["book_id"] != first]


def plain_glyphs(row: dict[str, Any]) -> str:
    """Level 2 by its number in the block, and not by its letters."""
    return row["glyphs"][0] + chr(0xAC00 + row["signs"][1] - 12)


def reverse_scenes(rows: list[dict[str, Any]]) -> None:
    rows[0]["signs"] = [s for i in range(len(rows[0]["signs"]) - 2, -1, -2) for s in rows[0]["signs"][i : i + 2]]
    rows[0]["glyphs"] = "".join(rows[0]["glyphs"][i : i + 2] for i in range(len(rows[0]["glyphs"]) - 2, -1, -2))


def at_examples(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The first row that has examples."""
    return next(row for row in rows if row["example_books"])


def exchange_examples(rows: list[dict[str, Any]]) -> None:
    """Two values of a letter show each other's scenes."""
    first, second = [row for row in rows if row["letter"] == 0 and row["example_books"]][:2]
    for name in first:
        if name.startswith("example_"):
            first[name], second[name] = second[name], first[name]


def decompose(copy: Copy) -> None:
    """A Russian scene in NFD."""
    import unicodedata

    def edit(rows: list[dict[str, Any]]) -> None:
        row = next(row for row in rows if row["language"] == "ru" and "й" in row["text"])
        row["text"] = unicodedata.normalize("NFD", row["text"])

    copy.edit_rows(SCENES, edit)


def swap_two_signs_everywhere(copy: Copy) -> None:
    """Signs 0 and 11 of level 1 change names in both tables: consistent, but not in order of frequency."""

    def swap(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            row["signs"] = [{0: 11, 11: 0}.get(sign, sign) for sign in row["signs"]]
            row["glyphs"] = row["glyphs"].translate({0x4E00: 0x4E0B, 0x4E0B: 0x4E00})

    copy.edit_rows(SEQUENCES, swap)
    copy.edit_rows(SCENES, swap)


def bomb(copy: Copy) -> None:
    """A hundred kilobytes that unpack to a hundred gigabytes."""
    table = pq.read_table(copy / SCENES, partitioning=None).slice(0, 1)
    at = table.column_names.index("text")
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(100_000, np.int32)), pa.array(["x" * 1_000_000]))
    rows = pa.concat_tables([table] * 100_000).combine_chunks()
    schema = table.schema.set(at, pa.field("text", text.type))
    columns = [text if i == at else rows.column(i) for i in range(rows.num_columns)]
    options = {"compression": "zstd", "dictionary_pagesize_limit": 1 << 24, "store_schema": False}
    with pq.ParquetWriter(copy / SCENES, schema, **options) as writer:
        writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def copy_to_test(copy: Copy, count: int) -> None:
    """The first books of every table once more, in a split of their own."""
    ids = pq.read_table(copy / SEQUENCES, partitioning=None)["book_id"][:count]
    for config in ("sequences", "scenes", "concepts"):
        table = pq.read_table(copy / f"{config}/split=train/train-00000-of-00001.parquet", partitioning=None)
        path = f"{config}/split=held/held-00000-of-00001.parquet"
        copy.write(path, table.filter(pa.compute.is_in(table["book_id"], ids.combine_chunks())))
        copy.list(path, config, "held")


def change_metric_everywhere(copy: Copy) -> None:
    def change(metrics: dict[str, Any]) -> None:
        metrics["level1/perplexity"] = 3.0

    copy.edit_json("report/metrics.json", change)
    copy.edit_manifest(lambda m: change(m["metrics"]))


def same_author_in_two_splits(copy: Copy) -> None:
    """The last book goes to another split and shares its author with one that stays."""
    copy.edit_rows(SEQUENCES, lambda rows: (set_at(0, author="A. Writer")(rows), set_at(-1, author="a. writer")(rows)))
    last_to_another_split(copy)


def two_row_groups_one_empty(copy: Copy) -> None:
    table = pq.read_table(copy / SEQUENCES, partitioning=None)
    with pq.ParquetWriter(copy / SEQUENCES, table.schema, compression="zstd") as writer:
        writer.write_table(table)
        writer.write_table(table.slice(0, 0))


def cast_column(name: str, kind: pa.DataType) -> Callable[[pa.Table], pa.Table]:
    def edit(table: pa.Table) -> pa.Table:
        at = table.column_names.index(name)
        return table.set_column(at, pa.field(name, kind), table[name].cast(kind))

    return edit


def scale_vectors(factor: float) -> Callable[[list[dict[str, Any]]], None]:
    return set_at(0, scene_vectors=lambda vectors: [[x * factor for x in vector] for vector in vectors])


# What is done; the rules it must break and no others; files and digests stay as the manifest states them or not.
UNSEALED: dict[str, tuple[Damage, set[str]]] = {
    "no manifest": (lambda c: (c / "manifest.json").unlink(), {"manifest.form"}),
    "manifest is a list": (lambda c: (c / "manifest.json").write_text("[]", encoding="utf-8"), {"manifest.form"}),
    "manifest nested deeply": (
        lambda c: (c / "manifest.json").write_text('{"a":' + "[" * 90_000 + "]" * 90_000 + "}", encoding="utf-8"),
        {"manifest.form"},
    ),
    "books are numbers": (lambda c: c.edit_manifest(lambda m: m.update(books=[1])), {"manifest.form"}),
    "rows are text": (lambda c: c.edit_manifest(lambda m: m["files"][0].update(rows="7")), {"manifest.form"}),
    "protocol 3": (lambda c: c.edit_manifest(lambda m: m.update(protocol="scene-signs/3.0.0")), {"manifest.version"}),
    "protocol 1": (lambda c: c.edit_manifest(lambda m: m.update(protocol="scene-signs/1.0.0")), {"manifest.version"}),
    "more levels than the inventory has": (lambda c: c.edit_manifest(lambda m: m.update(levels=3)), {"signs.levels"}),
    "no level": (lambda c: c.edit_manifest(lambda m: m.update(levels=0)), {"signs.levels"}),
    "levels that nobody states": (lambda c: c.edit_manifest(lambda m: m.pop("levels")), {"manifest.form"}),
    "a lost input": (lambda c: c.edit_manifest(lambda m: m["counts"].update(inputs=99)), {"manifest.accounts"}),
    "a reject without its row": (
        lambda c: c.edit_manifest(
            lambda m: m["counts"].update(inputs=m["counts"]["inputs"] + 1, rejects=m["counts"]["rejects"] + 1)
        ),
        {"rejects.counts", "manifest.accounts"},
    ),
    "a scene too many": (lambda c: c.edit_manifest(lambda m: m["counts"].update(scenes=999)), {"manifest.counts"}),
    "a language's characters": (
        lambda c: c.edit_manifest(lambda m: m["counts"]["by_language"]["en"].update(sentences=1)),
        {"manifest.counts"},
    ),
    "another title": (lambda c: c.edit_manifest(lambda m: m["books"][3].update(title="?")), {"manifest.books"}),
    "a book not listed": (lambda c: c.edit_manifest(lambda m: m["books"].pop()), {"manifest.books"}),
    "a path upwards": (lambda c: c.list("inventory/../../x", "", ""), {"files.path"}),
    "an absolute path": (lambda c: c.list("/etc/hostname", "", ""), {"files.path"}),
    "a file listed twice": (lambda c: c.list("report/metrics.json", "", ""), {"files.path"}),
    "a missing file": (lambda c: (c / "report/metrics.json").unlink(), {"files.present", "metrics.values"}),
    "a pipe for a file": (
        lambda c: ((c / "report/metrics.json").unlink(), os.mkfifo(c / "report/metrics.json")),
        {"files.present", "metrics.values"},
    ),
    "a stray shard": (lambda c: shutil.copy(c / SCENES, c / "scenes/split=train/x.parquet"), {"files.unlisted"}),
    "one byte more": (lambda c: (c / "report/metrics.json").open("ab").write(b" "), {"files.digest"}),
    "one byte else": (
        lambda c: (c / INFO).write_bytes((c / INFO).read_bytes().replace(b'"seed": 0', b'"seed": 1')),
        {"files.digest", "inventory.manifest"},
    ),
    "a wrong number of rows": (
        lambda c: c.edit_manifest(lambda m: next(f for f in m["files"] if f["path"] == SCENES).update(rows=1)),
        {"files.rows", "card.info"},
    ),
    "an inventory that vouches for another glossary": (
        lambda c: c.edit_json(INFO, lambda i: i["files"].update({"signs.parquet": "0" * 64})),
        {"files.digest", "inventory.files"},
    ),
    "an inventory that vouches for a stranger": (
        lambda c: c.edit_json(INFO, lambda i: i["files"].update({"../../../etc/hostname": "0" * 64})),
        {"files.digest", "inventory.files"},
    ),
    "no card": (lambda c: (c / "README.md").unlink(), {"card.form"}),
    "a card without header": (lambda c: (c / "README.md").write_text("# A dataset", encoding="utf-8"), {"card.form"}),
    "a card of aliases": (
        lambda c: (c / "README.md").write_text("---\na: &a [1]\nb: &b [*a, *a]\nc: [*b, *b]\n---\n", encoding="utf-8"),
        {"card.form"},
    ),
    "a card without languages": (lambda c: edit_card(c, "language:", "tongue:"), {"card.languages"}),
    "a card with another path": (lambda c: edit_card(c, "path: scenes/", "path: seens/"), {"card.configs"}),
    "a card with other types": (lambda c: edit_card(c, "dtype: int64", "dtype: int8"), {"card.info"}),
    "a card with other counts": (lambda c: edit_card(c, "num_examples: 3", "num_examples: 4"), {"card.info"}),
    "a card without licence": (lambda c: edit_card(c, "license:", "lisense:"), {"card.license"}),
}

SEALED: dict[str, tuple[Damage, set[str]]] = {
    "another file name": (lambda c: rename_shard(c, SEQUENCES, "sequences/split=train/part-0.parquet"), {"files.name"}),
    "a shard left out": (lambda c: rename_shard(c, SCENES, SCENES.replace("of-00001", "of-00002")), {"files.name"}),
    "no scenes": (lambda c: drop(c, SCENES), {"tables.present"}),
    "half a file": (lambda c: (c / SCENES).write_bytes((c / SCENES).read_bytes()[:9_000]), {"tables.readable"}),
    "not Parquet": (lambda c: (c / CONCEPTS).write_bytes(b"PAR1" + bytes(500)), {"tables.readable"}),
    "a damaged page": (lambda c: overwrite_middle(c / SCENES), {"tables.readable"}),
    "a column less": (lambda c: c.edit_table(SCENES, lambda t: t.drop_columns(["novel"])), {"tables.schema"}),
    "columns in another order": (
        lambda c: c.edit_table(SEQUENCES, lambda t: t.select(t.column_names[::-1])),
        {"tables.schema"},
    ),
    "another type": (lambda c: c.edit_table(SEQUENCES, cast_column("scenes", pa.int64())), {"tables.schema"}),
    "a column more": (
        lambda c: c.edit_table(SEQUENCES, lambda t: t.append_column("mood", pa.array(["glad"] * t.num_rows))),
        {"tables.extra-columns"},
    ),
    "no metadata": (lambda c: c.edit_table(SEQUENCES, lambda t: t.replace_schema_metadata(None)), {"tables.metadata"}),
    "an empty row group": (two_row_groups_one_empty, {"tables.row-groups"}),
    "an empty file": (
        lambda c: c.edit_table("sequences/split=train/train-00000-of-00001.parquet", lambda t: t.slice(0, 0)),
        {"tables.row-groups"},
    ),
    "another codec": (
        lambda c: c.write(
            SCENES, pq.read_table(c / SCENES, partitioning=None), compression="gzip", compression_level=None
        ),
        {"tables.codec"},
    ),
    "a bomb": (bomb, {"tables.expansion"}),
    "a null": (lambda c: c.edit_rows(SEQUENCES, set_at(2, title=None)), {"tables.nulls"}),
    "a null in a list": (lambda c: c.edit_rows(SEQUENCES, set_at(2, chapters=[None])), {"tables.nulls"}),
    "a book id in capitals": (lambda c: c.edit_rows(SEQUENCES, set_at(0, book_id=str.upper)), {"books.id"}),
    "a book twice": (lambda c: c.edit_rows(SEQUENCES, lambda rows: rows.append(dict(rows[-1]))), {"books.unique"}),
    "books out of order": (lambda c: c.edit_rows(SEQUENCES, swap_first_two), {"books.order"}),
    "a book without scenes": (lambda c: c.edit_rows(SCENES, drop_first_book), {"books.same"}),
    "scenes without a book": (lambda c: c.edit_rows(SEQUENCES, lambda rows: rows.pop(0)), {"books.same"}),
    "scenes of a book apart": (
        lambda c: c.edit_rows(SCENES, lambda rows: rows.append(rows.pop(0))),
        {"books.order", "books.unique", "scenes.order", "scenes.tiling"},
    ),
    "one scene less": (
        lambda c: c.edit_rows(SCENES, lambda rows: rows.pop(1)),
        {"books.counts", "scenes.order", "scenes.text", "scenes.tiling"},
    ),
    "two scenes swapped": (
        lambda c: c.edit_rows(SCENES, swap_first_two),
        {"scenes.order", "scenes.text", "scenes.tiling"},
    ),
    "a boundary moved": (lambda c: c.edit_rows(SCENES, set_at(0, end=lambda end: end - 1)), {"scenes.tiling"}),
    "a letter changed": (lambda c: c.edit_rows(SCENES, set_at(4, text=lambda t: "X" + t[1:])), {"scenes.text"}),
    "a sentence count": (lambda c: c.edit_rows(SEQUENCES, set_at(4, sentences=lambda n: n + 1)), {"books.counts"}),
    "a byte count": (lambda c: c.edit_rows(SEQUENCES, set_at(4, utf8_bytes=lambda n: n + 1)), {"books.counts"}),
    "a character count": (lambda c: c.edit_rows(SEQUENCES, set_at(4, characters=lambda n: n + 1)), {"scenes.tiling"}),
    "novel scenes": (lambda c: c.edit_rows(SEQUENCES, set_at(4, novel_scenes=lambda n: n + 1)), {"books.counts"}),
    "chapters out of range": (lambda c: c.edit_rows(SEQUENCES, set_at(4, chapters=[0, 999])), {"books.chapters"}),
    "a scene's language": (lambda c: c.edit_rows(SCENES, set_at(4, language="fr")), {"scenes.language"}),
    "a scene called novel": (
        lambda c: c.edit_rows(SCENES, set_at(4, novel=lambda novel: not novel)),
        {"scenes.novel"},
    ),
    "a sketch cut short": (
        lambda c: c.edit_rows(SCENES, set_at(4, sketch=lambda s: s[:-1])),
        {"scenes.sketch"},
    ),
    "a strangeness that is no number": (
        lambda c: c.edit_rows(SCENES, set_at(4, strangeness=float("nan"))),
        {"scenes.novel"},
    ),
    "another strangeness": (lambda c: c.edit_rows(SCENES, set_at(4, strangeness=1.9)), {"scenes.novel"}),
    "a distance that is no number": (
        lambda c: c.edit_rows(SCENES, set_at(4, distance=float("nan"))),
        {"scenes.distance"},
    ),
    "another distance": (
        lambda c: c.edit_rows(SCENES, set_at(4, distance=lambda d: d / 2)),
        {"concepts.signs"},
    ),
    "text that is not NFC": (decompose, {"text.form"}),
    "a book of more levels": (lambda c: c.edit_rows(SEQUENCES, set_at(4, levels=3)), {"signs.levels"}),
    "fewer levels than the books have": (
        lambda c: c.edit_manifest(lambda m: m.update(levels=1)),
        {"signs.levels", "signs.range"},
    ),
    "a sign beyond the inventory": (lambda c: c.edit_rows(SCENES, set_at(4, signs=[0, 9_999])), {"signs.range"}),
    "a sign of another level": (lambda c: c.edit_rows(SCENES, set_at(4, signs=lambda s: s[::-1])), {"signs.range"}),
    "a negative sign": (lambda c: c.edit_rows(SEQUENCES, set_at(4, signs=lambda s: [-1, *s[1:]])), {"signs.range"}),
    "a sign too few": (lambda c: c.edit_rows(SEQUENCES, set_at(4, signs=lambda s: s[:-1])), {"signs.range"}),
    "glyphs of a scene": (lambda c: c.edit_rows(SCENES, set_at(4, glyphs="\u4e00\u4e00")), {"signs.glyphs"}),
    "a glyph as protocol 1 had it": (
        lambda c: c.edit_rows(SCENES, lambda rows: rows[4].update(glyphs=plain_glyphs(rows[4]))),
        {"signs.glyphs"},
    ),
    "glyphs of a book": (lambda c: c.edit_rows(SEQUENCES, set_at(4, glyphs=lambda g: g[::-1])), {"signs.glyphs"}),
    "signs of a book reversed": (lambda c: c.edit_rows(SEQUENCES, reverse_scenes), {"signs.sequence"}),
    "signs renumbered": (swap_two_signs_everywhere, {"signs.frequency"}),
    "a book in two splits": (lambda c: copy_to_test(c, 1), {"splits.disjoint"}),
    "an author in two splits": (same_author_in_two_splits, {"splits.author"}),
    "a book without concepts": (lambda c: c.edit_table(CONCEPTS, lambda t: t.slice(1)), {"concepts.books"}),
    "a concept too few": (lambda c: c.edit_rows(CONCEPTS, set_at(2, text_scenes=lambda t: t[:-1])), {"concepts.lists"}),
    "a concept's text": (
        lambda c: c.edit_rows(CONCEPTS, set_at(2, text_scenes=lambda t: ["X", *t[1:]])),
        {"concepts.text"},
    ),
    "vectors that are not unit": (lambda c: c.edit_rows(CONCEPTS, scale_vectors(2.0)), {"concepts.vectors"}),
    "vectors in another order": (
        lambda c: c.edit_rows(CONCEPTS, set_at(2, scene_vectors=lambda v: v[::-1])),
        {"concepts.signs"},
    ),
    "no data card": (lambda c: drop(c, "concepts/_datacard.yaml"), {"concepts.datacard"}),
    "a data card of another column": (
        lambda c: replace_text(c / "concepts/_datacard.yaml", "text_scenes", "text_sentences"),
        {"concepts.datacard"},
    ),
    "no inventory": (lambda c: drop(c, INFO), {"inventory.form"}),
    "a quantiser that nobody knows": (
        lambda c: c.edit_json(INFO, lambda i: i.update(quantiser="tarot")),
        {"inventory.quantiser"},
    ),
    "another quantiser in the manifest": (
        lambda c: c.edit_manifest(lambda m: m["inventory"].update(quantiser="tarot")),
        {"inventory.manifest"},
    ),
    "sizes beyond the glyphs": (
        lambda c: c.edit_json(INFO, lambda i: i.update(sizes=[30_000, 4_096])),
        {"inventory.sizes"},
    ),
    "a level that letters don't spell": (
        lambda c: c.edit_json(INFO, lambda i: i.update(sizes=[12, 4_095])),
        {"inventory.sizes"},
    ),
    "sizes below one": (lambda c: c.edit_json(INFO, lambda i: i.update(sizes=[0, 4_096])), {"inventory.form"}),
    "an inventory of another version": (
        lambda c: c.edit_json(INFO, lambda i: i.update(protocol="scene-signs/1.0.0")),
        {"manifest.version"},
    ),
    "another embedder": (lambda c: c.edit_json(INFO, lambda i: i.update(embedder="minilm")), {"inventory.manifest"}),
    "a codeword moved": (
        lambda c: c.edit_tensors(CODEBOOK, lambda t: t["topics"][0].__imul__(9)),
        {"inventory.codebook", "inventory.embeddings"},
    ),
    "a codeword not finite": (
        lambda c: c.edit_tensors(CODEBOOK, lambda t: t["letters"][0, 1, 3].fill(np.nan)),
        {"inventory.codebook"},
    ),
    "gains above one": (lambda c: c.edit_tensors(CODEBOOK, lambda t: t["gains/en"].fill(2)), {"inventory.damping"}),
    "damped directions that are not upright": (
        lambda c: c.edit_tensors(CODEBOOK, lambda t: t["damped/en"].__imul__(2)),
        {"inventory.damping"},
    ),
    "letters missing": (lambda c: c.edit_tensors(CODEBOOK, lambda t: t.pop("letters")), {"inventory.codebook"}),
    "strengths that rise": (
        lambda c: c.edit_tensors(CODEBOOK, lambda t: t.update(strengths=t["strengths"][::-1].copy())),
        {"inventory.codebook"},
    ),
    "not safetensors": (lambda c: (c / CODEBOOK).write_bytes(b"\xff" * 64), {"inventory.codebook"}),
    "a language without mean": (lambda c: c.edit_tensors(CODEBOOK, lambda t: t.pop("mean/ru")), {"inventory.means"}),
    "another global mean": (
        lambda c: c.edit_tensors(CODEBOOK, lambda t: t["global_mean"].fill(1.0)),
        {"inventory.means"},
    ),
    "embeddings of another shape": (
        lambda c: c.edit_tensors(EMBEDDINGS, lambda t: t.update(embeddings=t["embeddings"][:-1].copy())),
        {"inventory.embeddings"},
    ),
    "embeddings out of order": (
        lambda c: c.edit_tensors(EMBEDDINGS, lambda t: t.update(embeddings=t["embeddings"][::-1].copy())),
        {"inventory.embeddings"},
    ),
    "an embedding that is not the sum of its letters": (
        lambda c: c.edit_tensors(EMBEDDINGS, lambda t: t["embeddings"][-99].__iadd__(1)),
        {"inventory.embeddings"},
    ),
    "an index of other vectors": (lambda c: overwrite_middle(c / "inventory/index.faiss"), {"inventory.index"}),
    "a token with another id": (
        lambda c: c.edit_json("inventory/tokenizer.json", lambda t: t["model"]["vocab"].update({"<pad>": 99})),
        {"inventory.tokenizer"},
    ),
    "a special token less": (
        lambda c: c.edit_json("inventory/tokenizer.json", lambda t: t["added_tokens"].pop()),
        {"inventory.tokenizer"},
    ),
    "a sign without gloss": (
        lambda c: c.edit_table(SIGNS, lambda t: t.slice(0, t.num_rows - 1)),
        {"inventory.glossary"},
    ),
    "a gloss with another count": (
        lambda c: c.edit_rows(SIGNS, set_at(3, count=lambda n: n + 1)),
        {"inventory.glossary"},
    ),
    "a gloss with another share": (
        lambda c: c.edit_rows(SIGNS, set_at(3, share=float("nan"))),
        {"inventory.glossary"},
    ),
    "a gloss with another glyph": (lambda c: c.edit_rows(SIGNS, set_at(3, glyph="x")), {"inventory.glossary"}),
    "a gloss with keywords of no language": (
        lambda c: c.edit_rows(SIGNS, set_at(3, keyword_languages=lambda codes: ["xx", *codes])),
        {"inventory.glossary"},
    ),
    "a gloss that counts a language twice": (
        lambda c: c.edit_rows(
            SIGNS,
            set_at(3, languages=lambda codes: [codes[0], *codes], language_counts=lambda counts: [1, *counts]),
        ),
        {"inventory.glossary"},
    ),
    "a gloss of another scene": (
        lambda c: c.edit_rows(SIGNS, set_at(3, example_scenes=lambda s: [999, *s[1:]])),
        {"inventory.glossary"},
    ),
    "two topics of one name": (
        lambda c: c.edit_rows(SIGNS, lambda rows: (set_at(3, name="rain")(rows), set_at(5, name="rain")(rows))),
        {"inventory.names"},
    ),
    "no letters": (lambda c: drop(c, LETTERS), {"inventory.files"}),
    "a letter without its row": (
        lambda c: c.edit_table(LETTERS, lambda t: t.slice(0, t.num_rows - 1)),
        {"inventory.letters"},
    ),
    "letters in another order": (lambda c: c.edit_rows(LETTERS, swap_first_two), {"inventory.letters"}),
    "a letter with another count": (
        lambda c: c.edit_rows(LETTERS, set_at(20, count=lambda n: n + 1)),
        {"inventory.letters"},
    ),
    "a letter in more books": (
        lambda c: c.edit_rows(LETTERS, set_at(20, books=lambda n: n + 1)),
        {"inventory.letters"},
    ),
    "a letter with another share": (lambda c: c.edit_rows(LETTERS, set_at(20, share=0.9)), {"inventory.letters"}),
    "a letter with examples of no language": (
        lambda c: c.edit_rows(LETTERS, lambda rows: at_examples(rows)["example_languages"].pop()),
        {"inventory.letters"},
    ),
    "a letter of a scene that has another": (
        lambda c: c.edit_rows(LETTERS, exchange_examples),
        {"inventory.letters"},
    ),
    "an inventory that calls itself a script": (in_another_script, {"inventory.script"}),
    "an inventory said to be taken over that is another": (
        lambda c: c.edit_manifest(lambda m: m["options"].update(frozen="0" * 64)),
        {"inventory.taken-over"},
    ),
    "a metric changed": (
        lambda c: c.edit_json("report/metrics.json", lambda m: m.update({"cosine/mean": 0.99})),
        {"metrics.values"},
    ),
    "a metric changed twice": (change_metric_everywhere, {"metrics.values"}),
    "a metric out of range, twice": (
        lambda c: [
            c.edit_json("report/metrics.json", lambda m: m.update(OUT_OF_RANGE)),
            c.edit_manifest(lambda m: m["metrics"].update(OUT_OF_RANGE)),
        ],
        {"metrics.values"},
    ),
}


# Nothing in the data contradicts this one.
OUT_OF_RANGE = {"level2/retrieval_at_1": 1.5}


def test_a_good_dataset_is_valid(copy: Copy) -> None:
    verdict = copy.validate()
    assert (verdict.valid, verdict.counts, verdict.incomplete) == (True, {}, "")
    rows = sum(pq.read_metadata(path).num_rows for path in (copy / "scenes").rglob("*.parquet"))
    assert (verdict.books, verdict.scenes) == (12, rows)
    copy.seal()
    assert copy.validate().counts == {}


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


def test_a_script_under_its_own_name_is_valid(copy: Copy) -> None:
    call_it_a_script(copy)
    copy.seal()
    assert copy.validate().counts == {}


@pytest.mark.parametrize(("distance", "valid"), [(5e-5, True), (1e-2, False)])
def test_vectors_of_signs_that_were_added_up_in_another_order_are_valid(
    distance: float, valid: bool, copy: Copy
) -> None:
    copy.edit_tensors(EMBEDDINGS, lambda t: t["embeddings"][:5].__iadd__(np.float32(distance)))
    copy.seal()
    assert set(copy.validate().counts) == (set() if valid else {"inventory.embeddings"})


def test_every_rule_is_broken_by_some_damage() -> None:
    caught = {
        rule
        for damages in (UNSEALED, SEALED, CAST_DAMAGES, ATLAS_DAMAGES, SHELF_DAMAGES, SHELF_SEALED)
        for _, rules in damages.values()
        for rule in rules
    }
    assert set(RULES) == caught


def test_a_finding_names_file_and_row(copy: Copy) -> None:
    copy.edit_rows(SCENES, set_at(7, text=lambda text: "\x1b[31m" + text[5:]))
    copy.seal()
    findings = {finding.rule: finding for finding in copy.validate().findings}
    assert (findings["text.form"].file, findings["text.form"].row) == (SCENES, 7)
    assert all("\x1b" not in line for line in describe(copy.validate()))


def test_many_findings_make_a_short_report(copy: Copy) -> None:
    copy.edit_rows(SCENES, lambda rows: [row.update(distance=9.0) for row in rows])
    copy.seal()
    verdict = copy.validate()
    assert verdict.counts["scenes.distance"] > KEPT_PER_RULE
    assert sum(finding.rule == "scenes.distance" for finding in verdict.findings) == KEPT_PER_RULE


@pytest.mark.parametrize("value", [None, [], {}, "x", -1, 1e308, True, [[["x"]]], {"a": {"b": []}}])
def test_no_value_in_json_is_a_crash(value: Any, copy: Copy) -> None:
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    info = json.loads((copy / INFO).read_text(encoding="utf-8"))
    for name in [*manifest["counts"], *manifest]:
        where = {"counts": {**manifest["counts"], name: value}} if name in manifest["counts"] else {name: value}
        (copy / "manifest.json").write_text(json.dumps({**manifest, **where}), encoding="utf-8")
        copy.validate()
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    for name in info:
        (copy / INFO).write_text(json.dumps({**info, name: value}), encoding="utf-8")
        assert not copy.validate().valid or value == info[name]


def test_the_command_tells_by_its_exit_code(copy: Copy, tmp_path: Path) -> None:
    def run(*arguments: str) -> Result:
        return CliRunner().invoke(validate, arguments)

    good = run(str(copy.folder))
    assert (good.exit_code, good.stderr) == (0, "")
    assert good.stdout.startswith("valid: ")
    copy.edit_rows(SEQUENCES, set_at(4, sentences=1))
    copy.seal()
    bad = run(str(copy.folder), "--json")
    assert bad.exit_code == 1
    verdict = json.loads(bad.stdout)
    assert verdict["valid"] is False
    assert (verdict["findings"][0]["rule"], verdict["findings"][0]["row"]) == ("books.counts", 4)
    nothing = run(str(tmp_path / "nothing"))
    assert nothing.exit_code == 2
    assert "give the folder that holds manifest.json" in nothing.stderr
    nowhere = run("nosuch://bucket/dataset")
    assert nowhere.exit_code == 2
    assert "check the address" in nowhere.stderr
