"""Checks of the folder `inventory`: arrays, tokenizer and index say the same, and fit the data."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from scenesign.pipeline.validate.files import MOST_DIMENSIONS, check_version, mistyped, parse_json, read_capped
from scenesign.schemas.inventory import SPECIAL_TOKENS, InventoryInfo
from scenesign.schemas.rules import Findings
from scenesign.transforms.signs.glosses.glossary import GLOSSARY, LETTERS
from scenesign.transforms.signs.glyphs import LETTER_VALUES, LETTERS_OF_GLYPH, check_sizes
from scenesign.transforms.signs.inventory import (
    CODEBOOK,
    INFO,
    Inventory,
    cast_embeddings,
    load_inventory,
    scripts,
)
from scenesign.transforms.signs.neutralise import Damping, unit
from scenesign.transforms.signs.quantisers.registry import QUANTISERS
from scenesign.transforms.signs.tokenizer import token_ids
from scenesign.transforms.support import storage
from scenesign.transforms.support.inside import is_inside

FOLDER = "inventory"
# All glyphs of all levels with 4,096 dimensions fit.
FILE_BYTES = 2 << 30
_INFO_BYTES = 16 << 20
_REQUIRED = (CODEBOOK, "embeddings.safetensors", "index.faiss", GLOSSARY, "tokenizer.json")
# `index.faiss`: tag, dimensions, vectors, two unused numbers, trained, metric (0 = inner product), floats that follow.
_FLAT_INDEX = struct.Struct("<4siqqq?iQ")


def _path(name: str) -> str:
    return f"{FOLDER}/{name}"


def check_info(folder: str, findings: Findings) -> InventoryInfo | None:
    """What `inventory.json` says, or None when it can't be used."""
    path = _path(INFO)
    try:
        raw = parse_json(read_capped(folder, path, _INFO_BYTES))
        if not check_version(str(raw.get("protocol")), findings, path):
            return None
        info = InventoryInfo.from_json(json.dumps(raw), path)
        wrong = mistyped(info)
        if wrong or min(info.sizes, default=0) < 1 or not 1 <= info.dimensions <= MOST_DIMENSIONS:
            raise ValueError(f"{wrong or 'sizes or dimensions'}: wrong type, or out of range")
    except (OSError, ValueError) as error:
        findings.add("inventory.form", path, str(error))
        return None
    if info.quantiser not in QUANTISERS:
        known = ", ".join(sorted(QUANTISERS))
        findings.add("inventory.quantiser", path, f"'{info.quantiser}' is none that this program knows: {known}")
        return None
    try:
        check_sizes(info.sizes)
    except ValueError as error:
        findings.add("inventory.sizes", path, str(error))
        return None
    return info


def check_digests(folder: str, info: InventoryInfo, findings: Findings) -> None:
    """The files that `inventory.json` vouches for, so that an inventory can travel without its dataset."""
    for name in (*_REQUIRED, *([LETTERS] if len(info.sizes) > 1 else [])):
        if name not in info.files:
            findings.add("inventory.files", _path(INFO), f"{name} is not among its files")
    for name, sha in info.files.items():
        if not is_inside(name):
            findings.add("inventory.files", _path(INFO), f"'{name}' is not a file name; it was not opened")
            continue
        try:
            read = hashlib.sha256(read_capped(folder, _path(name), FILE_BYTES)).hexdigest()
        except OSError as error:
            findings.add("inventory.files", _path(name), str(error))
            continue
        if read != sha:
            findings.add("inventory.files", _path(name), f"SHA-256 {read}, {INFO} says {sha}")


def check_script(info: InventoryInfo, findings: Findings) -> None:
    """An inventory that calls itself a script is that script, where this program has it."""
    for folder in scripts().values():
        known = InventoryInfo.from_json(storage.read_bytes(storage.join(folder, INFO)).decode(), folder)
        named = (known.script, known.version) == (info.script, info.version)
        if named and known.files.get(CODEBOOK) != info.files.get(CODEBOOK):
            detail = f"it calls itself {info.script} {info.version} and is another: its glyphs mean something else"
            findings.add("inventory.script", _path(INFO), detail)


def check_same(info: InventoryInfo, stated: Mapping[str, object], findings: Findings) -> None:
    """The manifest repeats `inventory.json`."""
    ours = json.loads(json.dumps(asdict(info)))
    for name, value in ours.items():
        if name != "files" and stated.get(name) != value:
            findings.add("inventory.manifest", "manifest.json", f"inventory.{name} is not that of {_path(INFO)}")


def check_codebook(folder: str, info: InventoryInfo, findings: Findings) -> Inventory | None:
    """The inventory ready to use, or None."""
    path = _path(CODEBOOK)
    try:
        read_capped(folder, path, FILE_BYTES)
        inventory = load_inventory(storage.join(folder, FOLDER))
    except (OSError, ValueError) as error:
        findings.add("inventory.codebook", path, f"{type(error).__name__}: {error}")
        return None
    neutral = inventory.neutraliser
    arrays = [*neutral.language_means.values(), neutral.global_mean]
    arrays += [damping.directions for damping in neutral.damping.values()]
    for array in [*inventory.quantiser.tensors().values(), *arrays]:
        if array.dtype != np.float32 or not np.isfinite(array).all():
            findings.add("inventory.codebook", path, f"an array {array.shape} of {array.dtype}, or not all finite")
            return None
    for wrong in inventory.quantiser.check():
        findings.add("inventory.codebook", path, wrong)
    for language, damping in neutral.damping.items():
        if not _damps(damping):
            detail = f"`damped/{language}` is not orthonormal, or a gain of it is not within (0, 1]"
            findings.add("inventory.damping", path, detail)
    if set(neutral.language_means) != set(info.languages):
        have = ", ".join(sorted(neutral.language_means))
        findings.add("inventory.means", path, f"means for {have}; {INFO} names {', '.join(sorted(info.languages))}")
    elif not np.allclose(np.mean(list(neutral.language_means.values()), axis=0), neutral.global_mean, atol=1e-5):
        findings.add("inventory.means", path, "`global_mean` is not the mean of the languages' means")
    return inventory


def _damps(damping: Damping) -> bool:
    rows, gains = damping.directions.astype(np.float64), damping.gains
    if gains.shape != rows.shape[:1] or gains.dtype != np.float32 or not np.isfinite(gains).all():
        return False
    # one direction for every number would make this as large as a codebook can be
    if len(rows) > rows.shape[1]:
        return False
    upright = np.abs(rows @ rows.T - np.eye(len(rows))).max(initial=0.0) < 1e-3
    return bool(upright and (gains > 0.0).all() and (gains <= 1.0 + 1e-6).all())


def check_embeddings(folder: str, inventory: Inventory, findings: Findings) -> None:
    """Starting embeddings: a row per token."""
    path = _path("embeddings.safetensors")
    info = inventory.info
    try:
        rows = load_tensors(read_capped(folder, path, FILE_BYTES))["embeddings"]
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        findings.add("inventory.embeddings", path, f"{type(error).__name__}: {error}")
        return
    signs = inventory.quantiser.embeddings()
    first_member = info.signs + len(SPECIAL_TOKENS)
    wanted = (first_member + len(info.cast_tokens), signs.shape[1])
    if rows.shape != wanted:
        findings.add("inventory.embeddings", path, f"shape {rows.shape}, expected {wanted}")
    elif not np.allclose(rows[: info.signs], signs, atol=1e-4) or rows[info.signs : first_member].any():
        findings.add(
            "inventory.embeddings", path, "rows are not the vectors of the signs in token order followed by zeros"
        )
    elif not np.allclose(rows[first_member:], cast_embeddings(signs, info.cast_tokens), atol=1e-5):
        findings.add("inventory.embeddings", path, "rows of the cast are not those of section 6.5")
    elif (level := _unspelled(rows[: info.signs], info.sizes)) is not None:
        findings.add("inventory.embeddings", path, f"a vector of level {level} is not the sum of those of its letters")


def _unspelled(rows: np.ndarray, sizes: tuple[int, ...]) -> int | None:
    """The first level with a vector that is not what its letters add up to; None where there is none.

    rows: float32 [signs, width].
    """
    composed = rows[sizes[0] :].astype(np.float64).reshape(-1, *[LETTER_VALUES] * LETTERS_OF_GLYPH, rows.shape[1])
    for level, cube in enumerate(composed, start=2):
        sums = cube[:, :1, :1] + cube[:1, :, :1] + cube[:1, :1, :] - 2 * cube[0, 0, 0]
        if not np.allclose(cube, sums, atol=1e-4):
            return level
    return None


def check_index(folder: str, inventory: Inventory, findings: Findings) -> None:
    """The FAISS index, compared byte by byte: FAISS never parses a stranger's file here."""
    path = _path("index.faiss")
    words = unit(inventory.quantiser.points(0))
    header = _FLAT_INDEX.pack(b"IxFI", words.shape[1], len(words), 1 << 20, 1 << 20, True, 0, words.size)
    try:
        data = read_capped(folder, path, FILE_BYTES)
    except OSError as error:
        findings.add("inventory.index", path, str(error))
        return
    stored = np.frombuffer(data[len(header) :][: words.nbytes], "<f4")
    if len(data) != len(header) + words.nbytes or not data.startswith(header):
        findings.add("inventory.index", path, f"not a flat inner-product index of {len(words)} vectors")
    elif not np.allclose(stored.reshape(words.shape), words, atol=1e-5):
        findings.add("inventory.index", path, "its vectors are not the codewords of level 1 at unit length")


def check_tokenizer(folder: str, info: InventoryInfo, findings: Findings) -> None:
    """Token ids are sign ids. The file is read as JSON; no tokenizer is made from it."""
    path = _path("tokenizer.json")
    wanted = token_ids(info.sizes, info.cast_tokens)
    extra = {token: number for token, number in wanted.items() if number >= info.signs}
    try:
        raw = parse_json(read_capped(folder, path, FILE_BYTES))
        model, vocab = raw["model"]["type"], raw["model"]["vocab"]
        added = {str(token["content"]): token["id"] for token in raw["added_tokens"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        findings.add("inventory.tokenizer", path, f"{type(error).__name__}: {error}")
        return
    if model != "WordLevel" or vocab != wanted:
        findings.add(
            "inventory.tokenizer", path, "its vocabulary is not the glyphs at their ids, then the further tokens"
        )
    elif added != extra:
        findings.add("inventory.tokenizer", path, "its added tokens are not the special ones and those of the cast")


def check_taken_over(folder: str, stated: object, findings: Findings) -> None:
    """`inventory.json` is the file that `options.frozen` names."""
    try:
        read = hashlib.sha256(read_capped(folder, _path(INFO), _INFO_BYTES)).hexdigest()
    except OSError as error:
        findings.add("inventory.taken-over", _path(INFO), str(error))
        return
    if read != stated:
        detail = f"its glyphs are another's: SHA-256 {read}, the manifest's options say {str(stated)[:64]}"
        findings.add("inventory.taken-over", _path(INFO), detail)
