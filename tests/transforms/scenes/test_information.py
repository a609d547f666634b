"""Characters weigh by their script, so that translations say about as much."""

from __future__ import annotations

import pytest

from scenesign.transforms.scenes.information import information


@pytest.mark.parametrize(
    ("text", "tenths"),
    [
        ("", 0),
        ("It rained.", 100),
        ("Шёл дождь.", 100),
        ("下雨了。", 3 * 35 + 10),
        ("々〇𠀀", 3 * 35),
        ("雨がふった", 35 + 4 * 14),
        ("비가 왔다", 4 * 25 + 10),
        ("نزل المطر", 8 * 14 + 10),
        ("ירד גשם", 6 * 14 + 10),
        ("ฝนตก", 40),
    ],
)
def test_each_script_has_its_weight(text: str, tenths: int) -> None:
    assert information(text) == tenths


def test_parts_add_up() -> None:
    parts = ["Chapter 1. ", "第一回　", "ゆき ", "눈", " снег"]
    assert information("".join(parts)) == sum(map(information, parts))
