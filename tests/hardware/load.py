"""A long session while every core of the machine is busy with something else.

`python -m tests.hardware.load firmware-bridge/docs/leases.svg` runs it for 30 minutes, prints the
histogram and draws it.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from calmloop.chair_link.messages import State
from calmloop.contract import topics
from calmloop.contract.messages.session import AUTO, Change, Mode, SessionAction, SessionCommand
from calmloop.demo.caregiver import DemoCaregiver
from calmloop.demo.children import start_child, stop_child
from calmloop.emulator import Given, ensure_built
from tests.hardware.draw_leases import drawing
from tests.hardware.leases import LEASE_LIFE_MS, Answers, read_answers
from tests.hardware.loop import Loop, memory_folder, running_loop
from tests.hardware.measured import MEASURED, at_least, within
from tests.unit.scenario_selector.harness import ALL_TICKED

LOAD_S = 1800.0
SESSION_MIN = 30.0
START_S = 30.0
"""A session fades out some seconds before the chair's own limit."""
ANSWERED_P999_MS = 250.0
BEHIND_MS = 250.0
"""The emulator is no part of the loop, but its delays count as the loop's."""
NEWEST_NS = 10**9
"""What was asked this late may be answered after the end."""
BUSY_PCT = 95.0
PROFILE = f"minutes_per_session: 30\nminutes_per_day: 60\n{ALL_TICKED}"
BURN = "while True: pass"


class ByHand(DemoCaregiver):
    """Starts sessions without a camera: what a starved camera sees must not end them."""

    def start(self, minutes: float, scenario: str = AUTO) -> None:
        """Starts a session at its lowest level."""
        self._bus.publish(
            topics.SESSION_SET,
            SessionCommand(
                action=SessionAction.START,
                token=self._token(),
                minutes=minutes,
                scenario=scenario,
                mode=Mode.MANUAL,
            ),
        )


@dataclass(frozen=True)
class Load:
    """What came of it.

    Attributes:
        answers: What became of the chair's nonces from ARMED on.
        asked_s: For how long they were watched.
        active_s: How long the chair was ACTIVE, on end.
        most_behind_ms: The worst that the emulator fell behind real time, and caught up again.
    """

    answers: Answers
    asked_s: float
    active_s: float
    most_behind_ms: float


@contextmanager
def busy_cores(folder: Path, *, nice: int = 0) -> Iterator[None]:
    """Keeps every core busy.

    Args:
        folder: For what the burners say.
        nice: How much lower their share is; 0: the priority of everybody else.

    Raises:
        AssertionError: the machine was not kept busy.
    """
    cores = sorted(os.sched_getaffinity(0))
    command = [sys.executable, "-c", BURN]
    burners = [
        start_child(["taskset", "-c", str(core), *command], log=folder / "burners.log")
        for core in cores
    ]
    for burner in burners:
        lower(burner.pid, nice)
    idle_s, began_s = machine_idle_s(), time.monotonic()
    try:
        yield
        busy = 1 - (machine_idle_s() - idle_s) / ((time.monotonic() - began_s) * len(cores))
        at_least("cores kept busy", 100 * busy, BUSY_PCT, "%")
    finally:
        for burner in burners:
            stop_child(burner)


def lower(pid: int, nice: int) -> None:
    """Takes a share of the cores from a process, and from the group that its session is."""
    os.setpriority(os.PRIO_PROCESS, pid, nice)
    group = Path(f"/proc/{pid}/autogroup")
    if nice and group.exists():
        group.write_text(str(nice))


def machine_idle_s() -> float:
    """Seconds for which any core of this machine has been idle since it started."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return (int(fields[4]) + int(fields[5])) / os.sysconf("SC_CLK_TCK")


def run_under_load(folder: Path, seconds: float) -> Load:
    """A session under full load, and its figures within their bounds.

    A session is at most half an hour: of 30 min of load the last seconds come after its end.
    """
    allow_half_an_hour(folder)
    with running_loop(folder, f"{seconds:g} s of full load") as loop, busy_cores(folder):
        loop.caregiver = ByHand(loop.observer.bus, loop.tally)
        began_ns = time.monotonic_ns()
        loop.start_session(SESSION_MIN)
        loop.observer.wait_until(lambda: not is_active(loop), seconds)
        watched_ns = time.monotonic_ns()
        judge_end(loop)
        loop.observer.wait_until(lambda: is_latched(loop), seconds - (watched_ns - began_ns) / 1e9)
        assert not is_latched(loop), f"stopped: {loop.tally.stop}"
        until_ns = time.monotonic_ns() - NEWEST_NS
        metrics, given = loop.emulator.metrics(), list(loop.emulator.given())
    armed_ns = next(moment.at_ns for moment in given if moment.state == State.ARMED.name)
    answers = read_answers(loop.emulator.bytes_log, armed_ns, until_ns)
    load = Load(
        answers, (until_ns - armed_ns) / 1e9, active_s(given, watched_ns), metrics.most_behind_ms
    )
    return judged(load, seconds)


def allow_half_an_hour(folder: Path) -> None:
    """Lets the default profile have the longest session there is."""
    profiles = folder / "profiles" / "profiles"
    profiles.mkdir(parents=True)
    (profiles / "default.yaml").write_text(PROFILE)


def is_active(loop: Loop) -> bool:
    """Whether the chip is ACTIVE, by its own memory."""
    return loop.emulator.given()[-1].state == State.ACTIVE.name


def is_latched(loop: Loop) -> bool:
    """Whether a stop is latched."""
    return loop.tally.stop is None or loop.tally.stop.latched


def judge_end(loop: Loop) -> None:
    """The session still runs, or has ended because its time was over."""
    session, chair = loop.tally.session, loop.tally.chair
    ended = f"ended: {session.reason if session else ''}; {chair.stop_reason if chair else ''}"
    assert session is not None, ended
    assert is_active(loop) or session.change is Change.CLOSING, ended
    assert not is_latched(loop), ended


def active_s(given: list[Given], until_ns: int) -> float:
    """How long the chip was ACTIVE; it must have been so once, on end."""
    spans = [
        [moment.at_ns for moment in moments]
        for state, moments in groupby(
            [*given, replace(given[-1], at_ns=until_ns)], attrgetter("state")
        )
        if state == State.ACTIVE.name
    ]
    assert len(spans) == 1, f"ACTIVE {len(spans)} times: the chair tripped"
    return (spans[0][-1] - spans[0][0]) / 1e9


def judged(load: Load, seconds: float) -> Load:
    """The same, its figures noted and within their bounds."""
    what = f"{seconds:g} s of full load"
    longest_s = 60 * SESSION_MIN - START_S
    at_least(f"ACTIVE on end, {what}", load.active_s, min(seconds, longest_s), "s")
    at_least(f"nonces given out, {what}", load.answers.count, 9.5 * load.asked_s, "")
    for share, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"), (0.999, "p99.9"), (1.0, "max")):
        bound_ms = ANSWERED_P999_MS if share < 1 else LEASE_LIFE_MS
        within(f"STATUS -> lease, {name}, {what}", load.answers.quantile_ms(share), bound_ms)
    within(f"the emulator behind real time, at worst, {what}", load.most_behind_ms, BEHIND_MS)
    return load


def main() -> None:
    """Runs it for half an hour, prints its figures and draws the histogram."""
    ensure_built()
    with memory_folder() as folder:
        load = run_under_load(folder, LOAD_S)
    print("\n".join(line.text() for line in MEASURED))
    print(load.answers.text())
    Path(sys.argv[1]).write_text(drawing(load.answers))


if __name__ == "__main__":
    main()
