"""A pytest plugin: a test that uses more than CALMLOOP_TEST_CPU_S of processor time ends the run.

Processor time, because it does not depend on what else the machine does; and the kernel ends the
process, because a mutant may hang inside the C. For the same reason hypothesis looks at no clock,
and draws the same examples each time: a mutant is noticed always or never.
"""

import math
import os
import resource
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "mutation",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("mutation")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Iterator[None]:
    """Moves the process's own limit ahead of each test."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit_s = math.ceil(used.ru_utime + used.ru_stime + float(os.environ["CALMLOOP_TEST_CPU_S"]))
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit_s, hard))
    return (yield)
