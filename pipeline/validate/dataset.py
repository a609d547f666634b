"""A dataset, ours or anyone's, checked against the protocol by every rule."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from scenesign.schemas.rules import KEPT_PER_RULE, RULES, Finding, Findings

if TYPE_CHECKING:
    import pyarrow as pa

    from scenesign.pipeline.validate.books import BookFacts, SignSpace, Totals
    from scenesign.schemas.inventory import InventoryInfo
    from scenesign.schemas.manifest import Manifest
    from scenesign.schemas.parts import FileEntry


@dataclass(frozen=True)
class Verdict:
    """What a validation found.

    counts: how often each broken rule was broken, of which `findings` holds the first few.
    incomplete: why some rules couldn't be checked; empty when all were.
    """

    dataset: str
    protocol: str
    books: int
    scenes: int
    files: int
    findings: tuple[Finding, ...]
    counts: dict[str, int]
    incomplete: str = ""

    @property
    def valid(self) -> bool:
        """Whether every MUST is kept. Warnings don't count."""
        return not any(RULES[rule].must for rule in self.counts)

    def to_json(self) -> str:
        """One JSON object; findings carry their level."""
        fields = asdict(self) | {"valid": self.valid}
        fields["findings"] = [asdict(f) | {"level": "error" if f.must else "warning"} for f in self.findings]
        return json.dumps(fields, ensure_ascii=False)


@dataclass(frozen=True)
class Listed:
    """A dataset as its manifest lists it. whole: the files that are as listed. tables: those of each table."""

    folder: str
    manifest: Manifest
    whole: Sequence[FileEntry]
    tables: Mapping[str, Sequence[FileEntry]]


@dataclass(frozen=True)
class Found:
    """What the tables hold. space: None where the inventory can't be used."""

    books: Mapping[str, BookFacts]
    totals: Totals
    space: SignSpace | None


def validate_dataset(path: str | os.PathLike[str]) -> Verdict:
    """Checks a dataset, ours or anyone's, by every rule of the protocol.

    path: its folder, local or in an object store. Texts are read once and not kept; what stays in memory is the
    manifest and a few numbers per scene. Nothing in the dataset is executed or unpickled. What is wrong with it is in
    the verdict; only when there is no dataset to check FileNotFoundError is raised, or OSError when it is out of reach.

    >>> verdict = scenesign.validate("out/demo")
    >>> verdict.valid, verdict.findings
    (True, ())
    """
    folder = os.fspath(path)
    _must_be_there(folder)
    from scenesign.pipeline.validate import files as check_files
    from scenesign.pipeline.validate.card import check_accounts, check_card, check_croissant, check_metrics, listed

    findings = Findings()
    manifest = check_files.load_manifest(folder, findings)
    if manifest is None:
        why = "without a usable manifest.json nothing else could be checked"
        return _verdict(folder, "", 0, 0, 0, findings, why)
    whole = check_files.check_files(folder, manifest, findings)
    check_files.check_names(manifest.files, findings)
    check_files.check_unlisted(folder, manifest, findings)
    tables = {config: listed(manifest, config, whole) for config in check_files.TABLES}
    splits = {config: {entry.split for entry in found} for config, found in tables.items()}
    for config in ("sequences", "scenes"):
        if not tables[config]:
            findings.add("tables.present", config, "the dataset has no such table")
    if splits["sequences"] != splits["scenes"]:
        findings.add("tables.present", "scenes", "not in the same splits as `sequences`")
    check_card(folder, manifest, findings)
    check_croissant(folder, manifest, findings)
    check_accounts(manifest, _count_rejects(folder, tables["rejects"], findings), findings)
    found = _check_data(Listed(folder, manifest, whole, tables), findings)
    check_metrics(folder, manifest, found.space, found.totals, findings)
    why = "" if found.space else "without a usable inventory signs could not be checked"
    return _verdict(
        folder, manifest.protocol, len(found.books), found.totals.scenes, len(manifest.files), findings, why
    )


def _must_be_there(folder: str) -> None:
    from scenesign.pipeline.validate.files import MANIFEST
    from scenesign.transforms.support import storage

    if storage.is_local(folder):
        if not os.path.isdir(folder):
            raise FileNotFoundError(f"{folder} is not a folder; give the folder that holds {MANIFEST}")
        return
    try:
        found = storage.exists(storage.join(folder, MANIFEST))
    except (OSError, ValueError) as error:  # no such file system, or no way into it
        raise OSError(f"{folder} can't be read ({error}); check the address and your credentials") from error
    if not found:
        raise FileNotFoundError(f"{folder} holds no {MANIFEST}; give the folder of a dataset")


def _check_data(listed: Listed, findings: Findings) -> Found:
    from scenesign.pipeline.validate import atlas as check_map
    from scenesign.pipeline.validate import books as check_books
    from scenesign.pipeline.validate import cast as check_casts
    from scenesign.pipeline.validate import glossary as check_glosses
    from scenesign.pipeline.validate import inventory as check_inventory
    from scenesign.pipeline.validate.card import check_counts, check_datacard, check_manifest_books
    from scenesign.schemas.tables import SCENES, SEQUENCES, as_stated
    from scenesign.schemas.version import has_cast
    from scenesign.transforms.signs.glosses.glossary import GLOSSARY, LETTERS

    folder, manifest, tables = listed.folder, listed.manifest, listed.tables
    info = check_inventory.check_info(folder, findings)
    space = check_books.SignSpace.of(info, manifest.levels) if info else None
    if info and not 1 <= manifest.levels <= len(info.sizes):
        detail = f"levels is {manifest.levels}, the inventory has {len(info.sizes)}"
        findings.add("signs.levels", "manifest.json", detail)
        space = None
    sequences, scenes = (as_stated(schema, manifest.protocol) for schema in (SEQUENCES, SCENES))
    books = check_books.read_sequences(folder, tables["sequences"], sequences, space, findings)
    frozen = manifest.options.get("frozen")
    taken_over = frozen is not None
    totals = check_books.read_scenes(folder, tables["scenes"], scenes, books, space, findings, taken_over)
    if has_cast(manifest.protocol):
        check_casts.check_cast(folder, manifest, tables["cast"], books, totals, findings)
    check_map.check_atlas(folder, listed.whole, books, space, findings)
    check_manifest_books(manifest, books, findings)
    check_counts(manifest, books, totals, findings)
    inventory = None
    if info:
        check_inventory.check_digests(folder, info, findings)
        check_inventory.check_script(info, findings)
        check_inventory.check_same(info, manifest.inventory, findings)
        inventory = check_inventory.check_codebook(folder, info, findings)
        check_inventory.check_tokenizer(folder, info, findings)
        missing = {book.language for book in books.values()} - set(info.languages)
        if taken_over:
            check_inventory.check_taken_over(folder, frozen, findings)
        elif missing:
            findings.add("inventory.means", "inventory/inventory.json", f"no mean for {', '.join(sorted(missing))}")
    if info and space:
        for entry in (entry for entry in listed.whole if entry.path == f"inventory/{GLOSSARY}"):
            check_glosses.check_glossary(folder, entry, info, books, totals, findings, taken_over)
        for entry in (entry for entry in listed.whole if entry.path == f"inventory/{LETTERS}"):
            check_glosses.check_letters(folder, entry, info, space, books, totals, findings, taken_over)
    if inventory:
        check_inventory.check_embeddings(folder, inventory, findings)
        check_inventory.check_index(folder, inventory, findings)
    if tables["concepts"]:
        schema = _concepts_schema(manifest, info)
        check_books.check_concepts(folder, tables["concepts"], schema, books, inventory, findings)
        check_datacard(folder, findings)
    return Found(books, totals, space)


def _concepts_schema(manifest: Manifest, info: InventoryInfo | None) -> pa.Schema:
    from scenesign.schemas.tables import concepts_table

    dimensions = info.dimensions if info else manifest.inventory["dimensions"]
    return concepts_table(dimensions, manifest.options.get("concepts") == "float16")


def _count_rejects(folder: str, entries: Sequence[FileEntry], findings: Findings) -> int:
    from scenesign.pipeline.validate.tables import check_table, read_batches
    from scenesign.schemas.tables import REJECTS

    return sum(
        batch.num_rows
        for entry in entries
        if check_table(folder, entry, REJECTS, findings)
        for _, batch in read_batches(folder, entry.path, REJECTS, findings, strings=("detail", "source"))
    )


def _verdict(folder: str, protocol: str, books: int, scenes: int, files: int, found: Findings, why: str) -> Verdict:
    kept = sorted(found.kept, key=lambda f: (not f.must, list(RULES).index(f.rule), f.file, f.row or 0))
    return Verdict(folder, protocol, books, scenes, files, tuple(kept), dict(sorted(found.counts.items())), why)


def describe(verdict: Verdict) -> list[str]:
    """The verdict for people, a line per finding and one that sums up."""
    lines = []
    for finding in verdict.findings:
        row = "" if finding.row is None else f", row {finding.row}"
        level = "error" if finding.must else "warning"
        lines.append(f"{level}: {finding.rule}: {finding.file}{row}: {finding.detail}")
    more = {rule: n - KEPT_PER_RULE for rule, n in verdict.counts.items() if n > KEPT_PER_RULE}
    lines += [f"{rule}: {n:,} more like these" for rule, n in more.items()]
    lines += [f"broken: {rule}: {RULES[rule].text}" for rule in verdict.counts]
    if verdict.incomplete:
        lines.append(f"note: {verdict.incomplete}")
    errors = sum(n for rule, n in verdict.counts.items() if RULES[rule].must)
    warnings = sum(verdict.counts.values()) - errors
    size = f"{verdict.books:,} books, {verdict.scenes:,} scenes, {verdict.files:,} files"
    if verdict.valid:
        lines.append(f"valid: {verdict.dataset} keeps {verdict.protocol} ({size}; {warnings:,} warnings)")
    else:
        broken = f"{errors:,} errors, {warnings:,} warnings"
        lines.append(f"not valid: {verdict.dataset} breaks the protocol ({size}; {broken})")
        lines.append("next: `protocol.md`, section 8, explains each rule; a dataset is mended by building it again")
    return lines
