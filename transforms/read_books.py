"""ReadBooks: inputs to clean books. Whatever is wrong with one input becomes a reject, and the others go on."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import apache_beam as beam
from apache_beam.metrics import Metrics

from schemas.records import Book, Reject, RejectError, Source, text_digest
from transforms.clean_text import CleanText, clean, clean_paragraphs
from transforms.detect_language import MIN_CONFIDENCE, detect
from transforms.failures import raise_if_machine_failed
from transforms.read_formats import SUPPORTED_SUFFIXES, RawDocument, ReadOptions, read_documents

__all__ = ["ReadBooks", "ReadOptions", "read_books"]

STAGE = "ReadBooks"
_CODE = re.compile(r"[a-z]{2,3}(?=$|[-_])")
# Names that files and stores use for languages, where they are not ISO 639-1.
_CODES = {"eng": "en", "rus": "ru", "zho": "zh", "chi": "zh", "cmn": "zh", "ger": "de", "deu": "de", "fra": "fr"}


def read_books(source: Source, options: ReadOptions) -> Iterator[Book | Reject]:
    """The books of one source; each problem, foreseen or not, comes as a Reject in place of its book."""
    try:
        for document in read_documents(source, options):
            try:
                if document.problem is not None:
                    raise document.problem
                yield make_book(document, options)
            except Exception as error:
                raise_if_machine_failed(error)
                yield _reject(document.name, document.bytes, error)
    except Exception as error:  # of the source as a whole: it can't be opened, or breaks off half way
        raise_if_machine_failed(error)
        yield _reject(source.name, source.bytes, error)


def make_book(document: RawDocument, options: ReadOptions) -> Book:
    """A clean book from a document.

    Raises RejectError: `too-short`, `too-large`, `language-unsure` or `language-unsupported`.
    """
    size = len(document.text) + sum(len(text) for text, _ in document.paragraphs or ())
    most = options.limits.book_characters
    if size > most:
        raise RejectError("too-large", f"{size:,} characters, over {most:,}; cut the book into volumes")
    hint = options.language or normal_code(document.language) or None
    result = clean(document.text, hint) if document.paragraphs is None else clean_paragraphs(document.paragraphs)
    if len(result.text) < options.min_chars:
        raise RejectError(
            "too-short", f"{len(result.text):,} characters of text, under {options.min_chars:,}: too little for scenes"
        )
    language, notes = _language(document, result, options)
    supported = options.supported_languages
    if supported is not None and language not in supported:
        raise RejectError(
            "language-unsupported",
            f"the text is in {language!r}, which the embedder does not speak; it speaks {', '.join(sorted(supported))}",
        )
    return Book(
        book_id=text_digest(result.text),
        title=document.title or result.title or title_of(document.name),
        language=language,
        text=result.text,
        blocks=result.blocks,
        source=document.name,
        author=document.author or result.author,
        encoding=document.encoding,
        bytes=document.bytes,
        notes=document.notes + result.notes + notes,
    )


def title_of(name: str) -> str:
    """A title from a source's name: `ru/war_and-peace.txt` gives `war and peace`; rows keep their number."""
    path, _, row = name.rpartition("#")
    if not path or not row.isdigit():
        path, row = name, ""
    stem = posixpath.basename(path.rpartition("!")[2].rstrip("/"))
    # only suffixes that name a format: "Mr. Bennet" has none
    while stem.lower().endswith(SUPPORTED_SUFFIXES):
        stem = posixpath.splitext(stem)[0]
    return " ".join(re.sub(r"[-_]+", " ", f"{stem} {row}").split()) or name


def normal_code(language: str) -> str:
    """ISO 639-1 code of what a file says of its language (`en-US`, `rus`); "" where it says nothing usable."""
    match = _CODE.match(language.strip().lower())
    return _CODES.get(match[0], match[0]) if match else ""


def _language(document: RawDocument, result: CleanText, options: ReadOptions) -> tuple[str, tuple[str, ...]]:
    """The user's word first, then a column the user named, then the text itself, then what the file claims."""
    if options.language:
        return options.language, ()
    stated = normal_code(document.language)
    if stated and document.language_is_given:
        return stated, ()
    found, confidence = detect(result.text)
    if confidence >= MIN_CONFIDENCE:
        if stated and stated != found:
            return found, (f"the file says its language is {stated}, but the text is {found}",)
        return found, ()
    if stated:
        return stated, ()
    raise RejectError(
        "language-unsure", f"perhaps {found or 'no language'} ({confidence:.0%} sure); name it with --language"
    )


def _reject(name: str, size: int, error: Exception) -> Reject:
    if isinstance(error, RejectError):
        return Reject(name, STAGE, error.reason, error.detail, bytes=size)
    if isinstance(error, FileNotFoundError):
        return Reject(name, STAGE, "unreadable", "the file is no longer there", bytes=size)
    if isinstance(error, PermissionError):
        return Reject(name, STAGE, "unreadable", "no permission to read the file; change its mode or owner", bytes=size)
    detail = " ".join(f"{type(error).__name__}: {error}".split())[:500]
    return Reject(name, STAGE, "error", detail, bytes=size)


class _ReadSource(beam.DoFn):
    def __init__(self, options: ReadOptions) -> None:
        self._options = options

    def process(self, source: Source) -> Iterator[Book | beam.pvalue.TaggedOutput]:
        for item in read_books(source, self._options):
            if isinstance(item, Reject):
                Metrics.counter("rejected", item.reason).inc()
                yield beam.pvalue.TaggedOutput("rejects", item)
            else:
                Metrics.counter("books", item.language).inc()
                Metrics.counter("books", "read").inc()
                yield item


@dataclass
class ReadBooks(beam.PTransform):
    """Sources to `books` (main output) and `rejects`, with counters `books/*` and `rejected/<reason>`."""

    options: ReadOptions = field(default_factory=ReadOptions)

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, sources: beam.PCollection[Source]) -> beam.pvalue.DoOutputsTuple:
        """Lays the step into a pipeline."""
        return sources | beam.ParDo(_ReadSource(self.options)).with_outputs("rejects", main="books")
