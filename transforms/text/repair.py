"""Repair of text that was misread before it came to us: mojibake, and one encoding of Russian taken for another."""

from __future__ import annotations

import codecs
import re
import unicodedata

import ftfy
from ftfy import TextFixerConfig

from scenesign.transforms.text.encodings import CYRILLIC, LEAST_SCORE, SURE_SCORE, score_cyrillic

_CONFIG = TextFixerConfig(
    unescape_html=False,  # a book may speak of &amp;
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,  # Chinese punctuation is full-width by right
    uncurl_quotes=False,
    fix_line_breaks=False,
    remove_control_chars=False,
    fix_c1_controls=False,  # U+0085 is a line end; other controls go
    fix_surrogates=True,
    normalization="NFC",
)
# What UTF-8 text is most often misread as.
_MISREADINGS = (
    "sloppy-windows-1252",
    "mac-roman",
    "sloppy-windows-1251",
    "koi8-r",
    "cp866",
    "cp437",
    "gb18030",
    "mac-cyrillic",
    "iso8859-5",
)
# What Russian of another encoding is most often misread as.
_READ_AS = (*CYRILLIC, "sloppy-windows-1252", "latin-1", "mac-roman")
_LEAST_WRONG = 40  # characters
# What ftfy calls bad holds one of these: a control character, a letter of two of its rules, or, side by side, two
# characters beyond ASCII of which one is neither Cyrillic nor from East Asia nor a dash, an ellipsis or an apostrophe.
_FOREIGN, _ODD = r"[^\x00-\x7f]", "[^\x00-\x7fЁА-яё–—…’\u3000-\u9fff\uac00-\ud7a3\uff00-\uffef]"
_MAY_BE_BAD = re.compile(rf"[\x80-\x9fŒœÃÂ]|{_ODD}{_FOREIGN}|{_FOREIGN}{_ODD}")


def repair(text: str) -> tuple[str, tuple[str, ...]]:
    """Undoes mojibake where there is some, and composes letters (NFC). Returns the text and notes."""
    notes: list[str] = []
    if not text.isascii():
        whole = _undo_misreading(text)
        if whole is not None:
            text, misread = whole
            notes.append(f"repaired: UTF-8 that had been read as {misread}")
        elif (russian := _undo_wrong_letters(text)) is not None:
            text, truth, misread = russian
            notes.append(f"repaired: {truth} that had been read as {misread}")
        else:
            # line by line: one bad quotation must not let the repair near the sound rest of the book,
            # and lines that can't be bad, most of any book, cost little
            lines = text.split("\n")
            foreign = [at for at, line in enumerate(lines) if not line.isascii()]
            bad = [at for at in foreign if _MAY_BE_BAD.search(lines[at]) and ftfy.is_bad(lines[at])]
            if bad and not ftfy.is_bad("\n".join(lines[at] for at in foreign)):
                bad = []  # `Â ` is bad at the head of a text, and a line by itself is a text
            fixed = list(lines)
            for at in bad:
                fixed[at] = ftfy.fix_text(lines[at], _CONFIG)
            changed = sum(old != new for old, new in zip(lines, fixed, strict=True))
            if changed:
                text = "\n".join(fixed)
                notes.append(f"repaired: mojibake in {changed} lines")
    return unicodedata.normalize("NFC", text), tuple(notes)


def _undo_misreading(text: str) -> tuple[str, str] | None:
    """The UTF-8 behind a text that was wholly read in another encoding; None when it was not.

    Proof enough: the text has to turn back into flawless UTF-8, which chance does not do to many characters.
    """
    foreign = re.search(r"[^\x00-\x7f]", text)
    if foreign is None:
        return None
    probe = text[foreign.start() : foreign.start() + 2_000]
    for name in _MISREADINGS:
        try:
            decoder = codecs.getincrementaldecoder("utf-8")("strict")
            decoder.decode(probe.encode(name))
            found = text.encode(name).decode("utf-8")
        except UnicodeError:
            continue
        if sum(char > "\x7f" for char in found) >= 8:
            return found, name.removeprefix("sloppy-")
    return None


def _undo_wrong_letters(text: str) -> tuple[str, str, str] | None:
    """Russian whose single bytes were read in a wrong encoding, the right one, and the wrong one; None for others.

    Only text that is hardly Russian as it stands, and certainly is when read anew, is touched.
    """
    foreign = re.search(r"[^\x00-\x7f]", text)
    if foreign is None:
        return None
    sample = text[foreign.start() : foreign.start() + 20_000]
    wrong = sum(char > "\x7f" for char in sample)
    if wrong < max(_LEAST_WRONG, len(sample) // 4) or score_cyrillic(sample) >= LEAST_SCORE:
        return None
    best = (SURE_SCORE, "", "")
    for misread in _READ_AS:
        try:
            data = sample.encode(misread)
        except UnicodeError:
            continue
        for truth in CYRILLIC:
            found = score_cyrillic(data.decode(truth, "replace"))
            if truth != misread and found > best[0]:
                best = (found, truth, misread)
    _, truth, misread = best
    try:
        return (text.encode(misread).decode(truth), truth, misread.removeprefix("sloppy-")) if truth else None
    except UnicodeError:
        return None
