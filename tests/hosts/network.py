"""Hosts made out of namespaces: each has an address, a name, processes and temporary files of its own.

They share this system's programs, and are wired to one switch. All of it lies in namespaces without names, which the
system takes away with the last process in them, and that is gone as soon as whoever made them is: nothing is to be
cleaned up, however the tests end, and two networks at once know nothing of each other.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("ip", "mount", "nsenter", "unshare")
_FULL = "full"
# Ends with its standard input, and all that runs in its namespaces with it. Processes whose parents are gone become its
# children, and as it's deaf to their end, the system takes them away.
_INIT = "echo ready; exec env --ignore-signal=CHLD cat"
_SWITCH = f"set -e; ip link add switch type bridge; ip link set switch up; {_INIT}"
# Arguments: name, file of names and addresses, empty file, folder for temporary files, and what stays in sight of
# what lies among temporary files.
_HOST = f"""
set -e
hostname "$1"
mount --bind "$2" /etc/hosts
mount --bind "$3" /etc/resolv.conf
temporary="$4"
shift 4
for shared; do
  mkdir -p "$temporary/${{shared#/tmp/}}"
  mount --bind "$shared" "$temporary/${{shared#/tmp/}}"
done
mount --rbind "$temporary" /tmp
ip link set lo up
{_INIT}
"""


class NoHostsError(Exception):
    """This system makes no hosts. The message says what it refuses."""


@dataclass
class Program:
    """Something that was started on a host. log: all that it says."""

    host: Host
    starter: subprocess.Popen[bytes]
    log: Path

    @property
    def process(self) -> psutil.Process:
        """Itself, as it's seen from here."""
        (found,) = psutil.Process(self.starter.pid).children()
        return found

    @property
    def over(self) -> bool:
        return self.starter.poll() is not None

    def code(self, seconds: float) -> int:
        """Waits for the end. Raises TimeoutError, with what it has said, when it doesn't come in time."""
        try:
            return self.starter.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"no end within {seconds} s; it said: {self.said()}") from None

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


@dataclass
class Host:
    """One host. init: its first process, and space: the namespace that all its processes are in.

    folder: has its `tmp`, the names that it knows in `hosts`, and logs of what was started, which it doesn't see.
    kept: names in `tmp` under which shared folders are mounted; to remove them would take those away.
    enter: words before a command that is to run there. switch: before one that is to run at the other end of the cable.
    """

    name: str
    address: str
    folder: Path
    init: psutil.Process
    space: str
    enter: tuple[str, ...]
    switch: tuple[str, ...]
    kept: frozenset[str]
    programs: list[Program] = field(default_factory=list)
    is_full: bool = False

    def start(
        self, *words: object, environment: Mapping[str, str] | None = None, passed: Sequence[int] = ()
    ) -> Program:
        """Starts a command. environment: beside the few variables that every host has. passed: files it inherits."""
        log = self.folder / f"{len(self.programs)}.log"
        command = [*self.enter, "env", "--chdir=/tmp", *map(str, words)]
        with open(log, "ab") as stream:
            starter = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                env=plain_environment() | dict(environment or {}),
                pass_fds=passed,
                start_new_session=True,
            )
        self.programs.append(Program(self, starter, log))
        return self.programs[-1]

    def do(self, *words: object) -> str:
        """Runs a short command to its good end: what it says."""
        program = self.start(*words)
        assert program.code(60) == 0, program.said()
        return program.said()

    def processes(self) -> list[psutil.Process]:
        """All that is alive on the host but its first process."""
        return [process for process in members(self.space) if process != self.init]

    def kill(self) -> None:
        """Ends all that runs there, at once; the host stays."""
        deadline = time.monotonic() + 60
        while found := self.processes():
            assert time.monotonic() < deadline, found
            for process in found:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            time.sleep(0.01)
        for program in self.programs:
            program.code(60)

    def temporary(self) -> list[Path]:
        """Its temporary files, as they're seen from here."""
        return [path for path in (self.folder / "tmp").iterdir() if path.name not in self.kept]

    def tidy(self) -> None:
        """Removes its temporary files."""
        for path in self.temporary():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    def cut(self) -> None:
        """Pulls the cable out: from now on nothing comes or goes, and nobody is told."""
        run_in(self.switch, "ip", "link", "set", self.name, "down")

    def mend(self) -> None:
        """Puts the cable back."""
        run_in(self.switch, "ip", "link", "set", self.name, "up")

    def fill(self) -> str:
        """A folder of the host's on a disk with hardly any room: for a name that is tried out, but no more."""
        (self.folder / "tmp" / _FULL).mkdir()
        run_in(self.enter, "mount", "-t", "tmpfs", "-o", "size=16k", "full", f"/tmp/{_FULL}")
        self.is_full = True
        return f"/tmp/{_FULL}"

    def empty(self) -> None:
        """Makes room there again; what was written since is gone."""
        if self.is_full:
            run_in(self.enter, "umount", "--lazy", f"/tmp/{_FULL}")
            self.is_full = False


def plain_environment() -> dict[str, str]:
    """What every process on a host has: where programs and our code are, and nothing of this process's own."""
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": str(ROOT),
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "COLUMNS": "200",
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }


def space_of(pid: int) -> str:
    """The namespace of processes that one is in. Raises OSError for one that is over, or that we may not look at."""
    return os.readlink(f"/proc/{pid}/ns/pid")


def members(space: str) -> list[psutil.Process]:
    """Processes that are alive in a namespace."""
    found = []
    for pid in psutil.pids():
        with suppress(OSError, psutil.NoSuchProcess):
            if space_of(pid) == space and (process := psutil.Process(pid)).status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def run_in(enter: Sequence[str], *words: str) -> None:
    """Runs a command of the system's in a namespace. Raises RuntimeError with what it says when it fails."""
    done = subprocess.run([*enter, *words], capture_output=True, text=True, encoding="utf-8")
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")


@contextmanager
def namespaces(before: Sequence[str], *kinds: str, script: str, arguments: Sequence[object] = ()) -> Iterator[int]:
    """New namespaces, as long as the block or this process lasts: the id of their first process.

    before: words that enter those that they are made in. Raises RuntimeError with what the system says against it.
    """
    command = [*before, "unshare", *kinds, "--fork", "--kill-child", "sh", "-c", script, "sh", *map(str, arguments)]
    holder = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    assert holder.stdin
    assert holder.stdout
    assert holder.stderr
    with holder.stdin, holder.stdout, holder.stderr:
        try:
            if not holder.stdout.readline():
                raise RuntimeError(holder.stderr.read().decode(errors="replace").strip())
            (first,) = psutil.Process(holder.pid).children()
            yield first.pid
        finally:
            with suppress(OSError):
                holder.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                holder.wait(10)
            with suppress(ProcessLookupError):
                os.killpg(holder.pid, signal.SIGKILL)
            holder.wait()


@contextmanager
def wired(folder: Path, *names: str) -> Iterator[dict[str, Host]]:
    """Hosts of these names on one network, each of which knows the others by name.

    folder: for what they keep and say. Raises NoHostsError, with the reason, where the system does not allow it.
    """
    for tool in NEEDED:
        if shutil.which(tool) is None:
            raise NoHostsError(f"there is no program `{tool}`")
    with ExitStack() as stack:
        try:
            hosts = _make(stack, folder, names)
        except RuntimeError as error:
            raise NoHostsError(str(error)) from error
        yield hosts


def _make(stack: ExitStack, folder: Path, names: Sequence[str]) -> dict[str, Host]:
    # who is not root is it in namespaces of their own, where the system allows that
    user = () if os.geteuid() == 0 else ("--user", "--preserve-credentials")
    root = ("--user", "--map-root-user") if user else ()
    addresses = {name: f"10.0.0.{number}" for number, name in enumerate(names, 1)}
    (folder / "resolv.conf").touch()
    known = "".join(f"{address} {name}\n" for name, address in addresses.items())
    shared = [path for path in {ROOT, Path(sys.prefix), Path(sys.base_prefix)} if path.is_relative_to("/tmp")]
    first = stack.enter_context(namespaces((), *root, "--net", "--pid", script=_SWITCH))
    outside = ("nsenter", f"--target={first}", *user) if user else ()
    switch = ("nsenter", f"--target={first}", *user, "--net")
    hosts = {}
    for name, address in addresses.items():
        own = folder / name
        (own / "tmp").mkdir(parents=True)
        (own / "hosts").write_text(f"127.0.0.1 localhost\n{known}", encoding="utf-8")
        kinds = ("--net", "--uts", "--mount", "--pid", "--mount-proc")
        settings = (name, own / "hosts", folder / "resolv.conf", own / "tmp", *shared)
        pid = stack.enter_context(namespaces(outside, *kinds, script=_HOST, arguments=settings))
        enter = ("nsenter", f"--target={pid}", *user, "--net", "--uts", "--mount", "--pid")
        kept = frozenset(path.name for path in (own / "tmp").iterdir())
        host = Host(name, address, own, psutil.Process(pid), space_of(pid), enter, switch, kept)
        stack.callback(host.kill)
        run_in(switch, "ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", str(pid))
        run_in(switch, "ip", "link", "set", name, "master", "switch", "up")
        run_in(enter, "ip", "address", "add", f"{address}/24", "dev", "eth0")
        run_in(enter, "ip", "link", "set", "eth0", "up")
        hosts[name] = host
    return hosts
