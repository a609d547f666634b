"""Names of sources: which file a row, member or volume comes from."""

from __future__ import annotations

import pytest

from scenesign.schemas.records import file_of


@pytest.mark.parametrize(
    ("source", "file"),
    [
        ("ru/a.txt", "ru/a.txt"),
        ("C# for all.txt", "C# for all.txt"),
        ("a.jsonl.gz#12", "a.jsonl.gz"),
        ("a.txt#volume-2", "a.txt"),
        ("a.jsonl#3#volume-2", "a.jsonl"),
        ("a.zip!b/c.jsonl#3", "a.zip"),
        ("a.zip!b!c#1.txt", "a.zip"),
        ("owner/set#0", "owner/set"),
        ("#1" * 50_000 + "x", "#1" * 50_000 + "x"),
    ],
)
def test_the_file_of_a_source(source: str, file: str) -> None:
    assert file_of(source) == file


@pytest.mark.parametrize("name", ["a.zip", "!.zip", "a!b.zip", "#1", "a#1", "a#1!b"])
def test_what_is_in_a_file_never_looks_like_several_files(name: str) -> None:
    inside = ["", "!a.txt", "!b.txt", "!c#1", "!#2", "!a.zip!a.jsonl#7", "#0", "#1", "#2#volume-1", "#volume-3"]
    assert len({file_of(name + within) for within in inside}) == 1
