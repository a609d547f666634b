"""A fleet of five hosts: a desk that jobs are submitted from, a store, and three that have pools of workers."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scenesign.schemas.manifest import Manifest
from scenesign.transforms.parts.format import SUFFIX
from scenesign.transforms.support import storage
from tests.hosts.network import ROOT, Host, Program, wired
from tests.runs import FITTED
from tests.stores import Store, make_bucket, s3_environment

WORKERS = ("alder", "birch", "cedar")
POOL, STORE = 50000, 9000  # ports; every host has all of them for itself
BUCKET = "books"
# Seconds within which a busy machine does anything that is not about time.
SLOW = 240.0

# Serves S3 on two sockets: on one that it is given, made outside of its host, whoever looks at the store from there;
# on one of its own its host's network. Says who asked for what.
_STORE = f"""
import socket, sys, threading
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

store = DomainDispatcherApplication(create_backend_app)
outside = int(sys.argv[1])
for host, file in (("127.0.0.1", outside), ("0.0.0.0", None)):
    server = make_server(host, {STORE}, store, threaded=True, request_handler=MotoRequestHandler, fd=file)
    threading.Thread(target=server.serve_forever).start()
print("serving", flush=True)
"""


@dataclass(frozen=True)
class Fleet:
    """Hosts, and a store that all of them reach. inside: from a host; outside: from this process."""

    hosts: Mapping[str, Host]
    store: Program
    inside: Store
    outside: Store

    @property
    def desk(self) -> Host:
        return self.hosts["desk"]

    def start_pools(
        self,
        *names: str,
        environment: Mapping[str, str] | None = None,
        first: str = "",
        command: str = "scenesign worker",
    ) -> dict[str, Program]:
        """Starts a pool on each of these hosts, and waits until all listen.

        environment: in place of the store's. first: a folder of the host's that Python looks in first. command: `beam`
        for Beam's own.
        """
        environment = dict(self.inside.environment if environment is None else environment)
        if first:
            environment["PYTHONPATH"] = os.pathsep.join([first, str(ROOT)])
        words = {
            "scenesign worker": ("scenesign", "worker", "--bind", "0.0.0.0", "--port", POOL),
            "beam": ("apache_beam.runners.worker.worker_pool_main", f"--service_port={POOL}"),
        }[command]
        pools = {name: self.hosts[name].start("python", "-m", *words, environment=environment) for name in names}
        for name, pool in pools.items():
            wait_for(lambda pool=pool: pool.over or listens(pool.host), f"the pool on {name}")  # type: ignore[misc]
            assert not pool.over, pool.said()
        return pools

    def build(
        self,
        inputs: str,
        output: str,
        *names: str,
        beam: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Program:
        """Starts a build at the desk, with workers from the pools on these hosts.

        beam: more options for Beam. environment: in place of the store's.
        """
        pools = ",".join(f"{name}:{POOL}" for name in names)
        words = ("--runner=PortableRunner", "--job_endpoint=embed", "--environment_type=EXTERNAL")
        command = ("python", "-m", "scenesign", *FITTED, inputs, "-o", output, "--quiet", "--", *words)
        environment = self.inside.environment if environment is None else environment
        return self.desk.start(*command, f"--environment_config={pools}", *beam, environment=environment)

    def calm(self) -> None:
        """Ends all that runs on hosts but the store, and puts right what was cut, filled or left."""
        for name in ("desk", *WORKERS):
            host = self.hosts[name]
            host.kill()
            host.mend()
            host.empty()
            host.tidy()

    def temporary(self) -> list[str]:
        """Temporary files on all hosts."""
        return [str(path) for host in self.hosts.values() for path in host.temporary()]

    def writers(self, home: str) -> set[str]:
        """Names of the hosts that have written parts below a folder of the store."""
        path = re.escape(home.removeprefix("s3:/"))
        asked = re.findall(rf'^(\S+) .*"(?:\x1b\S*?m)?PUT {path}\S*{re.escape(SUFFIX)}', self.store.said(), re.M)
        names = {host.address: name for name, host in self.hosts.items()}
        return {names[address] for address in asked}


@contextmanager
def opened_fleet(folder: Path) -> Iterator[Fleet]:
    """A fleet. Raises NoHostsError where the system makes no hosts."""
    with wired(folder, "desk", "store", *WORKERS) as hosts, socket.create_server(("127.0.0.1", 0)) as outside:
        file = outside.fileno()
        store = hosts["store"].start("python", "-c", _STORE, file, passed=[file])
        wait_for(lambda: store.over or "serving" in store.said(), "the store")
        assert not store.over, store.said()
        there = s3_environment(f"127.0.0.1:{outside.getsockname()[1]}")
        make_bucket(there, BUCKET)
        here = s3_environment(f"store:{STORE}")
        yield Fleet(hosts, store, Store(f"s3://{BUCKET}", here), Store(f"s3://{BUCKET}", there))


def listens(host: Host) -> bool:
    """Whether there is a pool on a host that others can reach."""
    tables = (Path(f"/proc/{host.init.pid}/net/{table}").read_text(encoding="utf-8") for table in ("tcp", "tcp6"))
    return any(re.search(rf" 0+:{POOL:04X} \S+ 0A ", table) for table in tables)  # 0A: listening


def wait_for(mark: Callable[[], object], what: str, seconds: float = SLOW) -> None:
    """Waits until a function gives something. Raises TimeoutError with what was waited for."""
    deadline = time.monotonic() + seconds
    while not mark():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited for {what} for {seconds} s")
        time.sleep(0.05)


def parts_below(output: str) -> list[str]:
    """Names of the parts that runs for an output have left in the store."""
    return [name for name in storage.list_tree(f"{output}.parts") if name.endswith(SUFFIX)]


def left_in(home: str) -> set[str]:
    """What lies in a folder of the store beside a dataset `out` and its parts."""
    names = {name.split("/")[0] for name in storage.list_tree(home)} - {"out"}
    kinds = {Path(name).suffix for name in storage.list_tree(f"{home}/out.parts")}
    return names - {"out.parts"} | kinds - {".parquet"}


def digests_below(dataset: str) -> dict[str, str]:
    """As `data_digests`, of a dataset in the store."""
    return {
        name: hashlib.sha256(storage.read_bytes(f"{dataset}/{name}")).hexdigest()
        for name in storage.list_tree(dataset)
        if Path(name).name not in {"manifest.json", "README.md", "croissant.json", "report.html", "atlas.png"}
    }


def reused_by(output: str) -> int:
    """How many books the run that wrote a dataset has taken from earlier runs."""
    manifest = Manifest.from_json(storage.read_bytes(f"{output}/manifest.json").decode())
    return int(manifest.run["counters"].get("books/reused", 0))
