"""Language of a text, by py3langid over samples from all through it."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from scenesign.transforms.support.threads import made_once, settle_threads
from scenesign.transforms.text.language_codes import WRITTEN_AS

# Below this a guess is no better than none: the caller rejects the text as `language-unsure`.
MIN_CONFIDENCE = 0.6
_SAMPLES = 8
_SAMPLE_CHARACTERS = 600
_SPACE = re.compile(r"\s+")
_NO_LANGUAGE = "zxx"  # what the model says of tables, code and noise


@made_once(heavy=True)
def _identifier() -> LanguageIdentifier:
    """One model per process; it ships with py3langid, is no pickle, and needs no network."""
    settle_threads()
    return LanguageIdentifier.from_model_file(MODEL_FILE)


def detect(text: str) -> tuple[str, float]:
    """ISO 639-1 code of a text's main language, and how sure it is (0 to 1).

    The confidence is the mean, over samples from all through the text, of the probability each gives the winning
    language: a book half in another language is not sure of either. A text without letters is `("", 0.0)`.
    """
    weights: dict[str, float] = defaultdict(float)
    samples = [sample for sample in _samples(text) if any(char.isalpha() for char in sample)]
    for sample in samples:
        for language, probability in _probabilities(sample):
            weights[WRITTEN_AS.get(language, language)] += probability / len(samples)
    weights.pop(_NO_LANGUAGE, None)
    if not weights:
        return "", 0.0
    # ties go to the first name, so that the answer never depends on the order of a dictionary
    best = min(weights, key=lambda language: (-weights[language], language))
    return best, min(1.0, weights[best])


def detect_among(text: str, languages: Collection[str]) -> str:
    """The likeliest of some languages, for texts too short to choose among a hundred; `""` for a text without letters.

    `detect` takes "a wedding" for Welsh; told that it is English, Russian or Chinese, there is little to confuse.
    """
    if not any(char.isalpha() for char in text):
        return ""
    ranked = (WRITTEN_AS.get(code, code) for code, _ in _identifier().rank(_SPACE.sub(" ", text)))
    return next((code for code in ranked if code in languages), "")


def likeliest_language(sample: str) -> tuple[str, float]:
    """ISO 639-1 code of a short text's language, and how sure it is; `("", 0.0)` for one without words."""
    sample = _SPACE.sub(" ", sample).strip()
    if not any(char.isalpha() for char in sample):
        return "", 0.0
    code, probability = _probabilities(sample)[0]
    return ("", 0.0) if code == _NO_LANGUAGE else (WRITTEN_AS.get(code, code), probability)


def _samples(text: str) -> list[str]:
    """Pieces spread evenly from start to end; the whole text where it is short."""
    if len(text) <= _SAMPLES * _SAMPLE_CHARACTERS:
        size = max(_SAMPLE_CHARACTERS, math.ceil(len(text) / _SAMPLES))
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        # a last piece of a few words would count as much as a full one
        if len(pieces) > 1 and len(pieces[-1]) < size / 2:
            pieces[-2:] = [pieces[-2] + pieces[-1]]
    else:
        step = (len(text) - _SAMPLE_CHARACTERS) / (_SAMPLES - 1)
        pieces = [text[round(i * step) : round(i * step) + _SAMPLE_CHARACTERS] for i in range(_SAMPLES)]
    return [_SPACE.sub(" ", piece).strip() for piece in pieces]


def _probabilities(sample: str) -> list[tuple[str, float]]:
    """The five likeliest languages of a sample, as probabilities that sum to 1.

    The model's log scores grow with the length of a text and would say 1.0 of anything; they are taken per
    32 characters, about a clause, which leaves room for doubt.
    """
    ranked = _identifier().rank(sample)[:5]
    scale = max(1.0, len(sample.encode("utf-8")) / 32)
    top = ranked[0][1]
    odds = [(language, math.exp(min(0.0, (score - top) / scale * 4))) for language, score in ranked]
    total = sum(value for _, value in odds)
    return [(language, value / total) for language, value in odds]
