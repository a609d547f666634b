"""Where a source lies on disk, by a name that holds in any working folder."""

from __future__ import annotations

from scenesign.transforms.read.hugging_face import HF_PREFIX, dataset_folder
from scenesign.transforms.support import storage


def local_path(uri: str) -> str:
    """The file or folder on disk that a source is read from; "" for one that lies in a store or on the hub."""
    if uri.startswith(HF_PREFIX):
        return dataset_folder(uri)
    return uri if storage.is_local(uri) else ""


def absolute_uri(uri: str) -> str:
    """The same source, by a name that holds in any working folder."""
    path = local_path(uri)
    scheme = HF_PREFIX if uri.startswith(HF_PREFIX) else ""
    return scheme + storage.absolute(path) + uri[len(scheme + path) :] if path else uri
