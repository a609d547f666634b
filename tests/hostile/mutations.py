"""A sound file of each form, and what may happen to it on its way: cuts, flips, splices, words in the wrong place."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from hypothesis import strategies as st

from tests.documents import docx_of, odt_of, pdf_of, rtf_of
from tests.hostile.items import TEXTS, epub, fb2, page, zipped

_TEXT = "\n\n".join(TEXTS["en"].split("\n\n")[:4])
_ROWS = "".join(json.dumps({"text": text, "title": key, "author": None}) + "\n" for key, text in TEXTS.items())
_MARKDOWN = f"---\ntitle: T\n---\n# One\n\n{_TEXT}\n\n---\n\n## Two\n\n> a *b* [c](d) `e`\n"
_FB2 = "<title><p>One</p></title><section><p>A</p><poem><stanza><v>b</v></stanza></poem></section>"


def _parquet() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"text": list(TEXTS.values())[:2], "title": ["a", "b"]}), buffer)
    return buffer.getvalue()


def _docx() -> bytes:
    """What matters of a Word document: python-docx writes nine thousand elements of styles beside it."""
    parts = ["[Content_Types].xml", "_rels/.rels", "docProps/core.xml"]
    parts += ["word/document.xml", "word/_rels/document.xml.rels"]
    with zipfile.ZipFile(io.BytesIO(docx_of(_TEXT.split("\n\n")))) as whole:
        kept = {name: whole.read(name) for name in parts}
    styles = "<style styleId='a'><name val='heading 1'/></style><style styleId='b'><basedOn val='a'/></style>"
    return zipped(kept | {"word/styles.xml": f"<styles>{styles}</styles>"})


# By the name that a file of the form would have.
SOUND: Mapping[str, bytes] = {
    "a.txt": _TEXT.encode(),
    "cp1251.txt": TEXTS["ru"].encode("cp1251", "ignore"),
    "gb.txt": TEXTS["zh"].encode("gb18030"),
    "wide.txt": TEXTS["ru"].encode("utf-16"),
    "gutenberg.txt": (
        f"*** START OF THE PROJECT GUTENBERG EBOOK A ***\n{_TEXT}\n*** END OF THE PROJECT GUTENBERG EBOOK A ***\n"
    ).encode(),
    "a.md": _MARKDOWN.encode(),
    "a.html": page("en").encode(),
    "a.epub": epub({"one.xhtml": page("en"), "two.xhtml": page("en")}),
    "a.fb2": fb2(_FB2),
    "a.docx": _docx(),
    "a.odt": odt_of(_TEXT.split("\n\n")),
    "a.rtf": rtf_of(_TEXT.split("\n\n"), "{\\fonttbl{\\f0\\fcharset204 A;}}{\\stylesheet{\\s1 heading 1;}}"),
    "a.pdf": pdf_of(_TEXT),
    "a.jsonl": _ROWS.encode(),
    "a.parquet": _parquet(),
    "a.zip": zipped({"a.txt": _TEXT, "b.fb2": fb2(_FB2), "c.jsonl": _ROWS}),
    "a.txt.gz": gzip.compress(_TEXT.encode(), mtime=0),
    "a.jsonl.zst": zstandard.ZstdCompressor().compress(_ROWS.encode()),
}
# What means something to one reader or another.
WORDS = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n\n", b"\x1b[31m", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"\xff" * 8,
    b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"<script>",
    b"<title>", b"<p>", b"</body>", b"<FictionBook>", b"<section>", b"<binary>", b"xmlns:l='x'", b"encoding='utf-16'",
    b"charset=cp037", b"{", b"}", b'"', b"\\ud800", b'{"text": 1}\n', b"null\n", b"[1]\n", b"# ", b"```", b"---\n",
    b"===\n", b"* * *\n", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PAR1", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd",
    b"{\\", b"\\*", b"\\bin99999 ", b"\\u-10179?", b"\\'8", b"\\uc9", b"\\v ", b"\\par", b"\\footnote", b"\\ansicpg0 ",
    b"<w:del>", b"<w:p>", b"<w:t>", b"<text:p>", b"text:c='999999999'", b"%PDF-", b"endobj", b"/Kids", b"<</Length 0>>",
    b"CHAPTER I\n", b"IV\n", b"*** START OF THE PROJECT GUTENBERG", b"*** END OF THE PROJECT GUTENBERG", b"../../",
)  # fmt: skip
_SPAN = st.tuples(st.floats(0, 1), st.floats(0, 0.2))


@st.composite
def mutated(draw: st.DrawFn, sound: bytes) -> bytes:
    """A sound file after one to six mishaps."""
    data = bytearray(sound)
    for _ in range(draw(st.integers(1, 6))):
        share, length = draw(_SPAN)
        start = int(share * len(data))
        end = start + int(length * len(data))
        mishap = draw(st.sampled_from(("flip", "cut", "drop", "repeat", "insert", "overwrite", "move")))
        if mishap == "flip" and data:
            data[min(start, len(data) - 1)] ^= 1 << draw(st.integers(0, 7))
        elif mishap == "cut":
            del data[start:]
        elif mishap == "drop":
            del data[start:end]
        elif mishap == "repeat":
            data[start:start] = bytes(data[start:end]) * draw(st.integers(1, 4))
        elif mishap == "insert":
            data[start:start] = draw(st.sampled_from(WORDS)) * draw(st.sampled_from((1, 1, 1, 300)))
        elif mishap == "overwrite":
            word = draw(st.sampled_from(WORDS))
            data[start : start + len(word)] = word
        else:
            piece = bytes(data[start:end])
            del data[start:end]
            at = int(draw(st.floats(0, 1)) * len(data))
            data[at:at] = piece
    return bytes(data)


@st.composite
def rebuilt_epubs(draw: st.DrawFn) -> bytes:
    """EPUBs whose container is sound and whose parts are not."""
    pages = {f"{n}.xhtml": draw(mutated(SOUND["a.html"])) for n in range(draw(st.integers(1, 3)))}
    items = "".join(f'<item id="i{n}" href="{name}"/>' for n, name in enumerate(pages))
    package = (
        f"<package><manifest>{items}</manifest><spine><itemref idref='i0'/><itemref idref='i1'/></spine></package>"
    )
    opf = draw(mutated(package.encode())).decode("latin-1")
    return epub(pages, opf=opf)


@st.composite
def rebuilt_documents(draw: st.DrawFn) -> tuple[str, bytes]:
    """Name and bytes of Word and OpenDocument files whose archives are sound and one of whose parts is not."""
    name = draw(st.sampled_from(("a.docx", "a.odt")))
    with zipfile.ZipFile(io.BytesIO(SOUND[name])) as sound:
        parts = {part: sound.read(part) for part in sound.namelist()}
    part = draw(st.sampled_from([part for part in sorted(parts) if part.endswith((".xml", ".rels"))]))
    return name, zipped(parts | {part: draw(mutated(parts[part]))})


@st.composite
def rebuilt_archives(draw: st.DrawFn) -> bytes:
    """Sound zip archives of unsound files."""
    names = draw(st.lists(st.sampled_from(sorted(SOUND)), min_size=1, max_size=3))
    return zipped({f"{n}/{name}": draw(mutated(SOUND[name])) for n, name in enumerate(names)})
