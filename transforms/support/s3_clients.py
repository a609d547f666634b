"""One S3 client per process and set of options, and boto3's tries in place of Beam's.

Beam 2.77 makes a new client for every single call, and a client costs a tenth of a second: it parses the description of
the whole service. boto3's clients may be shared by threads; what Beam wraps around them (a download's position) may
not, and stays one per call.
"""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any

from scenesign.transforms.support.failures import OutOfReachError
from scenesign.transforms.support.threads import made_once


@made_once(16)
def _make_client(settings: tuple[tuple[str, Any], ...]) -> Any:
    import boto3
    from botocore.config import Config

    session = boto3.session.Session()
    given = dict(settings)
    if not given.get("aws_access_key_id") and session.get_credentials() is None:
        raise OutOfReachError("s3:// is out of reach: no credentials for it; set AWS_ACCESS_KEY_ID or AWS_PROFILE")
    # a dead address is tried five times, a minute each by boto3's own measure
    return session.client(**given, config=Config(connect_timeout=10))


class _Session:
    """Stands in for `boto3.session.Session` where Beam asks for one."""

    def client(self, **settings: Any) -> Any:
        return _make_client(tuple(sorted(settings.items())))


def _status_of(error: Exception) -> int | None:
    """Beam's own stumbles over a line that breaks: such errors have a `response` that is None."""
    response = getattr(error, "response", None) or {}
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return int(status) if status else None


def share_s3_clients() -> None:
    """From now on Beam's S3 file system uses one client again and again. Nothing happens without boto3."""
    from apache_beam.io.aws import s3io
    from apache_beam.io.aws.clients.s3 import boto3_client

    if boto3_client.boto3 is not None:
        boto3_client.boto3 = SimpleNamespace(session=SimpleNamespace(Session=_Session))
        # on top of boto3's tries Beam makes seven, ten minutes in all, where none helps too; `patiently` makes ours
        for kind in (s3io.S3IO, s3io.S3Downloader, s3io.S3Uploader, boto3_client.Client):
            for name, function in list(vars(kind).items()):
                if inspect.isfunction(function) and hasattr(function, "__wrapped__"):
                    setattr(kind, name, function.__wrapped__)
        boto3_client.get_http_error_code = _status_of
        s3io.retry = SimpleNamespace(  # type: ignore[assignment]
            with_exponential_backoff=lambda **_: lambda function: function,
            retry_on_server_errors_and_timeout_filter=None,
        )


def forget_s3_clients() -> None:
    """For a process whose environment has changed."""
    _make_client.cache_clear()  # type: ignore[attr-defined]
