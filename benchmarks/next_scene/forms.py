"""The forms a book is written in: characters, subword tokens, signs, or tokens with each scene's sign before it.

A form turns every scene into a row of units; a book is its scenes' rows one after the other. All that follows
(training, choosing, bits) is the same for every form.
"""

from __future__ import annotations

import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from benchmarks.next_scene.books import Shelf
from benchmarks.next_scene.corpus import Corpus, assemble
from scenesign.transforms.signs.fit import BookSample, InventoryOptions, Provenance, fit_inventory
from scenesign.transforms.signs.inventory import Inventory

# Code points that a character may be: what one outside the vocabulary costs beside its unit.
_CODE_POINTS = 0x110000 - 2048
# BPE learns its merges from every so-manieth scene of the training books.
_BPE_STRIDE = 3


def in_characters(shelf: Shelf) -> Corpus:
    """A unit per character seen in training, one for all others; those cost their code point as well."""
    alphabet = sorted({c for work in shelf.trained for text in work.texts for c in text})
    known = {c: i for i, c in enumerate(alphabet)}
    unknown = len(known)
    surprise = float(np.log2(_CODE_POINTS - len(known)))
    rows = {
        work.book_id: [np.fromiter((known.get(c, unknown) for c in text), np.int32, len(text)) for text in work.texts]
        for work in (*shelf.train, *shelf.test)
    }
    extra = {key: np.asarray([surprise * (row == unknown).sum() for row in own]) for key, own in rows.items()}
    return assemble(shelf, "characters", unknown + 2, rows, lossless=True, extra=extra)


def in_tokens(shelf: Shelf, vocabulary: int) -> Corpus:
    """Byte-level BPE, trained on the training books. Scenes are cut into tokens one by one."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    texts = [text for work in shelf.trained for text in work.texts]
    tokenizer.train_from_iterator(texts[::_BPE_STRIDE], trainer)
    rows = {
        work.book_id: [np.asarray(e.ids, np.int32) for e in tokenizer.encode_batch_fast(list(work.texts))]
        for work in (*shelf.train, *shelf.test)
    }
    return assemble(shelf, "tokens", tokenizer.get_vocab_size() + 1, rows, lossless=True)


def fit_on(shelf: Shelf, signs: int | None, levels: int) -> Inventory:
    """An inventory of the training scenes alone."""
    samples = [
        BookSample(
            book_id=work.book_id,
            language=work.language,
            scenes=len(work.texts),
            mean=work.vectors.mean(axis=0),
            places=np.arange(len(work.texts)),
            vectors=work.vectors,
        )
        for work in shelf.trained
    ]
    return fit_inventory(samples, InventoryOptions(signs, levels), Provenance("", ""))


def signs_by_book(inventory: Inventory, shelf: Shelf) -> dict[str, np.ndarray]:
    """Signs int32 [scenes, levels] per book; each book is encoded whole, as the encoder does."""
    return {
        work.book_id: inventory.signs(inventory.assign(work.vectors, work.language)[0])
        for work in (*shelf.train, *shelf.test)
    }


def in_signs(shelf: Shelf, inventory: Inventory, name: str) -> Corpus:
    """Levels of signs per scene, before them a unit for a heading where the scene opens with one."""
    total = sum(inventory.info.sizes)
    heading = np.asarray([total], np.int32)
    signs = signs_by_book(inventory, shelf)
    rows = {
        work.book_id: [
            np.concatenate([heading, row]) if scene in work.chapters else row
            for scene, row in enumerate(signs[work.book_id])
        ]
        for work in (*shelf.train, *shelf.test)
    }
    words = inventory.quantiser.embeddings()
    padded = np.concatenate([words, np.zeros((2, words.shape[1]), np.float32)])
    return assemble(shelf, name, total + 2, rows, codewords=padded)


def with_signs(shelf: Shelf, tokens: Corpus, inventory: Inventory) -> Corpus:
    """Tokens, with the sign of the scene before each scene; it stays in sight where a window starts inside a scene."""
    signs = signs_by_book(inventory, shelf)
    first = tokens.start
    streams = zip((*shelf.train, *shelf.test), (*tokens.train, *tokens.test), strict=True)
    rows = {
        work.book_id: [
            np.concatenate([sign[:1] + first, stream.scene(i)]) for i, sign in enumerate(signs[work.book_id])
        ]
        for work, stream in streams
    }
    units = first + inventory.info.sizes[0] + 1
    return assemble(shelf, "signs + tokens", units, rows, head=1, lossless=True)
