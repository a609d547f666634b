"""ReadBooks: inputs to clean books. Whatever is wrong with one input becomes a reject, and the others go on."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from scenesign.schemas.records import Book, Reject, RejectError, Source, text_digest, volume_source
from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.imprint import read_imprint, short_field
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.read.registry import read_documents
from scenesign.transforms.support.attempts import attempt
from scenesign.transforms.support.failures import UnexpectedError, refuse
from scenesign.transforms.text.boilerplate import leave_out_boilerplate
from scenesign.transforms.text.clean import CleanText, clean, clean_paragraphs
from scenesign.transforms.text.language import MIN_CONFIDENCE, detect
from scenesign.transforms.text.language_codes import UnknownLanguageError, language_code
from scenesign.transforms.text.licences import licence_line
from scenesign.transforms.text.lines import too_many_lines
from scenesign.transforms.text.volumes import cut_volumes

STAGE = "ReadBooks"
_FORESEEN = (RejectError, OSError)  # a file that can't be read is none of the program's doing
MOST_LOST = 0.02  # share of U+FFFD above which a text is no longer the book


def read_books(source: Source, options: ReadOptions) -> Iterator[Book | Reject]:
    """The books of one source; each problem, foreseen or not, comes as a Reject in place of its book."""
    try:
        for document in _documents(source, options):
            try:
                if document.problem is not None:
                    raise document.problem
                yield from attempt(STAGE, document.name, partial(make_books, document, options), foreseen=_FORESEEN)
            except Exception as error:
                yield refuse(error, STAGE, document.name, size=document.bytes)
    except Exception as error:  # of the source as a whole: it can't be opened, or breaks off half way
        yield refuse(error, STAGE, source.name, size=source.bytes)


def _documents(source: Source, options: ReadOptions) -> Iterator[RawDocument]:
    """The documents of a source, each an attempt: the second one opens the source anew and passes over those given.

    Raises the error that the source as a whole ends with.
    """
    documents = read_documents(source, options)
    document: RawDocument | None = None
    given = 0

    def take() -> None:
        nonlocal document
        document = None
        document = next(documents, None)
        if document is not None and document.problem and not isinstance(document.problem, _FORESEEN):
            raise document.problem

    def take_again() -> None:
        nonlocal documents
        documents = itertools.islice(read_documents(source, options), given, None)
        take()

    while True:
        try:
            attempt(STAGE, source.name, take, take_again, _FORESEEN)
        except UnexpectedError as error:
            if document is None:
                raise
            document = replace(document, problem=error)  # others may follow
        if document is None:
            return
        yield document
        given += 1


def make_books(document: RawDocument, options: ReadOptions) -> list[Book]:
    """A clean book from a document, or its volumes where it is longer than the limits let a book be.

    A volume's title says which it is, and so does its source. Raises RejectError: `too-short`, `too-large`,
    `language-unsure` or `language-unsupported`.
    """
    limits = options.limits
    stated, doubts = _stated_language(document)
    hint = options.language or stated or None
    if document.paragraphs is None:
        result = clean(document.text, hint, limits.book_lines)
    elif len(document.paragraphs) > limits.book_lines:
        raise too_many_lines(limits.book_lines)
    else:
        result = clean_paragraphs(document.paragraphs)
    result, left_out = leave_out_boilerplate(result, options.boilerplate)
    if len(result.text) < options.min_chars:
        raise RejectError(
            "too-short", f"{len(result.text):,} characters of text, under {options.min_chars:,}: too little for scenes"
        )
    lost = result.text.count("\ufffd")
    if lost > MOST_LOST * len(result.text):
        raise RejectError(
            "undecodable",
            f"{lost:,} of {len(result.text):,} characters were lost when the text was saved; get it from elsewhere",
        )
    language, notes = _language(document, stated, result.text, options)
    supported = options.supported_languages
    if supported is not None and language not in supported:
        raise RejectError(
            "language-unsupported",
            f"the text is in {language!r}, which the embedder does not speak; it speaks {', '.join(sorted(supported))}",
        )
    imprint = read_imprint(document, result)
    book = Book(
        book_id="",
        title=imprint.title,
        language=language,
        text=result.text,
        blocks=result.blocks,
        source=document.name,
        author=imprint.author,
        license=short_field(licence_line(document.license or result.license)) or options.license,
        encoding=document.encoding,
        bytes=document.bytes,
        notes=document.notes + result.notes + left_out + doubts + notes + imprint.notes,
    )
    volumes = cut_volumes(result, limits.book_characters)
    return [_volume(book, part, number, len(volumes)) for number, part in enumerate(volumes, 1)]


def _volume(book: Book, part: CleanText, number: int, of: int) -> Book:
    """One volume of a book; the only one is the book itself."""
    book = replace(book, book_id=text_digest(part.text), text=part.text, blocks=part.blocks)
    if of == 1:
        return book
    return replace(
        book,
        title=f"{book.title} (volume {number} of {of})",
        source=volume_source(book.source, number),
        notes=(*book.notes, f"a volume of a book that is too long to be one ({number} of {of})"),
    )


def _stated_language(document: RawDocument) -> tuple[str, tuple[str, ...]]:
    """The code of the language that a document says it is in, "" where it says nothing usable, and a note on that."""
    try:
        return language_code(document.language), ()
    except UnknownLanguageError as error:
        return "", (f"stated language left aside: {error}",)


def _language(document: RawDocument, stated: str, text: str, options: ReadOptions) -> tuple[str, tuple[str, ...]]:
    """The user's word first, then a column the user named, then the text itself, then what the file claims."""
    if options.language:
        return options.language, ()
    if stated and document.language_is_given:
        return stated, ()
    found, confidence = detect(text)
    if confidence >= MIN_CONFIDENCE:
        if stated and stated != found:
            return found, (f"the file says its language is {stated}, but the text is {found}",)
        return found, ()
    if stated:
        return stated, ()
    raise RejectError(
        "language-unsure", f"perhaps {found or 'no language'} ({confidence:.0%} sure); name it with --language"
    )
