"""The registry of quantisers and `protocol.md` say the same."""

from __future__ import annotations

import re

import pytest

from scenesign.transforms.signs.quantisers.registry import QUANTISERS, quantiser_kind
from tests.conftest import ROOT


def test_the_protocol_documents_the_quantisers_there_are() -> None:
    protocol = (ROOT / "protocol.md").read_text(encoding="utf-8")
    section = protocol.split("\n### 5.2 Quantisers\n")[1].split("\n### ")[0]
    documented = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            documented[cells[0].strip("`")] = cells[3].startswith("free")
    assert documented == {name: kind.by_frequency for name, kind in QUANTISERS.items()}
    assert all(kind.name == name and re.search(rf"^`{name}`\.", section, re.M) for name, kind in QUANTISERS.items())


def test_an_unknown_quantiser_is_named_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="no quantiser 'tarot' in this version; it knows composite, residual"):
        quantiser_kind("tarot")
