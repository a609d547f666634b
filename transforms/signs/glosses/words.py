"""Words of a text that can say what a scene is about, and which of their forms belong together.

A text is cut by what is light and enough for keywords: at white space and marks where words are written apart, by
jieba's list of words in Chinese, into runs of kanji and of katakana in Japanese, and Korean loses its particles. Forms
of one word have one key: its lemma by simplemma, in Chinese its simplified writing. A key hangs on form and language
alone, so that a keyword of one shelf is found again in another.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from scenesign.transforms.support.threads import made_once

if TYPE_CHECKING:
    from jieba import Tokenizer
    from simplemma import Lemmatizer
    from simplemma.strategies.dictionaries.stream_dictionary_factory import StreamDictionaryFactory

# A word with its vowel signs (Arabic) and what hangs on it by an apostrophe: l'homme, don't, o'clock.
_WORD = re.compile(r"[^\W\d_]+(?:[\u064b-\u0652][^\W\d_]*)*(?:['’][^\W\d_]+)*")
_APOSTROPHE = re.compile("['’]")
_VOWEL_SIGNS = re.compile("[\u0640\u064b-\u0652]")
# Runs of kanji, with the sign of repetition, and of katakana.
_JAPANESE = re.compile("[一-鿿㐀-䶿々]+|[ァ-ヺー]{2,}")
_HANGUL = re.compile("[가-힣]{2,}")
# What Korean hangs on a noun; the longest is taken off where two syllables remain.
_PARTICLE = re.compile(
    "(?<=[가-힣]{2})(?:에게서|으로써|으로서|에서는|에서도|이라는|이라고|까지|부터|에게|에서|으로|처럼|보다|마다|조차|밖에|라는|라고"
    "|이나|이며|하고|한테|들이|들은|들을|들의|은|는|이|가|을|를|의|에|도|만|로|와|과|나|며|들)$"
)
# Chinese words that begin so count things ("a", "two", "once"); what they count is a word of its own.
_NUMERALS = frozenset("一二两三四五六七八九十百千万几数每各这那")
_LEAST_LETTERS = 3
# Every noun begins with a capital here, so that a capital tells no name.
NOUN_CAPITALS = frozenset({"de"})
# spaCy's lists for these are of pieces that segmenters cut, which few have.
_SEGMENTED = frozenset({"ja", "ko", "th", "vi"})
# Keywords are chosen and then judged on the same forms; the packed dictionaries are slow to look up.
_CACHED_FORMS = 1 << 17


def word_forms(text: str, language: str) -> list[str]:
    """The words of a text in order, as they are written; numbers and marks left out. language: ISO 639-1."""
    if language == "zh":
        words = list(chinese_words().cut(text.translate(simplified_letters()), HMM=False))
        ends = accumulate(map(len, words))
        found = zip(words, ends, strict=True)
        return [text[end - len(word) : end] for word, end in found if len(word) > 1 and word.isalpha()]
    if language == "ja":
        return _JAPANESE.findall(text)
    if language == "ko":
        return [_PARTICLE.sub("", word) for word in _HANGUL.findall(text)]
    return _WORD.findall(text)


@lru_cache(_CACHED_FORMS)
def word_key(form: str, language: str) -> str:
    """What the forms of one word share; empty for what is no keyword: function words, counting words, single letters.

    >>> [word_key(form, "en") for form in ("boats", "Boat", "o'clock", "don't", "the")]
    ['boat', 'boat', 'clock', '', '']
    """
    stops = stop_words(language)
    if language == "zh":
        key = form.translate(simplified_letters())
        return "" if key in stops or key[0] in _NUMERALS else key
    if language in ("ja", "ko"):
        return "" if form in stops else form
    form = _bare(form)
    if len(form) < _LEAST_LETTERS or form.lower() in stops:
        return ""
    # where all nouns have capitals they are part of the lemma; elsewhere the dictionary has them in names alone
    lemma = _lemma(form, language) if language in NOUN_CAPITALS else _lemma(form.lower(), language).lower()
    return "" if len(lemma) < 2 or lemma.lower() in stops else lemma


def _bare(form: str) -> str:
    """A form without what hangs on it: homme of l'homme, clock of o'clock, ship of ship's; nothing of don't."""
    if form.endswith(("n't", "n’t")):
        return ""
    return max(_APOSTROPHE.split(_VOWEL_SIGNS.sub("", form)), key=len)


@made_once(64)
def stop_words(language: str) -> frozenset[str]:
    """spaCy's list, without spaCy: the rules of its tokenizers, which come with the lists, take up to two seconds."""
    spacy = find_spec("spacy")
    if spacy is None or spacy.origin is None:  # nor may a file of the working folder stand for it: it is run
        raise ModuleNotFoundError(
            "no spaCy, whose lists of stop words are needed; install scenesign anew", name="spacy"
        )
    file = Path(spacy.origin).parent / "lang" / language / "stop_words.py"
    if language in _SEGMENTED or not file.is_file():
        return frozenset()
    lists = ModuleType("stop_words")
    SourceFileLoader(lists.__name__, str(file)).exec_module(lists)
    words = frozenset(lists.STOP_WORDS)
    return frozenset(word.translate(simplified_letters()) for word in words) if language == "zh" else words


@made_once(heavy=True)
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
def simplified_letters() -> dict[int, str]:
    """The simplified form of each traditional character that has one: jieba's words are written in these."""
    from opencc import OpenCC

    characters = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    simple = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {ord(a): b for a, b in zip(characters, simple, strict=True) if a != b and len(b) == 1}


def _lemma(form: str, language: str) -> str:
    from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

    return str(_lemmatizer().lemmatize(form, language)) if language in SUPPORTED_LANGUAGES else form


@made_once(heavy=True)
def lemma_dictionaries() -> StreamDictionaryFactory:
    """simplemma's dictionaries as they are packed: unpacked, those of a dozen languages take a gigabyte."""
    from simplemma.strategies.dictionaries.stream_dictionary_factory import StreamDictionaryFactory

    return StreamDictionaryFactory()


@made_once(heavy=True)
def _lemmatizer() -> Lemmatizer:
    from simplemma import Lemmatizer
    from simplemma.strategies import DefaultStrategy

    return Lemmatizer(lemmatization_strategy=DefaultStrategy(dictionary_factory=lemma_dictionaries()))
