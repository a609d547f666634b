"""Which encoding bytes without a mark are in: what chardet makes of them, held against the letters of the language."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import chardet

from scenesign.transforms.text.encodings import (
    ALPHABETS,
    CYRILLIC,
    FAMILIES,
    LATIN,
    LEAST_SCORE,
    LEGACY,
    LETTERS,
    MOST_SCORED,
    PLAUSIBLE_ENCODINGS,
    count_kana,
    has_table,
    score_cyrillic,
    score_latin,
    score_script,
    script_of,
    unlikeliness,
)
from scenesign.transforms.text.language import detect_among

_CHARDET_NAMES = {"euc_jp": "euc-jp"}  # where it doesn't know ours
_DECLARED = re.compile(rb"charset|encoding", re.IGNORECASE)
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_LOW_HALF_KANA = re.compile(rb"[\xa6-\xbf]")
_EUC_HALF_KANA = re.compile(rb"(?:[\x00-\x7f]|\x8e[\xa1-\xdf])*")
_HALF_KANA = re.compile(rb"(?:[\x00-\x7f\xa1-\xdd]|(?<=[\xb3\xb6-\xc4\xca-\xce])\xde|(?<=[\xca-\xce])\xdf)*")

_UKRAINIAN = frozenset("іїєґ")

_MOST_TRIED, _MOST_RIVALS, _RIVAL_BYTES = 3, 6, 20_000
_LEAST_SCRIPT = 0.8  # share of characters beyond ASCII that are of the script
_MOST_BROKEN = 0.02  # share of the bytes beyond ASCII
_MUCH_LIKELIER = 1.15  # in confidence
_LEAST_KANA = 0.35  # the same of kana, and how many make a text
_FEW_KANA = 10
_LEAST_LATIN = 0.5  # mean fit of the characters beyond ASCII
_MOST_UNLIKELY = 22.0  # bits for each of them
_CLOSE_SCRIPTS = 0.02  # by how much a reading has to be better than chardet's
_CLOSE_BITS, _CLOSE_FITS = 16.0, 0.7  # by how much, in all, a reading has to be ahead of the next
_NEARLY_ASCII = 0.02  # share of bytes beyond ASCII up to which a doubtful reading is still worth a note
_LONGEST_LATIN_RUN = 1.6  # mean of the runs of bytes beyond ASCII; words of other scripts are longer
_LANGUAGE_CHARACTERS = 5_000


@dataclass(frozen=True)
class Guess:
    """Encodings that may be right, best first, and whether the first is sure; none when no reading makes sense."""

    encodings: tuple[str, ...] = ()
    sure: bool = False


@dataclass(frozen=True)
class _Sample:
    """Bytes of a text and what may be asked about them. allowed: names of encodings."""

    data: bytes
    language: str | None
    allowed: tuple[str, ...]
    nearly_ascii: bool


class _Match(NamedTuple):
    encoding: str
    confidence: float  # grows with likeliness, is no probability


def likely_encodings(data: bytes, language: str | None = None, among: Collection[str] = LEGACY) -> Guess:
    """Which of some encodings a text is in.

    data: a sample, not all ASCII. language (ISO 639-1): if known, only its encodings are tried.
    """
    allowed = tuple(name for name in PLAUSIBLE_ENCODINGS.get(language or "", LEGACY) if name in among)
    runs = _HIGH_RUN.findall(data)
    high = sum(map(len, runs))
    nearly_ascii = high < _NEARLY_ASCII * len(data) and any(name in LATIN for name in allowed)
    sample = _Sample(data, language, allowed, nearly_ascii)
    if nearly_ascii and high < _LONGEST_LATIN_RUN * len(runs):
        return _choose_latin(sample)
    if "shift_jis" in allowed and (kana := _kana_encoding(data)):
        return Guess((kana,), sure=True)
    ranked = _rank(data, allowed)
    for name, sound in _nearly_read(data, allowed):
        # chardet passes over an encoding that can't read every byte, and likes its neighbour then
        again = _rank(sound, allowed)
        best = again[0] if again else _Match("", 0.0)
        if best.encoding == name and (not ranked or best.confidence > _MUCH_LIKELIER * ranked[0].confidence):
            ranked, sample = again, replace(sample, data=sound)
    found = _choose(sample, [match.encoding for match in ranked])
    return found if found.encodings or not nearly_ascii else _choose_latin(sample)


def _rank(data: bytes, allowed: Sequence[str]) -> list[_Match]:
    """What chardet makes of it, best first, under our names. What a file says of itself is kept from it."""
    asked = [_CHARDET_NAMES.get(name, name) for name in allowed]
    found = chardet.detect_all(
        _DECLARED.sub(b"", data),
        ignore_threshold=True,
        max_bytes=max(1, len(data)),
        compat_names=False,
        include_encodings=asked,
        no_match_encoding=asked[0],
    )
    matches = ((match["encoding"] or "", match["confidence"]) for match in found)
    named = (_Match(FAMILIES.get(name, (name,))[0], confidence) for name, confidence in matches)
    return [match for match in named if match.encoding in allowed]


def _nearly_read(data: bytes, allowed: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Encodings that read all but a few bytes of a sample, and the sample without those."""
    most = _MOST_BROKEN * sum(map(len, _HIGH_RUN.findall(data)))
    for name in allowed:
        if name not in LATIN:
            sound = data.decode(name, "ignore").encode(name, "ignore")
            if 0 < len(data) - len(sound) <= most:
                yield name, sound


def _choose(sample: _Sample, ranked: Sequence[str]) -> Guess:
    """The first of chardet's choices that makes sense."""
    for name in ranked[:_MOST_TRIED]:
        if name in LATIN:
            return _choose_latin(sample, ranked)
        text = sample.data.decode(name, "replace")
        if score_script(text, name) >= _LEAST_SCRIPT and (name not in CYRILLIC or score_cyrillic(text) >= LEAST_SCORE):
            return Guess((_choose_alphabet(sample.data, name, ranked) if name in ALPHABETS else name,), sure=True)
    return Guess()


def _choose_alphabet(data: bytes, best: str, ranked: Sequence[str]) -> str:
    """Of the encodings of one alphabet that differ in a few places, the one whose marks and letters all fit."""
    if best == "cp1125" and "cp866" in ranked and not _UKRAINIAN & set(data.decode(best)):
        return "cp866"  # the two differ in these letters alone
    rivals = (name for name in ranked[:_MOST_RIVALS] if script_of(name) == script_of(best))
    readings = {name: data[:_RIVAL_BYTES].decode(name, "replace") for name in rivals}
    scripts = {name: score_script(text, name) for name, text in readings.items()}
    scores = scripts
    if best in CYRILLIC:
        scores = {name: scripts[name] + score_cyrillic(text) for name, text in readings.items()}
    likeliest = max(scores, key=scores.__getitem__)
    ahead = scores[likeliest] > scores[best] + _CLOSE_SCRIPTS and scripts[likeliest] >= scripts[best]
    return likeliest if ahead else best


def _kana_encoding(data: bytes) -> str:
    """The encoding of a text that is mostly kana, which looks like little else; "" for any other text."""
    best, least = "", _LEAST_KANA
    for name in ("euc_jp", "shift_jis"):
        try:
            kana, foreign = count_kana(data.decode(name))
        except UnicodeDecodeError:
            continue
        if kana >= max(_FEW_KANA, least * foreign):
            best, least = name, kana / foreign
    if best:
        return best
    # half-width kana: in EUC two bytes each, the first always the same
    high = sum(map(len, _HIGH_RUN.findall(data)))
    if high >= 2 * _FEW_KANA and _EUC_HALF_KANA.fullmatch(data) and 2 * data.count(b"\x8e") == high:
        return "euc_jp"
    # a byte each: sound marks follow the letters that have them
    marks = data.count(b"\xde") + data.count(b"\xdf")
    low = len(_LOW_HALF_KANA.findall(data))
    is_half = high >= _FEW_KANA and marks > 0.02 * high and low > 0.2 * high and _HALF_KANA.fullmatch(data)
    return "shift_jis" if is_half else ""


def _choose_latin(sample: _Sample, ranked: Sequence[str] = ()) -> Guess:
    """The reading whose letters and marks are those of the text's language and stand where they should."""
    if sample.language in LETTERS:
        return _choose_for(sample, str(sample.language), ranked)
    text = sample.data.decode(ranked[0] if ranked else "ascii", "ignore")[:_LANGUAGE_CHARACTERS]
    return _choose_for(sample, detect_among(text, LETTERS) or "en", ranked)


def _choose_for(sample: _Sample, language: str, ranked: Sequence[str]) -> Guess:
    """The same in one language."""
    first = (name for name in ranked[:1] if name in LATIN)
    names = dict.fromkeys(name for name in (*PLAUSIBLE_ENCODINGS[language], *first) if name in sample.allowed)
    if not names:
        return Guess()
    score: Callable[[str, str], float] = unlikeliness if has_table(language) else _misfit
    most, close = (_MOST_UNLIKELY, _CLOSE_BITS) if has_table(language) else (1 - _LEAST_LATIN, _CLOSE_FITS)
    readings = {name: sample.data.decode(name, "replace") for name in names}
    scores = {name: score(text, language) for name, text in readings.items()}
    order = sorted(names, key=scores.__getitem__)
    best = order[0]
    if scores[best] > most:
        return Guess(tuple(order)) if sample.nearly_ascii else Guess()
    count = min(MOST_SCORED, sum(char > "\x7f" for char in readings[best]))
    behind = {name: (scores[name] - scores[best]) * count for name in order}
    if all(readings[name] == readings[best] for name in order if behind[name] < close):
        return Guess(tuple(order), sure=True)
    # readings that make as much sense: chardet weighs all pairs of bytes, and the commoner encoding stands first
    ahead = next(name for name in (*ranked, *names) if name in names and behind[name] < close / 2)
    return Guess((ahead, *(name for name in order if name != ahead)))


def _misfit(text: str, language: str) -> float:
    return 1 - score_latin(text, language)
