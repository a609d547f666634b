"""Checks of the folder `inventory`: arrays, tokenizer, glossary and index say the same, and fit the data."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from scenesign.pipeline.validate.books import BookFacts, SignSpace, Totals
from scenesign.pipeline.validate.files import MOST_DIMENSIONS, check_version, mistyped, parse_json, read_capped
from scenesign.pipeline.validate.tables import check_plain_table
from scenesign.schemas.inventory import FIRST_QUANTISER, SPECIAL_TOKENS, InventoryInfo
from scenesign.schemas.parts import FileEntry
from scenesign.schemas.rules import Findings
from scenesign.schemas.tables import SIGN_TABLE
from scenesign.transforms.signs.glossary import GLOSSARY, SignEntry, sign_entry
from scenesign.transforms.signs.glyphs import check_sizes, glyph
from scenesign.transforms.signs.inventory import CODEBOOK, INFO, Inventory, load_inventory
from scenesign.transforms.signs.neutralise import Damping, unit
from scenesign.transforms.signs.quantisers.registry import QUANTISERS
from scenesign.transforms.signs.tally import opening
from scenesign.transforms.signs.tokenizer import vocabulary
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
    for name in _REQUIRED:
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


def check_same(info: InventoryInfo, stated: Mapping[str, object], findings: Findings) -> None:
    """The manifest repeats `inventory.json`, where a quantiser that is not named is the first there was."""
    ours = json.loads(json.dumps(asdict(info)))
    theirs = {"quantiser": FIRST_QUANTISER, **stated}
    for name, value in ours.items():
        if name != "files" and theirs.get(name) != value:
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
    wanted = (info.signs + len(SPECIAL_TOKENS), signs.shape[1])
    if rows.shape != wanted:
        findings.add("inventory.embeddings", path, f"shape {rows.shape}, expected {wanted}")
    elif not np.array_equal(rows[: info.signs], signs) or rows[info.signs :].any():
        findings.add(
            "inventory.embeddings", path, "rows are not the vectors of the signs in token order followed by zeros"
        )


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
    elif not np.allclose(stored.reshape(words.shape), words, atol=1e-6):
        findings.add("inventory.index", path, "its vectors are not the codewords of level 1 at unit length")


def check_tokenizer(folder: str, info: InventoryInfo, findings: Findings) -> None:
    """Token ids are sign ids. The file is read as JSON; no tokenizer is made from it."""
    path = _path("tokenizer.json")
    wanted = vocabulary(info.sizes)
    specials = {token: number for token, number in wanted.items() if token in SPECIAL_TOKENS}
    try:
        raw = parse_json(read_capped(folder, path, FILE_BYTES))
        model, vocab = raw["model"]["type"], raw["model"]["vocab"]
        added = {str(token["content"]): token["id"] for token in raw["added_tokens"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        findings.add("inventory.tokenizer", path, f"{type(error).__name__}: {error}")
        return
    if model != "WordLevel" or vocab != wanted:
        findings.add("inventory.tokenizer", path, "its vocabulary is not the glyphs at their ids, then special tokens")
    elif added != specials:
        findings.add("inventory.tokenizer", path, f"its added tokens are not {', '.join(specials)}")


def check_taken_over(folder: str, stated: object, findings: Findings) -> None:
    """`inventory.json` is the file that `options.frozen` names."""
    try:
        read = hashlib.sha256(read_capped(folder, _path(INFO), _INFO_BYTES)).hexdigest()
    except OSError as error:
        findings.add("inventory.taken-over", _path(INFO), str(error))
        return
    if read != stated:
        findings.add("inventory.taken-over", _path(INFO), f"SHA-256 {read}, the manifest's options say {stated}")


def check_glossary(
    folder: str,
    entry: FileEntry,
    info: InventoryInfo,
    books: Mapping[str, BookFacts],
    totals: Totals,
    findings: Findings,
    taken_over: bool = False,
) -> None:
    """`signs.parquet`: a row per topic, and what it says of the data is so.

    taken_over: it tells of the books of another dataset, so that only the signs themselves can be checked.
    """
    space = SignSpace.of(info)
    counts = totals.counts(space)
    number = 0
    for batch in check_plain_table(folder, entry, SIGN_TABLE, findings):
        for row in batch.to_pylist():
            if number < info.sizes[0]:
                sign = _read_sign(row, number, entry.path, findings)
                if sign:
                    _check_sign(sign, number, info, entry.path, findings)
                if sign and not taken_over:
                    _check_counts(sign, number, counts, space, totals, entry.path, findings)
                    _check_examples(sign, number, entry.path, books, findings)
            number += 1
    if number != info.sizes[0]:
        findings.add("inventory.glossary", entry.path, f"{number} rows for {info.sizes[0]} topics")


def _read_sign(row: Mapping[str, Any], number: int, path: str, findings: Findings) -> SignEntry | None:
    try:
        return sign_entry(row)
    except ValueError:
        detail = f"sign {number}: lists that belong together differ in length, or name a language twice"
        findings.add("inventory.glossary", path, detail, number)
        return None


def _check_sign(found: SignEntry, number: int, info: InventoryInfo, path: str, findings: Findings) -> None:
    """What a row says of its sign, whatever the data."""
    said = (found.sign, found.glyph)
    wanted = (number, glyph(number, info.sizes))
    if said != wanted:
        detail = f"sign and glyph are {str(said)[:60]}, expected {wanted}"
        findings.add("inventory.glossary", path, detail, number)


def _check_counts(
    found: SignEntry,
    number: int,
    counts: np.ndarray,
    space: SignSpace,
    totals: Totals,
    path: str,
    findings: Findings,
) -> None:
    """What a row says of the data."""
    said = (found.count, found.books, list(found.languages.items()))
    languages = [(code, int(seen[number])) for code, seen in sorted(totals.sign_counts.items()) if seen[number]]
    wanted = (int(counts[number]), int(totals.sign_books[number]), languages)
    if said != wanted:
        detail = f"sign {number}: count, books and languages are {str(said)[:60]}, the data say {wanted}"
        findings.add("inventory.glossary", path, detail, number)
        return
    level = int(np.searchsorted(space.firsts, number, side="right")) - 1
    first = space.firsts[level]
    of_level = counts[first : first + space.sizes[level]].sum()
    if not abs(found.share - counts[number] / max(1, of_level)) <= 1e-9:
        findings.add("inventory.glossary", path, f"sign {number}: share {found.share}", number)


def _check_examples(
    found: SignEntry, number: int, path: str, books: Mapping[str, BookFacts], findings: Findings
) -> None:
    for example in found.examples:
        where = f"scene {example.scene} of {example.book_id}"
        book = books.get(example.book_id)
        signs = book.scene_signs if book else np.zeros((0, 1), np.int32)
        if book is None or example.language != book.language or not 0 <= example.scene < (len(signs) or book.scenes):
            findings.add("inventory.glossary", path, f"sign {number}: there is no {where}", number)
        elif len(signs) and number not in signs[example.scene]:
            findings.add("inventory.glossary", path, f"sign {number}: {where} has another", number)
        elif example.text != opening(example.text):
            findings.add("inventory.glossary", path, f"sign {number}: an example is longer than an opening", number)
