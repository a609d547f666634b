"""What a hostile file is, and the sound texts that hide among them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from tests.conftest import LIBRARY

STORY = "the-bell-of-saltmarsh.txt"
# What must come of a file: the book of that name in TEXTS, or one of these reasons; `ANY` is only accounted for.
ANY = "any"


@dataclass(frozen=True)
class Item:
    """One file of the corpus.

    expect: `book:KEY` of TEXTS, reject reasons parted by `|`, or ANY: nobody can say, but it must not vanish.
    """

    name: str
    data: bytes
    expect: str = ANY


def _opening(language: str, characters: int) -> str:
    """Whole paragraphs from the start of a story, a few thousand characters."""
    text = (LIBRARY / language / STORY).read_text(encoding="utf-8")
    return text[: text.index("\n\n", characters)]


_PLAIN = str.maketrans(
    {"«": '"', "»": '"', "“": '"', "”": '"', "’": "'", "‘": "'", "„": '"', "—": "-", "–": "-", "…": "."}
)
# Sound texts by name. `-plain` have nothing beyond letters that every encoding of their language knows.
TEXTS: Mapping[str, str] = {
    "en": _opening("en", 2_500),
    "ru": _opening("ru", 2_500),
    "zh": _opening("zh", 900),
    "ru-plain": _opening("ru", 2_500).translate(_PLAIN),
    "zh-plain": _opening("zh", 900).replace("—", "").replace("…", "").replace("·", ""),
}


def paragraphs(key: str) -> list[str]:
    """The paragraphs of a sound text."""
    return TEXTS[key].split("\n\n")


def page(key: str) -> str:
    """A sound text as an HTML page."""
    body = "".join(f"<p>{part}</p>\n" for part in paragraphs(key))
    return f"<!DOCTYPE html><html><head><title>T</title></head><body>\n{body}</body></html>"


CONTAINER = '<container><rootfiles><rootfile full-path="{path}"/></rootfiles></container>'


def epub(pages: Mapping[str, str | bytes], *, opf: str = "", container: str = "", spine: str = "") -> bytes:
    """An EPUB of some pages; what is given replaces what would be made of them."""
    items = "".join(f'<item id="i{n}" href="{name}"/>' for n, name in enumerate(pages))
    refs = spine or "".join(f'<itemref idref="i{n}"/>' for n in range(len(pages)))
    package = opf or f"<package><manifest>{items}</manifest><spine>{refs}</spine></package>"
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": container or CONTAINER.format(path="OPS/package.opf"),
        "OPS/package.opf": package,
    }
    return zipped(parts | {f"OPS/{name}": data for name, data in pages.items()})


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """A zip archive; its bytes depend on nothing but its members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def fb2(body: str, head: str = "", encoding: str = "utf-8") -> bytes:
    """A FictionBook file around a body."""
    text = f'<?xml version="1.0" encoding="{encoding}"?>{head}<FictionBook><body>{body}</body></FictionBook>'
    return text.encode(encoding)


def fb2_of(key: str, encoding: str = "utf-8") -> bytes:
    """A sound text as FictionBook."""
    return fb2("".join(f"<p>{part}</p>" for part in paragraphs(key)), encoding=encoding)
