"""What `scenesign validate` checks: the protocol's rules by id, and what it reports when one is broken.

`protocol.md` lists the same rules for people; a test keeps the two together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

# Findings kept per rule; the rest are counted, so that a dataset broken in every row still makes a short report.
KEPT_PER_RULE = 20
# A hostile dataset chooses the words that end up in a finding.
LONGEST_DETAIL = 300


@dataclass(frozen=True)
class Rule:
    """A statement about a dataset. Breaking one that is not `must` is a warning."""

    id: str
    text: str
    must: bool = True


_MUST = {
    "manifest.form": "`manifest.json` is there and has the fields of section 6.7",
    "manifest.version": "the dataset follows version 2.x of this protocol",
    "manifest.accounts": "inputs = books + duplicates + rejects, and `stages`, where it is there, adds up to the same",
    "manifest.books": "the manifest lists exactly the books of `sequences`, with the same facts",
    "manifest.counts": "the totals, overall and by language, are those of the data",
    "files.path": "a listed path stays inside the dataset and is listed once",
    "files.present": "every listed file is there, and is a plain file",
    "files.digest": "every listed file has the size and SHA-256 that the manifest states",
    "files.unlisted": "the folders of tables and inventory hold no Parquet file that the manifest doesn't list",
    "files.name": "shards are called `CONFIG/split=S/S-NNNNN-of-NNNNN.parquet`, numbered from 0 without a gap (6.9)",
    "files.rows": "every table file has as many rows as the manifest states",
    "tables.present": "there are `sequences` and `scenes`, in the same splits",
    "tables.readable": "every Parquet file can be read to its end",
    "tables.schema": "the columns of section 6 come first, in order, with their types",
    "tables.metadata": "the schema metadata names the protocol and the Hugging Face features of the columns",
    "tables.row-groups": "no file and no row group is empty",
    "tables.nulls": "no value is null",
    "tables.expansion": "no file unpacks to more than 1,000 times its size",
    "books.id": "`book_id` is 32 lower-case hexadecimal digits",
    "books.unique": "a book has one row in `sequences`, and its rows in `scenes` stand together",
    "books.order": "within a split books are sorted by `book_id`",
    "books.same": "`sequences` and `scenes` of a split hold the same books",
    "books.counts": "scenes, sentences, characters, bytes and novel scenes of a book are those of its scenes",
    "books.chapters": "`chapters` are ascending indices of scenes of the book",
    "splits.disjoint": "a book is in one split",
    "splits.author": "the books of an author are in one split",
    "splits.near-duplicates": "`near_duplicates` of a book names others of its split, with shares up to 1",
    "scenes.order": "the scenes of a book are numbered from 0 in reading order",
    "scenes.tiling": "scenes tile the book: no gap, no overlap, from 0 to the last character",
    "scenes.text": "the texts of a book's scenes, joined, have the digest `book_id`",
    "scenes.language": "a scene has its book's language",
    "scenes.distance": "`distance` is a number from 0 to 2",
    "scenes.novel": "`strangeness` is a number from 0 to 2, and `novel` says whether it exceeds `novel_distance`",
    "scenes.sketch": "`sketch` has a byte for every four of the inventory's dimensions, rounded up",
    "signs.levels": "`levels` of the manifest is from 1 to the levels of the inventory, and that of every book",
    "signs.range": "a scene has one sign per level, each within its level's ids",
    "signs.glyphs": "glyphs are the characters of the signs, composed ones spelled by the arithmetic of section 5.5",
    "signs.sequence": "a book's signs are those of its scenes in order",
    "signs.frequency": "topics are numbered by falling frequency, where their order is free",
    "cast.options": "`options.cast` is from 0 to 16, and `options.cast_names` is `yes` or `no`",
    "cast.ids": "a scene names members of its book, each once, and at most `options.cast` of them",
    "cast.sequence": "a book's cast is that of its scenes in order",
    "cast.members": "`cast` has members of the split's books, in order of `book_id`; none where `options.cast` is 0",
    "cast.numbers": "a book's members are numbered from 1, at most 256, by first appearance",
    "cast.places": "`first_scene`, `scenes` and `mentions` of a member are such that its scenes can have their lists",
    "cast.names": "every member has names, or none where `options.cast_names` is `no`",
    "concepts.books": "`concepts` has the books of `sequences`, split by split, in order",
    "concepts.lists": "`text_scenes` and `scene_vectors` have one entry per scene",
    "concepts.text": "`text_scenes` are the texts of the scenes",
    "concepts.vectors": "scene vectors have the inventory's dimensions, are finite and of unit length",
    "concepts.signs": "vectors, neutralised and quantised by the inventory, give the stated signs and distances",
    "concepts.datacard": "`concepts/_datacard.yaml` names the folder and columns of the concepts",
    "atlas.scenes": "`atlas/scenes.parquet` has a row with a place for every scene, those of a book in order",
    "atlas.neighbors": "`neighbors` are other rows, each once, by growing distance, and all rows have as many",
    "atlas.topics": "`atlas/topics.parquet` has a row with a place for every topic, in order",
    "inventory.form": "`inventory.json` is there and has the fields of section 6.5",
    "inventory.files": "the files beside `inventory.json` are those it lists, with their SHA-256",
    "inventory.manifest": "the manifest repeats `inventory.json`",
    "inventory.quantiser": "`inventory.json` names a quantiser of section 5.2",
    "inventory.script": "an inventory that has name and version of a published script is that script",
    "inventory.sizes": "level 1 has no more signs than its Unicode block has characters, each further level 4,096",
    "inventory.codebook": "the codebook has the stated shapes, finite numbers, and all that its quantiser asks for",
    "inventory.damping": "a language's damped directions are orthonormal, their gains within (0, 1]",
    "inventory.means": "there is a mean for every language of the data, and their mean",
    "inventory.glossary": "`signs.parquet` has a row per topic, with the counts of the data and scenes that exist",
    "inventory.names": "no two topics have one name",
    "inventory.letters": "`letters.parquet` has a row per letter and value, with the counts and scenes of the data",
    "inventory.taken-over": "an inventory taken over is the one whose SHA-256 is in `options.frozen`",
    "inventory.index": "`index.faiss` is a flat inner-product index of the vectors of level 1 at unit length",
    "inventory.tokenizer": "token ids are sign ids, followed by the special tokens and those of the cast",
    "inventory.embeddings": "starting embeddings are vectors of signs, sums of those of letters; zeros; the cast's",
    "card.form": "`README.md` opens with a YAML header",
    "card.configs": "the header's configurations are the tables and splits of the data",
    "card.info": "the header's features, rows and bytes are those of the data",
    "card.languages": "the header's languages are those of the data",
    "card.license": "the header names a licence, `unknown` included",
    "croissant.files": "`croissant.json`, where it is there, has the files of the manifest with their SHA-256",
    "croissant.tables": "`croissant.json`, where it is there, has the tables and columns of the data",
    "rejects.counts": "`rejects` has a row for every reject and duplicate of the accounts",
    "metrics.values": "`report/metrics.json` is the manifest's metrics, in range, and right where scenes decide them",
}
_SHOULD = {
    "croissant.present": "since protocol 2.1 there is `croissant.json`",
    "tables.extra-columns": "there are no columns beyond those of section 6",
    "tables.codec": "columns are compressed with Zstandard",
    "text.form": "the text is in Unicode form NFC, without control characters but line ends and tabs",
}
RULES: Mapping[str, Rule] = {
    **{name: Rule(name, text) for name, text in _MUST.items()},
    **{name: Rule(name, text, must=False) for name, text in _SHOULD.items()},
}


@dataclass(frozen=True)
class Finding:
    """A broken rule: where, and how.

    file: path inside the dataset. row: index in that file's table, None where the file as a whole is meant.
    """

    rule: str
    file: str
    row: int | None
    detail: str

    @property
    def must(self) -> bool:
        """Whether it makes the dataset invalid."""
        return RULES[self.rule].must


@dataclass
class Findings:
    """Collects findings; keeps the first of each rule and counts them all."""

    kept: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, rule: str, file: str, detail: str, row: int | None = None) -> None:
        """Notes that a rule is broken. Raises KeyError for a rule that isn't declared."""
        finding = Finding(RULES[rule].id, _plain(file), row, _plain(detail))
        self.counts[rule] += 1
        if self.counts[rule] <= KEPT_PER_RULE:
            self.kept.append(finding)

    @property
    def errors(self) -> int:
        """Broken MUSTs."""
        return sum(n for rule, n in self.counts.items() if RULES[rule].must)

    @property
    def warnings(self) -> int:
        """Broken SHOULDs."""
        return sum(n for rule, n in self.counts.items() if not RULES[rule].must)


def _plain(text: str) -> str:
    """One short line that can't move the cursor or colour the terminal."""
    flat = "".join(c if c.isprintable() else " " for c in text[: 4 * LONGEST_DETAIL])
    flat = " ".join(flat.split())
    return flat if len(flat) <= LONGEST_DETAIL else flat[: LONGEST_DETAIL - 1] + "…"
