"""The comparison of languages as a function: what it gives, what it leaves, what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

import scenesign


@pytest.fixture
def aligned(tmp_path: Path) -> Path:
    """Two paragraphs, each in two languages."""
    table = tmp_path / "mine.tsv"
    table.write_text("en\tru\nfour\tдва\nsix six\tшесть\n", encoding="utf-8")
    return table


def test_a_table_of_my_own(aligned: Path, tmp_path: Path) -> None:
    said: list[str] = []
    found = scenesign.compare_languages(aligned, tmp_path / "costs", tokenizers=["characters"], note=said.append)
    assert [(row.language, row.tokens) for row in found.rows] == [("en", 11), ("ru", 8)]
    assert found.rows[1].premium == pytest.approx(8 / 11)
    assert (tmp_path / "costs" / "languages.csv").is_file()
    assert "measuring mine: 2 rows, en, ru" in said


def test_wrong_use_is_told_and_leaves_nothing(aligned: Path, tmp_path: Path) -> None:
    output = tmp_path / "costs"
    with pytest.raises(scenesign.UsageError, match="model_shape: there is no 'gpt-9'; there are gpt2"):
        scenesign.compare_languages(aligned, output, model_shape="gpt-9")
    with pytest.raises(scenesign.UsageError, match="--source other=en: expected CORPUS=LANGUAGE"):
        scenesign.compare_languages([aligned], output, sources=["other=en"])
    with pytest.raises(ValueError, match=r"nowhere\.tsv"):
        scenesign.compare_languages(tmp_path / "nowhere.tsv", output)
    assert not output.exists()
