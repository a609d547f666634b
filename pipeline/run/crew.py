"""The workers of a run under Beam's local runner, in our own hands: processes of this machine, or of others.

Beam starts them, but never ends one by force: it waits without limit for a worker that is in the middle of a book, that
has died, or that was still starting when the run was over. Here they are asked, and then made to end.
"""

from __future__ import annotations

import threading
import time
import weakref
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import grpc
from apache_beam.runners.portability.fn_api_runner.fn_runner import ExtendedProvisionInfo
from apache_beam.runners.portability.fn_api_runner.worker_handlers import (
    BeamFnControlServicer,
    ControlFuture,
    GrpcServer,
    GrpcWorkerHandler,
    StateServicer,
)

from scenesign.transforms.support.threads import one_thread_at_a_time

_SECONDS_TO_END = 4.0  # for workers that are asked to
_SECONDS_TO_DIE = 2.0  # for workers that have been killed


class WorkerDiedError(Exception):
    """A worker has ended by itself, or can't be reached any more. The message is one line for the user."""


class Crew:
    """All workers of one run. When one fails, all end, and whoever waits for one of them is told why.

    size: how many there are. pools: where each of them comes from, for those of other machines. far: whether there are
    pools.
    """

    def __init__(self, size: int, pools: Iterable[str] = ()) -> None:
        self.failure: Exception | None = None
        self.on_failure: Callable[[Exception], None] = lambda error: None
        self.size = size
        self._pools = list(pools)
        self.far = bool(self._pools)
        self._members: list[Member] = []
        self._waiting: weakref.WeakSet[ControlFuture] = weakref.WeakSet()
        self._over = False
        self._lock = threading.RLock()

    @property
    def over(self) -> bool:
        """Whether nobody's work is wanted any more."""
        return self._over or self.failure is not None

    @one_thread_at_a_time
    def take_pool(self) -> str:
        """Where the next worker comes from."""
        return self._pools.pop(0)

    @one_thread_at_a_time
    def join(self, member: Member) -> None:
        """Starts a worker."""
        if self.failure:
            raise self.failure
        member.start()
        self._members.append(member)

    @one_thread_at_a_time
    def wait_for(self, answer: ControlFuture) -> ControlFuture:
        """An answer that a failure of the crew comes in place of."""
        self._waiting.add(answer)
        if self.failure:
            answer.abort(self.failure)
        return answer

    def fail(self, error: Exception) -> None:
        """Ends all workers at once. Only the first error counts, as the others come of it. Never waits."""
        if self._end_all(error):
            self.on_failure(error)

    @one_thread_at_a_time
    def _end_all(self, error: Exception) -> bool:
        """Whether this was the first error."""
        if self.over:
            return False
        self.failure = error
        for member in self._members:
            member.kill()
        for answer in list(self._waiting):
            answer.abort(error)
        return True

    def stop(self) -> None:
        """Ends all workers at once, as nobody wants their work any more. Never waits."""
        self.fail(InterruptedError("the run was stopped"))

    def close(self) -> None:
        """Ends all workers within seconds: those that have nothing to do any more end by themselves."""
        members = self._dismiss()
        if not self.failure:
            for member in members:
                member.ask()
            _wait(members, _SECONDS_TO_END)
            for member in members:
                member.kill()
        _wait(members, _SECONDS_TO_DIE)

    @one_thread_at_a_time
    def _dismiss(self) -> list[Member]:
        members, self._members = self._members, []
        self._over = True
        return members


def _wait(members: Iterable[Member], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    for member in members:
        member.wait(max(0.0, deadline - time.monotonic()))


class CrewInfo(ExtendedProvisionInfo):
    """What Beam hands to each worker's handler: the options of the run, and here its crew."""

    def __init__(self, provision_info: Any, crew: Crew) -> None:
        super().__init__(provision_info)
        self.crew = crew

    def for_environment(self, env: Any) -> CrewInfo:
        """The same for all: our workers find their code where the run found it, or have it."""
        return self


class Member(GrpcWorkerHandler):
    """One worker, as Beam's runner sees it."""

    def __init__(self, payload: bytes, state: StateServicer, provision_info: CrewInfo, grpc_server: GrpcServer) -> None:
        super().__init__(state, provision_info, grpc_server)
        self._crew = provision_info.crew
        # a stream that a dead worker breaks just ends here: whoever watches it knows why, and says so once
        control: Any = self.control_conn
        data: Any = self.data_conn
        push, take_control, take_data = control.push, control.set_input, data.set_inputs
        control.push = lambda request: self._pushed(push(request))
        control.set_input = lambda stream: take_control(self._answers(stream))
        data.set_inputs = lambda stream: take_data(self.data_of(stream))

    def _pushed(self, answer: ControlFuture | None) -> ControlFuture | None:
        return self._crew.wait_for(answer) if answer else None

    def _answers(self, stream: Iterable[Any]) -> Iterator[Any]:
        for answer in until_broken(stream):
            if answer.error:  # Beam would see it only after the other workers have done their share
                self._crew.fail(self.trouble(answer.error))
            yield answer

    def data_of(self, stream: Iterable[Any]) -> Iterator[Any]:
        """What a worker sends of its results."""
        return until_broken(stream)

    def trouble(self, error: str) -> Exception:
        """What a worker's traceback is to the run."""
        return RuntimeError(error)

    def start_worker(self) -> None:
        """Called by Beam."""
        self._crew.join(self)

    def close(self) -> None:
        """Called by Beam, for one worker after the other."""
        self._crew.close()

    def let_go(self) -> None:
        """Ends what serves the worker on our side."""
        self.ask()
        self.data_conn.close()

    def ask(self) -> None:
        """Asks the worker to end, also one that has only just begun to start."""
        self.control_conn.push(BeamFnControlServicer._DONE_MARKER)

    @abstractmethod
    def start(self) -> None:
        """Starts the worker. Raises WorkerDiedError where it can't be started."""

    @abstractmethod
    def wait(self, seconds: float) -> None:
        """Returns when the worker has ended, or after that time."""

    @abstractmethod
    def kill(self) -> None:
        """Ends the worker in any state it is in. Never waits."""


def until_broken(stream: Iterable[Any]) -> Iterator[Any]:
    """What comes of a stream, which just ends where its line breaks."""
    with suppress(grpc.RpcError):
        yield from stream
