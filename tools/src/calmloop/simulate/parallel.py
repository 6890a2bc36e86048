"""Runs sessions on all cores, or on a Ray cluster; the same code and the same seeds either way."""

import os
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol, TypeVar

from calmloop.base.errors import ConfigurationError
from calmloop.simulate.processes import Processes

Task = TypeVar("Task")
Result = TypeVar("Result")
ABOVE_CORES = 4
"""More processes than so many times the cores are a mistake."""


class Workers(Protocol):
    """Whatever can call a function on many tasks."""

    def run(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
        """Results in the order of the tasks, each as soon as it and those before are there."""

    def close(self) -> None:
        """Lets the workers go."""


class Here:
    """Does all in this process."""

    def run(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
        """See Workers."""
        return map(function, tasks)

    def close(self) -> None:
        """See Workers."""


class Ray:
    """Does it on the Ray cluster that RAY_ADDRESS names, else on a Ray of this machine.

    Raises:
        ConfigurationError: Ray is not installed.
    """

    def __init__(self, jobs: int | None = None) -> None:
        if find_spec("ray") is None:
            raise ConfigurationError(
                "no package ray here: install it beside calmloop (`pip install ray`), or leave"
                " --ray out to use this machine's cores"
            )
        self._ray: Any = import_module("ray")
        # Where the cluster is, the cluster knows how many cores it has.
        cores = None if os.environ.get("RAY_ADDRESS") else jobs
        self._ray.init(num_cpus=cores, include_dashboard=False, log_to_driver=False)

    def run(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
        """See Workers."""
        remote = self._ray.remote(function)
        references = [remote.remote(task) for task in tasks]
        return (self._ray.get(reference) for reference in references)

    def close(self) -> None:
        """See Workers."""
        self._ray.shutdown()


def workers(jobs: int | None = None, *, ray: bool = False) -> Workers:
    """Those that do the work; as many processes as there are cores where no number is given.

    Raises:
        ConfigurationError: there are far fewer cores, or Ray is asked for and not installed.
    """
    if ray:
        return Ray(jobs)
    cores = len(os.sched_getaffinity(0))
    if jobs is not None and not 1 <= jobs <= ABOVE_CORES * cores:
        raise ConfigurationError(
            f"--jobs = {jobs}: this machine has {cores} cores: name 1 to {ABOVE_CORES * cores}"
        )
    return Here() if (jobs or cores) == 1 else Processes(jobs or cores)
