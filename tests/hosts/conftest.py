"""The fleet, for all tests of this folder, and what they build from."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from scenesign.transforms.support import storage
from tests.hosts.fleet import Fleet, opened_fleet
from tests.hosts.network import NoHostsError, members
from tests.stores import in_environment


@pytest.fixture(scope="package")
def common_fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Made once. Nothing of it may be left in the end."""
    with ExitStack() as stack:
        try:
            found = stack.enter_context(opened_fleet(tmp_path_factory.mktemp("fleet")))
        except NoHostsError as error:
            pytest.skip(f"no hosts can be made here: {error}")
        stack.enter_context(in_environment(found.outside))
        yield found
    assert [process for host in found.hosts.values() for process in members(host.space)] == []


@pytest.fixture
def fleet(common_fleet: Fleet) -> Iterator[Fleet]:
    """The fleet, on which nothing but the store runs before a test and after it."""
    yield common_fleet
    common_fleet.calm()


@pytest.fixture(scope="package")
def books(common_fleet: Fleet, corpus: Path) -> str:
    """The corpus in the store."""
    folder = f"{common_fleet.outside.bucket}/corpus"
    for path in corpus.glob("*/*"):
        storage.write_bytes(f"{folder}/{path.relative_to(corpus).as_posix()}", path.read_bytes())
    return folder


@pytest.fixture
def home(common_fleet: Fleet) -> str:
    """A folder of the store for one test."""
    return f"{common_fleet.outside.bucket}/{uuid.uuid4().hex}"
