"""Ways to find scenes that ours are measured against: without knowledge, and other programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.gold import Starts
from scenesign.transforms.embedders.texts import embed_texts

Find = Callable[[Sequence[str]], Starts]


def even(sentences: int, scenes: int) -> Starts:
    """Scenes of equal length."""
    return tuple(sorted({sentences * i // scenes for i in range(scenes)}))


def random_starts(sentences: int, scenes: int, seed: int) -> Starts:
    """Scenes at random."""
    inner = np.random.default_rng([seed, sentences]).permutation(sentences - 1)[: scenes - 1] + 1
    return (0, *sorted(int(i) for i in inner))


def text_tiling() -> Find:
    """Hearst's TextTiling as nltk has it, with its defaults; each sentence is a paragraph."""
    import spacy
    from nltk.tokenize.texttiling import TextTilingTokenizer

    tiler = TextTilingTokenizer(stopwords=sorted(spacy.blank("en").Defaults.stop_words))

    def find(sentences: Sequence[str]) -> Starts:
        try:
            tiles = tiler.tokenize("\n\n" + "\n\n".join(sentences) + "\n\n")
        except (ValueError, IndexError):  # it gives up on short texts
            return (0,)
        starts, at = {0}, 0
        for tile in tiles:
            starts.add(at)
            at += sum(1 for paragraph in tile.split("\n\n") if paragraph.strip())
        return tuple(sorted(start for start in starts if start < len(sentences)))

    return find


def semantic_chunker(model: Any) -> Find:
    """chonkie's SemanticChunker with its defaults, given our sentences (a line each) and our embedder."""
    from chonkie import SemanticChunker
    from chonkie.embeddings import BaseEmbeddings

    class Ours(BaseEmbeddings):  # type: ignore[misc]
        known: dict[str, np.ndarray]

        def embed(self, text: str) -> np.ndarray:
            return self.embed_batch([text])[0]

        def embed_batch(self, texts: list[str]) -> list[np.ndarray]:
            new = [text for text in dict.fromkeys(texts) if text not in self.known]
            self.known.update(zip(new, embed_texts(model, new) if new else (), strict=True))
            return [self.known[text] for text in texts]

        @property
        def dimension(self) -> int:
            return int(self.embed("x").shape[0])

        def get_tokenizer(self) -> Any:
            return "character"

    embeddings = Ours()
    embeddings.known = {}
    chunker = SemanticChunker(embeddings, delim="\n", min_characters_per_sentence=1)

    def find(sentences: Sequence[str]) -> Starts:
        chunks = chunker.chunk("\n".join(sentences))
        starts, at = [], 0
        for chunk in chunks:
            starts.append(at)
            at += chunk.text.count("\n")
        return tuple(start for start in sorted({0, *starts}) if start < len(sentences))

    return find
