"""Object stores as real servers on this machine: Google Cloud Storage by `gcp-storage-emulator`, S3 by `moto`.

Both are reached the way a user reaches the real ones, through the environment, so that worker processes find them too.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@dataclass(frozen=True)
class Store:
    """A bucket to write to. environment: what a process needs to reach its server."""

    bucket: str
    environment: dict[str, str] = field(default_factory=dict)


def free_port() -> int:
    """A port where nobody listens, outside the range that the system takes those of callers from."""
    for port in random.SystemRandom().sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


@contextmanager
def serving(
    command: list[str], port: int, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A server of one's own, which listens on the port; in the end it is gone with all that it has started.

    folder: where it runs, and says what it has to say in `server.log`. environment: in place of this process's.
    """
    with open(folder / "server.log", "ab") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environment, start_new_session=True)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if running.poll() is not None or time.monotonic() > deadline:
                    said = (folder / "server.log").read_text(errors="replace")
                    raise RuntimeError(f"{command} does not serve: {said[-500:]}") from None
                time.sleep(0.05)
        yield running
    finally:
        running.terminate()
        with suppress(subprocess.TimeoutExpired):
            running.wait(timeout=10)
        # its processes, if it has left any
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def _service_account(folder: Path, token_uri: str) -> Path:
    """A key file as Google hands them out, for nobody; without one each process looks half a minute for credentials."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    account = {
        "type": "service_account",
        "project_id": "nobody-project",
        "private_key_id": "1",
        "private_key": pem,
        "client_email": "nobody@nobody-project.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": token_uri,
    }
    path = folder / "account.json"
    path.write_text(json.dumps(account))
    return path


# Answers every request for a token, so that the client asks nobody else.
_TOKENS = """
import http.server, sys
class Tokens(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}')
    def log_message(self, *words): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Tokens).serve_forever()
"""


@contextmanager
def gcs_server(folder: Path) -> Iterator[Store]:
    """A server of Google Cloud Storage with the bucket `books`."""
    port, token_port = free_port(), free_port()
    account = _service_account(folder, f"http://127.0.0.1:{token_port}/token")
    environment = {
        "STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{port}",
        "GOOGLE_APPLICATION_CREDENTIALS": str(account),
        "GOOGLE_CLOUD_PROJECT": "nobody-project",
        "NO_GCE_CHECK": "true",
    }
    emulator = [sys.executable, "-m", "gcp_storage_emulator", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (
        serving([sys.executable, "-c", _TOKENS, str(token_port)], token_port, folder),
        serving([*emulator, "-q", "-M", "--default-bucket", "books"], port, folder),
    ):
        yield Store("gs://books", environment)


@contextmanager
def s3_server(folder: Path) -> Iterator[Store]:
    """A server of S3 with the bucket `books`."""
    import boto3

    port = free_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with serving(command, port, folder):
        client = boto3.client(
            "s3",
            endpoint_url=environment["AWS_ENDPOINT_URL"],
            aws_access_key_id="nobody",
            aws_secret_access_key="nothing",
            region_name="us-east-1",
        )
        client.create_bucket(Bucket="books")
        yield Store("s3://books", environment)


@contextmanager
def in_environment(store: Store) -> Iterator[None]:
    """This process reaches the store as well."""
    from apache_beam.internal.gcp import auth

    from scenesign.transforms.support.s3_clients import forget_s3_clients

    before = {name: os.environ.get(name) for name in store.environment}
    os.environ.update(store.environment)
    # Beam keeps the first credentials of a process for good, found or not
    auth._Credentials._credentials_init = False
    forget_s3_clients()
    try:
        yield
    finally:
        forget_s3_clients()
        auth._Credentials._credentials_init = False
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
