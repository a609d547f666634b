"""With workers on other hosts a job writes the bytes of a local run."""

from __future__ import annotations

import pytest

from scenesign.pipeline.run.kernels import pin_kernels
from tests.hosts.fleet import SLOW, STORE, WORKERS, Fleet, digests_below, left_in
from tests.hosts.network import Program
from tests.runs import Unbroken

pytestmark = pytest.mark.slow


def assert_same(run: Program, fleet: Fleet, home: str, unbroken: Unbroken) -> None:
    """The run has ended well, with the bytes of a local run, and has left nothing else."""
    assert run.code(SLOW) == 0, run.said()
    assert digests_below(f"{home}/out") == unbroken.digests
    assert left_in(home) == set()
    assert fleet.temporary() == []


def test_every_one_of_three_hosts_does_its_share(fleet: Fleet, books: str, home: str, unbroken: Unbroken) -> None:
    fleet.start_pools(*WORKERS)
    assert_same(fleet.build(books, f"{home}/out", *WORKERS), fleet, home, unbroken)
    assert fleet.writers(f"{home}/out.parts") == set(WORKERS)


def test_workers_get_the_way_to_the_store_from_options_of_beam(
    fleet: Fleet, books: str, home: str, unbroken: Unbroken
) -> None:
    """Neither the pool nor the command has a word of the store in its environment."""
    fleet.start_pools("alder", environment={})
    keys = (f"--s3_endpoint_url=http://store:{STORE}", "--s3_access_key_id=nobody", "--s3_secret_access_key=nothing")
    run = fleet.build(books, f"{home}/out", "alder", beam=(*keys, "--s3_region_name=us-east-1"), environment={})
    assert_same(run, fleet, home, unbroken)
    assert fleet.writers(f"{home}/out.parts") == {"alder"}


def test_a_pool_of_beams_own_may_be_among_them(fleet: Fleet, books: str, home: str, unbroken: Unbroken) -> None:
    """It knows nothing of the kernels that a fit takes; whoever starts it has to."""
    environment = dict(fleet.inside.environment)
    pin_kernels(environment)
    fleet.start_pools("alder")
    fleet.start_pools("birch", environment=environment, command="beam")
    assert_same(fleet.build(books, f"{home}/out", "alder", "birch"), fleet, home, unbroken)
    assert fleet.writers(f"{home}/out.parts") == {"alder", "birch"}
