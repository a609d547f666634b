"""An inventory as files: arrays as safetensors, settings as JSON, digests checked before anything is used."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from scenesign.schemas.inventory import DEFAULT_SCRIPT, SPECIAL_TOKENS, InventoryInfo
from scenesign.transforms.embedders.registry import embedder_version, pinned
from scenesign.transforms.signs.hub_inventory import INFO, fetch_inventory
from scenesign.transforms.signs.neutralise import Damping, Neutraliser
from scenesign.transforms.signs.numbering import sign_ids
from scenesign.transforms.signs.quantisers.quantiser import Quantiser, take_tensor
from scenesign.transforms.signs.quantisers.registry import quantiser_kind
from scenesign.transforms.support import storage
from scenesign.transforms.support.hub import HubName, is_hub_name
from scenesign.transforms.support.inside import file_inside
from scenesign.transforms.support.threads import settle_threads

CODEBOOK = "codebook.safetensors"
EMBEDDINGS = "embeddings.safetensors"
# Scripts, the published inventories, lie here, each in the folder of its name.
SCRIPTS = Path(__file__).parent / "scripts"


@dataclass(frozen=True, eq=False)
class Inventory:
    """Everything that turns a scene vector into signs.

    >>> inventory = scenesign.Inventory.load("out/demo")
    >>> inventory.info.embedder, inventory.info.dimensions
    ('use-multilingual', 512)
    """

    info: InventoryInfo
    quantiser: Quantiser
    neutraliser: Neutraliser

    @classmethod
    def load(cls, where: str | os.PathLike[str]) -> Inventory:
        """Opens an inventory.

        where: its folder or that of a dataset, local or in an object store, the name of a script, or
        `hf:USER/NAME[@REVISION][#sha256=DIGEST]`. Raises FileNotFoundError when it is none of these, ValueError naming
        the file when one is missing, altered or of another protocol.
        """
        return load_inventory(inventory_folder(where))

    @classmethod
    def from_pretrained(cls, name: str, *, revision: str | None = None, sha256: str | None = None) -> Inventory:
        """Opens an inventory of the Hugging Face hub, of which only data are fetched; `scenesign push` puts them there.

        name: `USER/NAME`, of an inventory's own repository or of a dataset's. revision: branch, tag or commit. sha256:
        in hex, that its `inventory.json` must have, which in turn vouches for all other files. Raises FileNotFoundError
        when neither hub nor cache has it, ValueError when it is another one, damaged or of another protocol.
        """
        return load_inventory(inventory_folder(hub_name(name, revision, sha256)))

    def __repr__(self) -> str:
        return f"Inventory({describe_inventory(self.info)})"

    def assign(self, vectors: np.ndarray, language: str) -> tuple[np.ndarray, np.ndarray]:
        """Codes int32 [scenes, levels] and distances float32 [scenes] of the scene vectors of one book or passage."""
        return self.quantiser.assign(self.neutraliser(vectors, language))

    def signs(self, codes: np.ndarray) -> np.ndarray:
        """Sign ids int32 [scenes, levels] of codes: each level's ids follow those of the level before."""
        return sign_ids(codes, self.info.sizes)


def describe_inventory(info: InventoryInfo) -> str:
    """An inventory in a few words: `300 topics, 2 glyphs, en ru zh, use-multilingual`."""
    several = "s" if len(info.sizes) > 1 else ""
    if info.composed:
        signs = f"{info.sizes[0]:,} topics, {len(info.sizes)} glyph{several}"
    else:
        signs = f"{info.signs:,} signs, {len(info.sizes)} level{several}"
    name = f"{info.script} {info.version}: " if info.script else ""
    return f"{name}{signs}, {' '.join(sorted(info.languages))}, {info.embedder}"


def scripts() -> dict[str, str]:
    """The published inventories that come with this version: name and folder."""
    return {found.parent.name: str(found.parent) for found in sorted(SCRIPTS.glob(f"*/{INFO}"))}


def no_mean_note(language: str, known: Collection[str]) -> str | None:
    """What to say, in a line, of a text in a language that an inventory has no mean for; None where it has one."""
    if language in known:
        return None
    knows = ", ".join(sorted(known))
    return f"the inventory has no mean for language '{language}' (it knows {knows}); the mean of all is used"


def inventory_folder(where: str | os.PathLike[str]) -> str:
    """The folder of an inventory that is named itself, by the dataset it lies in, or as a script.

    A folder comes before a script of its name. One of the hub (`hf:`) is fetched. Raises FileNotFoundError naming the
    scripts there are when it is none, ValueError for one of the hub that is not the one asked for.
    """
    given = os.fspath(where)
    if is_hub_name(given):
        return fetch_inventory(HubName.parse(given))
    for folder in (storage.join(given, "inventory"), given):
        if storage.exists(storage.join(folder, INFO)):
            return folder
    known = scripts()
    script = given.removeprefix("scenesign-")
    if script == DEFAULT_SCRIPT and script not in known:
        raise FileNotFoundError(
            f"this installation comes without {script}; name an inventory, or a dataset, such as `build` writes"
        )
    if script not in known:
        there = f" (these are: {', '.join(known)})" if known else ""
        raise FileNotFoundError(
            f"{given} is not an inventory: neither a folder that has one, nor the name of a published one{there}; "
            "give a dataset or its folder `inventory`, or hf:USER/NAME"
        )
    return known[script]


def hub_name(name: str, revision: str | None, sha256: str | None) -> str:
    """What names an inventory of the hub wherever a folder may be given. Raises ValueError for what names none."""
    given = HubName.parse(name)
    return str(replace(given, revision=revision or given.revision, sha256=(sha256 or given.sha256).lower()))


def check_embedder(info: InventoryInfo, folder: str) -> None:
    """Raises ValueError naming both versions when an inventory's embedder is not the one installed here."""
    here = embedder_version(pinned(info.embedder, info.embedder_version))
    if here != info.embedder_version:
        raise ValueError(
            f"{folder} was made with embedder {info.embedder} ({info.embedder_version}); installed is {here}. "
            "Their vectors can't be compared: build it again here, or use the scenesign and the package that made it"
        )


def copy_inventory(folder: str, target: str) -> None:
    """Copies an inventory file by file, `inventory.json` last.

    Starting embeddings that aren't there, as in a script, are made of its codebook. Raises ValueError when a file isn't
    the one that `inventory.json` describes.
    """
    described = storage.read_bytes(file_inside(folder, INFO))
    for name, sha256 in InventoryInfo.from_json(described.decode(), f"{folder}/{INFO}").files.items():
        if "/" in name or name.startswith("."):
            raise ValueError(f"{folder}/{INFO} names a file outside its folder: {name}")
        if name == EMBEDDINGS and not storage.exists(storage.join(folder, name)):
            data = embeddings_file(load_inventory(folder))
        else:
            data = storage.read_bytes(file_inside(folder, name))
        _check_digest(storage.join(folder, name), data, sha256)
        storage.write_bytes(storage.join(target, name), data)
    storage.write_bytes(storage.join(target, INFO), described)


def embeddings_file(inventory: Inventory) -> bytes:
    """Starting embeddings in token order, float32 [tokens, M]."""
    signs = inventory.quantiser.embeddings()
    # special tokens have no vector; they start at the origin, where no sign lies
    specials = np.zeros((len(SPECIAL_TOKENS), signs.shape[1]), dtype=np.float32)
    rows = np.concatenate([signs, specials, cast_embeddings(signs, inventory.info.cast_tokens)])
    return save_tensors({"embeddings": np.ascontiguousarray(rows)})


def cast_embeddings(signs: np.ndarray, tokens: Sequence[str]) -> np.ndarray:
    """Where the tokens of a book's members start, float32 [tokens, M]: apart from each other, about as long as signs.

    signs: float32 [signs, M]. A member means somebody else in each book, so no direction is better than another: they
    are drawn by the hash of the token, and the same bits on every machine.
    """
    width = signs.shape[1]
    length = round(float(np.linalg.norm(signs.astype(np.float64), axis=1).mean()), 6)
    rows = np.zeros((len(tokens), width))
    for row, token in zip(rows, tokens, strict=True):
        words = np.frombuffer(hashlib.shake_128(token.encode()).digest(4 * width), "<u4")
        numbers = (words + 0.5) / 2.0**31 - 1.0
        row[:] = numbers * (length / math.sqrt(math.fsum(numbers * numbers)))
    return rows.astype(np.float32)


def save_inventory(folder: str, inventory: Inventory, extra: dict[str, bytes] | None = None) -> Inventory:
    """Writes an inventory and further files into a folder; `inventory.json`, with everyone's digest, comes last."""
    tensors = _neutraliser_tensors(inventory.neutraliser) | inventory.quantiser.tensors()
    contents = {CODEBOOK: save_tensors({k: np.ascontiguousarray(v) for k, v in sorted(tensors.items())})}
    contents |= extra or {}
    for name, data in contents.items():
        storage.write_bytes(storage.join(folder, name), data)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(contents.items())}
    saved = replace(inventory, info=replace(inventory.info, files=digests))
    storage.write_bytes(storage.join(folder, INFO), saved.info.to_json().encode())
    return saved


def read_info(folder: str) -> InventoryInfo:
    """What `inventory.json` says. Raises ValueError when there is none, or it isn't of a protocol that is read."""
    described = _read(folder, INFO)
    return InventoryInfo.from_json(described.decode(errors="replace"), storage.join(folder, INFO))


def read_described(folder: str, name: str, info: InventoryInfo) -> bytes:
    """A file that `inventory.json` describes. Raises ValueError naming it when it is missing or altered."""
    data = _read(folder, name)
    _check_digest(storage.join(folder, name), data, info.files.get(name))
    return data


def _read(folder: str, name: str) -> bytes:
    try:
        return storage.read_bytes(file_inside(folder, name))
    except OSError as error:
        raise ValueError(f"{folder} is not an inventory ({error}); give a dataset or its folder `inventory`") from error


def _check_digest(uri: str, data: bytes, sha256: str | None) -> None:
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError(f"{uri} is not the file that {INFO} describes: its SHA-256 differs")


def load_inventory(folder: str) -> Inventory:
    """Reads an inventory.

    Raises ValueError naming the file when one is missing, altered or of other dimensions than `inventory.json` says.
    """
    settle_threads()
    info = read_info(folder)
    data = read_described(folder, CODEBOOK, info)
    try:
        tensors = load_tensors(data)
        quantiser = quantiser_kind(info.quantiser).from_tensors(tensors, info.sizes, info.dimensions)
        neutraliser = _neutraliser_of(tensors, info)
    except (SafetensorError, ValueError) as error:
        raise ValueError(f"{folder}/{CODEBOOK}: {error}") from error
    return Inventory(info, quantiser, neutraliser)


def _neutraliser_tensors(neutraliser: Neutraliser) -> dict[str, np.ndarray]:
    tensors = {f"mean/{code}": mean for code, mean in neutraliser.language_means.items()}
    tensors["global_mean"] = neutraliser.global_mean
    for code, damping in neutraliser.damping.items():
        tensors |= {f"damped/{code}": damping.directions, f"gains/{code}": damping.gains}
    return tensors


def _neutraliser_of(tensors: Mapping[str, np.ndarray], info: InventoryInfo) -> Neutraliser:
    """Raises ValueError naming the tensor that is missing, or of another shape or type."""
    size = info.dimensions

    def under(prefix: str) -> list[str]:
        return [key.removeprefix(prefix) for key in tensors if key.startswith(prefix)]

    damping = {}
    for code in under("damped/"):
        count = len(tensors[f"damped/{code}"]) if tensors[f"damped/{code}"].ndim else 0
        rows = take_tensor(tensors, f"damped/{code}", (count, size))
        damping[code] = Damping(rows, take_tensor(tensors, f"gains/{code}", (count,)))
    return Neutraliser(
        language_means={code: take_tensor(tensors, f"mean/{code}", (size,)) for code in under("mean/")},
        global_mean=take_tensor(tensors, "global_mean", (size,)),
        prior_scenes=info.prior_scenes,
        damping=damping,
    )
