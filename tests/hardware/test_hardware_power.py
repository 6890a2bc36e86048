"""Power that goes at the worst moment: whatever was being written, the next start is honest."""

import random

import pytest

from calmloop.chair_link.messages import Fault, State
from tests.hardware.bench import Bench, at_least

DARK_S = 2.0
BOOT_WRITES = 6
"""Bytes that differ from those of two starts before: generation, count and checksum."""
FAULT_WRITES = 6


def cut_while_writing(bench: Bench, chance: random.Random) -> None:
    """A start that ends inside one of its EEPROM writes, or soon after them."""
    seen = len(bench.emulator.events())
    bench.emulator.command(f"power cut-write {chance.randint(1, BOOT_WRITES)}")
    bench.emulator.command("power on")
    if chance.random() < 0.5:
        # A watchdog reset makes it write a fault code as well, behind the boot counter.
        bench.emulator.command(f"power cut-write {chance.randint(1, BOOT_WRITES + FAULT_WRITES)}")
        bench.emulator.command("reset watchdog")

    def went_off() -> bool:
        return any(event.name == "power-off" for event in bench.emulator.events()[seen:])

    until_cycle = bench.cycle() + 4_000_000
    bench.drive(lambda: went_off() or bench.cycle() > until_cycle, 30, "the cut")
    bench.emulator.command("power off")


def start_honestly(bench: Bench) -> int:
    """A whole start: dark, then SAFE or the stored FAULT, never felt; returns its boot id."""
    begun = bench.cycle()
    bench.emulator.command("power cut-write 0")
    bench.emulator.command("power on")
    at_least("dark after a cut in a write", bench.lit_after(begun), DARK_S, "s")
    bench.drive(lambda: bench.last is not None and bench.last.state is not State.BOOT, 10, "SAFE")
    assert bench.last is not None
    assert (bench.last.state, bench.last.fault) in {
        (State.SAFE, Fault.NONE),
        (State.FAULT, Fault.WATCHDOG),
    }
    assert not any(given.felt for given in bench.given if given.cycle > begun)
    assert bench.link.boot_id is not None
    boot_id = bench.link.boot_id
    bench.emulator.command("power off")
    return boot_id


def cuts_and_starts(bench: Bench, starts: int, cuts_each: int, seed: int) -> None:
    """Many cuts, and after every few of them a start that is looked at."""
    chance = random.Random(seed)
    boot_ids = set()
    bench.emulator.command("power off")
    for _ in range(starts):
        for _ in range(cuts_each):
            cut_while_writing(bench, chance)
        boot_ids.add(start_honestly(bench))
    assert len(boot_ids) == starts, "every start has another boot id"
    spoilt = [event for event in bench.emulator.events() if event.name == "eeprom-cut"]
    assert len(spoilt) >= starts * cuts_each // 2


def test_power_cuts_inside_writes_leave_an_honest_chair(bench: Bench) -> None:
    cuts_and_starts(bench, starts=2, cuts_each=6, seed=1)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_thousand_power_cuts_leave_an_honest_chair(bench: Bench) -> None:
    cuts_and_starts(bench, starts=125, cuts_each=7, seed=2)
