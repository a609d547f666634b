"""The column tables of `protocol.md` and the schemas say the same, and `datasets` reads the features we write."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from datasets import Features

from schemas.tables import REJECTS, SCENES, SEQUENCES, SIGN_TABLE, concepts_table
from schemas.version import PROTOCOL_VERSION
from tests.conftest import ROOT

PROTOCOL = (ROOT / "protocol.md").read_text()


def documented(heading: str) -> list[tuple[str, str]]:
    section = PROTOCOL[PROTOCOL.index(heading) :]
    table = section[section.index("| column |") :].split("\n\n")[0]
    return [(m[1], m[2]) for m in re.finditer(r"^\| (\w+) \| ([\w<>]+) \|", table, re.M) if m[1] != "column"]


@pytest.mark.parametrize(("heading", "schema"), [("`sequences/", SEQUENCES), ("`scenes/", SCENES)])
def test_protocol_and_schema_agree(heading: str, schema: pa.Schema) -> None:
    ours = [(field.name, re.sub(r"list<\w+: (\w+)>", r"list<\1>", str(field.type))) for field in schema]
    assert documented(heading) == ours


def test_the_version_is_the_protocols() -> None:
    assert f"version {PROTOCOL_VERSION}" in PROTOCOL.splitlines()[0]


@pytest.mark.parametrize("schema", [SEQUENCES, SCENES, REJECTS, SIGN_TABLE, concepts_table(8, half=True)])
def test_datasets_reads_our_features_as_we_wrote_them(schema: pa.Schema) -> None:
    features = Features.from_arrow_schema(schema)
    assert features.arrow_schema.metadata[b"huggingface"] == schema.metadata[b"huggingface"]
    assert features.arrow_schema.remove_metadata() == schema.remove_metadata()
