"""One S3 client per process and set of options.

Beam 2.77 makes a new client for every single call, and a client costs a tenth of a second: it parses the description of
the whole service. boto3's clients may be shared by threads; what Beam wraps around them (a download's position) may
not, and stays one per call.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from scenesign.transforms.support.threads import made_once


@made_once(16)
def _make_client(settings: tuple[tuple[str, Any], ...]) -> Any:
    import boto3

    return boto3.session.Session().client(**dict(settings))


class _Session:
    """Stands in for `boto3.session.Session` where Beam asks for one."""

    def client(self, **settings: Any) -> Any:
        return _make_client(tuple(sorted(settings.items())))


def share_s3_clients() -> None:
    """From now on Beam's S3 file system uses one client again and again. Nothing happens without boto3."""
    from apache_beam.io.aws.clients.s3 import boto3_client

    if boto3_client.boto3 is not None:
        boto3_client.boto3 = SimpleNamespace(session=SimpleNamespace(Session=_Session))


def forget_s3_clients() -> None:
    """For a process whose environment has changed."""
    _make_client.cache_clear()  # type: ignore[attr-defined]
