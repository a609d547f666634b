"""Bytes of a text file to text: which encoding, and repair of text that came to us already misread."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

import ftfy
from charset_normalizer import from_bytes
from ftfy import TextFixerConfig

from schemas.records import RejectError
from transforms.limits import Limits, limit_lines

# Files that are something else, by their first bytes; what to do comes with the refusal.
_MAGIC = (
    (b"%PDF-", "a PDF: convert it to text or EPUB first"),
    (b"{\\rtf", "an RTF document: save it as plain text first"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document: save it as plain text first"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    (b"Rar!\x1a\x07", "a RAR archive: unpack it first"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3", "a database"),
    (b"ITSF", "a CHM help file: convert it to HTML first"),
    (b"AT&TFORM", "a DjVu scan: convert it to text first"),
)
# Longest first: the UTF-32 mark begins with that of UTF-16.
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CYRILLIC = ("cp1251", "koi8-r", "koi8-u", "cp866", "iso8859-5", "mac-cyrillic")
_CHINESE = ("gb18030", "big5hkscs")
_WESTERN = ("cp1252", "mac-roman", "cp437", "iso8859-15")
_CANDIDATES = {
    **dict.fromkeys(("ru", "uk", "be", "bg", "sr", "mk"), _CYRILLIC),
    "zh": _CHINESE,
    **dict.fromkeys(("en", "fr", "de", "es", "it", "pt", "nl", "da", "sv", "no", "fi", "is"), _WESTERN),
}
# For the languages that we have no scoring of our own for; charset-normalizer chooses among these.
_OTHERS = {
    "ja": ("shift_jis", "euc_jp", "cp932", "iso2022_jp"),
    "ko": ("euc_kr", "cp949", "johab"),
    **dict.fromkeys(("pl", "cs", "sk", "hu", "sl", "hr", "ro"), ("cp1250", "iso8859_2", "cp852")),
    "el": ("cp1253", "iso8859_7", "mac_greek"),
    "tr": ("cp1254", "iso8859_9", "mac_turkish"),
    "he": ("cp1255", "iso8859_8"),
    "ar": ("cp1256", "iso8859_6"),
    "th": ("tis_620", "cp874"),
    "vi": ("cp1258",),
}
_SAMPLE_BYTES = 20_000
# Scores run from about 0 (noise) to 1: right readings of real books score .5 to .99, wrong ones below .3.
_LEAST_SCORE = 0.35
_LEAST_FOREIGN = 0.02  # share of its own letters in a Russian or Chinese file, markup included
_MOST_CONTROLS = 0.002  # share of control characters above which a file is no text
_MOST_DAMAGED = 0.001  # share of unreadable characters we put up with in an otherwise sound file
_CONTROLS = bytes(b for b in range(32) if b not in b"\t\n\v\f\r\x1a\x1b")

# The commonest letter pairs of Russian prose, 70 % of all: they tell its encodings apart in any case.
_PAIR_LETTERS = (
    "тонанестпоноалкакогороенраовнивооллипротлатьвазаеллоосортаерилонретеривеодакетомдеатдаогазасеслесямедоеммо"
    "льсканитсечебычтжеойинвитиамобегсьныаваркимивсвыруслнутримамаедчаивдиисбепеннтвхооесошеадняаяеймуылбомниеок"
    "изэтднкр"
)
_PAIRS = frozenset(_PAIR_LETTERS[i : i + 2] for i in range(0, len(_PAIR_LETTERS), 2))
# Common Chinese characters, simplified and traditional, old and modern: half of any text.
_HANZI = frozenset(
    "。，：；、？！“”「」『』《》的一是不了在人有我他这個个们們中来來上大为為和国國地到以说說时時要就出会會可也你对對生能而子那得于"
    "於着著下自之年过過发發后後作里裡裏用道行所然家种種事成方多经經么麼去法学學如都同现現当當没沒动動面起看定天分还還进進好小"
    "部其些主样樣理心她本前开開但因只从從想实實日军軍者意无無力它与與长長把机機十民第公此已工使情明性知全三又关關点點正业業"
    "外将將两兩高间間由问問很最重并物手应應战戰向头頭文体體政美相见見被利什二等产產或新己制身果加西斯月话話合回特代内信表化老"
    "给給世位次度门門任常先海通教儿兒原东東声聲提立及比员員解水名真论論处處走义義各入几幾口认認条條平系气氣题題活尔爾更别別打"
    "女变變四神总總何电電数數安少报報才结結反受目太量再感建务務做接必场場件计計管期市直德资資命山金指克许許统統区區保至队隊形社"
    "便空决決治展马馬科司五基眼书書非则則听聽白却卻界达達光放强強即像难難且权權思王象完设設式色路记記南品住告类類求据據程北死张張该該"
    "吾曰乃矣云汝兵城玄操僧妖圣聖杀殺敢笑怎请請拜遂飞飛喜"
)
_COMMON_MARKED = frozenset("éèêàâçëîïôùûœæäöüßñáíóúåøÉÀÜÖÄ")

_CONFIG = TextFixerConfig(
    unescape_html=False,  # a book may speak of &amp;
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,  # Chinese punctuation is full-width by right
    uncurl_quotes=False,
    fix_line_breaks=False,
    remove_control_chars=False,
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
)


@dataclass(frozen=True)
class Decoded:
    """Text and where it came from. encoding: Python's codec name. notes: repairs made, for the manifest."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


def decode(data: bytes, language: str | None = None, most_lines: int = Limits.book_lines) -> Decoded:
    """Text of a file. `language` (ISO 639-1), if known, narrows the encodings that are tried.

    Raises RejectError: `empty`, `binary`, `undecodable`, or `too-large` for more than `most_lines` lines.
    """
    text, encoding, notes = _decode(data, language)
    text, repairs = repair(limit_lines(text.removeprefix("\ufeff"), most_lines))
    if not text.strip():
        raise RejectError("empty", "the file holds no text")
    return Decoded(text, encoding, notes + repairs)


def _decode(data: bytes, language: str | None) -> tuple[str, str, tuple[str, ...]]:
    """Text, encoding and notes, before any repair."""
    if not data.strip(b" \t\r\n\0"):
        raise RejectError("empty", "the file holds no text")
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decode_marked(data[len(mark) :], encoding)
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise RejectError("binary", f"this is {what}")
    if b"\0" in data:
        return _decode_wide(data)
    if len(data.translate(None, _CONTROLS)) < len(data) * (1 - _MOST_CONTROLS) - 2:
        raise RejectError(
            "binary", "too many control characters for a text; is this a program, an image or an archive?"
        )
    strict = _decode_utf8(data)
    if strict is not None:
        return strict
    return _decode_legacy(data, language)


def repair(text: str) -> tuple[str, tuple[str, ...]]:
    """Undoes mojibake where there is some, and composes letters (NFC). Returns the text and notes."""
    notes: list[str] = []
    if not text.isascii():
        whole = _undo_misreading(text)
        if whole is not None:
            text, misread = whole
            notes.append(f"repaired: UTF-8 that had been read as {misread}")
        else:
            # line by line: one bad quotation must not let the repair near the sound rest of the book,
            # and lines of pure ASCII, most of an English one, cost nothing
            lines = text.split("\n")
            suspects = [at for at, line in enumerate(lines) if not line.isascii()]
            if not ftfy.is_bad("\n".join(lines[at] for at in suspects)):
                suspects = []
            fixed = list(lines)
            for at in suspects:
                if ftfy.is_bad(lines[at]):
                    fixed[at] = ftfy.fix_text(lines[at], _CONFIG)
            changed = sum(old != new for old, new in zip(lines, fixed, strict=True))
            if changed:
                text = "\n".join(fixed)
                notes.append(f"repaired: mojibake in {changed} lines")
    return unicodedata.normalize("NFC", text), tuple(notes)


def _lossy(data: bytes, encoding: str) -> tuple[str, str, tuple[str, ...]] | None:
    """Decodes with U+FFFD for damage; None when there is more of it than a sound file could have."""
    text = data.decode(encoding, "replace")
    # a byte short of a character at the end is a cut download, not damage worth a note
    bad = text.count("\ufffd", 0, len(text) - 1)
    if bad > max(1, len(text) * _MOST_DAMAGED):
        return None
    if text.endswith("\ufffd"):
        text = text[:-1]
    return text, encoding, (f"{bad} unreadable characters became U+FFFD",) if bad else ()


def _decode_marked(data: bytes, encoding: str) -> tuple[str, str, tuple[str, ...]]:
    result = _lossy(data, encoding)
    if result is None:
        raise RejectError(
            "undecodable", f"the file's mark says {encoding}, but its bytes don't; save it again as UTF-8"
        )
    if _is_noise(result[0]):
        raise RejectError("binary", f"the file begins with the mark of {encoding}, but what follows is no text")
    return result


def _is_noise(text: str) -> bool:
    controls = sum(text.count(chr(code)) for code in _CONTROLS)
    return controls > len(text) * _MOST_CONTROLS + 2


def _decode_wide(data: bytes) -> tuple[str, str, tuple[str, ...]]:
    """UTF-16 or UTF-32 without a mark, told by where the zero bytes of ASCII characters lie."""
    head = data[: _SAMPLE_BYTES // 4 * 4]
    zeros = [head[lane::4].count(0) * 4 / len(head) for lane in range(4)]
    if zeros[2] > 0.9 and zeros[3] > 0.9 and zeros[0] < 0.05:
        encoding = "utf-32-le"
    elif zeros[0] > 0.9 and zeros[1] > 0.9 and zeros[3] < 0.05:
        encoding = "utf-32-be"
    else:
        # the right byte order shows spaces, line ends and common punctuation; the wrong one hardly any
        encoding = max(("utf-16-le", "utf-16-be"), key=lambda name: _spaced_share(head.decode(name, "replace")))
    result = _lossy(data, encoding)
    if result is not None:
        text = result[0]
        if not _is_noise(text) and _strange_share(text) < 0.02 < _spaced_share(text[: len(head)]):
            return result
    raise RejectError("binary", "zero bytes where no text has them: is this a program, an image or a database?")


def _spaced_share(text: str) -> float:
    """Share of spaces, line ends and the punctuation of any script: about .1 in a text, little in noise."""
    return sum(map(text.count, " \n\r.,、。，！？：；“”")) / max(1, len(text))


def _strange_share(text: str) -> float:
    """Share of characters that no text holds: unassigned, private use, lone surrogates."""
    sample = text[:5_000]
    return sum(unicodedata.category(char) in ("Cn", "Co", "Cs") for char in sample) / max(1, len(sample))


def _decode_utf8(data: bytes) -> tuple[str, str, tuple[str, ...]] | None:
    try:
        return data.decode("utf-8"), "utf-8", ()
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and error.start >= len(data) - 3:
            return data[: error.start].decode("utf-8"), "utf-8", ()
    # a few broken bytes amid much sound UTF-8: no other encoding looks like that by accident
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    sound = sum(1 for char in text[:200_000] if char > "\x7f") - bad
    return _lossy(data, "utf-8") if sound > 20 * bad else None


def _decode_legacy(data: bytes, language: str | None) -> tuple[str, str, tuple[str, ...]]:
    """The single-byte and East Asian encodings: each plausible one reads samples, the likeliest text wins."""
    candidates = _CANDIDATES.get(language or "", ())
    if language is None:
        candidates = (*_WESTERN, *_CYRILLIC, *_CHINESE)
    samples = _samples(data)
    scored = sorted(
        (
            (_score("\n".join(s.decode(name, "replace") for s in samples), name), -rank)
            for rank, name in enumerate(candidates)
        ),
        reverse=True,
    )
    order = [candidates[-rank] for score, rank in scored if score >= _LEAST_SCORE]
    notes: tuple[str, ...] = ()
    if not order and language in (None, *_CANDIDATES) and _is_nearly_ascii(samples):
        # an English book with a few odd bytes is still that book, whatever those bytes were
        order = [candidates[-rank] for _, rank in scored if candidates[-rank] in _WESTERN]
        notes = ("encoding unsure: the few letters beyond ASCII may be wrong",)
    if not order:
        order = _normalizer_order(b"\n".join(samples), language)
    for encoding in order:
        result = _lossy(data, encoding)
        if result is not None:
            return result[0], result[1], result[2] + notes
    raise RejectError("undecodable", "no known encoding makes sense of this file; save it as UTF-8, or name --language")


def _is_nearly_ascii(samples: list[bytes]) -> bool:
    data = b"".join(samples)
    return len(data.translate(None, bytes(range(128)))) < 0.02 * len(data)


def _samples(data: bytes) -> list[bytes]:
    """Pieces from the start, middle and end, cut at line ends so that no character is cut in two."""
    if len(data) <= 3 * _SAMPLE_BYTES:
        return [data]
    pieces = []
    for start in (0, len(data) // 2, len(data) - _SAMPLE_BYTES):
        piece = data[start : start + _SAMPLE_BYTES]
        first = piece.find(b"\n") + 1 if start else 0
        pieces.append(piece[first : piece.rfind(b"\n") + 1] or piece)
    return pieces


def _normalizer_order(sample: bytes, language: str | None) -> list[str]:
    """charset-normalizer's choices, for languages beside those scored here."""
    if language in _CANDIDATES:
        return []
    allowed = _OTHERS.get(language or "", tuple(name for names in _OTHERS.values() for name in names))
    matches = from_bytes(sample, cp_isolation=list(allowed), preemptive_behaviour=False)
    return [match.encoding for match in matches if match.encoding not in ("ascii", "utf_8")]


def _score(text: str, encoding: str) -> float:
    if encoding in _CHINESE:
        return _score_chinese(text)
    return _score_cyrillic(text) if encoding in _CYRILLIC else _score_western(text)


def _score_cyrillic(text: str) -> float:
    """Share of common letter pairs, less the marks of a wrong reading: inner capitals, odd symbols."""
    foreign = [char for char in text if char > "\x7f"]
    letters = sum("А" <= char <= "я" or char in "ёЁіїєґІЇЄҐ" for char in foreign)
    if letters < max(2, _LEAST_FOREIGN * len(text)):
        return 0.0
    low = re.findall(r"[а-яё]+", text.lower())
    pairs = sum(len(word) - 1 for word in low)
    common = sum(word[i : i + 2] in _PAIRS for word in low for i in range(len(word) - 1))
    inside = len(re.findall(r"[а-яё](?=[А-ЯЁ])|[A-Za-z](?=[А-яЁё])|[А-яЁё](?=[A-Za-z])", text))
    symbols = sum(char not in "«»“”„‘’—–…№§°\xa0•™©" for char in foreign) - letters
    return (common / pairs if pairs else 0.0) * 1.25 - 2 * inside / letters - 1.5 * symbols / len(foreign)


def _score_chinese(text: str) -> float:
    """Share of common characters, less what a wrong reading yields (private use, half-width kana, damage)."""
    foreign = [char for char in text if char > "\x7f"]
    if len(foreign) < max(1, _LEAST_FOREIGN * len(text)):
        return 0.0
    common = sum(char in _HANZI for char in foreign)
    odd = sum(
        not ("\u4e00" <= char <= "\u9fff" or "\u2010" <= char <= "\u303f" or "\uff01" <= char <= "\uff5e")
        for char in foreign
    )
    return min(1.0, (common * 1.5 - 2 * odd) / len(foreign))


def _score_western(text: str) -> float:
    """How well each character beyond ASCII sits between its neighbours, on average."""
    total = count = 0.0
    for match in re.finditer(r"[^\x00-\x7f]", text):
        at = match.start()
        count += 1
        total += _fit(text[at - 1 : at] or " ", match[0], text[at + 1 : at + 2] or " ")
        if count >= 5_000:
            break
    return total / count if count else 0.0


def _fit(before: str, char: str, after: str) -> float:
    """From -1 (can't be) to 1 (as it should be): one character beyond ASCII in Western text."""
    if char.isalpha():
        beside = (before > "\x7f" and before.isalpha()) + (after > "\x7f" and after.isalpha())
        misplaced = (char.isupper() and before.islower()) or (char.islower() and (before.isdigit() or after.isupper()))
        alone = not before.isalpha() and not after.isalpha() and char not in "àÀéÉôÔóo"
        if beside == 2 or misplaced or alone or char in "ªº":
            return -1.0
        if beside:
            return -0.2
        return 0.9 if char in _COMMON_MARKED else 0.1
    if char in "“‘„‚":
        return 1.0 if not before.isalnum() and not after.isspace() else -0.5
    if char in "”’":
        return 1.0 if not before.isspace() or (char == "’" and after.isalnum()) else -0.3
    if char in "—–…\xa0·•":
        return 1.0
    if char in "«»":
        return 0.8
    if char in "£$€":
        return 0.9 if after.isdigit() or before.isdigit() or after.isspace() else -0.5
    if char in "°§½¼¾©®™†‡":
        return 0.3 if not (before.isalpha() and after.isalpha()) else -1.0
    return -1.0


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
