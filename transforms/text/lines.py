"""Lines of text, for whoever reads or cleans: one kind of line end and space, a cap on lines, wrapped lines joined."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

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
# Letters as wide as an ideograph, and written without spaces; Hangul has spaces between its words.
CJK = re.compile(
    "[\u2e80-\u312f\u3190-\u31ff\u3220-\u325f\u3280-\u9fff\uf900-\ufaff\uff00-\uff9f\uffe0-\uffef\U00020000-\U0003ffff]"
)
HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\u3200-\u321f\u3260-\u327f\ua960-\ua97f\uac00-\ud7ff\uffa0-\uffdc]")
# Thai, Lao, Tibetan, Burmese, Khmer
_UNSPACED = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff]")
_CJK_MARKS = "“”‘’…—·〝〞"
_BLANK_LINES = re.compile(r"(?:\r\n?|\n)(?:[ \t]*(?:\r\n?|\n)){2,}")
_LINE_END = re.compile(r"\r\n?|\n")

_SOFT_HYPHEN, _HYPHEN, _HARD_HYPHEN = "\u00ad\u2010\u2011"
# in scans and old prints these stand for nothing but the cut of a word
_CUTS = "\u00ac\u2e17"
_HYPHENS = f"-{_HYPHEN}{_HARD_HYPHEN}{_CUTS}"
_LONGEST_WORD = 100
_SOFT_CUT = re.compile(r"\xad+[ \t]*\n[ \t]*([^\s\xad]{1,100})([ \t]+(?=[^ \t\n]))?")
_CUT_WORD = re.compile(r"(?<![^\W\d_])([^\W\d_]{1,40})[-\u2010]\n[ \t]*([^\W\d_]{1,40})")
_LEAST_CUT_WORDS = 5
_LEAST_CUT_LINES = 0.02
_LAST_WORD = re.compile(rf"(\w+)[{_HYPHENS}]$")
_FIRST_WORD = re.compile(r"\w+")
_INNER_HYPHEN = re.compile(r"\w\u2010\w")
# After a hyphen that stands for the end of the next compound: „Haus- und Hofhund“, “two- or threefold”. Those of the
# second kind end words too (`unheard-of`, `into`): the text must have such a hyphen within a line.
_CONJUNCTIONS = frozenset(["und", "oder", "bzw", "beziehungsweise", "sowie", "bis", "and", "or", "og", "och", "eller"])
_LIKELY_CONJUNCTIONS = frozenset(["en", "of", "tot", "to", "nor", "ja", "tai", "i", "lub"])
_DASH_AT_END = re.compile(r"\w(?:--|[—–―])$")
_TIGHT_DASH = re.compile(r"\w(?:--|[—–―])\w")
_LOOSE_DASH = re.compile(r"\w(?:--|[—–―]) \w")
_TIGHT_SCRIPTS = re.compile("[\u3040-\u30ff\u3400-\u9fff][A-Za-z0-9]")
_LOOSE_SCRIPTS = re.compile("[\u3040-\u30ff\u3400-\u9fff] [A-Za-z0-9]")


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


def join_soft_hyphens(text: str) -> str:
    """The text with the rest of a word that a soft hyphen cut at a line end moved up to it, and no soft hyphen left."""
    if _SOFT_HYPHEN not in text:
        return text
    moved = _SOFT_CUT.sub(lambda cut: cut[1] + ("\n" if cut[2] else ""), text)
    return moved.replace(_SOFT_HYPHEN, "")


@dataclass(frozen=True)
class Spelling:
    """How a text spells what a line end may cut. text: all of it, with its line ends."""

    text: str

    @cached_property
    def words(self) -> Counter[str]:
        """The words of the text in small letters, with U+002D for their hyphens."""
        return Counter(re.findall(r"\w+(?:-\w+)*", self.text.lower().replace(_HYPHEN, "-")))

    @cached_property
    def hyphenates(self) -> bool:
        """Whether its hyphens at line ends are mostly a typesetter's: many, of words that it writes whole elsewhere."""
        cuts = [(cut[1] + cut[2], f"{cut[1]}-{cut[2]}") for cut in _CUT_WORD.finditer(self.text.lower())]
        whole = sum(self.words[word] > self.words[split] for word, split in cuts)
        kept = sum(self.words[split] > 0 for _, split in cuts)
        many = len(cuts) >= _LEAST_CUT_LINES * self.text.count("\n")
        return many and whole >= _LEAST_CUT_WORDS and whole > 3 * kept

    @cached_property
    def sets_hyphens(self) -> bool:
        """Whether it writes U+2010 within its lines, where a word's own hyphen stands."""
        return _INNER_HYPHEN.search(self.text) is not None

    @cached_property
    def conjunctions(self) -> frozenset[str]:
        """Words before which a hyphen stands for the end of a compound that follows."""
        return _CONJUNCTIONS | {word for word in _LIKELY_CONJUNCTIONS if f"- {word} " in self.text}

    @cached_property
    def tight_dashes(self) -> bool:
        """Whether it writes a dash between two words without a space after it."""
        return len(_TIGHT_DASH.findall(self.text)) > len(_LOOSE_DASH.findall(self.text))

    @cached_property
    def tight_scripts(self) -> bool:
        """Whether it writes Latin words and digits between ideographs without spaces."""
        return len(_TIGHT_SCRIPTS.findall(self.text)) > len(_LOOSE_SCRIPTS.findall(self.text))


def join_lines(lines: Sequence[str], spelling: Spelling | None = None) -> str:
    """One paragraph from its wrapped lines.

    A space comes between two lines, but none between Chinese, Japanese, Thai and other letters that are written
    without. A hyphen at a line end gets no space after it, unless it is one of `Haus- und Hofhund`. It goes only where
    `spelling` knows the joined word better than the hyphenated one, or neither, and the text cuts words at line ends.
    """
    spelling = spelling or _UNKNOWN
    joined = [lines[0]] if lines else []
    for before, line in itertools.pairwise(lines):
        kept, space = _joint(before, line, spelling)
        if kept < len(before):
            joined[-1] = joined[-1][: kept - len(before)]
        joined.append(" " + line if space else line)
    return "".join(joined)


def _joint(before: str, line: str, spelling: Spelling) -> tuple[int, bool]:
    """How many characters of the first line stay, and whether a space comes between the two."""
    last, first = before[-1:], line[:1]
    if last == _SOFT_HYPHEN:
        return len(before.rstrip(_SOFT_HYPHEN)), False
    if last in _HYPHENS and before[-2:-1].isalnum() and first.isalnum():
        return _hyphen_joint(before, line, spelling)
    if _UNSPACED.match(last) and _UNSPACED.match(first):
        return len(before), False
    if _is_wide(last, before.rstrip(_CJK_MARKS)[-1:]):
        return len(before), not _is_wide(first, line.lstrip(_CJK_MARKS)[:1], spelling)
    if CJK.match(first):
        return len(before), not _is_wide(last, first, spelling)
    if _DASH_AT_END.search(before[-4:]) and first.isalnum():
        between_numbers = first.isdigit() and before.rstrip("-—–―")[-1:].isdigit()
        return len(before), not (between_numbers or spelling.tight_dashes)
    return len(before), True


def _is_wide(character: str, neighbour: str, spelling: Spelling | None = None) -> bool:
    """Whether no space stands between a character and an ideograph.

    Quotation marks and dashes go by the neighbour, Latin letters and digits by how the text spells them.
    """
    if character in _CJK_MARKS:
        return bool(CJK.match(neighbour)) or spelling is not None
    if CJK.match(character):
        return True
    return spelling is not None and character.isalnum() and not HANGUL.match(character) and spelling.tight_scripts


def _hyphen_joint(before: str, line: str, spelling: Spelling) -> tuple[int, bool]:
    mark = before[-1]
    head, tail = _LAST_WORD.search(before[-_LONGEST_WORD:]), _FIRST_WORD.match(line)
    if head is None or tail is None or len(tail[0]) > _LONGEST_WORD:
        return len(before), False
    start, end = head[1].lower(), tail[0].lower()
    whole, split = spelling.words[start + end], spelling.words[f"{start}-{end}"]
    if whole > split or mark in _CUTS:
        return len(before) - 1, False
    if tail[0] in spelling.conjunctions and line[tail.end() : tail.end() + 1] in ("", " "):
        return len(before), True
    # `1914-1918`, `Nord-Amerika`
    own = split > 0 or start[-1].isdigit() or end[0].isdigit() or (tail[0][0].isupper() and not head[1].isupper())
    unknown = spelling.hyphenates or (mark == _HYPHEN and not spelling.sets_hyphens)
    goes = unknown and not own and mark != _HARD_HYPHEN
    return len(before) - goes, False


_UNKNOWN = Spelling("")
