"""The forms that a text is read in: characters, or subword tokens. A book is its scenes' units one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from benchmarks.next_scene.books import Work
from benchmarks.next_scene.corpus import Corpus, Scene, stream_of
from benchmarks.next_scene.shelf import Shelf

# Code points that a character may be: what one outside the vocabulary costs beside its unit.
_CODE_POINTS = 0x110000 - 2048
# BPE learns its merges from every so-manieth scene of the training books.
_BPE_STRIDE = 5


def in_characters(shelf: Shelf, vocabulary: int) -> Corpus:
    """A unit for each of the commonest characters of the training books, and one for all others.

    Those cost their code point as well.
    """
    counts: Counter[str] = Counter()
    for work in shelf.train.works:
        for text in work.texts:
            counts.update(text)
    alphabet = sorted(sorted(counts, key=lambda c: (-counts[c], c))[: vocabulary - 2])
    unknown = len(alphabet)
    surprise = float(np.log2(_CODE_POINTS - unknown))
    table = np.full(0x110000, unknown, np.uint16)
    table[[ord(c) for c in alphabet]] = np.arange(unknown)

    def units(text: str) -> np.ndarray:
        return table[np.frombuffer(text.encode("utf-32-le"), "<u4")]

    def scenes(work: Work) -> list[Scene]:
        found = []
        for i, text in enumerate(work.texts):
            row = units(text)
            heading = len(text) - len(work.body(i))
            found.append(Scene(row, heading, surprise * int((row == unknown).sum())))
        return found

    return _corpus("characters", unknown + 2, shelf, scenes)


def in_tokens(shelf: Shelf, vocabulary: int) -> Corpus:
    """Byte-level BPE, trained on the training books. Scenes are cut into tokens one by one, headings apart."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - 1, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    texts = [text for work in shelf.train.works for text in work.texts]
    tokenizer.train_from_iterator(texts[::_BPE_STRIDE], trainer)

    def scenes(work: Work) -> list[Scene]:
        bodies = [work.body(i) for i in range(len(work.texts))]
        heads = [text[: len(text) - len(body)] for text, body in zip(work.texts, bodies, strict=True)]
        found = []
        for head, body in zip(tokenizer.encode_batch_fast(heads), tokenizer.encode_batch_fast(bodies), strict=True):
            found.append(Scene(np.asarray(head.ids + body.ids, np.uint16), len(head.ids), 0.0))
        return found

    return _corpus("tokens", tokenizer.get_vocab_size() + 1, shelf, scenes)


def _corpus(name: str, units: int, shelf: Shelf, scenes: Callable[[Work], list[Scene]]) -> Corpus:
    sides = (shelf.train, shelf.validation, shelf.test)
    return Corpus(name, units, *(tuple(stream_of(work, scenes(work)) for work in side.works) for side in sides))


MAKERS = {"characters": in_characters, "tokens": in_tokens}
