"""Paragraphs of Markdown pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scenesign.schemas.records import BlockKind
from scenesign.transforms.read.document import BREAK_TEXT, Paragraph, RawDocument
from scenesign.transforms.read.html import replace_between
from scenesign.transforms.read.reader import Holds, InputFile, Reader
from scenesign.transforms.text.decode import decode
from scenesign.transforms.text.lines import join_lines, limit_lines, normalise

_SUFFIXES = (".md", ".markdown")
_SETEXT = re.compile(r"(=+|-{2,})\s*")
_BREAK = re.compile(r"\s{0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})")


def read_markdown(file: InputFile) -> Iterator[RawDocument]:
    """Visible text of Markdown, with its headings and rules as structure and its front matter as metadata."""
    decoded = decode(file.data, file.options.language, file.limits.book_lines)
    text = limit_lines(normalise(decoded.text), file.limits.book_lines)
    fields: dict[str, str] = {}
    front = re.match(r"---\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", text, re.DOTALL)
    if front:
        found = re.findall(r"^(title|author|license|licence|language|lang):[ \t]*(.+)$", front[1], re.MULTILINE)
        fields = {key: value.strip().strip("\"'") for key, value in found}
        text = text[front.end() :]
    paragraphs: list[Paragraph] = []
    lines: list[str] = []

    def close() -> None:
        if lines:
            paragraphs.append((_inline("\n".join(_soft_join(lines))), None))
        lines.clear()

    fenced = False
    for line in [*replace_between(text, "<!--", "-->", lambda _: "").split("\n"), ""]:
        bare = line.strip()
        if bare.startswith(("```", "~~~")):
            fenced = not fenced
            close()
            continue
        heading = None if fenced else re.fullmatch(r"\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*", line)
        if heading:
            close()
            paragraphs.append((_inline(heading[2]), BlockKind.HEADING if len(heading[1]) <= 3 else None))
        elif len(lines) == 1 and _SETEXT.fullmatch(bare):
            paragraphs.append((_inline(lines.pop().strip()), BlockKind.HEADING))
        elif _BREAK.fullmatch(line):
            close()
            paragraphs.append((BREAK_TEXT, BlockKind.BREAK))
        elif not bare:
            close()
        else:
            lines.append(re.sub(r"^\s*(?:>\s?)+", "", line))
    yield RawDocument(
        file.name,
        paragraphs=tuple(paragraphs),
        title=fields.get("title", ""),
        author=fields.get("author", ""),
        license=fields.get("license", fields.get("licence", "")),
        language=fields.get("language", fields.get("lang", "")),
        encoding=decoded.encoding,
        bytes=len(file.data),
        notes=decoded.notes,
    )


READER = Reader("Markdown", _SUFFIXES, Holds.BOOK, read_markdown, looks=lambda file: file.suffix in _SUFFIXES)


def _soft_join(lines: list[str]) -> list[str]:
    """Lines of a paragraph as Markdown means them: joined, but for two spaces or a backslash at the end."""
    result: list[list[str]] = [[]]
    for line in lines:
        hard = line.endswith(("  ", "\\"))
        body = line.strip().removesuffix("\\").rstrip()
        if body:
            result[-1].append(body)
        if hard:
            result.append([])
    return [join_lines(group) for group in result if group]


def _inline(text: str) -> str:
    """Markdown's marks inside a line removed: emphasis, links, images, code."""
    text = re.sub(r"!\[[^\[\]\n]*\]\([^()\n]*\)", "", text)
    text = re.sub(r"\[([^\[\]\n]+)\](?:\([^()\n]*\)|\[[^\[\]\n]*\])", r"\1", text)
    text = re.sub(r"(?<![\\\w*])(\*{1,3})(?=\S)([^*\n]+?)(?<=\S)\1(?![\w*])", r"\2", text)
    text = re.sub(r"(?<![\\\w_])(_{1,3})(?=\S)([^_\n]+?)(?<=\S)\1(?![\w_])", r"\2", text)
    text = re.sub(r"`([^`\n]+)`", r"\1", text)
    return re.sub(r"\\([\\`*_{}\[\]()#+\-.!>~|])", r"\1", text)
