import csv
import json
import re
import sys
import types
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from scenesign.pipeline.commands.languages import languages
from scenesign.pipeline.languages.report import CHART, FILES, PAGE
from scenesign.pipeline.languages.tokenizers import load
from scenesign.schemas.languages import LANGUAGE_COSTS

SHARED = Path(__file__).parents[4] / "shared" / "data" / "parallel"
EN = ["The letter reached the foundry.", "Anna read it aloud.", "The bell was silent.", "Nobody spoke.", "They left."]
RU = ["Письмо пришло в мастерскую.", "Анна прочла его вслух.", "Колокол молчал.", "Все молчали.", "Они ушли."]


def run(*arguments: object, signs: bool = False):
    """signs: as the command is by default; without them a test takes a tenth of the time."""
    return CliRunner().invoke(languages, [str(a) for a in arguments] + ([] if signs else ["--no-signs"]))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "letters.tsv"
    rows = [f"{'xy'[i % 2]}\t{en}\t{ru}\n" for i, (en, ru) in enumerate(zip(EN, RU, strict=True))]
    path.write_text("story\ten\tru\n" + "".join(rows), encoding="utf-8")
    return path


def test_the_example_library_with_everything_installed(tmp_path):
    out = tmp_path / "out"
    result = run("-o", out, "--json", signs=True)
    assert result.exit_code == 0, result.output
    assert sorted(p.name for p in out.iterdir()) == sorted(FILES)
    printed = json.loads(result.stdout)
    rows = {(r["tokenizer"], r["language"]): r for r in printed["rows"]}
    assert {"cl100k", "o200k", "llama-3", "qwen-3", "deepseek", "bytes", "characters"} <= {t for t, _ in rows}
    library = Path(__file__).parents[3] / "examples" / "library"
    for language in ("en", "ru", "zh"):
        stories = list((library / language).glob("*.txt"))
        texts = [path.read_text(encoding="utf-8").strip() for path in stories]
        # each break between blocks is two line breaks, which no row holds
        expected = sum(len(t.encode()) - 2 * t.count("\n\n") for t in texts)
        assert rows["bytes", language]["tokens"] == expected
    # by default the signs are of the script that ships, two to a scene
    assert {rows["signs", language]["vocabulary"] for language in ("en", "ru", "zh")} == {512 + 4096}
    assert printed["vocabulary"]["source"].startswith("scenesign-script-1 ")
    assert {(one["language"], one["glyphs"]) for one in printed["written"]} == {
        (language, rows["signs", language]["tokens"]) for language in ("en", "ru", "zh")
    }
    assert all(one["glyphs"] < one["tokens"] < one["share"] * 23_000 for one in printed["written"])
    # whatever is not installed is named in the JSON, on stderr and in the report
    report = (out / "languages.md").read_text(encoding="utf-8")
    for one in printed["missing"]:
        assert f"missing: {one['name']}: " in result.stderr
        assert f"| {one['name']} | missing: " in report
    assert "One corpus only" in report
    stored = pq.read_table(out / "languages.parquet")
    assert stored.schema == LANGUAGE_COSTS
    assert stored.to_pylist() == printed["rows"]
    with (out / "languages.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(printed["rows"])


def test_the_report_and_the_terminal_name_every_claim(table, tmp_path):
    result = run("--parallel", table, "--tokenizer", "o200k", "--source", "letters=ru", "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "letters (from ru), 5 rows" in result.stdout
    assert "caution: One corpus only" in result.stdout
    report = (tmp_path / "out" / "languages.md").read_text(encoding="utf-8")
    assert "| English is the most expensive | **fails** |" in report
    assert "**not measured**: no corpus has Chinese" in report
    assert "| letters | ru | not stated |" in report
    assert f"]({CHART})" in report


def test_same_input_same_bytes(table, tmp_path):
    for name in ("a", "b"):
        assert run("--parallel", table, "--tokenizer", "qwen-3", "-o", tmp_path / name, "--html").exit_code == 0
    for file in (*FILES, PAGE):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes(), file


def test_only_anchors_or_a_third_language_still_give_a_chart(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text("de\tfr\tes\nEins\tUn\tUno\n", encoding="utf-8")
    result = run("--parallel", path, "--tokenizer", "bytes", "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "out" / CHART).read_bytes().startswith(b"\x89PNG")


def test_an_earlier_result_is_kept_unless_told(table, tmp_path):
    arguments = ("--parallel", table, "--tokenizer", "bytes", "-o", tmp_path / "out")
    assert run(*arguments).exit_code == 0
    before = (tmp_path / "out" / CHART).stat().st_mtime_ns
    result = run(*arguments)
    assert result.exit_code == 2
    assert "languages.md exists; add --overwrite" in result.stderr
    assert (tmp_path / "out" / CHART).stat().st_mtime_ns == before
    assert run(*arguments, "--overwrite").exit_code == 0
    assert not (tmp_path / "out" / PAGE).exists()  # nobody asked
    assert run(*arguments, "--overwrite", "--html").exit_code == 0
    assert (tmp_path / "out" / PAGE).is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tokenizer", "o200"], "did you mean o200k"),
        (["--tokenizer", "nowhere/nothing"], "nowhere/nothing: "),
        (["--source", "letters"], "expected CORPUS=LANGUAGE; the corpora are letters"),
        (["--source", "others=ru"], "the corpora are letters"),
        (["--parallel", "gone.tsv"], "gone.tsv: no such file or folder"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(table, tmp_path, monkeypatch, arguments, said):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    result = run("--parallel", table, *arguments, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_file_in_the_way_and_two_corpora_of_one_name(table, tmp_path):
    result = run("--parallel", table, "-o", table)
    assert (result.exit_code, "is a file; give -o a folder" in result.stderr) == (2, True)
    result = run("--parallel", table, "--parallel", table, "-o", tmp_path / "out")
    assert (result.exit_code, "another corpus is called 'letters' too" in result.stderr) == (2, True)


def test_warnings_of_a_corpus_are_said_and_kept(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text("en\tru\n" + "".join(f"{ru}\t{en}\n" for en, ru in zip(EN, RU, strict=True)), "utf-8")
    result = run("--parallel", path, "--tokenizer", "bytes", "-o", tmp_path / "out")
    assert result.exit_code == 0
    assert "warning: " in result.stderr
    assert "the en column reads as ru" in result.stderr
    assert "the en column reads as ru" in (tmp_path / "out" / "languages.md").read_text(encoding="utf-8")


def test_text_as_signs(table, tmp_path, monkeypatch):
    """The encoder is used by its interface alone: `encode(text, language=...)`, `.signs`, the inventory's sizes."""
    asked = []

    class Encoder:
        inventory = types.SimpleNamespace(info=types.SimpleNamespace(sizes=[8], composed=True))

        def __init__(self, where):
            assert where == str(tmp_path / "inventory")

        def encode(self, text, language):
            asked.append((text, language))
            return [types.SimpleNamespace(signs=(3,)), types.SimpleNamespace(signs=(1,))]

    module = types.ModuleType("scenesign.transforms.signs.encoder")
    module.SignEncoder = Encoder
    monkeypatch.setitem(sys.modules, module.__name__, module)
    (tmp_path / "inventory").mkdir()
    result = run(
        "--parallel", table, "--tokenizer", "o200k", "--inventory", tmp_path / "inventory",
        "-o", tmp_path / "out", "--json", signs=True,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    rows = {r["language"]: r for r in json.loads(result.stdout)["rows"] if r["kind"] == "signs"}
    assert [language for _, language in asked] == ["en", "en", "ru", "ru"]
    assert asked[0][0] == "\n\n".join(EN[::2])
    assert (rows["en"]["tokens"], rows["ru"]["premium"], rows["en"]["vocabulary"]) == (4, 1.0, 8)
    assert rows["en"]["bits_lost_per_scene"] == pytest.approx(rows["en"]["compressed_bits"] / 4 - 1)
    report = (tmp_path / "out" / "languages.md").read_text(encoding="utf-8")
    assert "| letters | en | 4 |" in report
    assert re.search(r"\*\*only when\*\* [\d,]+ to [\d,]+ bits of each scene may go", report)
    # the glyphs of signs 3 and 1 are 七 and 丁, so the two documents are 七丁 each
    written = json.loads(result.stdout)["written"]
    tokens = 2 * len(load("o200k").encode(["七丁"])[0])
    assert [(one["language"], one["glyphs"], one["tokens"]) for one in written] == [
        ("en", 4, tokens),
        ("ru", 4, tokens),
    ]


def test_a_folder_that_is_no_inventory(table, tmp_path):
    result = run("--parallel", table, "--inventory", tmp_path, "-o", tmp_path / "out", signs=True)
    assert result.exit_code == 2
    assert "not an inventory that can be read" in result.stderr
    result = run("--parallel", table, "--inventory", "gone", "-o", tmp_path / "out", signs=True)
    assert result.stderr == "error: --inventory gone: no such folder or script; name another, or add --no-signs\n"
    assert not (tmp_path / "out").exists()


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="no ../shared/data")
def test_the_shared_folder_gives_chart_table_and_verdicts(tmp_path):
    result = run(
        "--parallel", SHARED, "--tokenizer", "o200k", "--tokenizer", "qwen-3", "--source", "anna_karenina=ru",
        "-o", tmp_path / "out", "--json",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    verdicts = {v["claim"]: v["verdict"] for v in printed["claims"]}
    assert verdicts["English is the most expensive"] == "fails"
    assert verdicts["Russian takes 1.2-1.5 tokens per word"] == "fails"
    assert any("not stated for bible" in caution for caution in printed["cautions"])


@pytest.mark.parametrize("option", ["--parallel", "-o"])
def test_what_must_lie_on_this_machine_is_said(option, table, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {"--parallel": str(table), "-o": str(tmp_path / "out")} | {option: "s3://books/x"}
    result = run(*(word for pair in given.items() for word in pair))
    assert result.exit_code == 2
    assert f"{option} s3://books/x: this command works on local files; give a local path" in result.stderr
    assert not (tmp_path / "s3:").exists()
