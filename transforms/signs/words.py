"""Words of a text that can say what a scene is about, and which of them are forms of one word.

Every language is cut by what is light and enough for keywords: at white space and marks where words are written apart,
by jieba's word list in Chinese, by runs of kanji and of katakana in Japanese, and Korean loses its particles. Forms of
one word have one key: its lemma by simplemma, in Chinese its simplified writing. A key hangs on the form and the
language alone, so that a keyword found in one shelf is found again in another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from scenesign.transforms.scenes.sentences import tokenizers
from scenesign.transforms.support.threads import made_once

if TYPE_CHECKING:
    from jieba import Tokenizer
    from simplemma import Lemmatizer

# A word and what hangs on it by an apostrophe: l'homme, don't, o'clock. Marks of Arabic vowels belong to their letters.
_WORD = re.compile(r"[^\W\d_]+(?:[\u064b-\u0652][^\W\d_]*)*(?:['’][^\W\d_]+)*")
_APOSTROPHE = re.compile("['’]")
_ARABIC_VOWELS = re.compile("[\u0640\u064b-\u0652]")
# Runs of kanji, in which the sign of repetition stands for one more, and of katakana.
_JAPANESE = re.compile("[一-鿿㐀-䶿々〆]+|[ァ-ヺー]{2,}")
_HANGUL = re.compile("[가-힣]{2,}")
# What Korean hangs on a noun; the longest is taken off, where two syllables or more remain.
_PARTICLES = re.compile(
    "(?<=..)(?:에게서|으로써|으로서|에서는|에서도|이라는|이라고|까지|부터|에게|에서|으로|처럼|보다|마다|조차|밖에|라는|라고|이나|이며"
    "|하고|한테|들이|들은|들을|들의|은|는|이|가|을|를|의|에|도|만|로|와|과|나|며|들)$"
)
# Chinese words that begin so count things ("a", "two", "once"); what they count is a word of its own.
_NUMERALS = frozenset("一二两三四五六七八九十百千万几数每各这那")
_LEAST_LETTERS = 3
_WITHOUT_SPACES = frozenset({"zh", "ja", "ko"})
# German writes every noun with a capital.
NOUN_CAPITALS = frozenset({"de"})


def word_forms(text: str, language: str) -> list[str]:
    """The words of a text in order, as they are written; no numbers, and no function words cut short of their letters."""
    if language == "zh":
        return _chinese(text)
    if language == "ja":
        return _JAPANESE.findall(text)
    if language == "ko":
        return [_PARTICLES.sub("", word) for word in _HANGUL.findall(text)]
    return _WORD.findall(text)


def _chinese(text: str) -> list[str]:
    words = chinese_words().cut(text.translate(_simplified()), HMM=False)
    ends = list(accumulate(map(len, words := list(words))))
    return [text[end - len(word) : end] for word, end in zip(words, ends, strict=True) if len(word) > 1]


def word_key(form: str, language: str) -> str:
    """What all forms of a word share; empty for a form that can't be a keyword: a function word, a number, a stump."""
    if language == "zh":
        key = form.translate(_simplified())
        return key if key.isalpha() and key not in _stop_words(language) and key[0] not in _NUMERALS else ""
    if language in _WITHOUT_SPACES:
        return form if form not in _stop_words(language) else ""
    form = _bare(form)
    stops = _stop_words(language)
    if len(form) < _LEAST_LETTERS or form.lower() in stops:
        return ""
    lemma = _lemma(form if language in NOUN_CAPITALS else form.lower(), language)
    return "" if lemma.lower() in stops or len(lemma) < 2 else lemma


def _bare(form: str) -> str:
    """A form without what hangs on it: homme of l'homme, clock of o'clock, ship of ship's; nothing of don't."""
    if form.endswith(("n't", "n’t")):
        return ""
    return max(_APOSTROPHE.split(_ARABIC_VOWELS.sub("", form)), key=len)


@made_once(32)
def _stop_words(language: str) -> frozenset[str]:
    with tokenizers(language).lend() as nlp:
        stops = nlp.Defaults.stop_words
    if language == "zh":
        return frozenset(word.translate(_simplified()) for word in stops)
    return frozenset(stops)


@made_once()
def chinese_words() -> Tokenizer:
    """jieba's word list, from its package: by itself it trusts a cache in the folder for temporary files, where
    anybody may have put another.
    """
    import jieba

    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return tokenizer


@made_once()
def _simplified() -> dict[int, str]:
    """Each traditional character that has a simplified one, to it: jieba's list of words is of simplified ones."""
    from opencc import OpenCC

    characters = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    simple = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {ord(a): b for a, b in zip(characters, simple, strict=True) if a != b and len(b) == 1}


@made_once()
def _lemmatizer() -> Lemmatizer:
    from simplemma import Lemmatizer
    from simplemma.strategies import DefaultStrategy

    return Lemmatizer(lemmatization_strategy=DefaultStrategy(low_memory=True))


def _lemma(form: str, language: str) -> str:
    from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES
    if language not in SUPPORTED_LANGUAGES:
        return form
    return _lemmatizer().lemmatize(form, language)
