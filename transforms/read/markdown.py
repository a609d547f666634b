"""Markdown pages: front matter as metadata, the rest as the page that it makes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from markdown_it import MarkdownIt

from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.front_matter import find_front_matter
from scenesign.transforms.read.html import page_document, parse_html
from scenesign.transforms.read.marks import Apart
from scenesign.transforms.read.reader import Holds, InputFile, Reader
from scenesign.transforms.text.decode import decode
from scenesign.transforms.text.lines import limit_lines, normalise

_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_NOTE = re.compile(r" {0,3}\[\^([^\]\s]{1,60})\]:")
_NOTE_MARK = re.compile(r"\[\^([^\]\s]{1,60})\]|(?<!\\)\^\[([^\[\]\n]{1,2000})\]")
_UNDERLINE = re.compile(r" {0,3}-{2,}[ \t]*")
_HEADING = re.compile(r"( {0,3}#{1,6})([ \t].*?)[ \t]*\{[^{}\n]{0,200}\}([ \t]*#*)[ \t]*")
_GLUED_HEADING = re.compile(r" {0,3}(#{1,6})(?=第[^\s]{1,9}[章回节節卷部幕篇])")
_DIVISION = re.compile(r" {0,3}:{3,}[^:\n]{0,200}:*[ \t]*")
_DEFINITION = re.compile(r" {0,3}[:~][ \t]+(?=\S)")
_ENDS = (".", "!", "?", "…", ",", ";", ":", "”", "»", "’", '"', "。", "！", "？", "」", "』", "—")
_LONGEST_TITLE = 80  # characters; a longer line over `---` is prose that ends at a rule


def read_markdown(file: InputFile) -> Iterator[RawDocument]:
    """Visible text of Markdown, with its headings and rules as structure; its notes are left out."""
    limits = file.limits
    decoded = decode(file.data, file.options.language, limits.book_lines)
    text = limit_lines(normalise(decoded.text), limits.book_lines)
    front = find_front_matter(text)
    body, marks, bodies = _without_notes(_plain_lines(text[front.end :]))
    page = parse_html(_RENDERER.render(body), limits.book_lines, site=False)
    page.left_out[Apart.NOTE_MARK] += marks
    page.left_out[Apart.NOTE] += bodies
    document = page_document(file, page, decoded.encoding)
    yield replace(
        document,
        title=front.title,
        author=front.author,
        license=front.license or page.license,
        language=front.language,
        notes=decoded.notes + document.notes,
    )


READER = Reader("Markdown", _SUFFIXES, Holds.BOOK, read_markdown, looks=lambda file: file.suffix in _SUFFIXES)


def _renderer() -> MarkdownIt:
    """CommonMark with tables. Lines set in are paragraphs, as books have them, not code."""
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable("code")


_RENDERER = _renderer()


def _plain_lines(text: str) -> str:
    """Lines in habits that CommonMark doesn't know, rewritten to those it does."""
    lines: list[str] = []
    fence = ""
    run = 0  # lines of the paragraph so far
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if found and (not fence or _closes(line.strip(), fence)):
            fence = "" if fence else found[1]
        elif not fence:
            if _DIVISION.fullmatch(line):
                line = ""
            elif heading := _HEADING.fullmatch(line):
                line = "".join(heading.groups())
            elif _GLUED_HEADING.match(line):
                line = _GLUED_HEADING.sub(r"\1 ", line)
            elif run and _DEFINITION.match(line):
                line = "\n" + _DEFINITION.sub("", line)
            elif run and _UNDERLINE.fullmatch(line) and (run > 1 or _is_prose(lines[-1])):
                line = "\n" + line  # a rule under a paragraph, not a heading of many lines
        # no markup of Markdown, and where it stays open its end is searched for again and again
        line = line.replace("<![CDATA[", "")
        run = run + 1 if line.strip() and not fence else 0
        lines.append(line)
    return "\n".join(lines)


def _closes(line: str, fence: str) -> bool:
    return len(line) >= len(fence) and not line.strip(fence[0])


def _is_prose(line: str) -> bool:
    return len(line.strip()) > _LONGEST_TITLE or line.rstrip().endswith(_ENDS)


def _without_notes(text: str) -> tuple[str, int, int]:
    """Text without notes (`[^1]: ...`, `^[...]`) and their marks, and how many of each there were."""
    if "[^" not in text and "^[" not in text:
        return text, 0, 0
    lines: list[str] = []
    names: set[str] = set()
    inside = False
    for line in text.split("\n"):
        found = _NOTE.match(line)
        if found:
            names.add(found[1].lower())
            inside = True
        elif inside and line.strip() and lines and not lines[-1].strip() and not line.startswith(("    ", "\t", "  ")):
            inside = False
        if inside:
            if not line.strip():
                lines.append("")
            continue
        lines.append(line)
    found_marks = inline = 0

    def take(mark: re.Match[str]) -> str:
        nonlocal found_marks, inline
        if mark[2] is None and mark[1].lower() not in names:
            return mark[0]
        found_marks += 1
        inline += mark[2] is not None
        return ""

    return _NOTE_MARK.sub(take, "\n".join(lines)), found_marks, len(names) + inline
