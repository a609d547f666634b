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
                    said = (folder / "server.log").read_text(errors="replace", encoding="utf-8")
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
    path.write_text(json.dumps(account), encoding="utf-8")
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


def s3_environment(address: str) -> dict[str, str]:
    """What a process needs to reach a server of S3. address: its `HOST:PORT`."""
    return {
        "AWS_ENDPOINT_URL": f"http://{address}",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def make_bucket(environment: Mapping[str, str], name: str) -> None:
    """Makes a bucket on the server of S3 that an environment names."""
    import boto3

    client = boto3.client(
        "s3",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_DEFAULT_REGION"],
    )
    client.create_bucket(Bucket=name)


@contextmanager
def s3_server(folder: Path) -> Iterator[Store]:
    """A server of S3 with the bucket `books`."""
    port = free_port()
    environment = s3_environment(f"127.0.0.1:{port}")
    with serving([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], port, folder):
        make_bucket(environment, "books")
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


# Stands between a client and a store, and breaks the line as a file says: `reset` in the middle of an answer, a
# number for a status in its place, anything else and nothing happens. How many times, after a space; else always.
_LINE = """
import http.client, http.server, os, socket, struct, sys
port, served, orders = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]

class Line(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def order(self):
        try:
            words = open(orders).read().split()
        except OSError:
            return ""
        if not words or words[0] not in self.path or self.command not in words[1]:
            return ""
        if len(words) > 3:
            left = int(words[3])
            if not left:
                return ""
            with open(orders + ".new", "w") as stream:
                stream.write(" ".join([*words[:3], str(left - 1)]))
            os.replace(orders + ".new", orders)
        return words[2]

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        order = self.order()
        if order.isdigit():
            self.send_response(int(order))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        ask = http.client.HTTPConnection("127.0.0.1", served)
        ask.request(self.command, self.path, body, {k: v for k, v in self.headers.items()})
        got = ask.getresponse()
        data = got.read()
        self.send_response(got.status)
        for name, value in got.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        length = got.getheader("Content-Length") if self.command == "HEAD" else len(data)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if order == "reset":
            self.wfile.write(data[: len(data) // 2])
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer

    def log_message(self, *words):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", port), Line).serve_forever()
"""


@dataclass(frozen=True)
class Faulty:
    """A store behind a line that breaks on order."""

    store: Store
    orders: Path

    def order(self, part: str, methods: str, what: str, times: int | None = None) -> None:
        """Breaks requests whose path holds `part`: what is `reset` or an HTTP status. None times is always."""
        self.orders.write_text(
            " ".join([part, methods, what, *([] if times is None else [str(times)])]), encoding="utf-8"
        )

    def mend(self) -> None:
        """Nothing breaks any more."""
        self.orders.unlink(missing_ok=True)


@contextmanager
def faulty_line(store: Store, folder: Path) -> Iterator[Faulty]:
    """The same store, reached over such a line."""
    name = next(name for name in store.environment if name in ("AWS_ENDPOINT_URL", "STORAGE_EMULATOR_HOST"))
    served, port, orders = store.environment[name].rpartition(":")[2], free_port(), folder / "orders"
    with serving([sys.executable, "-c", _LINE, str(port), served, str(orders)], port, folder):
        yield Faulty(Store(store.bucket, store.environment | {name: f"http://127.0.0.1:{port}"}), orders)
