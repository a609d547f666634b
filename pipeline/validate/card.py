"""Checks of what is written for people and loaders: the dataset card, the concept data card, accounts and metrics."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import yaml

from scenesign.pipeline.validate.books import BookFacts, SignSpace, Totals
from scenesign.pipeline.validate.files import CARD, MANIFEST, parse_json, read_capped
from scenesign.schemas.manifest import Manifest
from scenesign.schemas.parts import BookEntry, FileEntry, NearDuplicate
from scenesign.schemas.rules import Findings
from scenesign.schemas.version import has_cast
from scenesign.transforms.dataset.card import card_header
from scenesign.transforms.dataset.croissant import CROISSANT, croissant, described_columns, described_files
from scenesign.transforms.dataset.datacard import DATACARD, datacard
from scenesign.transforms.metrics.registry import metric_of
from scenesign.transforms.metrics.usage import perplexity
from scenesign.transforms.support import storage

_CARD_BYTES = 4 << 20
_CROISSANT_BYTES = 256 << 20
METRICS = "report/metrics.json"


class _PlainLoader(yaml.SafeLoader):
    """YAML without aliases, by which a few lines can stand for gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not accepted")
        return super().compose_node(parent, index)


def read_yaml(text: str) -> object:
    """Parsed YAML. Raises ValueError for what isn't, has aliases, or nests beyond the stack."""
    try:
        return yaml.load(text, Loader=_PlainLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"not YAML ({' '.join(str(error).split())[:200]})") from error


def check_card(folder: str, manifest: Manifest, findings: Findings) -> None:
    """The header of `README.md` against the header that the manifest calls for."""
    try:
        text = read_capped(folder, CARD, _CARD_BYTES).decode()
        opening, header_text, _ = text.split("---\n", 2)
        header = read_yaml(header_text)
        if opening or not isinstance(header, dict):
            raise ValueError("no YAML header between two lines of `---`")
    except (OSError, ValueError) as error:
        findings.add("card.form", CARD, str(error))
        return
    wanted = card_header(manifest)
    if header.get("configs") != wanted["configs"]:
        findings.add("card.configs", CARD, "`configs` are not the tables and splits of the data, `sequences` first")
    if header.get("dataset_info") != wanted["dataset_info"]:
        stated = {info.get("config_name"): info for info in header.get("dataset_info") or () if isinstance(info, dict)}
        for info in wanted["dataset_info"]:
            name = info["config_name"]
            wrong = [key for key, value in info.items() if (stated.get(name) or {}).get(key) != value]
            if wrong:
                findings.add(
                    "card.info", CARD, f"`dataset_info` of {name}: {', '.join(wrong)} are not those of the data"
                )
        if len(stated) != len(wanted["dataset_info"]):
            findings.add("card.info", CARD, "`dataset_info` has not one entry per table")
    if header.get("language") != wanted["language"]:
        findings.add("card.languages", CARD, f"the data are in {', '.join(wanted['language'])}")
    if not header.get("license"):
        findings.add("card.license", CARD, "no `license`; say `unknown` where it is not known")


def check_croissant(folder: str, manifest: Manifest, findings: Findings) -> None:
    """`croissant.json` against the manifest; what words describe the dataset is free."""
    if not storage.exists(storage.join(folder, CROISSANT)):
        if has_cast(manifest.protocol):
            findings.add("croissant.present", CROISSANT, "not there; catalogues of datasets will not find its tables")
        return
    try:
        found = parse_json(read_capped(folder, CROISSANT, _CROISSANT_BYTES))
    except (OSError, ValueError) as error:
        findings.add("croissant.files", CROISSANT, str(error))
        return
    wanted = croissant(manifest)
    stated, listed = described_files(found), described_files(wanted)
    for path in sorted({*stated, *listed}):
        if stated.get(path) != listed.get(path):
            detail = "not among its files" if path not in stated else "not the size and SHA-256 of the manifest"
            findings.add("croissant.files", CROISSANT, f"{path}: {detail if path in listed else 'not in the manifest'}")
    columns, known = described_columns(found), described_columns(wanted)
    for table in sorted({*columns, *known}):
        if columns.get(table) != known.get(table):
            findings.add("croissant.tables", CROISSANT, f"{table}: not the columns of the data")


def check_datacard(folder: str, findings: Findings) -> None:
    """The card by which the Large Concept Model's trainer finds the concepts."""
    try:
        found = read_yaml(read_capped(folder, DATACARD, _CARD_BYTES).decode())
    except (OSError, ValueError) as error:
        findings.add("concepts.datacard", DATACARD, str(error))
        return
    wanted = datacard("")
    for key in ("source_column", "source_text_column", "parquet_path"):
        value = found.get(key) if isinstance(found, dict) else None
        good = isinstance(value, dict) and bool(value) if key == "parquet_path" else value == wanted[key]
        if not good:
            findings.add("concepts.datacard", DATACARD, f"`{key}` should be {wanted[key]}")


def check_accounts(manifest: Manifest, rows: int | None, findings: Findings) -> None:
    """Rejects and duplicates of the accounts have their rows."""
    counts = manifest.counts
    if (rows or 0) != counts.rejects + counts.duplicates:
        detail = f"{rows or 0} rows for {counts.rejects} rejects and {counts.duplicates} duplicates"
        findings.add("rejects.counts", "rejects/rejects.parquet", detail)
    if sum(counts.rejects_by_reason.values()) != counts.rejects:
        findings.add("manifest.accounts", MANIFEST, "rejects_by_reason doesn't add up to rejects")
    if manifest.stages and (wrong := _wrong_stage(manifest)):
        findings.add("manifest.accounts", MANIFEST, wrong)


def _wrong_stage(manifest: Manifest) -> str:
    """Where the stages lose or make a book between the inputs and the dataset; empty where they don't."""
    here = manifest.counts.inputs
    for stage in manifest.stages:
        if stage.came_in != here or stage.came_in != stage.went_out + sum(stage.refused.values()):
            refused = sum(stage.refused.values())
            return f"{stage.stage}: {here} come, {stage.came_in} = {stage.went_out} + {refused} are stated"
        here = stage.went_out
    return "" if here == manifest.counts.books else f"{here} books leave the last stage, not {manifest.counts.books}"


def check_manifest_books(manifest: Manifest, books: Mapping[str, BookFacts], findings: Findings) -> None:
    """The manifest's list of books, and its totals, against the data."""
    names = ("title", "author", "language", "source", "license", "characters", "utf8_bytes")
    listed = {entry.book_id: entry for entry in manifest.books}
    for book_id, book in books.items():
        entry = listed.get(book_id)
        wrong = ["book_id"] if entry is None else [n for n in names if getattr(entry, n) != getattr(book, n)]
        if wrong:
            findings.add("manifest.books", book.file, f"book {book_id}: the manifest has another {wrong[0]}", book.row)
    for entry in manifest.books:
        for near in entry.near_duplicates:
            _check_near_duplicate(entry, near, books, findings)
    if len(manifest.books) != len(listed) or set(listed) - set(books):
        findings.add("manifest.books", MANIFEST, f"{len(manifest.books)} books listed, {len(books)} in `sequences`")


def _check_near_duplicate(
    entry: BookEntry, near: NearDuplicate, books: Mapping[str, BookFacts], findings: Findings
) -> None:
    one, other = books.get(entry.book_id), books.get(near.book_id)
    detail = ""
    if other is None or near.book_id == entry.book_id:
        detail = f"{near.book_id} is no other book of the dataset"
    elif one is not None and one.split != other.split:
        detail = f"it is in {one.split}, but {near.book_id} is in {other.split}"
    elif not 0 < near.share <= 1:
        detail = f"shares {near.share} of its text"
    if detail:
        findings.add("splits.near-duplicates", MANIFEST, f"book {entry.book_id}: {detail}")


def check_counts(manifest: Manifest, books: Mapping[str, BookFacts], totals: Totals, findings: Findings) -> None:
    """Totals of the accounts."""

    def compare(name: str, stated: int, found: int) -> None:
        if stated != found:
            findings.add("manifest.counts", MANIFEST, f"{name} is {stated:,}, the data have {found:,}")

    compare("counts.books", manifest.counts.books, len(books))
    compare("counts.scenes", manifest.counts.scenes, totals.scenes)
    for language in sorted({*manifest.counts.by_language, *totals.by_language}):
        row = manifest.counts.by_language.get(language)
        mine = [book for book in books.values() if book.language == language]
        found = {
            "books": len(mine),
            "scenes": totals.by_language.get(language, 0),
            "sentences": totals.sentences.get(language, 0),
            "characters": sum(book.characters for book in mine),
            "utf8_bytes": sum(book.utf8_bytes for book in mine),
        }
        for name, value in found.items():
            compare(f"counts.by_language.{language}.{name}", getattr(row, name) if row else 0, value)


def check_metrics(folder: str, manifest: Manifest, space: SignSpace | None, totals: Totals, findings: Findings) -> None:
    """`report/metrics.json` repeats the manifest, and what follows from the scenes alone follows."""
    try:
        stated = parse_json(read_capped(folder, METRICS, 64 << 20))
    except (OSError, ValueError) as error:
        findings.add("metrics.values", METRICS, str(error))
        return
    if stated != manifest.metrics:
        findings.add("metrics.values", METRICS, "not the metrics of the manifest")
    for key, stated_value in stated.items():
        metric = metric_of(key)
        if metric and not metric.allows(stated_value):
            findings.add("metrics.values", METRICS, f"{key} is {str(stated_value)[:40]}; it goes from {metric.range}")
    for name, value in _computed(manifest, space, totals).items():
        if name not in stated:
            continue
        try:
            close = math.isclose(float(stated[name]), value, rel_tol=1e-3, abs_tol=1e-4)
        except (TypeError, ValueError):
            close = False
        if not close:
            findings.add("metrics.values", METRICS, f"{name} is {str(stated[name])[:40]}, the scenes say {value:.4f}")


def _computed(manifest: Manifest, space: SignSpace | None, totals: Totals) -> dict[str, float]:
    if not totals.scenes:
        return {}
    characters = sum(row.characters for row in manifest.counts.by_language.values())
    found = {
        "novel/share": totals.novel / totals.scenes,
        "cosine/mean": 1.0 - totals.distance / totals.scenes,
        "characters_per_scene": characters / totals.scenes,
        "cast/members": totals.members / max(1, manifest.counts.books),
        "cast/scenes": totals.named / totals.scenes,
    }
    if space is None:
        return found
    for level, counts in enumerate(_by_level(totals.counts(space), space.sizes), start=1):
        found[f"level{level}/signs"] = len(counts)
        found[f"level{level}/used"] = int((counts > 0).sum())
        found[f"level{level}/perplexity"] = perplexity(counts)
    return found


def _by_level(counts: np.ndarray, sizes: Sequence[int]) -> list[np.ndarray]:
    return np.split(counts, np.cumsum(sizes)[:-1])


def listed(manifest: Manifest, config: str, whole: Sequence[FileEntry]) -> list[FileEntry]:
    """The whole files of a table."""
    return [entry for entry in whole if entry.config == config and entry.path.endswith(".parquet")]
