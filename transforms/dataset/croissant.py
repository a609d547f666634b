"""`croissant.json`: the dataset as catalogues read it, in JSON-LD by Croissant 1.1, made from the manifest alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from scenesign.schemas.manifest import Manifest
from scenesign.schemas.parts import FileEntry
from scenesign.transforms.dataset.card import configs_of, data_files, stated_schema
from scenesign.transforms.support import storage
from scenesign.transforms.text.licences import card_licence

CROISSANT = "croissant.json"
CONFORMS_TO = "http://mlcommons.org/croissant/1.1"
# The column that tells splits apart, which no file has: it is read from the path.
SPLIT = "split"
_SPLIT_PATTERN = r"^.*split=([^/]+)/[^/]+$"

# As the specification has it: other contexts are read too, and warned of.
_CONTEXT: Mapping[str, object] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES = {
    "bool": "sc:Boolean",
    "double": "cr:Float64",
    "float": "cr:Float32",
    "halffloat": "cr:Float16",
    "int32": "cr:Int32",
    "int64": "cr:Int64",
    "string": "sc:Text",
}
_FORMATS = {
    ".parquet": "application/x-parquet",
    ".json": "application/json",
    ".yaml": "application/yaml",
}
_KEYS = {"sequences": ("book_id",), "scenes": ("book_id", "scene"), "cast": ("book_id", "id"), "concepts": ("book_id",)}
_ROWS = {
    "sequences": "A row per book: its signs in reading order.",
    "scenes": "A row per scene: its text, its place in the book, and its signs.",
    "cast": "A row per member of a book's cast: somebody, or something, that the book keeps naming.",
    "concepts": "A row per book: the texts of its scenes and their vectors.",
    "rejects": "A row per input that is not in the dataset, with the reason.",
}


def croissant(manifest: Manifest) -> dict[str, object]:
    """The dataset's description for catalogues: its files with their digests, its tables with their columns.

    It says nothing that the manifest doesn't: who publishes it, where and when, is for whoever does to add.
    """
    tables = configs_of(manifest)
    where = {name: [found["path"] for found in data_files(name, manifest.files)] for name in tables}
    licence = card_licence(book.license for book in manifest.books)
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": manifest.name,
        "description": _description(manifest),
        "license": [licence] if isinstance(licence, str) else licence,
        "inLanguage": sorted(manifest.counts.by_language),
        "keywords": ["scene-signs", "large concept model", "text segmentation", "books"],
        "citeAs": _citation(manifest),
        "distribution": [*map(_file_object, manifest.files), *(_file_set(name, where[name]) for name in tables)],
        "recordSet": [_record_set(name, stated_schema(name, manifest), where[name]) for name in tables],
    }


def croissant_text(manifest: Manifest) -> str:
    """The same as JSON, the same bytes for the same manifest."""
    return json.dumps(croissant(manifest), indent=1, ensure_ascii=False) + "\n"


def _description(manifest: Manifest) -> str:
    counts = manifest.counts
    return (
        f"{counts.books:,} books, cut into {counts.scenes:,} scenes. Every scene stands for signs of an inventory that "
        f"all books and languages share. Made by scenesign after protocol {manifest.protocol}."
    )


def _citation(manifest: Manifest) -> str:
    """BibTeX; author and year are not known here. Braces in a name would end the field."""
    title = manifest.name.translate({ord(mark): " " for mark in "{}\\"})
    return f"@misc{{scene_signs, title={{{title}}}, note={{A dataset of scene-signs, protocol {manifest.protocol}}}}}"


def _file_object(entry: FileEntry) -> dict[str, object]:
    suffix = entry.path[entry.path.rfind(".") :]
    return {
        "@type": "cr:FileObject",
        "@id": entry.path,
        "name": entry.path,
        "contentUrl": entry.path,
        "contentSize": f"{entry.bytes} B",
        "encodingFormat": _FORMATS.get(suffix, "application/octet-stream"),
        "sha256": entry.sha256,
    }


def _file_set(table: str, patterns: Sequence[str]) -> dict[str, object]:
    return {
        "@type": "cr:FileSet",
        "@id": f"{table}-files",
        "name": f"{table}-files",
        "description": f"The Parquet files of the table {table}.",
        "encodingFormat": _FORMATS[".parquet"],
        "includes": list(patterns),
    }


def _record_set(table: str, schema: pa.Schema, patterns: Sequence[str]) -> dict[str, object]:
    key = [{"@id": f"{table}/{column}"} for column in _KEYS.get(table, ())]
    fields = [_field(table, column) for column in schema if _is_typed(column.type)]
    split = [_split_field(table)] if all(f"/{SPLIT}=" in pattern for pattern in patterns) else []
    return {
        "@type": "cr:RecordSet",
        "@id": table,
        "name": table,
        "description": _ROWS.get(table, f"The table {table}."),
        **({"key": key[0] if len(key) == 1 else key} if key else {}),
        "field": [*split, *fields],
    }


def _split_field(table: str) -> dict[str, object]:
    extract = {"fileProperty": "fullpath"}
    return {
        "@type": "cr:Field",
        "@id": f"{table}/{SPLIT}",
        "name": SPLIT,
        "description": "The split that the row is in, from the folder of its file.",
        "dataType": ["sc:Text", "cr:Split"],
        "source": {
            "fileSet": {"@id": f"{table}-files"},
            "extract": extract,
            "transform": {"regex": _SPLIT_PATTERN},
        },
    }


def _field(table: str, column: pa.Field) -> dict[str, object]:
    shape, kind = _shape(column.type)
    return {
        "@type": "cr:Field",
        "@id": f"{table}/{column.name}",
        "name": column.name,
        "dataType": _TYPES[str(kind)],
        **({"isArray": True, "arrayShape": ",".join(map(str, shape))} if shape else {}),
        "source": {"fileSet": {"@id": f"{table}-files"}, "extract": {"column": column.name}},
    }


def _shape(kind: pa.DataType) -> tuple[tuple[int, ...], pa.DataType]:
    """Lengths of nested lists, -1 where they differ from row to row, and the type inside."""
    lengths: list[int] = []
    while pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        lengths.append(kind.list_size if pa.types.is_fixed_size_list(kind) else -1)
        kind = kind.value_type
    return tuple(lengths), kind


def _is_typed(kind: pa.DataType) -> bool:
    """Whether Croissant has a type for it, which it has not for bytes."""
    return str(_shape(kind)[1]) in _TYPES


def write_croissant(folder: str, manifest: Manifest) -> None:
    """Writes croissant.json into the dataset's folder."""
    storage.write_bytes(storage.join(folder, CROISSANT), croissant_text(manifest).encode())


def described_files(described: Mapping[str, object]) -> dict[str, tuple[str, str]]:
    """Content URL to size and SHA-256 of every file object of a Croissant description, ours or another's."""
    return {
        str(item.get("contentUrl")): (str(item.get("contentSize")), str(item.get("sha256")))
        for item in _objects(described.get("distribution"))
        if str(item.get("@type")).endswith("FileObject")
    }


def described_columns(described: Mapping[str, object]) -> dict[str, list[str]]:
    """Names of the record sets of a Croissant description, and of the fields of each."""
    return {
        str(item.get("name")): [str(field.get("name")) for field in _objects(item.get("field"))]
        for item in _objects(described.get("recordSet"))
    }


def _objects(value: object) -> Iterable[Mapping[str, object]]:
    found = value if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, dict)]
