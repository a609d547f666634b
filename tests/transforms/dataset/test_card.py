"""The cards: what they say is what the data are, and loaders read them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import torch
import yaml
from datasets import DatasetInfo, get_dataset_config_info, get_dataset_config_names, load_dataset

from scenesign.schemas.manifest import Manifest
from scenesign.transforms.dataset.card import card_header, card_text, card_there, with_picture
from scenesign.transforms.dataset.datacard import DATACARD
from scenesign.transforms.metrics.verdicts import verdicts


def manifest_of(demo: Path) -> Manifest:
    return Manifest.from_json((demo / "manifest.json").read_text(encoding="utf-8"))


def test_the_card_is_what_datasets_reads(demo: Path, tmp_path: Path) -> None:
    header = yaml.safe_load((demo / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    stated = {info["config_name"]: info for info in header["dataset_info"]}
    assert set(get_dataset_config_names(str(demo))) == set(stated)
    for name, info in stated.items():
        read = load_dataset(str(demo), name, cache_dir=str(tmp_path))
        card = DatasetInfo._from_yaml_dict(dict(info))
        assert list(read) == [split["name"] for split in info["splits"]]
        for split in info["splits"]:
            assert read[split["name"]].features == card.features
            assert read[split["name"]].num_rows == split["num_examples"]
            # tables are measured book by book, where bits that fill up a byte count each time
            assert read[split["name"]].data.nbytes == pytest.approx(split["num_bytes"], rel=1e-3)
        files = (path for path in (demo / name).rglob("*.parquet") if path.name != "topics.parquet")
        assert info["download_size"] == sum(path.stat().st_size for path in files)
        assert info["dataset_size"] == sum(split["num_bytes"] for split in info["splits"])
    assert get_dataset_config_info(str(demo), "sequences").features is not None


def test_licences_of_strangers_stay_text(demo: Path) -> None:
    manifest = manifest_of(demo)
    evil = "<script>alert(1)</script> | [x](javascript:1) `\n# Title"
    books = (
        replace(manifest.books[0], license=evil),
        replace(manifest.books[1], license="CC0-1.0"),
        *manifest.books[2:],
    )
    text = card_text(replace(manifest, books=books), "Apache-2.0", "here")
    assert "<script>" not in text
    assert "\n# Title" not in text
    assert card_header(replace(manifest, books=books))["license"] == ["cc0-1.0", "other", "unknown"]
    assert "| none stated | `unknown` | 10 |" in text


def test_books_that_are_missed_by_no_fault_of_theirs_are_told(demo: Path) -> None:
    manifest = manifest_of(demo)
    reasons, inputs = {"empty": 2, "unexpected": 1_001}, manifest.counts.books + 1_003
    counts = replace(manifest.counts, inputs=inputs, rejects=1_003, rejects_by_reason=reasons)
    told = "- Missing by no fault of their own: 1,001, of reason `unexpected`.\n"
    assert told in card_text(replace(manifest, counts=counts), "Apache-2.0", "here")
    assert "no fault" not in card_text(manifest, "Apache-2.0", "here")


def test_a_picture_stands_below_the_first_paragraph_and_once() -> None:
    card = "---\nname: x\n\n---\n\n# Title\n\nOne\nline.\n\n| a |\n"
    pictured = with_picture(card, "report/atlas.png", "A map")
    assert pictured == (
        "---\nname: x\n\n---\n\n# Title\n\nOne\nline.\n\n![A map.](report/atlas.png)\n\n*A map.*\n\n| a |\n"
    )
    assert with_picture(pictured, "report/atlas.png", "Another") == pictured
    for odd in ("", "# Title", "---\nx: 1\n---\n\n# Title\n\nno end"):
        assert with_picture(odd, "report/atlas.png", "A map") == odd


def test_on_the_hub_the_card_names_the_dataset(demo: Path) -> None:
    card = (demo / "README.md").read_text(encoding="utf-8")
    there = card_there(card, "ada/books")
    assert 'load_dataset("ada/books", "sequences")' in there
    assert "PATH" not in there
    assert card_there(there, "ada/other") == there


def test_the_card_says_what_the_measures_mean(demo: Path) -> None:
    manifest = manifest_of(demo)
    told = card_text(replace(manifest, metrics=manifest.metrics | {"ami/sign_book": 0.5}), "Apache-2.0", "here")
    said = "- A topic says much about which book it comes from"
    assert said in told.split("## Limits")[1]
    low = card_text(replace(manifest, metrics=manifest.metrics | {"ami/sign_book": 0.01}), "Apache-2.0", "here")
    assert said not in low
    assert all(f"- {sentence}" in card_text(manifest, "Apache-2.0", "here") for sentence in verdicts(manifest))


def test_the_large_concept_models_loader_takes_the_concepts(demo: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Reads as that loader does: a card, the path under `s3`, one Parquet dataset, a filter on the partition
    `split`, fragments by row group, rows with a null dropped, source and text lists of one length, tensors."""
    monkeypatch.chdir(demo)
    card = yaml.safe_load(Path(DATACARD).read_text(encoding="utf-8"))
    source, text = card["source_column"], card["source_text_column"]
    found = pq.ParquetDataset(card["parquet_path"]["s3"], filters=pc.field("split") == "train")
    assert "split" in found.partitioning.schema.names
    assert {source, text} <= set(found.schema.names)
    assert not {"row_group_id", "num_rows", "total_byte_size", "__batch_index", "__filename"} & set(found.schema.names)
    fragments = [
        part for f in found._dataset.get_fragments(pc.field("split") == "train") for part in f.split_by_row_group()
    ]
    rows = 0
    for fragment in fragments:
        assert fragment.row_groups[0].num_rows > 0
        table = fragment.to_table(columns=[source, text])
        assert table.drop_null().num_rows == table.num_rows
        lengths = pc.list_value_length(table[source])
        assert pc.all(pc.equal(lengths, pc.list_value_length(table[text]))).as_py()
        kind = table[source].type
        assert pa.types.is_list(kind)
        assert pa.types.is_fixed_size_list(kind.value_type)
        assert pa.types.is_primitive(kind.value_type.value_type)
        for vectors in table[source].combine_chunks():
            flat = vectors.values.flatten().to_numpy(zero_copy_only=False)
            tensor = torch.from_numpy(np.reshape(flat, (-1, kind.value_type.list_size)).copy())
            assert torch.allclose(tensor.float().norm(dim=1), torch.ones(len(tensor)), atol=5e-3)
        rows += table.num_rows
    files = manifest_of(demo).files
    assert rows == sum(file.rows for file in files if (file.config, file.split) == ("concepts", "train"))
