"""What a reset and a power cut must not undo, and the store that it stands in."""

import json
import tempfile
from pathlib import Path

import pytest

from calmloop.chair_link.frames import WireFrame, encode
from calmloop.chair_link.messages import ArmBlock, Fault, Flags, MessageKind, State, StopReason
from tests.hardware.bench import Bench, to_ms
from tests.hardware.conftest import MakeBench
from tests.hardware.measured import at_least, within
from tests.unit.firmware_core.stored import HOUR_AT, MINUTE_SIZE, STORE_SIZE, minute

RESETS = pytest.mark.parametrize("reset", ["reset external", "power cycle"], ids=["pin", "power"])
STATUS_MS = 20


def restart(bench: Bench, reset: str, after_s: float = 0.1) -> None:
    """A reset, once what came before it is stored, and the start behind it."""
    bench.line.wait(after_s)
    before = bench.link.boot_id
    bench.setpoint = None
    bench.hand(reset)
    bench.drive(lambda: bench.link.boot_id not in (None, before), 5, "another boot id")


@RESETS
def test_an_emergency_stop_is_left_by_ack_alone(bench: Bench, reset: str) -> None:
    bench.reach(State.SAFE)
    bench.hand("estop press")
    bench.reach(State.ESTOP)
    bench.hand("estop release")
    restart(bench, reset)
    bench.reach(State.ESTOP)
    bench.drive_for(3.0)
    assert bench.last is not None
    assert (bench.last.state, bench.last.arm_block) == (State.ESTOP, ArmBlock.WRONG_STATE)
    bench.acknowledge()


@RESETS
def test_the_lockout_after_a_fault_begins_anew(bench: Bench, reset: str) -> None:
    bench.reach(State.SAFE)
    bench.hand("current 4500")
    bench.reach_fault(Fault.OVER_CURRENT)
    bench.hand("current 150")
    bench.acknowledge()
    restart(bench, reset)
    begun = bench.cycle()
    bench.drive(lambda: bench.last is not None and Flags.ARM_READY in bench.last.flags, 30, "ready")
    at_least(
        f"{reset} after a fault -> ready to arm", to_ms(bench.cycle() - begun) / 1000, 9.5, "s"
    )


def left_s(bench: Bench) -> int:
    """What an ARM would get now, or all of it."""
    bench.arm()
    assert bench.last is not None
    bench.stop()
    bench.reach(State.SAFE)
    return bench.last.session_left_s


@pytest.mark.slow
@RESETS
def test_the_hour_goes_on(bench: Bench, reset: str) -> None:
    bench.start()
    bench.drive_for(65)
    assert bench.last is not None
    before_s = bench.last.session_left_s
    restart(bench, reset)
    after_s = left_s(bench)
    within(f"budget gained by {reset}", after_s - before_s, 0, "s")
    within(f"budget lost by {reset}", before_s - after_s, 62, "s")


def almost_spent(minutes: int) -> bytes:
    """An EEPROM in which so many minutes of the hour were ACTIVE throughout."""
    image = bytearray(b"\xff" * STORE_SIZE)
    for slot in range(minutes):
        at = HOUR_AT + MINUTE_SIZE * slot
        image[at : at + MINUTE_SIZE] = minute(slot, 60, 60 if slot else 0)
    return bytes(image)


@pytest.mark.slow
@pytest.mark.usefixtures("_built")
@RESETS
def test_a_spent_hour_stays_spent(reset: str) -> None:
    """29 of its 30 minutes are in the store; the last one is spent here."""
    with tempfile.TemporaryDirectory(prefix="chair-") as folder:
        (Path(folder) / "chair-store").write_bytes(almost_spent(29))
        with Bench(Path(folder)) as bench:
            bench.start()
            begun = bench.cycle()
            assert bench.last is not None
            at_least("left of 1800 s with 1740 s in the store", bench.last.session_left_s, 50, "s")
            bench.reach(State.SAFE, 90)
            within("ACTIVE after 1740 s were stored", to_ms(bench.cycle() - begun) / 1000, 61, "s")
            assert bench.last.stop_reason is StopReason.SESSION
            restart(bench, reset)
            bench.drive_for(8.0)
            assert (bench.last.state, bench.last.arm_block) == (
                State.SAFE,
                ArmBlock.SESSION_SPENT,
            )
            within(f"left of 1800 s spent, after {reset}", bench.last.session_left_s, 0, "s")


@pytest.mark.parametrize("gap_s", [0.01, 0.03, 0.05, 0.07, 0.1])
def test_a_watchdog_reset_is_told_after_the_reset_pin_too(bench: Bench, gap_s: float) -> None:
    bench.reach(State.SAFE)
    bench.hand("reset watchdog")
    bench.line.wait(gap_s)
    bench.hand("reset external")
    bench.reach_fault(Fault.WATCHDOG)
    bench.acknowledge()
    bench.line.wait(0.1)
    bench.hand("reset external")
    bench.reach(State.BOOT)
    bench.reach(State.SAFE)


def test_an_eeprom_that_keeps_nothing_is_a_fault_that_no_ack_ends(bench: Bench) -> None:
    bench.reach(State.SAFE)
    bench.emulator.command("eeprom wear")
    for _ in range(2):
        restart(bench, "power cycle")
        bench.reach_fault(Fault.STORE)
        bench.hand("ack press")
        bench.drive_for(0.2)
        bench.hand("ack release")
        bench.drive_for(0.2)
        assert bench.last is not None
        assert bench.last.state is State.FAULT


def said(log: Path) -> list[tuple[int, bytes]]:
    """What the host wrote, and the cycle of each."""
    records = [json.loads(line) for line in log.read_text().splitlines()]
    return [(r["cycle"], bytes.fromhex(r["hex"])) for r in records if r["from"] == "host"]


def test_the_bytes_of_an_earlier_boot_start_nothing(make_bench: MakeBench) -> None:
    """The EEPROM as it was before, so that the boot counter counts the same boot again."""
    first = make_bench(seed=1, bytes_log=True)
    first.start()
    first.line.wait(0.1)
    spoken = said(first.emulator.bytes_log)
    assert any(len(data) > 0 for _, data in spoken)
    second = make_bench(seed=2)
    second.leases = False
    begun = second.cycle()
    for cycle, data in spoken:
        while second.cycle() - begun < cycle:
            second.line.turn()
        second.write(data)
    second.line.wait(1.0)
    assert not any(given.felt for given in second.given)
    assert {given.state for given in second.given} <= {"BOOT", "SAFE"}
    second.open()
    second.reach(State.SAFE)
    assert second.link.boot_id != first.link.boot_id


def test_status_comes_at_once_after_a_stop_and_half_a_frame_before_it_swallows_nothing(
    bench: Bench,
) -> None:
    bench.reach(State.SAFE)
    half = encode(WireFrame(MessageKind.SETPOINT, 0, bench.link.boot_id or 0, bytes(16)))[:-9]
    for phase_ms in (0, 25, 45, 65, 85):
        bench.line.wait(phase_ms / 1000)
        bench.write(half)
        cycle = bench.cycle()
        bench.stop()
        bench.drive(lambda: not bench.link.busy, 1, "the STOP confirmed")
        within("STOP behind half a frame -> its STATUS", to_ms(bench.cycle() - cycle), STATUS_MS)
