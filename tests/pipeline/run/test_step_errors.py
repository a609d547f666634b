"""A step's error, as workers write it down: where it comes from, and the one line of it that says why."""

from __future__ import annotations

import pytest

from scenesign.pipeline.run.step_errors import cause_line, host_of, mark_host, step_of

# As Beam's workers tell of a DoFn in a composite step; frames in between are left out.
OF_A_WORKER = """\
Traceback (most recent call last):
  File "/srv/app/pipeline/read.py", line 8, in read
    open(path)
FileNotFoundError: [Errno 2] No such file or directory: "/books/it's [a] 'book'"

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "apache_beam/runners/common.py", line 1512, in apache_beam.runners.common.DoFnRunner.process
  File "/srv/app/pipeline/read.py", line 10, in read
    raise UnreadableBook("can't read [it's 'so']") from error
UnreadableBook: can't read [it's 'so']

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/usr/lib/python3/apache_beam/runners/worker/sdk_worker.py", line 310, in _execute
    response = task()
               ^^^^^^
  File "apache_beam/runners/common.py", line 1623, in apache_beam.runners.common.DoFnRunner._reraise_augmented
  File "/srv/app/pipeline/read.py", line 10, in read
    raise UnreadableBook("can't read [it's 'so']") from error
UnreadableBook: can't read [it's 'so'] [while running 'Embed books/Inner/ParDo(Read)']
"""
SHORT = """\
Traceback (most recent call last):
  File "apache_beam/runners/common.py", line 1512, in apache_beam.runners.common.DoFnRunner.process
  File "/srv/app/pipeline/parts.py", line 3, in write
    except OSError as Error: raise
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
OSError: [Errno 28] No space left on device: '/data/a part' [while running 'WriteParts']
"""
SEVERAL_LINES = """\
Traceback (most recent call last):
  File "/srv/app/pipeline/read.py", line 10, in read
    raise RuntimeError(text)
RuntimeError: the first line
the second, of another Error
the third [while running 'ReadBooks/Read']
"""
# As Flink hands it on: Java's own frames follow.
OF_FLINK = """\
java.lang.RuntimeException: Error received from SDK harness for instruction 9: Traceback (most recent call last):
  File "/srv/app/pipeline/read.py", line 10, in read
    return int(text)
ValueError: invalid literal for int() with base 10: '' [while running 'Fit/Map']

\tat org.apache.beam.runners.fnexecution.control.FnApiControlClient$ResponseStreamObserver.onNext(Error.java:180)
"""


@pytest.mark.parametrize(
    ("text", "step", "line"),
    [
        (OF_A_WORKER, "Embed books", "Embed books: UnreadableBook: can't read [it's 'so']"),
        (SHORT, "WriteParts", "WriteParts: OSError: [Errno 28] No space left on device: '/data/a part'"),
        (SEVERAL_LINES, "ReadBooks", "ReadBooks: RuntimeError: the first line"),
        (OF_FLINK, "Fit", "Fit: ValueError: invalid literal for int() with base 10: ''"),
        # of a run in this process, whose error has a message and no traceback
        (
            "can't read [it's 'so'] [while running 'Embed books/Inner']",
            "Embed books",
            "Embed books: can't read [it's 'so']",
        ),
        ("no room on [sda1]", "", "no room on [sda1]"),
        ("job failed:\n  ImportError: no faiss\n  (and 3 more)", "", "ImportError: no faiss"),
        ("it broke\nin two\n >\n", "", "in two"),
        # Beam's words around an error whose kind it can't make anew
        ("RuntimeError: OSError: [Errno 5] full [while running 'Write/Do']", "Write", "Write: OSError: [Errno 5] full"),
        ("", "", ""),
        ("\n ---\n", "", ""),
    ],
)
def test_step_and_cause_are_one_line(text: str, step: str, line: str) -> None:
    assert step_of(text) == step
    assert host_of(text) == ""
    assert cause_line(text) == line


@pytest.mark.parametrize("text", [OF_A_WORKER, SHORT, SEVERAL_LINES, OF_FLINK])
def test_the_machine_is_named_between_step_and_cause(text: str) -> None:
    marked = mark_host(text, "birch.example")
    assert host_of(marked) == "birch.example"
    step = step_of(text)
    assert step_of(marked) == step
    assert cause_line(marked) == f"{step} on birch.example{cause_line(text).removeprefix(step)}"


def test_a_machine_without_a_step() -> None:
    assert cause_line(mark_host("ImportError: no faiss\n", "birch")) == "birch: ImportError: no faiss"
    assert cause_line(mark_host("", "birch")) == "birch"


def test_the_first_that_names_a_machine_is_right() -> None:
    """A worker knows its own name; who is told of its error knows only the address of the pool."""
    marked = mark_host(SHORT, "birch")
    assert marked == f"{SHORT}[on host birch]"
    assert mark_host(marked, "10.0.0.2:50000") == marked
    # a message that only speaks of a host names none
    assert host_of(mark_host("OSError: [on host oak] is no file", "birch")) == "birch"


def test_a_long_cause_is_cut() -> None:
    assert cause_line(f"ValueError: {'x' * 1000} [while running 'Read']") == "Read: ValueError: " + "x" * 388
