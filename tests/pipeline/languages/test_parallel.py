import importlib.util
import json
from pathlib import Path

import pytest

from scenesign.pipeline.languages.parallel import ParallelTextError, language_of, language_warning, read_parallel
from scenesign.schemas.languages import UNSTATED
from tests.conftest import LIBRARY, ROOT

SHARED = ROOT.parent / "shared" / "data" / "parallel"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def one(path: Path):
    (corpus,) = read_parallel(path)
    return corpus


def test_tsv_with_its_toml(tmp_path):
    path = write(tmp_path / "t.tsv", "id\tstory\ten_old\tru\n1\ta\tOne.\tОдин.\n2\tb\tTwo.\tДва.\n")
    write(tmp_path / "t.toml", 'name = "T"\nsource_language = "ru"\nlicence = "CC0-1.0"\nunit = "line"\n')
    corpus = one(path)
    assert corpus.texts == {"en": ("One.", "Two."), "ru": ("Один.", "Два.")}
    assert (corpus.name, corpus.source_language, corpus.licence, corpus.unit) == (
        "T",
        "ru",
        "CC0-1.0",
        "line",
    )
    assert corpus.documents == ("a", "b")


def test_columns_named_by_the_toml(tmp_path):
    path = write(tmp_path / "t.tsv", "kjv\tsynodal\tnotes\nOne.\tОдин.\tx\n")
    write(tmp_path / "t.toml", '[languages]\nkjv = "en"\nsynodal = "ru"\n')
    assert one(path).languages == ("en", "ru")
    write(tmp_path / "t.toml", '[languages]\nkjv = "en"\ngone = "ru"\n')
    with pytest.raises(ParallelTextError, match=r"no column 'gone', which t\.toml lists"):
        read_parallel(path)


def test_quotes_carriage_returns_and_rare_line_separators_are_kept_in_place(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_bytes('\ufeffen\tru\r\n"A" and\u2028B\t«А»\r\nC\tВ\r\n'.encode())
    assert one(path).texts == {"en": ('"A" and\u2028B', "C"), "ru": ("«А»", "В")}


def test_a_file_per_language(tmp_path):
    write(tmp_path / "c" / "en.txt", "One.\nTwo.\n")
    write(tmp_path / "c" / "ru.txt", "Один.\nДва.")
    assert one(tmp_path / "c").texts["ru"] == ("Один.", "Два.")
    assert one(tmp_path / "c").name == "c"


def test_unequal_line_counts(tmp_path):
    write(tmp_path / "en.txt", "One.\nTwo.\n")
    write(tmp_path / "ru.txt", "Один.\n")
    with pytest.raises(ParallelTextError, match=r"differ in lines \(en\.txt 2, ru\.txt 1\)"):
        read_parallel(tmp_path)


def test_flores_layout_with_two_scripts_and_two_parts(tmp_path):
    for code in ("eng_Latn", "rus_Cyrl", "zho_Hans", "zho_Hant"):
        for part in ("dev", "devtest"):
            write(tmp_path / f"{code}.{part}", f"{code}\n")
    write(tmp_path / "metadata_dev.tsv", "URL\tdomain\nx\ty\n")
    dev, devtest = read_parallel(tmp_path)
    assert (dev.name, devtest.name) == ("FLORES dev", "FLORES devtest")
    assert dev.languages == ("en", "ru", "zh", "zh-Hant")
    assert (dev.source_language, dev.unit) == ("en", "sentence")
    assert dev.documents == ()


def test_jsonl_lists_align_by_item_only_where_all_lengths_agree(tmp_path):
    rows = [{"part": 1, "en": ["a", "b"], "ru": ["а", "б"]}, {"part": 2, "en": ["c"], "ru": ["в"]}]
    path = write(tmp_path / "t.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert one(path).texts == {"en": ("a", "b", "c"), "ru": ("а", "б", "в")}
    rows[1]["ru"] = ["в", "г"]
    write(path, "".join(json.dumps(row) + "\n" for row in rows))
    assert one(path).texts == {"en": ("a\nb", "c"), "ru": ("а\nб", "в\nг")}


def test_rows_with_an_empty_cell_are_left_out_with_one_warning(tmp_path):
    path = write(tmp_path / "t.tsv", "en\tru\nOne.\tОдин.\nTwo.\t \n\tТри.\n")
    corpus = one(path)
    assert corpus.texts == {"en": ("One.",), "ru": ("Один.",)}
    (warning,) = corpus.warnings
    assert "2 of 3 rows have an empty cell" in warning
    assert "first row 2 (ru)" in warning


def test_a_column_in_another_language_than_stated_warns(tmp_path):
    english = "The letter reached the foundry on a wet morning in October, and nobody dared to open it."
    russian = "Письмо пришло в мастерскую сырым октябрьским утром, и никто не решался его открыть."
    swapped = write(tmp_path / "t.tsv", "en\tru\n" + f"{russian}\t{english}\n" * 3)
    assert [
        "reads as ru, not en" in one(swapped).warnings[0],
        "reads as en, not ru" in one(swapped).warnings[1],
    ]
    right = write(tmp_path / "r.tsv", "en\tru\n" + f"{english}\t{russian}\n" * 3)
    assert one(right).warnings == ()
    assert language_warning(right, "kik", [english]) is None  # unknown to the detector: no judgement


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("t.tsv", "", "no rows"),
        ("t.tsv", "en\tru\n", "no rows"),
        ("t.tsv", "en\tru\nOne.\n", "line 2: 1 cells, but the header has 2"),
        ("t.tsv", "en\tnote\nOne.\tx\n", "needs a column per language, at least two"),
        ("t.tsv", "en_a\ten_b\nOne.\tTwo.\n", "are the same language"),
        ("t.tsv", "en\tru\n\tx\n", "no row has text in every language"),
        ("t.jsonl", "{", "line 1: not JSON"),
        ("t.jsonl", "[]", "line 1: not a JSON object"),
        ("t.jsonl", '{"en": "a", "ru": "b"}\n{"en": "a"}', "line 2: 'ru' \\(ru\\) is missing"),
        ("t.jsonl", '{"en": "a", "ru": 3}', "line 1: 'ru' is neither text nor a list"),
        ("t.doc", "x", "aligned text is a .tsv, a .jsonl, or a folder"),
    ],
)
def test_bad_tables_are_one_line_that_names_the_file(tmp_path, name, text, said):
    path = write(tmp_path / name, text)
    with pytest.raises(ParallelTextError, match=said) as caught:
        read_parallel(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("name = ", "not a TOML file"),
        ('nmae = "x"', "unknown key 'nmae'"),
        ("name = 3", "name must be a line of text"),
        ("languages = 3", "languages must be a table"),
        ('document = "gone"', "no column 'gone'"),
    ],
)
def test_bad_tomls(tmp_path, toml, said):
    path = write(tmp_path / "t.tsv", "en\tru\nOne.\tОдин.\n")
    write(tmp_path / "t.toml", toml)
    with pytest.raises(ParallelTextError, match=said):
        read_parallel(path)


def test_bad_places(tmp_path):
    with pytest.raises(ParallelTextError, match="no such file or folder"):
        read_parallel(tmp_path / "gone")
    with pytest.raises(ParallelTextError, match="no aligned text in it"):
        read_parallel(tmp_path)
    (tmp_path / "t.tsv").write_bytes(b"en\tru\n\xff\tx\n")
    with pytest.raises(ParallelTextError, match="not UTF-8"):
        read_parallel(tmp_path / "t.tsv")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("en", "en"), ("ru_synodal", "ru"), ("zh-Hans", "zh"), ("zh_Hant", "zh-Hant"), ("zh-TW", "zh-Hant"),
        ("eng_Latn", "en"), ("zho_Hant", "zh-Hant"), ("kik_Latn", None), ("id", None), ("part", None),
        ("English", None), ("", None),
    ],
)  # fmt: skip
def test_language_of(name, code):
    assert language_of(name) == code


def test_the_base_language(tmp_path):
    path = write(tmp_path / "t.tsv", "de\tru\nEins.\tОдин.\n")
    assert one(path).base_language == "de"
    write(tmp_path / "t.toml", 'source_language = "ru"')
    assert one(path).base_language == "ru"
    assert one(path).licence == UNSTATED


def test_the_example_alignment_is_made_from_the_stories():
    spec = importlib.util.spec_from_file_location("make_alignment", ROOT / "examples" / "make_alignment.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    path = ROOT / "examples" / "alignment" / "library.tsv"
    assert path.read_text(encoding="utf-8") == module.alignment()
    corpus = one(path)
    assert (corpus.name, corpus.source_language, corpus.licence) == (
        "scenesign example library",
        "en",
        "Apache-2.0",
    )
    for language in corpus.languages:
        for story in dict.fromkeys(corpus.documents):
            rows = [t for t, d in zip(corpus.texts[language], corpus.documents, strict=True) if d == story]
            text = (LIBRARY / language / f"{story}.txt").read_text(encoding="utf-8")
            assert "\n\n".join(rows) == text.strip()


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="no ../shared/data")
def test_the_shared_folder_is_three_corpora():
    found = {corpus.name: corpus for corpus in read_parallel(SHARED)}
    assert {name: (c.segments, c.languages) for name, c in found.items()} == {
        "anna_karenina": (239, ("en", "ru")),
        "bible": (8586, ("en", "ru", "zh")),
        "FLORES dev": (997, ("en", "ru", "zh", "zh-Hant")),
    }
    assert all(c.warnings == () for c in found.values())


def test_a_folder_reached_twice_is_read_once(tmp_path):
    table = "id\ten\tru\n1\tOne.\tОдин.\n"
    write(tmp_path / "a" / "t.tsv", table)
    write(tmp_path / "b" / "u.tsv", table)
    (tmp_path / "a" / "other").symlink_to("../b")
    (tmp_path / "b" / "other").symlink_to("../a")
    (tmp_path / "all").symlink_to(".")
    (tmp_path / "c").symlink_to("b")
    assert [text.name for text in read_parallel(tmp_path)] == ["a", "b"]
