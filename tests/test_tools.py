"""What docs/tools.md says of other programs: its lines run, and read what was written."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scenesign.schemas.inventory import CAST_TOKENS, SPECIAL_TOKENS, InventoryInfo
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "tools.md").read_text(encoding="utf-8")
# tool, version, code, what to know
LINES = {cells[0]: cells[1:] for cells in re.findall(r"^\| ([\w.]+) \| ([\d.]+) \| (.*?) \| (.*)\|$", PAGE, re.M)}
SPLIT_TABLES = ("sequences", "scenes", "cast", "concepts")
SINGLE_FILES = (
    "inventory/signs.parquet",
    "inventory/letters.parquet",
    "atlas/scenes.parquet",
    "atlas/topics.parquet",
    "rejects/rejects.parquet",
)
NODE_MODULES = ROOT / "tests" / "tools" / "node_modules"

Row = dict[str, Any]


@pytest.fixture
def beside_demo(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `out` is, as after `make demo`."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "demo").symlink_to(demo)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    return tmp_path


def value_of_line(tool: str, table: str = "scenes") -> Any:
    """What the tool's line in the document comes to, with another table in place of `scenes`."""
    code = LINES[tool][1].strip("`")
    if table in SINGLE_FILES:
        code = re.sub(r"out/demo/scenes(/\*/\*\.parquet)?", f"out/demo/{table}", code)
    else:
        code = code.replace("scenes", table)
    *statements, last = ast.parse(code).body
    assert isinstance(last, ast.Expr)
    names: dict[str, object] = {}
    exec(compile(ast.Module(statements, []), "docs/tools.md", "exec"), names)
    return eval(compile(ast.Expression(last.value), "docs/tools.md", "eval"), names)


def plain(value: Any) -> Any:
    """Arrays and their numbers as lists and Python's own."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    value = value.tolist() if hasattr(value, "tolist") else value
    return [plain(item) for item in value] if isinstance(value, list) else value


def in_order(rows: list[Row]) -> list[Row]:
    """Rows in an order of their own, columns by name: tools may read files in any order."""
    return sorted(({name: plain(row[name]) for name in sorted(row)} for row in rows), key=repr)


def files_of(dataset: Path, table: str) -> list[Path]:
    return [dataset / table] if table in SINGLE_FILES else sorted(dataset.glob(f"{table}/split=*/*.parquet"))


def written(dataset: Path, table: str) -> list[Row]:
    """The rows of a table, file by file, `split` taken from the name of the folder."""
    rows: list[Row] = []
    for path in files_of(dataset, table):
        split = {} if table in SINGLE_FILES else {"split": path.parent.name.removeprefix("split=")}
        rows += [row | split for row in pq.ParquetFile(path).read().to_pylist()]
    return in_order(rows)


def rows_of_splits(found: Mapping[str, Any]) -> list[Row]:
    return [row | {"split": split} for split, rows in found.items() for row in rows]


READERS: Mapping[str, Callable[[Any], list[Row]]] = {
    "DuckDB": lambda relation: [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()],
    "Polars": lambda frame: frame.to_dicts(),
    "pandas": lambda frame: frame.to_dict("records"),
    "pyarrow": pa.Table.to_pylist,
    "datasets": rows_of_splits,
}


@pytest.mark.parametrize("table", SPLIT_TABLES)
@pytest.mark.parametrize("tool", READERS)
def test_a_table_is_read_whole_and_its_split_is_a_column(tool: str, table: str, beside_demo: Path) -> None:
    expected = written(beside_demo / "out" / "demo", table)
    assert {row["split"] for row in expected} == {"train", "validation", "test"}
    assert in_order(READERS[tool](value_of_line(tool, table))) == expected


@pytest.mark.parametrize("file", SINGLE_FILES)
@pytest.mark.parametrize("tool", ["DuckDB", "Polars", "pandas", "pyarrow"])
def test_a_file_that_stands_alone_is_read(tool: str, file: str, beside_demo: Path) -> None:
    assert in_order(READERS[tool](value_of_line(tool, file))) == written(beside_demo / "out" / "demo", file)


@pytest.mark.parametrize("table", [*SPLIT_TABLES, "atlas", "rejects"])
def test_streaming_gives_the_same_rows(table: str, beside_demo: Path) -> None:
    import datasets

    demo = beside_demo / "out" / "demo"
    found = datasets.load_dataset(str(demo), table, streaming=True)
    alone = {"atlas": "atlas/scenes.parquet", "rejects": "rejects/rejects.parquet"}
    if table in alone:
        assert in_order(list(found[table])) == written(demo, alone[table])
    else:
        assert in_order(rows_of_splits(found)) == written(demo, table)


def test_a_query_filters_and_joins_by_split(beside_demo: Path) -> None:
    """The split of a book and of its scenes is one, as a program that knows no more than the files finds it."""
    import duckdb

    counts = duckdb.sql("""
        select split, count(*), sum(length(scenes.signs)), count(distinct octet_length(sketch))
        from 'out/demo/sequences/*/*.parquet' books join 'out/demo/scenes/*/*.parquet' scenes using (book_id, split)
        group by split order by split
    """).fetchall()
    scenes = written(beside_demo / "out" / "demo", "scenes")
    expected = {split: [row for row in scenes if row["split"] == split] for split in ("test", "train", "validation")}
    assert counts == [(split, len(rows), 2 * len(rows), 1) for split, rows in expected.items()]


def sentences_of_signs(demo: Path) -> Iterator[tuple[str, list[int]]]:
    """Texts for the tokenizer, and the ids that the protocol gives them."""
    info = InventoryInfo.from_json((demo / "inventory" / "inventory.json").read_text(encoding="utf-8"))
    first_special, first_member = info.signs, info.signs + len(SPECIAL_TOKENS)
    unknown = first_special + SPECIAL_TOKENS.index("<unk>")
    books = written(demo, "sequences")
    for book in books:
        yield book["glyphs"], book["signs"]
    yield "".join(SPECIAL_TOKENS), [*range(first_special, first_member)]
    yield " ".join(CAST_TOKENS), [*range(first_member, first_member + 256)]
    glyphs, signs = books[0]["glyphs"], books[0]["signs"]
    mixed = f"<book><chapter> {glyphs[0]}\n{glyphs[1]}<e1>\u3000<e256></book>"
    yield mixed, [first_special + 1, first_special + 3, *signs[:2], first_member, first_member + 255, first_special + 2]
    yield f"{glyphs[0]}x😀<e257", [signs[0], *[unknown] * 7]


def spelled(text: str, ids: list[int], demo: Path) -> str:
    """The text that ids are decoded to: without white space, strangers as `<unk>`."""
    vocabulary = json.loads((demo / "inventory" / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    tokens = {number: token for token, number in vocabulary.items()}
    return "".join(tokens[number] for number in ids)


def test_tokenizers_of_python_give_the_ids_that_the_protocol_gives(beside_demo: Path) -> None:
    ours, alone = value_of_line("transformers"), value_of_line("tokenizers")
    for text, ids in sentences_of_signs(beside_demo / "out" / "demo"):
        assert ours(text)["input_ids"] == ids
        assert alone.encode(text).ids == ids
        back = spelled(text, ids, beside_demo / "out" / "demo")
        assert ours.decode(ids) == back
        assert alone.decode(ids, skip_special_tokens=False) == back
    assert [ours.pad_token, ours.bos_token, ours.eos_token, ours.chapter_token, ours.unk_token] == list(SPECIAL_TOKENS)


def test_versions_are_those_of_the_lock_and_of_the_packages_in_javascript() -> None:
    """Spark and Transformers.js are in neither: they were run by hand."""
    pins: dict[str, set[str]] = {}
    lock = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    for name, version in re.findall(r"^([\w-]+)==([\w.]+)", lock, re.M):
        pins.setdefault(name, set()).add(version)
    packages = json.loads((ROOT / "tests" / "tools" / "package.json").read_text(encoding="utf-8"))["dependencies"]
    pins |= {"hyparquet": {packages["hyparquet"]}, "tokenizers.js": {packages["@huggingface/tokenizers"]}}
    known = {tool: version for tool, (version, *_) in LINES.items() if tool not in ("Spark", "Transformers.js")}
    assert known.keys() == READERS.keys() | {"transformers", "tokenizers", "hyparquet", "Tokenizers.js"}
    assert not {tool: version for tool, version in known.items() if version not in pins[tool.lower()]}


def javascript(package: str, folder: Path) -> tuple[str, str]:
    """The imports of the document's block for a package, and the rest of it; skips where it can't be run."""
    if not shutil.which("node"):
        pytest.skip("there is no node on the path")
    if not (NODE_MODULES / package).is_dir():
        pytest.skip(f"{package} is not in tests/tools/node_modules (make javascript)")
    (folder / "node_modules").symlink_to(NODE_MODULES)
    blocks = re.findall(r"^```js\n(.*?)^```", PAGE, re.S | re.M)
    (block,) = [block for block in blocks if f'from "{package}"' in block]
    lines = block.splitlines()
    return tuple("\n".join(line for line in lines if line.startswith("import ") is wanted) for wanted in (True, False))  # type: ignore[return-value]


def run_node(script: str, folder: Path) -> Any:
    """The JSON that a program of Node prints."""
    (folder / "script.mjs").write_text(script, encoding="utf-8")
    done = subprocess.run(
        ["node", "script.mjs"], cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def as_json(value: Any) -> Any:
    """As the program below prints it: bytes as their numbers."""
    if isinstance(value, bytes):
        return list(value)
    return [as_json(item) for item in value] if isinstance(value, list) else value


def test_javascript_reads_the_tables(beside_demo: Path) -> None:
    demo = beside_demo / "out" / "demo"
    imports, body = javascript("hyparquet", beside_demo)
    paths = [path for table in (*SPLIT_TABLES, *SINGLE_FILES) for path in files_of(demo, table)]
    named = re.search(r'"(out/demo/[^"]+)"', body)
    assert named
    blocks = "\n".join(
        f"{{ {body.replace(named[1], str(path.relative_to(beside_demo)))}\nfound.push(rows); }}" for path in paths
    )
    told = """
const plain = (key, value) =>
    typeof value === "bigint" ? Number(value) : value instanceof Uint8Array ? [...value] : value;
console.log(JSON.stringify(found, plain));
"""
    found = run_node(f"{imports}\nconst found = [];\n{blocks}\n{told}", beside_demo)
    for path, rows in zip(paths, found, strict=True):
        expected = [
            {name: as_json(value) for name, value in row.items()} for row in pq.ParquetFile(path).read().to_pylist()
        ]
        assert rows == expected, path


@pytest.mark.parametrize("package", ["@huggingface/tokenizers", "@huggingface/transformers"])
def test_tokenizers_of_javascript_give_the_ids_that_the_protocol_gives(package: str, beside_demo: Path) -> None:
    imports, body = javascript(package, beside_demo)
    demo = beside_demo / "out" / "demo"
    texts, expected = map(list, zip(*sentences_of_signs(demo), strict=True))
    told = f"""
const texts = {json.dumps(texts)};
console.log(JSON.stringify(texts.map((text) => [ids(text), tokenizer.decode(ids(text))])));
"""
    found = run_node(f"{imports}\n{body}\n{told}", beside_demo)
    assert found == [[ids, spelled(text, ids, demo)] for text, ids in zip(texts, expected, strict=True)]
