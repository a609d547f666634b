"""What holds on systems that these tests don't run on, as far as it can be seen from here.

Windows is played: its Python has less than ours, and so has a process from which that is taken away.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import numpy as np
import pytest

from scenesign.pipeline.options.beam import beam_options
from scenesign.pipeline.report.page import write_report
from scenesign.pipeline.run.build import run_build
from scenesign.pipeline.run.shares import BYTES_VARIABLE
from scenesign.pipeline.train.train_dataset import train_dataset
from scenesign.pipeline.train.trainer import TrainingOptions
from tests.conftest import ROOT, pair_options
from tests.runs import data_digests

ROOMS = ("pipeline", "transforms", "schemas")
CODE = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))

# Names that Python has on POSIX alone, and a stand-in for the one module that Windows alone has.
WINDOWS = """
import contextlib, importlib, os, pathlib, pkgutil, select, signal, socket, subprocess, sys, time, traceback, types

fork, leave = os.fork, os._exit
# libraries are as they are on this system; only what this project does by itself is looked at
import apache_beam.runners.portability.fn_api_runner.fn_runner, apache_beam.runners.worker.sdk_worker_main
import apache_beam.options.pipeline_options, apache_beam.io.filesystems, apache_beam.ml.inference.base
import asyncio, click, datasets, faiss, ftfy, jieba, jinja2, lxml.html, multiprocessing.synchronize, rich.live
import pyarrow.parquet, pypdfium2, scipy.sparse, sentence_transformers, sklearn.metrics, spacy, torch.utils.data, yaml
import matplotlib, py3langid, simplemma, tiktoken, transformers, zstandard

for name in ("fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"):
    sys.modules[name] = None
for owner, names in {
    os: "chown fchmod fork getegid geteuid getgid getpgid getuid killpg lchown major minor mkfifo nice O_DIRECTORY "
        "O_NOFOLLOW O_NONBLOCK openpty posix_fadvise posix_fallocate pread pwrite sched_getaffinity setpgid setsid "
        "statvfs sysconf uname wait3 wait4 WEXITSTATUS WIFSIGNALED",
    signal: "SIGALRM SIGCHLD SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGUSR1 SIGUSR2 SIGXCPU alarm pause setitimer",
    socket: "AF_UNIX SCM_RIGHTS socketpair",
    select: "epoll poll",
    time: "tzset",
}.items():
    for name in names.split():
        with contextlib.suppress(AttributeError):
            delattr(owner, name)
signal.SIGBREAK = 21
subprocess.CREATE_NEW_PROCESS_GROUP = 0x200
sys.modules["msvcrt"] = msvcrt = types.ModuleType("msvcrt")
msvcrt.LK_NBLCK = 2
sys.platform = "win32"

folder = pathlib.Path(sys.argv[1])
for program in sorted(folder.glob("*.py")):
    child = fork()
    if not child:
        with program.with_suffix(".said").open("w") as said:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            sys.argv = [str(program), str(program.with_suffix(".file"))]
            try:
                exec(compile(program.read_text(), program, "exec"), {**globals()})
            except BaseException:
                traceback.print_exc()
            sys.stdout.flush()
            leave(0)
    os.waitpid(child, 0)
"""

PROGRAMS = {
    "imports": """
import scenesign
found = [m.name for m in pkgutil.walk_packages(scenesign.__path__, "scenesign.") if not m.name.endswith("__main__")]
for name in found:
    importlib.import_module(name)
print(len(found))
""",
    "signals": """
from scenesign.pipeline.run import stopping
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job may be told to ignore it
heeded = []
signal.signal = lambda number, handler: heeded.append(getattr(number, "name", number))
with stopping.stopped_by_signals("nothing lost"):
    print("heeds", *heeded)
""",
    "second stop": """
from scenesign.pipeline.run import stopping
def refuse(*files):
    raise OSError("not a socket")
select.select, os._exit = refuse, print
stopping._exit(2, "")
""",
    "workers": """
from unittest.mock import MagicMock
from scenesign.pipeline.run import worker_process
member = MagicMock(control_address="here:1", worker_id="w")
member._crew.size = 2
member.provision_info.provision_info.pipeline_options = worker_process.endpoints_pb2.ApiServiceDescriptor()
started = []
subprocess.Popen = lambda command, **how: started.append((command, how)) or MagicMock()
worker_process.threading.Thread = MagicMock()
worker_process.WorkerProcess.start(member)
(command, how), = started
print(command[:2] == [sys.executable, "-c"], hex(how["creationflags"]), worker_process.how_it_died(1, ["no faiss"]))
""",
    "progress": """
from scenesign.transforms.support import counting
with contextlib.ExitStack() as stack:
    receiver, address = counting.open_mailbox(stack)
    receiver.settimeout(20)
    os.environ[counting.SOCKET_VARIABLE] = address
    counting.tell("books", "read", 3)
    print(address.startswith("127.0.0.1:"), receiver.recv(999).decode())
""",
    "locks": """
held = set()
def locking(descriptor, mode, bytes):
    place = os.fstat(descriptor).st_ino, os.lseek(descriptor, 0, os.SEEK_CUR)
    if place in held:
        raise PermissionError(13, "Permission denied")
    held.add(place)
msvcrt.locking = locking
unlink, opened = os.unlink, set()
def unlink_closed(path, **how):
    here = [os.readlink(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")
            if os.path.lexists(f"/proc/self/fd/{number}")]
    if os.path.realpath(path) in here:
        raise PermissionError(13, "the file is open", path)
    unlink(path, **how)
os.unlink = unlink_closed
def kill(*asked): raise AssertionError("os.kill(pid, 0) sends Ctrl-C on Windows")
os.kill = kill
from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.run import locks
path = sys.argv[1]
with locks.held(path, "the output"):
    print(locks.holder(path).split(" on ")[0] == f"process {os.getpid()}")
    try:
        with locks.held(path, "the output"): print("held twice")
    except UsageError as error:
        print(str(error)[:45])
held.clear()  # Windows lets go of it with the file
print(os.path.exists(path), repr(locks.holder(path)))
open(path, "w").write(f"process 1 on {socket.gethostname()}, since yesterday")
print(repr(locks.holder(path)))  # of a process that was killed
held.clear()
with locks.held(path, "the output"): print("mine again")
""",
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What each of the programs says in a Python that has nothing of what Windows hasn't, by lines."""
    folder = tmp_path_factory.mktemp("windows")
    for name, program in PROGRAMS.items():
        (folder / f"{name}.py").write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", WINDOWS, folder], cwd=ROOT, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return {name: (folder / f"{name}.said").read_text(encoding="utf-8").splitlines() for name in PROGRAMS}


def test_every_module_is_imported(said: dict[str, list[str]]) -> None:
    (modules,) = said["imports"]
    assert int(modules) > len(CODE) * 0.9


def test_a_command_heeds_what_is_sent_there(said: dict[str, list[str]]) -> None:
    assert said["signals"] == ["heeds SIGINT SIGTERM 21"]
    assert said["second stop"] == ["130"]  # nobody asks there whether standard error can be written to


def test_worker_processes_start_without_a_shell(said: dict[str, list[str]]) -> None:
    assert said["workers"] == ["True 0x200 a worker process ended with code 1: no faiss"]


def test_a_run_is_watched_where_sockets_are_no_files(said: dict[str, list[str]]) -> None:
    assert said["progress"] == ['True {"books/read": 3}']


def test_locks_are_held_and_let_go(said: dict[str, list[str]]) -> None:
    assert said["locks"] == ["True", "another run is at work on the output (process", "False ''", "''", "mine again"]


def _writes(tree: ast.AST) -> Iterable[ast.Call]:
    """Calls that write text to a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            constants = [
                value.value
                for value in (*node.args, *(k.value for k in node.keywords))
                if isinstance(value, ast.Constant)
            ]
            mode = next((c for c in constants if isinstance(c, str) and re.fullmatch(r"[wax]\+?t?|r\+t?", c)), "")
            if name == "write_text" or (name in ("open", "fdopen", "NamedTemporaryFile", "TemporaryFile") and mode):
                yield node


def test_text_has_the_same_line_ends_everywhere() -> None:
    """Each file of text that the package writes says which; but locks, which only people read."""
    found = [(path, call) for path in CODE for call in _writes(ast.parse(path.read_text(encoding="utf-8")))]
    assert len(found) > 6
    silent = {
        path.relative_to(ROOT).as_posix()
        for path, call in found
        if not any(k.arg == "newline" and ast.unparse(k.value) == "'\\n'" for k in call.keywords)
    }
    assert silent <= {"pipeline/run/locks.py", "pipeline/train/train_dataset.py"}


def _open_under(folder: str) -> list[str]:
    """Files under a folder that this process has open or mapped; Linux tells."""
    descriptors = [os.path.join("/proc/self/fd", number) for number in os.listdir("/proc/self/fd")]
    paths = [os.readlink(descriptor) for descriptor in descriptors if os.path.lexists(descriptor)]
    paths += [
        line.split(maxsplit=5)[-1].strip() for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    ]
    return [path for path in paths if path == folder or path.startswith(f"{folder}/")]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="only Linux tells which files are open")
def test_what_is_open_is_found(tmp_path: Path) -> None:
    (tmp_path / "mapped").write_bytes(b"1")
    with (tmp_path / "open").open("w", encoding="utf-8"):
        assert _open_under(str(tmp_path)) == [str(tmp_path / "open")]
    mapped = np.memmap(tmp_path / "mapped", np.uint8)
    assert set(_open_under(str(tmp_path))) == {str(tmp_path / "mapped")}
    assert mapped[0] == ord("1")


@pytest.mark.slow
@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="only Linux tells which files are open")
def test_nothing_is_open_that_gets_another_name_or_is_removed(
    pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses both. Also while a dataset is replaced, trained on and reported on.

    Two inputs differ only in case; what is written doesn't hang on their names.
    """
    shelf = tmp_path / "in"
    shelf.mkdir()
    for language, name in (("en", "Bell.txt"), ("zh", "bell.txt")):
        (shelf / name).write_bytes((pair / f"{language}.txt").read_bytes())
    if len(list(shelf.iterdir())) < 2:
        pytest.skip("this disk holds no two names that differ in case")
    seen: list[str] = []
    refused: list[tuple[str, list[str]]] = []
    # a lock is removed while it is held, but not on Windows; a temporary file without a name is gone at once
    kept = re.compile(r"/\.lock$|/\.\w+\.lock$|/model\.lock$|/tmp\w{8}$")

    def watched(name: str) -> None:
        act = getattr(os, name)

        def look(*places: str, **how: object) -> None:
            if "dir_fd" not in how and "src_dir_fd" not in how:
                for place in map(os.path.abspath, places):
                    if place.startswith(str(tmp_path)) and not kept.search(place):
                        seen.append(name)
                        if found := _open_under(place):
                            refused.append((f"{name} {place}", found))
            act(*places, **how)

        monkeypatch.setattr(os, name, look)

    for name in ("rename", "replace", "unlink", "rmdir"):
        watched(name)
    out = tmp_path / "out"
    for _ in range(2):
        made = run_build(pair_options(shelf, out, overwrite=True), beam_options([]), lambda line: None)
        assert made
        assert sorted(book.source for book in made.books) == ["Bell.txt", "bell.txt"]
    write_report(str(out))
    for _ in range(2):
        train_dataset(str(out), str(tmp_path / "model"), TrainingOptions(epochs=1, width=16), overwrite=True)
    assert {"rename", "replace"} <= set(seen)
    assert refused == []
    assert (
        _refused([path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if shelf not in path.parents])
        == []
    )


RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)")


def _refused(paths: Iterable[str]) -> list[str]:
    """Paths that Windows refuses, or that are one where large and small letters are."""
    paths = list(paths)
    known: defaultdict[str, set[str]] = defaultdict(set)
    for path in paths:
        for whole in (PurePosixPath(path), *PurePosixPath(path).parents):
            known[str(whole).casefold()].add(str(whole))
    odd = [
        path
        for path in paths
        if any(
            re.search(r'[<>:"\\|?*\x00-\x1f]|[. ]$', piece) or RESERVED.match(piece) or len(piece.encode()) > 200
            for piece in path.split("/")
        )
    ]
    return odd + [name for names in known.values() if len(names) > 1 for name in sorted(names)]


@pytest.mark.parametrize("name", ["a:b", "a/what?.txt", "aux", "nul.txt", "a/Com1", "ends.", "ends /x", "tab\t"])
def test_what_windows_refuses(name: str) -> None:
    assert _refused([name, "console/auxiliary.txt", "split=train/a-0 (1).parquet"]) == [name]


def test_names_that_are_one_without_case() -> None:
    assert _refused(["a/B/c", "a/b/d", "a/e"]) == ["a/B", "a/b"]


def test_whatever_is_written_has_a_name_that_every_system_takes(demo: Path) -> None:
    written = [path.relative_to(demo.parent).as_posix() for path in demo.parent.rglob("*")]
    assert any(name.endswith(".part.parquet") for name in written)
    assert any(name.startswith("demo/inventory/") for name in written)
    assert _refused(written) == []


def test_the_repository_can_be_checked_out_everywhere() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    if listed.returncode:
        pytest.skip("not a checkout")
    names = listed.stdout.rstrip("\0").split("\0")
    assert len(names) > 500
    assert _refused(names) == []
    # Git for Windows would change line ends, and digests with them
    assert "* text=auto eol=lf" in (ROOT / ".gitattributes").read_text(encoding="utf-8")


UNGUARDED = """
import multiprocessing, sys
multiprocessing.set_start_method("spawn")
import scenesign
scenesign.build(sys.argv[1], sys.argv[2], signs=6, name="bell", workers=2)
print("done")
"""


@pytest.mark.slow
def test_workers_of_a_build_import_no_script_of_the_user(pair: Path, bell: Path, tmp_path: Path) -> None:
    """However Python starts processes: a script needs no `if __name__ == "__main__"`, and the bytes are the same."""
    (tmp_path / "unguarded.py").write_text(UNGUARDED, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "unguarded.py"), str(pair), str(tmp_path / "out")]
    environment = os.environ | {"PYTHONPATH": str(ROOT), BYTES_VARIABLE: "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, encoding="utf-8")
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
    assert data_digests(tmp_path / "out") == data_digests(bell)
