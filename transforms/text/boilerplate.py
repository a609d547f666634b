"""Paragraphs that a shelf's books share word for word and that a user wants left out, by rules written down.

A rule is a whole paragraph. A file of rules has one a line, white space as it likes; a line that opens with # is a
remark. Case, marks and white space say nothing, so that a rule finds its paragraph however it was wrapped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from scenesign.schemas.records import Block, BlockKind
from scenesign.transforms.text.clean import CleanText, assemble

# A longer paragraph is a piece of a book, a shorter one may be in any: "The End", "Yes, sir."
LONGEST_PARAGRAPH = 1_000
_LEAST_BYTES = 20  # of letters and digits in UTF-8: as many in English, seven ideographs
# Paragraphs at either end of a book that others are asked for.
EDGE_PARAGRAPHS = 8
_KEY_BYTES = 8


@dataclass(frozen=True)
class Boilerplate:
    """Rules, by the keys of their paragraphs. sha256: of all keys in order; "" without any."""

    keys: frozenset[bytes] = frozenset()
    sha256: str = ""


def paragraph_key(text: str) -> bytes:
    """What two paragraphs of the same words have in common; empty for one that is too short or long for a rule."""
    if len(text) > LONGEST_PARAGRAPH:
        return b""
    letters = "".join(filter(str.isalnum, text.casefold())).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(letters, digest_size=_KEY_BYTES).digest() if len(letters) >= _LEAST_BYTES else b""


def parse_boilerplate(text: str, name: str) -> Boilerplate:
    """The rules of a file, called `name`. Raises ValueError naming the line that is no rule."""
    keys = set()
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not (key := paragraph_key(line)):
            raise ValueError(
                f"{name}, line {number}: a rule is a paragraph of {_LEAST_BYTES} letters to {LONGEST_PARAGRAPH:,} "
                "characters; open a remark with #"
            )
        keys.add(key)
    if not keys:
        raise ValueError(f"{name} holds no rule; `scenesign boilerplate` writes some")
    return Boilerplate(frozenset(keys), hashlib.sha256(b"".join(sorted(keys))).hexdigest())


def leave_out_boilerplate(book: CleanText, keys: frozenset[bytes]) -> tuple[CleanText, tuple[str, ...]]:
    """A book without the paragraphs of some rules, and a note on what was left out."""
    if not keys:
        return book, ()
    texts = [book.text[block.start : block.end] for block in book.blocks]
    kept = [
        (text, block.kind) for text, block in zip(texts, book.blocks, strict=True) if paragraph_key(text) not in keys
    ]
    if len(kept) == len(texts):
        return book, ()
    left = replace(book, **{field: getattr(assemble(kept), field) for field in ("text", "blocks")})
    gone = len(texts) - len(kept)
    size = f"{len(book.text) - len(left.text):,} characters"
    return left, (f"{gone} {'paragraph' if gone == 1 else 'paragraphs'} of shared boilerplate left out ({size})",)


def edge_keys(text: str, blocks: Iterable[Block]) -> list[bytes]:
    """Keys of the paragraphs at both ends of a book that are fit for a rule, each once."""
    paragraphs = [block for block in blocks if block.kind is BlockKind.PARAGRAPH]
    edges = paragraphs[:EDGE_PARAGRAPHS] + paragraphs[max(EDGE_PARAGRAPHS, len(paragraphs) - EDGE_PARAGRAPHS) :]
    keys = dict.fromkeys(paragraph_key(text[block.start : block.end]) for block in edges)
    return [key for key in keys if key]
