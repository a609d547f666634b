"""What of a page is no part of its book's text, judged by what it holds: contents, bodies of notes, imprints."""

from __future__ import annotations

import re
from collections.abc import Iterable

from scenesign.schemas.records import BlockKind
from scenesign.transforms.read.marks import Apart
from scenesign.transforms.read.page_blocks import PageBlock
from scenesign.transforms.read.page_text import PageText, drop
from scenesign.transforms.text.file_names import folded

_CONTENTS = re.compile(
    r"(?:table of )?contents|table of chapters|inhalt(?:sverzeichnis|sübersicht)?|(?:das )?inhaltsverzeichnis|"
    r"содержание|оглавление|зм[іi]ст|目\s*[录錄次]|も\s*く\s*じ|차\s*례|목\s*차|"
    r"índice(?: general)?|contenido|tabla de contenidos?|índice de contenidos|"
    r"indice(?: generale)?|sommario|sumário|conteúdo|table des mati[èe]res|sommaire|inhoud(?:sopgave)?|"
    r"spis treści|obsah|innehåll|innehållsförteckning|indhold|innhold|sisällys(?:luettelo)?|tartalom|cuprins|"
    r"sadržaj|vsebina|sisukord|saturs|turinys|περιεχόμενα|תוכן(?: ה?עניינים)?|съдържание|садржај|"
    r"mục lục|daftar isi|فهرست|"
    r"i̇çindekiler|içindekiler|"
    r"สารบัญ|(?:قائمة )?المحتويات|(?:ال)?فهرس|list of illustrations",
    re.IGNORECASE,
)
_LEAST_LINKED = 0.5  # share of an entry inside links
_WHOLE_LINKED = 0.7  # share of a page's text inside links that makes it a list of links
_LONGEST_RUN_ALONE = 5  # entries in a row that need no heading
_SHORT = 80  # characters; a list without any longer line holds no prose
_SENTENCE_ENDS = tuple(f"{mark}{quote}" for mark in ".!?…" for quote in ("", "”", "“", "»", "«", '"', "’"))
_SENTENCE_ENDS += tuple("。！？」』؟")
_LITTLE = 300  # characters; a cover has no more
_NUMBERED = re.compile(
    r"\s*[\[(（【]?\s*(?:\d{1,4}|[*†‡§¶]{1,4}|[a-z]|[ivxlc]{1,6}|[①-⑳])\s*(?:[\])）】.:]|\s)", re.IGNORECASE
)

# Signs of an imprint or licence, each a family of words.
_RIGHTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"©|\(c\)\s?(?:19|20)\d\d|copyright|права? защищен|copyleft|版权|版權|著作権|저작권|ลิขสิทธิ์|حقوق",
        r"\bisbn\b|УДК|ББК|統一書號|统一书号",
        r"all rights reserved|rechte vorbehalten|droits réservés|derechos reservados|direitos reservados|"
        r"diritti riservati|"
        r"rechten voorbehouden|prawa zastrzeżone|все права|hakları saklıdır|版权所有|版權所有|"
        r"翻印必究|無断転載|무단 전재",
        r"public domain|creative ?commons|uncopyright|domaine public|dominio público|gemeinfrei|общественн\w+ достояни",
        r"first (?:published|edition|printing)|published (?:in|by)|printed (?:in|by)|verlag|éditions?\b|издательство|"
        r"出版社|発行(?:所|者|日)|印刷|dépôt légal|depósito legal|impressum|wydawnictwo|uitgever|yayın",
        r"licen[cs]ed? under|terms of (?:the|this|use)|license|library of congress|british library|"
        r"catalogu?ing.in.publication",
        r"cover (?:design|art|illustration|photograph)|typeset|set in [A-Z]\w+|typeface|ebook (?:edition|was produced)|"
        r"produced (?:by|for)|transcri(?:bed|ption) (?:by|from)|umschlag|набор|верстка|корректор|тираж",
    )
)
_ALSO_BY = re.compile(
    r"(?:also|other (?:books|works|titles)|more (?:books )?|books|novels|by the same author)\b.{0,20}\bby\b.{0,60}|"
    r"by the same author|(?:другие|также) (?:книги|произведения).{0,40}|du même auteur|"
    r"von (?:derselben|demselben) autor(?:in)?|"
    r"del mismo autor|dello stesso autore|do mesmo autor|van dezelfde auteur|同著者.{0,20}|praise for .{0,80}",
    re.IGNORECASE,
)
_IMPRINT_STEM = re.compile(
    r"(?:.*[-_.])?(?:(?:un)?copyright|imprint|impressum|colophon|licen[cs]e|legal|credits|okuduke|also-?by|adcard|ad-?card|"
    r"praise|newsletter|advert\w*)(?:[-_]?(?:page|\d{1,2}))?",
    re.IGNORECASE,
)
_CONTENTS_STEM = re.compile(
    r"(?:.*[-_.])?(?:cover(?:page)?|toc|nav|contents|mulu|inhalt)(?:[-_]?(?:page|image|\d{1,2}))?", re.IGNORECASE
)
_LONGEST_IMPRINT = 8_000  # characters of a page that is called one; licences are long
_LONGEST_UNNAMED = 2_500  # of one that isn't


def leave_out_contents(page: PageText, anchors: Iterable[str] = ()) -> None:
    """Takes lists of contents out of a page that holds more than them.

    anchors: ids where the book says that its contents are.
    """
    blocks, known = page.blocks, set(anchors)
    headings = {folded(block.text) for block in blocks if block.level and not block.links}
    gone = bytearray(len(blocks))
    at = 0
    while at < len(blocks):
        first = at
        headed = _is_contents_heading(blocks[at]) or not known.isdisjoint(blocks[at].ids)
        at += headed and not _is_entry(blocks[at])
        end = at
        while end < len(blocks) and _is_entry(blocks[end]):
            end += 1
        if end < len(blocks):  # a chapter's heading may lead back to the contents
            while end > at and blocks[end - 1].kind is BlockKind.HEADING:
                end -= 1
        named = all(folded(block.text) in headings for block in blocks[at:end])
        if end - at >= (2 if headed or named else _LONGEST_RUN_ALONE):
            gone[first:end] = b"\1" * (end - first)
        at = max(end, first + 1)
    if any(gone) and not all(gone):
        page.left_out[Apart.CONTENTS] += sum(
            out and not before for before, out in zip(b"\0" + gone, gone, strict=False)
        )
        drop(page, gone)


def leave_out_link_lines(page: PageText) -> None:
    """Takes lines like `Previous | Next` over and under the text of a site's page out of it."""
    gone = bytearray(len(page.blocks))
    for order in (range(len(gone)), range(len(gone) - 1, -1, -1)):
        for at in order:
            block = page.blocks[at]
            if block.kind is not BlockKind.BREAK:
                if block.level or block.links < 2 or len(block.text) > 2 * _SHORT or not _is_entry(block):
                    break
                gone[at] = 1
    if any(gone) and not all(gone):
        page.left_out[Apart.FURNITURE] += sum(gone)
        drop(page, gone)


def leave_out_notes(page: PageText, names: Iterable[str]) -> None:
    """Takes the notes out of a page that marks lead to. names: ids that marks point at."""
    gone = bytearray(len(page.blocks))
    found = 0
    starts: dict[str, int] = {}
    for at, block in enumerate(page.blocks):
        for name in block.ids:
            starts.setdefault(name, at)
    for name in sorted(set(names)):
        first, last = page.spans.get(name, (0, 0))
        if first == last and name in starts:
            first = starts[name]
            last = first + 1
        if first < last and not gone[first] and _is_note(page.blocks[first]):
            gone[first:last] = b"\1" * (last - first)
            found += 1
    if found and (not all(gone) or found > 1):
        page.left_out[Apart.NOTE] += found
        drop(page, gone)


def kind_of_page(page: PageText, stem: str, types: frozenset[str]) -> Apart | None:
    """What a page of a book is as a whole, where it is no part of the text.

    stem: its file's name without suffix. types: what the book's guide and landmarks call it. Both are hints only: what
    the page holds decides.
    """
    blocks = [block for block in page.blocks if block.kind is not BlockKind.BREAK]
    if not blocks:
        return None
    if page.linked >= _WHOLE_LINKED and len(blocks) >= 3:
        return Apart.CONTENTS
    under = [block for block in blocks if not block.level]
    if len(under) >= 2 and all(map(_is_entry, under)):
        return Apart.CONTENTS  # nothing but links under its heading
    called = bool(_CONTENTS_STEM.fullmatch(stem) or types & {"toc", "cover", "landmarks", "loi", "lot"})
    if called and not any(map(_is_long, blocks)):
        headed = any(map(_is_contents_heading, blocks[:3]))
        entries = sum(map(_is_entry, blocks))
        said = [block for block in blocks if not block.level and _is_sentence(block)]
        # entries may be sentences where nothing leads anywhere: "In which the mill burns down."
        prose = any(len(block.text) > _SHORT // 2 for block in said) and not (headed and not entries)
        little = page.shown <= _LITTLE and 2 * len(said) <= len(blocks)
        if not prose and (page.linked >= _LEAST_LINKED or 2 * entries > len(blocks) or headed or little):
            return Apart.CONTENTS
    return Apart.IMPRINT if _is_imprint(page, blocks, stem, types) else None


def _is_imprint(page: PageText, blocks: list[PageBlock], stem: str, types: frozenset[str]) -> bool:
    if page.shown > _LONGEST_IMPRINT:
        return False
    text = "\n".join(block.text for block in blocks)
    signs = sum(pattern.search(text) is not None for pattern in _RIGHTS)
    if _IMPRINT_STEM.fullmatch(stem) or types & {
        "copyright-page",
        "colophon",
        "imprint",
        "imprimatur",
        "other-credits",
    }:
        return signs >= 1 or _ALSO_BY.match(blocks[0].text) is not None
    if page.shown > _LONGEST_UNNAMED:
        return False
    return signs >= 3 or (_ALSO_BY.fullmatch(" ".join(blocks[0].text.split())) is not None and not any(
        len(block.text) > 6 * _SHORT for block in blocks
    ))  # fmt: skip


def _is_contents_heading(block: PageBlock) -> bool:
    return len(block.text) <= _SHORT and _CONTENTS.fullmatch(" ".join(block.text.split()).strip(" .:：*")) is not None


def _is_entry(block: PageBlock) -> bool:
    """Whether a block is a line of a list of links inside the book."""
    return block.links > 0 and block.linked >= _LEAST_LINKED * max(1, block.shown) and len(block.text) <= 4 * _SHORT


def _is_long(block: PageBlock) -> bool:
    return len(block.text) > 2 * _SHORT and block.linked < _LEAST_LINKED * block.shown


def _is_sentence(block: PageBlock) -> bool:
    """Whether a block ends as a sentence does, and is no entry of a list."""
    text = block.text.rstrip()
    return block.links == 0 and text.endswith(_SENTENCE_ENDS)


def _is_note(block: PageBlock) -> bool:
    return block.opens_note or _NUMBERED.match(block.text) is not None
