"""`protocol.md`, the schemas and the rules say the same, and `datasets` reads the features we write."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from datasets import Features

from schemas.inventory import SPECIAL_TOKENS, InventoryInfo
from schemas.manifest import Manifest
from schemas.parts import BookEntry, FileEntry
from schemas.rules import RULES
from schemas.tables import REJECTS, SCENES, SEQUENCES, SIGN_TABLE, concepts_table
from schemas.version import PROTOCOL_VERSION
from tests.conftest import ROOT
from transforms.glyphs import GLYPH_BLOCKS

PROTOCOL = (ROOT / "protocol.md").read_text()


def section(heading: str) -> str:
    """From a heading to the next one of any rank."""
    start = PROTOCOL.index(heading)
    following = re.search(r"^#+ ", PROTOCOL[start + len(heading) :], re.M)
    return PROTOCOL[start:] if following is None else PROTOCOL[start : start + len(heading) + following.start()]


def rows(heading: str, first: str) -> list[list[str]]:
    """Cells of the table whose header begins with `first`, in a section."""
    lines = section(heading).splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith(f"| {first} |"))
    table = [line.strip("| ").split(" | ") for line in lines[at + 2 :]]
    return table[: next((i for i, cells in enumerate(table) if len(cells) < 2), len(table))]


def type_name(kind: pa.DataType) -> str:
    """A type as the protocol writes it."""
    if pa.types.is_fixed_size_list(kind):
        return f"fixed_size_list<{type_name(kind.value_type)}>[D]"
    return f"list<{type_name(kind.value_type)}>" if pa.types.is_list(kind) else str(kind)


@pytest.mark.parametrize(
    ("heading", "schema"),
    [
        ("### 6.2 `sequences/", SEQUENCES),
        ("### 6.3 `scenes/", SCENES),
        ("### 6.4 `concepts/", concepts_table(8)),
        ("### 6.5 `inventory/`", SIGN_TABLE),
        ("### 6.6 `rejects/", REJECTS),
    ],
)
def test_protocol_and_schema_agree(heading: str, schema: pa.Schema) -> None:
    documented = [(cells[0], cells[1]) for cells in rows(heading, "column")]
    assert documented == [(field.name, type_name(field.type)) for field in schema]


def test_protocol_and_rules_agree() -> None:
    documented = [(cells[0].strip("`"), cells[1] == "MUST", cells[2]) for cells in rows("## 8. Validation", "rule")]
    assert documented == [(rule.id, rule.must, rule.text) for rule in RULES.values()]


def test_protocol_and_glyph_blocks_agree() -> None:
    documented = [(cells[2], cells[3], cells[4]) for cells in rows("### 5.5 Glyphs", "level")]
    assert documented == [(f"U+{base:X}", f"U+{base + n - 1:X}", f"{n:,}") for base, n in GLYPH_BLOCKS]


@pytest.mark.parametrize(
    ("heading", "record"),
    [
        ("### 6.7 `manifest.json`", Manifest),
        ("### 6.7 `manifest.json`", BookEntry),
        ("### 6.7 `manifest.json`", FileEntry),
        ("### 6.5 `inventory/`", InventoryInfo),
    ],
)
def test_every_key_of_a_record_is_in_the_protocol(heading: str, record: type) -> None:
    text = section(heading)
    assert [name for name in record.__dataclass_fields__ if f"`{name}`" not in text] == []  # type: ignore[attr-defined]


def test_special_tokens_are_in_the_protocol_in_order() -> None:
    assert ", ".join(f"`{token}`" for token in SPECIAL_TOKENS) in section("### 6.5 `inventory/`")


def test_the_version_is_the_protocols() -> None:
    assert f"version {PROTOCOL_VERSION}" in PROTOCOL.splitlines()[0]


@pytest.mark.parametrize("schema", [SEQUENCES, SCENES, REJECTS, SIGN_TABLE, concepts_table(8, half=True)])
def test_datasets_reads_our_features_as_we_wrote_them(schema: pa.Schema) -> None:
    features = Features.from_arrow_schema(schema)
    assert features.arrow_schema.metadata[b"huggingface"] == schema.metadata[b"huggingface"]
    assert features.arrow_schema.remove_metadata() == schema.remove_metadata()
