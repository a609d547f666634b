"""Lines of text, for whoever reads or cleans: one kind of line end and space, a cap on lines, wrapped lines joined."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from scenesign.schemas.records import RejectError
from scenesign.transforms.text.forms import fold_forms

_NEWLINES = re.compile(r"\r+\n?|[\x0b\x85\u2028]")
_PARAGRAPH_MARKS = re.compile(r"[\x0c\u2029]")
# C0 and C1 controls, zero-width and direction marks, fillers, byte-order mark, the place of an object, code points that
# are no characters, and the tags that hide text from the eye.
# ZWJ and ZWNJ stay: Persian and Indic words are spelled with them.
_REMOVED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff9-\ufffc\ufffe\uffff\U000e0000-\U000e007f]"
)
_SOFT_HYPHENS = re.compile("\xad[\xad \t]*(?:(\n)|)")
_TERMINAL_CODE = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")
_SPACES = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f]")
_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_BLANK_LINES = re.compile(r"(?:\r\n?|\n)(?:[ \t]*(?:\r\n?|\n)){2,}")
_LINE_END = re.compile(r"\r\n?|\n")


def normalise(raw: str) -> str:
    """One kind of line end, space and letter form, composed letters (NFC), no invisible or control characters.

    A soft hyphen stays where it ends a line, because it joins the word to the next one; elsewhere it goes.
    """
    text = _NEWLINES.sub("\n", raw)
    if "\x1b" in text:
        text = _TERMINAL_CODE.sub("", text)
    if not text.isascii():
        if _SURROGATE.search(text):
            text = _SURROGATE_PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
            text = _SURROGATE.sub("\ufffd", text)
        text = _SPACES.sub(" ", text)
    text = _PARAGRAPH_MARKS.sub("\n\n", text)
    text = _REMOVED.sub("", text)
    if text.isascii():
        return text
    if "\xad" in text:
        text = _SOFT_HYPHENS.sub(_keep_soft_hyphen, text)
    # last, because what was between a letter and its accent is gone only now
    return unicodedata.normalize("NFC", fold_forms(text))


def _keep_soft_hyphen(found: re.Match[str]) -> str:
    return "\xad\n" if found[1] else found[0].replace("\xad", "")


def flatten(text: str) -> str:
    """A text on one line, for a field: normalised, words that a soft hyphen broke joined, white space single."""
    return " ".join(normalise(text).replace("\xad\n", "").split())


def limit_lines(text: str, most: int) -> str:
    """A text of at most `most` lines; where there are more, runs of blank lines count, and come out, as one.

    Raises RejectError `too-large`.
    """
    if text.count("\n") + text.count("\r") < most:
        return text
    text = _BLANK_LINES.sub("\n\n", text)
    if sum(1 for _ in _LINE_END.finditer(text)) >= most:
        raise too_many_lines(most)
    return text


def too_many_lines(most: int) -> RejectError:
    """The refusal of a text of more lines or paragraphs than one book may have."""
    return RejectError("too-large", f"over {most:,} lines; split the file, or raise it with --limit book_lines=NUMBER")


def join_lines(lines: Sequence[str], words: Counter[str] | None = None) -> str:
    """One paragraph from its wrapped lines.

    Chinese and Japanese join without a space. A hyphen at a line end goes only when `words` knows the joined
    word better than the hyphenated one; it never gets a space after it.
    """
    joined = [lines[0]] if lines else []
    for before, line in itertools.pairwise(lines):
        if CJK.match(before[-1:]) and CJK.match(line[:1]):
            joined.append(line)
        elif before.endswith("-") and before[-2:-1].isalpha() and line[:1].isalpha():
            head = re.search(r"\w+-$", before)
            tail = re.match(r"\w+", line)
            if head and tail and words is not None:
                whole, split = head[0][:-1] + tail[0], head[0] + tail[0]
                if words[whole.lower()] > words[split.lower()]:
                    joined[-1] = joined[-1][:-1]
            joined.append(line)
        else:
            joined.append(" " + line)
    return "".join(joined)
