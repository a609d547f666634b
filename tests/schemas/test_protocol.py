"""`protocol.md`, the schemas and the rules say the same, and `datasets` reads the features we write."""

from __future__ import annotations

import re
from dataclasses import asdict

import pyarrow as pa
import pytest
from datasets import Features

from scenesign.schemas.inventory import SPECIAL_TOKENS, InventoryInfo
from scenesign.schemas.manifest import Manifest
from scenesign.schemas.parts import BookEntry, FileEntry
from scenesign.schemas.records import REASONS
from scenesign.schemas.rules import RULES
from scenesign.schemas.tables import (
    CAST,
    LETTER_TABLE,
    REJECTS,
    SCENES,
    SEQUENCES,
    SIGN_TABLE,
    card_features,
    concepts_table,
)
from scenesign.schemas.version import PROTOCOL_VERSION
from scenesign.transforms.read.books import MOST_LOST
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.read.reader import Holds
from scenesign.transforms.read.registry import READERS
from scenesign.transforms.scenes.sentences import SentenceOptions
from scenesign.transforms.signs.glyphs import GLYPH_BLOCKS, glyph
from scenesign.transforms.signs.quantisers.composite import DEPTHS
from scenesign.transforms.support.limits import Limits
from scenesign.transforms.text.encodings import PLAUSIBLE_ENCODINGS
from scenesign.transforms.text.language import MIN_CONFIDENCE
from tests.conftest import ROOT

PROTOCOL = (ROOT / "protocol.md").read_text(encoding="utf-8")


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
    ("heading", "first", "schema"),
    [
        ("### 6.2 `sequences/", "column", SEQUENCES),
        ("### 6.3 `scenes/", "column", SCENES),
        ("### 6.4 `concepts/", "column", concepts_table(8)),
        ("### 6.5 `inventory/`", "column", SIGN_TABLE),
        ("### 6.5 `inventory/`", "column of a letter", LETTER_TABLE),
        ("### 6.6 `rejects/", "column", REJECTS),
        ("### 6.9 `cast/", "column", CAST),
    ],
)
def test_protocol_and_schema_agree(heading: str, first: str, schema: pa.Schema) -> None:
    documented = [(cells[0], cells[1]) for cells in rows(heading, first)]
    assert documented == [(field.name, type_name(field.type)) for field in schema]


def test_protocol_and_rules_agree() -> None:
    documented = [(cells[0].strip("`"), cells[1] == "MUST", cells[2]) for cells in rows("## 8. Validation", "rule")]
    assert documented == [(rule.id, rule.must, rule.text) for rule in RULES.values()]


def test_protocol_and_glyph_blocks_agree() -> None:
    documented = [(cells[3], cells[4], cells[5].removesuffix(" at most")) for cells in rows("### 5.5 Glyphs", "level")]
    sizes = [size for _, size in GLYPH_BLOCKS]
    firsts = [sum(sizes[:level]) for level in range(len(sizes))]
    ends = [(glyph(first, sizes), glyph(first + size - 1, sizes)) for first, size in zip(firsts, sizes, strict=True)]
    found = [(f"U+{ord(first):X}", f"U+{ord(last):X}") for first, last in ends]
    assert documented == [(*end, f"{size:,}") for end, size in zip(found, sizes, strict=True)]


def test_protocol_and_depths_agree() -> None:
    *depths, last = map(str, DEPTHS)
    text = " ".join(section("### 5.2 Quantisers").split())
    assert f"{', '.join(depths)} and {last} of them on levels 2 to {len(DEPTHS) + 1}" in text


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


def test_protocol_and_input_forms_agree() -> None:
    """Both ways and in order: a reader without its row fails, and so does a row without a reader."""
    forms = [
        (cells[0], tuple(re.findall(r"`(.+?)`", cells[1])), cells[2]) for cells in rows("## 11. Input forms", "form")
    ]
    assert forms == [(r.name, r.suffixes, r.holds.value) for r in READERS if r.holds is not Holds.NOTHING]
    refused = [(cells[0], tuple(re.findall(r"`(.+?)`", cells[1]))) for cells in rows("## 11. Input forms", "refused")]
    assert refused == [(r.name, r.suffixes) for r in READERS if r.holds is Holds.NOTHING]


def test_protocol_and_encodings_agree() -> None:
    documented = {
        language: tuple(cells[1].split(", "))
        for cells in rows("## 11. Input forms", "languages")
        for language in cells[0].split(", ")
    }
    assert documented == PLAUSIBLE_ENCODINGS


def test_protocol_and_limits_agree() -> None:
    documented = {cells[0].strip("`"): int(cells[1].replace(",", "")) for cells in rows("## 11. Input forms", "limit")}
    assert documented == asdict(Limits())
    text = " ".join(section("## 11. Input forms").split())
    assert f"a book has {ReadOptions().min_chars} characters of clean text or more" in text
    assert f"at most {MOST_LOST:.0%} of them".replace("%", " %") in text
    assert f"a confidence of {MIN_CONFIDENCE:.0%} or more".replace("%", " %") in text
    assert f"a sentence has at most {SentenceOptions().longest:,} characters" in text


def test_protocol_and_reasons_agree() -> None:
    documented = {cells[0].strip("`"): cells[1] for cells in rows("## 11. Input forms", "reason")}
    assert documented == dict(REASONS)
    beyond = {name for cells in rows("## 11. Input forms", "limit") for name in re.findall(r"`(.+?)`", cells[3])}
    assert beyond <= set(REASONS)


def test_special_tokens_are_in_the_protocol_in_order() -> None:
    assert ", ".join(f"`{token}`" for token in SPECIAL_TOKENS) in section("### 6.5 `inventory/`")


def test_the_version_is_the_protocols() -> None:
    assert f"version {PROTOCOL_VERSION}" in PROTOCOL.splitlines()[0]


@pytest.mark.parametrize(
    "schema", [SEQUENCES, SCENES, CAST, REJECTS, SIGN_TABLE, LETTER_TABLE, concepts_table(8, half=True)]
)
def test_datasets_reads_our_features_as_we_wrote_them(schema: pa.Schema) -> None:
    features = Features.from_arrow_schema(schema)
    assert features.arrow_schema.metadata[b"huggingface"] == schema.metadata[b"huggingface"]
    assert features.arrow_schema.remove_metadata() == schema.remove_metadata()
    assert card_features(schema) == features._to_yaml_list()
