"""Sentences: spans of the clean text, by spaCy's tokenizers and the quotation marks of each language."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scenesign.schemas.records import Block, BlockKind, Book, RejectError, SegmentedBook, Sentence
from scenesign.transforms.scenes.abbreviations import ends_sentence
from scenesign.transforms.support.spared_torch import give_torch_to_spacy
from scenesign.transforms.support.threads import Lender, made_once

if TYPE_CHECKING:
    from spacy.language import Language

_MARKS = ".!?…。！？．‽؟۔।॥｡։።፧။។"
# French puts a space before its marks, old prints one between the dots of an ellipsis
_END = re.compile(rf"[{_MARKS}]+(?: [.!?…]+)*")
_CLOSERS = "”’»«‹›」』）)]}｝】〉》\"'_*=~¹²³"
# these close where they touch a mark and no word touches them; » and › only where some write »so«
_TWO_WAYS = "«‹“‘_*=~"
_TURNED_GUILLEMETS = frozenset(
    ["de", "da", "sv", "nb", "no", "nn", "fi", "is", "cs", "sk", "pl", "hu", "sl", "hr", "sr"]
)
_NOTE_NUMBER = re.compile(r"\[\d{1,3}\]")
_SPACED_GUILLEMET = re.compile(r" [»›](?!\w)")
# „Gänsefüßchen“ and ‚halbe‘, „лапки“: where these marks close a quotation, they can't open one
_LOW_QUOTE_LANGUAGES = frozenset(
    ["ru", "de", "uk", "be", "bg", "cs", "pl", "sk", "sl", "hr", "sr", "lt", "lv", "et", "is"]
)
_LINE_OF_DOTS = re.compile(r"\.[. \n]+\.")
_ELLIPSIS = re.compile(r"\.(?: \.){2}")
# a dash, and after it a small letter: the narrator's words inside a line of dialogue
_GOES_ON = re.compile(r"[,;:，；：、)]|[-–—―]+\s*")
# In Chinese a verb of speech soon after a quotation shows that 「好。」他说。 goes on.
_SPEECH_FOLLOWS = re.compile(
    r"[^，。！？：；、“”「」『』\s]{0,10}(?:说|說|道|问|問|答|叫|喊|嚷|曰)[^“”「」：]{0,6}[。，]"
)
# Where Japanese and Korean dialogue goes on after the quotation: 「行くの？」と聞いた。
_JAPANESE_GOES_ON = re.compile(r"と(?!うとう|ころ|ても|きどき|にかく|つぜん|もかく|たん)|って|なんて|なぞ|など|を")
_KOREAN_GOES_ON = re.compile(
    r"(?:이?라고|이?라는|이?라며|하고|하며|하면서|하는|하니|하자|하더니|하던|하기에|한다|했다|하였다|고)(?!\w*[.])"
)
_QUOTATION_GOES_ON = {"zh": _SPEECH_FOLLOWS, "ja": _JAPANESE_GOES_ON, "ko": _KOREAN_GOES_ON}
_SPACE = re.compile(r"\s*")
# Thai and its neighbours end a sentence with a space, and a phrase too: so many characters make one of them.
_UNMARKED_LANGUAGES = frozenset({"th", "lo", "km", "my"})
_LEAST_UNMARKED = 80
# Characters to either side of a full stop that can matter to what it is; text without white space has longer words.
_WORD = 200
_SPACES = re.compile(r"\s+")
_LONGEST_TITLE = 40
_WORD_AT_STOP = re.compile(r"[\w.'’-]+$")
_LETTER = re.compile(r"[^\W_]")
# spaCy's French rules take two seconds to load, for patterns of words without a full stop. One of these words, or a
# single letter, is all that they let a full stop belong to.
_FRENCH_ABBREVIATION = re.compile(
    "apr|av|avr|cf|déc|etc|févr|janv|juill|nov|oct|pp|sept|Dr|M|MM|Mlle|Mme|Mr|No|St|Ste|Vol"
)
_FRENCH_WORD = re.compile(r"(?:[A-Za-zÀ-ÖØ-öø-ÿŒœ]+['’-])*([A-Za-zÀ-ÖØ-öø-ÿŒœ]+[a-zß-öø-ÿœ])\.")
_SOFT_CUT = re.compile(r"[;；,，:：、]\s*|\s+")


@dataclass(frozen=True)
class SentenceOptions:
    """How sentences are found.

    longest: characters of a sentence; a longer one is cut at its last comma, semicolon or space before that.
    spacy_model: name or folder of an installed spaCy pipeline, used for the books in its language.
    """

    longest: int = 2_000
    spacy_model: str | None = None


# A trained pipeline takes seconds to a book, and tens of megabytes. The tokenizers take microseconds to a word, and
# hold Python's lock all that time, so that a second one for another thread would bring nothing.
_PIPELINES = 4


@made_once(32, heavy=True)
def tokenizers(language: str) -> Lender[Language]:
    """Lends the tokenizer of a language, a code of ISO 639-1; one without word vectors, tags or sentences of its own.

    One thread at a time: when a memory zone ends, spaCy frees words under whoever is inside another.
    """
    return Lender(lambda: _tokenizer(language))


def _tokenizer(language: str) -> Language:
    import spacy

    try:
        return spacy.blank(language)
    except (ImportError, OSError):  # spaCy has no rules for it, or needs a segmenter that is not installed
        return spacy.blank("xx")


@made_once(4, heavy=True)
def _pipelines(name: str) -> Lender[Language]:
    give_torch_to_spacy()
    import spacy

    return Lender(lambda: spacy.load(name, exclude=["ner", "lemmatizer", "textcat", "attribute_ruler"]), _PIPELINES)


@made_once(4)
def _language_of(pipeline: str) -> str:
    with _pipelines(pipeline).lend() as model:
        return model.lang or ""


def split_block(text: str, language: str) -> list[int]:
    """Offsets in a block's text where its sentences start; none for a blank block.

    A sentence ends after a run of terminators and the closing marks that touch it, unless what follows goes on in
    lower case, with or without a dash (“What?” he said; — Что? — спросил он). One has a letter or a digit.
    """
    first = len(text) - len(text.lstrip())
    if first == len(text):
        return []
    closers = _CLOSERS + "“‘" if language in _LOW_QUOTE_LANGUAGES else _CLOSERS
    two_ways = _TWO_WAYS + "»›" if language in _TURNED_GUILLEMETS else _TWO_WAYS
    starts = [first]
    wordless = first  # there is no letter from the last start to here
    after = first
    for run in _END.finditer(text):
        if run.start() < after:
            continue
        if wordless >= starts[-1] and not _LETTER.search(text, wordless, run.start()):
            wordless = run.end()
            continue
        after = _after_closers(text, run.end(), closers, two_ways)
        start = _SPACE.match(text, after).end()  # type: ignore[union-attr]  # it matches nothing at worst
        if start >= len(text):
            break
        if _goes_on(text, after, start, language):
            continue
        if run[0] == "." and not _ends(text, starts[-1], run.start(), language):
            continue
        if (after == run.end() and _ELLIPSIS.fullmatch(run[0])) or _is_inside(text, starts[-1], run, language):
            continue
        starts.append(start)
        wordless = start
    return _at_spaces(text, starts) if language in _UNMARKED_LANGUAGES else starts


def _is_inside(text: str, start: int, run: re.Match[str], language: str) -> bool:
    """Whether a mark is part of a number (３．２９) or of a title between brackets (《摔跤吧！爸爸》)."""
    before, after = text[run.start() - 1 : run.start()], text[run.end() : run.end() + 1]
    if run[0] == "．" and before.isdigit() and after.isdigit():
        return True
    if language not in ("zh", "ja"):
        return False
    opened = text.rfind("《", max(start, run.start() - _LONGEST_TITLE), run.start())
    return opened >= 0 and "》" not in text[opened : run.end()] and "》" in text[run.end() : run.end() + _LONGEST_TITLE]


def _ends(text: str, start: int, at: int, language: str) -> bool:
    """Whether a full stop is the end of a sentence, not of `Mr.`, `3.14` or `г.`"""
    told = ends_sentence(text, start, at, language)
    if told is not None:
        return told
    if text[at + 1 : at + 2].isalnum():
        return _is_stop(text, at, language)
    # closing marks and numbers of notes that touch the word hide from a tokenizer what it is
    word = _WORD_AT_STOP.search(text, max(start, at - _WORD), at)
    return word is None or len(word[0]) in _stops(f"{word[0]}.", language)


def _at_spaces(text: str, starts: list[int]) -> list[int]:
    """Starts of pieces of at least a few words, cut at spaces, in a script that marks no ends."""
    result = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        result.append(start)
        while end - result[-1] >= 2 * _LEAST_UNMARKED:
            space = _SPACES.search(text, result[-1] + _LEAST_UNMARKED, end - _LEAST_UNMARKED // 2)
            if space is None:
                break
            result.append(space.end())
    return result


def _is_stop(text: str, at: int, language: str) -> bool:
    """Whether the tokenizer of the language takes the full stop at `at` for a token of its own."""
    start, end = at, at + 1
    while start and at - start < _WORD and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and end - at < _WORD and not text[end].isspace():
        end += 1
    return at - start in _stops(text[start:end], language)


@functools.lru_cache(maxsize=1 << 14)
def _stops(word: str, language: str) -> frozenset[int]:
    """Offsets of the full stops that are tokens of their own, in what stands between two white spaces.

    spaCy's tokenizers see one such word at a time, so words may be kept: a book has few that hold a full stop, and
    tokenizing only these takes a tenth of the time that tokenizing the book does.
    """
    french = _FRENCH_WORD.fullmatch(word) if language == "fr" else None
    if french and not _FRENCH_ABBREVIATION.fullmatch(french[1]):
        return frozenset([len(word) - 1])
    with tokenizers(language).lend() as nlp:
        if _is_plain(word, nlp.tokenizer):
            return frozenset([len(word) - 1])
        with nlp.memory_zone():
            return frozenset(token.idx for token in nlp.make_doc(word) if token.text == ".")


def _is_plain(word: str, tokenizer: object) -> bool:
    """Whether a word is letters and a full stop that a tokenizer cuts off. Asked its rules one by one, it needs a tenth
    of the time that it takes to make tokens.
    """
    from spacy.tokenizer import Tokenizer

    if not isinstance(tokenizer, Tokenizer) or not word[:-1].isalpha():
        return False
    if word in tokenizer.rules or word[:-1] in tokenizer.rules:
        return False  # `wed` is `we` and `d`, and `d.` an abbreviation
    whole = tokenizer.token_match and tokenizer.token_match(word)
    return not whole and not tokenizer.find_prefix(word) and tokenizer.find_suffix(word) == 1


def _after_closers(text: str, at: int, closers: str, two_ways: str) -> int:
    """Where the closing marks (and further terminators) that touch a terminator end."""
    while at < len(text):
        character = text[at]
        if character == "[" and (note := _NOTE_NUMBER.match(text, at)):
            at = note.end()
        elif character == " " and (spaced := _SPACED_GUILLEMET.match(text, at)):
            at = spaced.end()
        elif (character in closers and not _opens(text, at, two_ways)) or character in _MARKS:
            at += 1
        else:
            break
    return at


def _opens(text: str, at: int, two_ways: str) -> bool:
    """Whether a mark that stands right after another opens what follows."""
    character = text[at]
    if character == '"':
        # a straight one opens where an even number of them came before it
        return text.count('"', 0, at) % 2 == 0
    return character in two_ways and text[at + 1 : at + 2].isalnum()


def _goes_on(text: str, after: int, start: int, language: str) -> bool:
    """Whether the sentence continues at `start`, after terminators and closers that ended at `after`."""
    if text[start].islower() or (text[start] in "¿¡(" and text[start + 1 : start + 2].islower()):
        return True
    if joint := _GOES_ON.match(text, start):
        mark = joint[0].rstrip()
        return mark[0] not in "-–—―" or text[joint.end() : joint.end() + 1].islower()
    if start == after and text[start].isascii() and text[start].isalnum() and text[after - 1] in ".!?":
        return True  # no white space after an ASCII mark: `example.org`, `No.5`
    if text[after - 1] not in _CLOSERS:
        return False
    # no letter case shows that 「好。」他说。 goes on after the quotation: a verb of speech or a particle does
    form = _QUOTATION_GOES_ON.get(language)
    return form is not None and form.match(text, start) is not None


def _cut_long(text: str, start: int, end: int, longest: int) -> Iterator[tuple[int, int]]:
    """Pieces of `[start, end)` of at most `longest` characters, cut after the last soft mark in reach."""
    while end - start > longest:
        cuts = [m.end() for m in _SOFT_CUT.finditer(text, start + longest // 2, start + longest)]
        cut = cuts[-1] if cuts else start + longest
        yield start, cut
        start = cut
    yield start, end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def split_sentences(
    text: str, blocks: Iterable[Block], language: str, options: SentenceOptions | None = None
) -> tuple[Sentence, ...]:
    """Sentences of a book, in order; between two of them there is only white space.

    A heading or break is one sentence, and a paragraph that is a line of dots counts as a break. Sentences never cross
    a block.
    """
    options = options or SentenceOptions()
    model: Language | None = None
    sentences: list[Sentence] = []
    with ExitStack() as borrowed:
        if options.spacy_model and _language_of(options.spacy_model) == language:
            model = borrowed.enter_context(_pipelines(options.spacy_model).lend())
            # without a memory zone spaCy keeps every word it ever saw, and a long job grows without end
            borrowed.enter_context(model.memory_zone())
        for block in blocks:
            dots = block.kind is BlockKind.PARAGRAPH and _LINE_OF_DOTS.fullmatch(text, block.start, block.end)
            kind = BlockKind.BREAK if dots else block.kind
            for piece_start, piece_end in _block_pieces(text, block, options):
                body = text[piece_start:piece_end]
                if kind is not BlockKind.PARAGRAPH:
                    starts = [0]
                elif model is not None:
                    starts = [sent.start_char for sent in model(body).sents] or [0]
                else:
                    starts = split_block(body, language) or [0]
                for a, b in zip(starts, [*starts[1:], len(body)], strict=True):
                    for c, d in _cut_long(text, piece_start + a, piece_start + b, options.longest):
                        start, end = _trimmed(text, c, d)
                        if start < end:
                            sentences.append(Sentence(start, end, kind))
    return tuple(sentences)


def _block_pieces(text: str, block: Block, options: SentenceOptions) -> Iterator[tuple[int, int]]:
    # one line of fifty megabytes must not become one spaCy document
    return _cut_long(text, block.start, block.end, 50 * options.longest)


def split_book(book: Book, options: SentenceOptions | None = None) -> SegmentedBook:
    """A book with its sentences. Raises RejectError `no-prose`."""
    sentences = split_sentences(book.text, book.blocks, book.language, options)
    if not any(s.kind is BlockKind.PARAGRAPH for s in sentences):
        raise RejectError("no-prose", "no sentence of prose in it; is this a table of contents?")
    return SegmentedBook(book=book, sentences=sentences)
