"""`scenesign signs`: listing, one sign, search, output for programs, and a glossary that means harm."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from scenesign.pipeline.cli import main

ESCAPE = "\x1b"


def signs(*arguments: object, columns: int = 200) -> Result:
    return CliRunner().invoke(main, ["signs", *map(str, arguments)], env={"COLUMNS": str(columns)})


def objects(done: Result) -> list[dict]:
    assert done.exit_code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def rows(demo: Path) -> list[dict]:
    return pq.read_table(demo / "inventory" / "signs.parquet").to_pylist()


@pytest.fixture
def altered(demo: Path, tmp_path: Path) -> Callable[[Callable[[dict], None]], Path]:
    """Makes a copy of the demo's inventory with rows of its glossary changed, digests in order."""

    def make(change: Callable[[dict], None]) -> Path:
        folder = tmp_path / "inventory"
        shutil.copytree(demo / "inventory", folder)
        table = pq.read_table(folder / "signs.parquet")
        found = table.to_pylist()
        for row in found:
            change(row)
        pq.write_table(pa.Table.from_pylist(found, table.schema), folder / "signs.parquet")
        info = json.loads((folder / "inventory.json").read_text(encoding="utf-8"))
        info["files"]["signs.parquet"] = hashlib.sha256((folder / "signs.parquet").read_bytes()).hexdigest()
        (folder / "inventory.json").write_text(json.dumps(info), encoding="utf-8")
        return folder

    return make


def test_the_listing_has_the_most_frequent_signs_and_says_what_it_left_out(demo: Path, rows: list[dict]) -> None:
    done = signs(demo, "--top", 3)
    assert done.exit_code == 0
    shown = [line.split()[1:3] for line in done.stdout.splitlines() if line.startswith("│ ") and "%" in line]
    assert shown == [[row["glyph"], str(row["sign"])] for row in rows[:3]]
    assert f"{len(rows) - 3} more; --top {len(rows)} shows all of level 1" in done.stdout
    assert "other signs: 4,096 of level 2 (--level)" in done.stdout
    assert ESCAPE not in done.stdout
    assert all(line == line.rstrip() for line in done.stdout.splitlines())
    assert signs(demo / "inventory", "--top", 3).stdout == done.stdout


def test_the_listing_shows_names_and_keywords(altered: Callable[[Callable[[dict], None]], Path]) -> None:
    def gloss(row: dict) -> None:
        row |= {"name": f"kind {row['sign']}", "keyword_languages": ["en"], "keywords": [["boat", f"w{row['sign']}"]]}

    for columns in (60, 200):
        shown = signs(altered_once := altered(gloss), "--top", 2, columns=columns).stdout
        assert "kind 0" in shown
        assert "en: boat w1" in shown
        shutil.rmtree(altered_once)


def test_json_has_a_row_per_topic_and_per_letter_of_a_level(demo: Path, rows: list[dict]) -> None:
    found = objects(signs(demo, "--json"))
    assert [row["sign"] for row in found] == [row["sign"] for row in rows]
    assert [row["count"] for row in found] == [row["count"] for row in rows]
    letters = objects(signs(demo, "--level", 2, "--json"))
    stored = pq.read_table(demo / "inventory" / "letters.parquet").to_pylist()
    assert [(e["letter"], e["value"], e["count"]) for e in letters] == [
        (row["letter"], row["value"], row["count"]) for row in stored if row["level"] == 2
    ]
    shown = signs(demo, "--level", 2).stdout
    assert shown.startswith("level 2 lead 0  ")
    assert len(shown.splitlines()) >= 48


def test_a_composed_glyph_is_told_by_its_letters(demo: Path) -> None:
    # the first syllable of all, 가 with the first tail, spells nothing but zeros
    found = objects(signs(demo, "--sign", "각", "--json"))
    assert [(e["level"], e["letter"], e["value"]) for e in found] == [(2, 0, 0), (2, 1, 0), (2, 2, 0)]
    assert [line.split("  ")[0] for line in signs(demo, "--sign", "각").stdout.splitlines() if line[:5] == "level"] == [
        "level 2 lead 0",
        "level 2 vowel 0",
        "level 2 tail 0",
    ]


@pytest.mark.parametrize("sign", [0, 3])
def test_a_sign_by_number_and_by_glyph_is_the_same(demo: Path, rows: list[dict], sign: int) -> None:
    by_number = signs(demo, "--sign", sign)
    assert by_number.exit_code == 0
    assert signs(demo, "--sign", rows[sign]["glyph"]).stdout == by_number.stdout
    assert f"sign {sign}, level 1" in by_number.stdout
    flat = " ".join(by_number.stdout.split())
    assert all(" ".join(words) in flat for words in rows[sign]["keywords"])
    (row,) = objects(signs(demo, "--sign", sign, "--json"))
    assert [example["text"] for example in row["examples"]] == rows[sign]["example_texts"]


@pytest.mark.parametrize("columns", [20, 40, 75, 80])
def test_lines_fit_a_narrow_terminal_and_lose_nothing(demo: Path, rows: list[dict], columns: int) -> None:
    from rich.cells import cell_len

    for arguments in (("--sign", 0), ("--top", 2)):
        done = signs(demo, *arguments, columns=columns)
        assert max(cell_len(line) for line in done.stdout.splitlines()) <= columns
    whole = "".join(signs(demo, "--sign", 0, columns=columns).stdout.split())
    for text in rows[0]["example_texts"]:
        assert "".join(text.split()) in whole


@pytest.mark.parametrize(
    ("query", "language"),
    [("a storm at sea", "en"), ("буря на море", "ru"), ("海上的暴风雨", "zh")],
)
def test_a_storm_is_found_in_every_language(demo: Path, query: str, language: str) -> None:
    """Its language is told without --language, and the first topic's examples have wind and waves."""
    found = objects(signs(demo, "--search", query, "--json"))
    assert len(found) == min(10, len(pq.read_table(demo / "inventory" / "signs.parquet")))
    similarities = [row["similarity"] for row in found]
    assert similarities == sorted(similarities, reverse=True)
    texts = " ".join(example["text"] for row in found[:2] for example in row["examples"])
    assert any(word in texts for word in ("storm", "wind", "wave", "oar", "boat"))
    named = objects(signs(demo, "--search", query, "--language", language, "--json", "--top", 2))
    assert named == found[:2]


def test_a_search_that_finds_nothing_says_so(demo: Path) -> None:
    done = signs(demo, "--search", "qwxz vvkp zzrt", "--language", "en")
    assert done.exit_code == 0
    assert "no word of this is in the dictionary of 'en'" in done.stderr


def test_a_language_that_the_inventory_lacks_is_noted(demo: Path) -> None:
    assert "no mean for language 'fr'" in signs(demo, "--search", "une tempête en mer", "--language", "fr").stderr
    assert "was not trained on 'fi'" in signs(demo, "--search", "abc", "--language", "fi").stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--sign", "99"], "there is no sign 99: the signs of"),
        (["--sign", "一丁"], "scenesign decode -i"),
        (["--sign", "x"], "is written 'x'"),
        (["--sign", "-1"], "is written '-1'"),
        (["--sign", "\x1b[2J"], "\\x1b[2J"),
        (["--sign", "１"], "is written"),
        (["--sign", ""], "is written ''"),
        (["--search", " "], "no word in the query"),
        (["--search", "\x1b[2J 123"], "error"),
        (["--search", "sea " * 2000], "scenesign encode"),
        (["--level", "3"], "no --level 3"),
        (["--sign", "1", "--top", "3"], "--sign shows one sign"),
        (["--search", "sea", "--level", "2"], "--search finds topics"),
        (["--language", "en"], "--language is that of the --search text"),
        (["--top", "0"], "--top"),
    ],
)
def test_wrong_use_names_the_way_out(demo: Path, arguments: list[str], says: str) -> None:
    done = signs(demo, *arguments)
    if says == "error":
        # what is left of a terminal's code is letters, and may be searched for; it must not reach the terminal
        assert ESCAPE not in done.stdout + done.stderr
        return
    assert done.exit_code == 2
    assert says in done.stderr
    assert ESCAPE not in done.stderr
    assert done.stdout == ""


def test_no_folder_and_no_inventory(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        done = signs(folder)
        assert done.exit_code == 2
        assert f"{folder} is not an inventory" in done.stderr


def test_search_refuses_an_inventory_of_another_embedder(demo: Path, tmp_path: Path) -> None:
    folder = tmp_path / "inventory"
    shutil.copytree(demo / "inventory", folder)
    info = json.loads((folder / "inventory.json").read_text(encoding="utf-8"))
    (folder / "inventory.json").write_text(
        json.dumps(info | {"embedder_version": "somebody-else-2.0"}), encoding="utf-8"
    )
    done = signs(folder, "--search", "sea")
    assert done.exit_code == 2
    assert "somebody-else-2.0" in done.stderr
    assert info["embedder_version"] in done.stderr
    assert signs(folder).exit_code == 0


@pytest.mark.parametrize("arguments", [["--top", "2"], ["--sign", "0"], ["--json"], ["--sign", "0", "--json"]])
@pytest.mark.parametrize("columns", [60, 200])
def test_hostile_text_never_reaches_the_terminal(
    altered: Callable[[Callable[[dict], None]], Path], arguments: list[str], columns: int
) -> None:
    """Terminal codes, markup and text that turns the line around stay text."""
    nasty = "\x1b]0;owned\x07\x9b2J\x00\u202egnp[red]x[/red]\r\n\u2028z"

    def spoil(row: dict) -> None:
        row["keyword_languages"], row["keywords"] = [f"en{nasty}"], [[nasty] * 3]
        row["name"] = f"{row['sign']}{nasty}"
        row["languages"] = [f"{language}{nasty}" for language in row["languages"]]
        row["example_texts"] = [nasty for _ in row["example_texts"]]
        row["example_books"] = [f"\x1b[2J{book}" for book in row["example_books"]]
        row["example_languages"] = [nasty for _ in row["example_languages"]]

    done = signs(altered(spoil), *arguments, columns=columns)
    assert done.exit_code == 0, done.stderr
    unsafe = {character for character in done.stdout if not character.isprintable()} - {"\n"}
    assert not unsafe
    assert "[red]x[/red]" in "".join(done.stdout.replace("│", "").split())
    if "--json" in arguments:
        assert objects(done)[0]["keywords"]
