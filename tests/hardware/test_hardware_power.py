"""Power that goes at the worst moment: whatever was being done, the next start is honest."""

import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from calmloop.chair_link.messages import Fault, State
from calmloop.emulator import Given
from calmloop.emulator.record import CYCLES_PER_S
from tests.hardware.bench import Bench, to_ms
from tests.hardware.conftest import MakeBench
from tests.hardware.measured import at_least, within

DARK_S = 2.0
START_S = 2.3
"""From power to SAFE, and a little beyond."""
BOOT_WRITES = 6
"""Bytes that differ from those of two starts before: generation, count and checksum."""
LATCHES_WRITES = 6
"""Of the latches' record, once in each start and with each change."""
ACK_S = 0.2
"""From pressing ACK until its fault is forgotten."""


@dataclass
class Cuts:
    """A chair whose power is cut again and again, and what must be true of every start.

    Attributes:
        bench: The chair.
        chance: Chooses the moments.
        stored: The faults that the EEPROM may hold now: one, or two after a cut that may have come
            before or after its write.
        dark_s: How long the lights stayed dark in each whole start.
        boot_ids: Of each whole start.
        moments: How often each was chosen.
    """

    bench: Bench
    chance: random.Random
    stored: set[Fault] = field(default_factory=lambda: {Fault.NONE})
    dark_s: list[float] = field(default_factory=list)
    boot_ids: list[int] = field(default_factory=list)
    moments: Counter[str] = field(default_factory=Counter)
    _on_cycle: int = 0

    def cycle_power(self) -> None:
        """A start that is cut at some moment, and a whole one that is looked at."""
        moments: list[tuple[Callable[[], None], int]] = [
            (self.cut_in_the_start, 6),
            (self.cut_in_a_write_of_the_start, 6),
            (self.cut_in_a_write_of_a_fault, 4),
            (self.cut_in_an_acknowledgement, 0 if self.stored == {Fault.NONE} else 12),
            (self.cut_in_a_session, 1 if self.stored == {Fault.NONE} else 0),
        ]
        cut = self.chance.choices([m for m, _ in moments], [weight for _, weight in moments])[0]
        seen = self.switch_on()
        cut()
        self.switch_off()
        self.moments[cut.__name__] += 1
        assert self._lit_s(seen) > DARK_S
        self.start_honestly()
        self.switch_off()

    def switch_on(self) -> int:
        """Gives it power; returns how many outputs had been seen before."""
        seen = len(self.bench.given)
        self._on_cycle = self.bench.cycle()
        self.bench.open()
        self.bench.emulator.command("power on")
        return seen

    def switch_off(self) -> None:
        """Takes its power, if it still has it; nothing is given from this cycle on."""
        self.bench.emulator.command("power off")
        self.bench.emulator.command("power cut-write 0")
        assert not self.bench.given[-1].felt
        assert not self.bench.given[-1].lit
        self.bench.setpoint = None
        self.bench.hang_up()

    # --- moments ---------------------------------------------------------------------------

    def cut_in_the_start(self) -> None:
        self.bench.line.wait(self.chance.uniform(0, START_S))

    def cut_in_a_write_of_the_start(self) -> None:
        self._arm_cut(BOOT_WRITES + LATCHES_WRITES)
        self.bench.line.wait(0.25)

    def cut_in_a_write_of_a_fault(self) -> None:
        """A watchdog reset makes it write a fault code, behind the boot counter; some are whole."""
        self.bench.line.wait(0.25)
        self._arm_cut(BOOT_WRITES + 2 * LATCHES_WRITES)
        self.bench.emulator.command("reset watchdog")
        self.bench.line.wait(self.chance.uniform(0, 0.25))
        self.stored.add(Fault.WATCHDOG)

    def cut_in_an_acknowledgement(self) -> None:
        self.bench.line.wait(START_S)
        self._arm_cut(LATCHES_WRITES)
        self.bench.hand("ack press")
        self.bench.line.wait(self.chance.uniform(0, ACK_S))
        self.bench.hand("ack release")
        self.stored.add(Fault.NONE)

    def cut_in_a_session(self) -> None:
        begun = len(self.bench.given)
        self.bench.reach(State.SAFE)
        self.bench.start(until_pct=self.chance.uniform(1, 20))
        self.bench.line.wait(self.chance.uniform(0, 0.3))
        assert any(given.felt for given in self.bench.given[begun:])

    def _arm_cut(self, writes: int) -> None:
        self.bench.emulator.command(f"power cut-write {self.chance.randint(1, writes)}")

    # --- what must be true -----------------------------------------------------------------

    def start_honestly(self) -> None:
        """A whole start: BOOT, dark, then SAFE or the fault that is stored; nothing is felt."""
        seen = self.switch_on()
        self.bench.line.wait(DARK_S)
        self.bench.drive(self._told, 2, "the end of BOOT")
        last, given = self.bench.last, self.bench.given[seen:]
        assert last is not None
        assert self.bench.link.boot_id is not None
        assert last.fault in self.stored
        assert last.state is (State.SAFE if last.fault is Fault.NONE else State.FAULT)
        assert states(given) == ["BOOT", last.state.name]
        assert not any(moment.felt for moment in given)
        self.bench.drive(lambda: self.bench.given[-1].lit, 1, "the courtesy light")
        self.stored = {last.fault}
        self.dark_s.append(self._lit_s(seen))
        self.boot_ids.append(self.bench.link.boot_id)

    def _told(self) -> bool:
        last = self.bench.last
        return last is not None and last.state is not State.BOOT

    def _lit_s(self, seen: int) -> float:
        """Seconds from power to the first light; infinite without one."""
        lit = (given.cycle for given in self.bench.given[seen:] if given.lit)
        return (next(lit, math.inf) - self._on_cycle) / CYCLES_PER_S


def states(given: list[Given]) -> list[str]:
    """The states in their order, each once."""
    names = [moment.state for moment in given]
    return [name for i, name in enumerate(names) if i == 0 or names[i - 1] != name]


SLOW = [pytest.mark.long, pytest.mark.timeout(3600)]


@pytest.mark.parametrize(
    ("count", "seed"),
    [
        pytest.param(50, 50, marks=[pytest.mark.slow, pytest.mark.timeout(600)]),
        *(pytest.param(250, seed, marks=SLOW) for seed in (1, 2, 3, 4)),
    ],
)
def test_every_start_after_a_power_cut_is_honest(
    make_bench: MakeBench, count: int, seed: int
) -> None:
    bench = make_bench(seed=seed + 1)
    cuts = Cuts(bench, random.Random(seed))
    cuts.switch_off()
    for _ in range(count):
        cuts.cycle_power()
    at_least(f"dark after each of {count} power cuts", min(cuts.dark_s), DARK_S, "s")
    assert len(set(cuts.boot_ids)) == count, "every start has another boot id"
    spoilt = sum(1 for event in bench.emulator.events() if event.name == "eeprom-cut")
    at_least(f"of {count} power cuts, inside an EEPROM write", spoilt, count / 4, "")
    assert len(cuts.moments) == 5, f"a moment never came: {cuts.moments}"


def test_a_power_cut_ends_a_session_and_its_return_does_not_resume_it(bench: Bench) -> None:
    bench.start()
    cut = bench.hand("power off")
    within("power cut -> at rest", bench.rest_after(cut.cycle), 1)
    bench.line.wait(0.5)
    back = bench.hand("power on")
    bench.drive_for(1.0)
    bench.reach(State.SAFE)
    bench.drive_for(1.5)
    at_least("dark after the power came back", bench.lit_after(back.cycle), DARK_S, "s")
    assert bench.last is not None
    assert (bench.last.state, bench.last.fault) == (State.SAFE, Fault.NONE)
    felt = [given for given in bench.given if given.felt]
    assert to_ms(felt[-1].cycle - cut.cycle) <= 0
