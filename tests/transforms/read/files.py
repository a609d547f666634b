"""Files of any form for the tests of readers, and what a reader makes of them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from scenesign.schemas.records import BlockKind, RejectError, Source
from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.read.registry import read_documents

H, B = BlockKind.HEADING, BlockKind.BREAK
CONTAINER = '<container><rootfiles><rootfile full-path="{path}"/></rootfiles></container>'
PAGE = "<html><head><title>Page</title></head><body>{body}</body></html>"


def read(path: Path, **options: object) -> list[RawDocument]:
    source = Source(str(path), path.name, path.stat().st_size)
    return list(read_documents(source, ReadOptions(**options)))  # type: ignore[arg-type]


def write(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(RejectError) as caught:
        read(path, **options)
    assert "\n" not in caught.value.detail
    return caught.value.reason


def epub(
    folder: Path, pages: dict[str, str], *, extra: dict[str, str] | None = None, spine: str = "", opf: str = ""
) -> Path:
    """A small EPUB; `spine` and `opf` override what is made of the pages."""
    items = "".join(f'<item id="i{n}" href="{name}" media-type="x"/>' for n, name in enumerate(pages))
    refs = spine or "".join(f'<itemref idref="i{n}"/>' for n in range(len(pages)))
    package = opf or (
        '<?xml version="1.0"?><package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        "<dc:title>The Tale</dc:title>"
        "<dc:creator>Jane Roe</dc:creator><dc:language>en-GB</dc:language></metadata>"
        f"<manifest>{items}</manifest><spine>{refs}</spine></package>"
    )
    path = folder / "book.epub"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", CONTAINER.format(path="OPS/package.opf"))
        archive.writestr("OPS/package.opf", package)
        for name, text in {**pages, **(extra or {})}.items():
            archive.writestr(name if name.startswith(("../", "/")) else f"OPS/{name}", text)
    return path
