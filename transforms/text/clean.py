"""Raw text to clean text: noise and Gutenberg boilerplate gone, hard-wrapped lines joined, blocks found."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from scenesign.schemas.records import Block, BlockKind
from scenesign.transforms.support.limits import Limits
from scenesign.transforms.text.aozora import resolve_aozora, resolve_aozora_paragraphs
from scenesign.transforms.text.frames import find_frame, within
from scenesign.transforms.text.headings import find_headings
from scenesign.transforms.text.layout import find_layout, laid_out, spaced_paragraphs
from scenesign.transforms.text.lines import join_soft_hyphens, limit_lines, normalise
from scenesign.transforms.text.page_marks import find_page_marks

# Counted and reported, never cut: no rule tells a site's notice from a sentence that speaks of one.
_SITE_NOTICES = ("http://", "https://", "www.", "更新时间", "本章字数", "仅供读者预览", "小时内删除", "章节内容开始")
_LOST_MARK = re.compile(r"(?:^|(?<=[ \n]))\?(?= )")
_MANY_LOST = 50
OPENING_LINES = 20
_MANY_ENDNOTES = 5


@dataclass(frozen=True)
class CleanText:
    """A book's clean text and its blocks.

    title, author, license: from a Project Gutenberg header or Aozora Bunko's first lines, else empty. notes: what was
    done, for the manifest.
    opening: its first lines as the file has them, before any are joined.
    """

    text: str
    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = ()
    title: str = ""
    author: str = ""
    license: str = ""
    opening: tuple[str, ...] = ()


def clean(raw: str, language: str | None = None, most_lines: int = Limits.book_lines) -> CleanText:
    """Clean text of a plain-text book. `language` (ISO 639-1) is a hint only. Raises RejectError `too-large`."""
    text = join_soft_hyphens(limit_lines(normalise(raw), most_lines))
    aozora = resolve_aozora(text)
    text = aozora.text
    frame = find_frame(text)
    notes = [*([aozora.note] if aozora.note else []), *frame.notes]
    text, pages = find_page_marks(text).taken_out(frame.book(text))
    notes += _told(pages)
    lines = laid_out(text)
    layout = find_layout(lines, text, language)
    if layout.margin:
        notes.append(f"hard-wrapped lines joined (margin {layout.margin})")
    notes += _oddities(text)
    spaced = [(paragraph, gap) for paragraph, gap in spaced_paragraphs(lines, layout) if paragraph]
    paragraphs = [paragraph for paragraph, _ in spaced]
    kinds = [BlockKind.HEADING if paragraph in aozora.headings else None for paragraph in paragraphs]
    result = assemble(find_headings(paragraphs, kinds, [gap for _, gap in spaced]))
    numbered = _endnotes(result)
    if numbered >= _MANY_ENDNOTES:
        notes.append(f"{numbered} numbered notes at the end (kept)")
    opening = _opening(line.text for line in lines)
    title, author = frame.title or aozora.title, frame.author or aozora.author
    return CleanText(result.text, result.blocks, tuple(notes), title, author, frame.license, opening)


def clean_paragraphs(paragraphs: Iterable[tuple[str, BlockKind | None]]) -> CleanText:
    """Clean text of a book whose format gives its paragraphs; a kind of None is decided by form."""
    texts: list[str] = []
    kinds: list[BlockKind | None] = []
    for text, kind in paragraphs:
        lines = (" ".join(line.split()) for line in join_soft_hyphens(normalise(text)).split("\n"))
        body = "\n".join(line for line in lines if line)
        if body:
            texts.append(body)
            kinds.append(kind)
    texts, note = resolve_aozora_paragraphs(texts)
    frame = find_frame("\n\n".join(texts))
    marks = find_page_marks("\n\n".join(texts))
    pages = 0
    kept: list[tuple[str, BlockKind | None]] = []
    for text, kind in zip(within(texts, frame) if frame.notes else texts, kinds, strict=True):
        text, found = marks.taken_out(text)
        pages += found
        if text.strip():
            kept.append((text, kind))
    texts, kinds = [text for text, _ in kept], [kind for _, kind in kept]
    notes = (*([note] if note else []), *frame.notes, *_told(pages))
    result = assemble(find_headings(texts, kinds))
    opening = _opening(line for text in texts for line in text.split("\n"))
    return CleanText(result.text, result.blocks, notes, frame.title, frame.author, frame.license, opening)


def assemble(blocks: Iterable[tuple[str, BlockKind]]) -> CleanText:
    """Joins blocks by a blank line and notes where each lies. Blocks without text are left out."""
    parts: list[str] = []
    spans: list[Block] = []
    at = 0
    for text, kind in blocks:
        text = text.strip()
        if text:
            spans.append(Block(at, at + len(text), kind))
            parts.append(text)
            at += len(text) + 2
    return CleanText("\n\n".join(parts), tuple(spans))


def _told(pages: int) -> list[str]:
    return [f"{pages} page numbers in brackets left out"] if pages else []


def _opening(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(itertools.islice((line for line in lines if line), OPENING_LINES))


def _oddities(text: str) -> list[str]:
    """What a person should know of a text that no rule may mend."""
    notes = []
    marks = [mark for mark in _SITE_NOTICES if mark in text]
    if marks:
        notices = sum(any(mark in line for mark in marks) for line in text.split("\n"))
        notes.append(f"{notices} lines look like notices of a web site (kept)")
    if "\n? " in text or " ? " in text:
        lost = len(_LOST_MARK.findall(text))
        if lost >= _MANY_LOST:
            notes.append(f"{lost} lone question marks: dashes were lost before the file came here")
    return notes


def _endnotes(book: CleanText) -> int:
    """How many footnotes a plain text has gathered at its end, each under a line with its number."""
    texts = [book.text[block.start : block.end] for block in book.blocks]
    found, at = 0, len(texts) - 2
    while at >= 0 and texts[at].isdecimal() and (not found or int(texts[at]) + 1 == int(texts[at + 2])):
        found, at = found + 1, at - 2
    return found
