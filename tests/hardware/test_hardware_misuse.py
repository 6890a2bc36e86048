"""A host that goes silent, floods, repeats itself or replays: what a broken bridge would send."""

import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from calmloop.chair_link.frames import WireFrame, encode
from calmloop.chair_link.messages import Arm, Lease, MessageKind, State, StopReason
from calmloop.emulator import Given
from calmloop.safety_watchdog.lease import lease_proof
from tests.hardware.bench import DRIVE, Bench, to_ms
from tests.hardware.measured import at_least, within

REST_MS = 300
LEASE_MS = 500


def rest_in_silence(bench: Bench, silence: Callable[[], None]) -> float:
    """Milliseconds from the start of a silence of a second to rest at the pins."""
    bench.start()
    cycle = bench.cycle()
    silence()
    bench.line.wait(1.0)
    felt = [i for i, given in enumerate(bench.given) if given.felt]
    assert felt[-1] + 1 < len(bench.given), "still felt"
    return to_ms(bench.given[felt[-1] + 1].cycle - cycle)


def test_a_host_that_is_stopped_ends_the_session(bench: Bench) -> None:
    rest_ms = rest_in_silence(bench, lambda: None)
    within("host stopped (as by SIGSTOP) -> at rest", rest_ms, LEASE_MS + REST_MS)


def test_a_host_that_dies_ends_the_session(bench: Bench) -> None:
    rest_ms = rest_in_silence(bench, bench.hang_up)
    within("host died (as by kill -9) -> at rest", rest_ms, LEASE_MS + REST_MS)


def test_leases_that_waited_in_a_queue_buy_nothing(bench: Bench) -> None:
    rest_in_silence(bench, lambda: None)
    assert bench.last is not None
    rested, refused = bench.cycle(), bench.last.refused
    # Now everything that the chair said meanwhile is answered at once, with setpoints.
    bench.setpoint = DRIVE
    bench.drive_for(1.0)
    assert bench.last.state is State.SAFE
    assert bench.last.stop_reason in {StopReason.LEASE, StopReason.TTL}
    felt = sum(1 for given in bench.given if given.felt and given.cycle > rested)
    within("felt after leases of a second came at once", felt, 0, "times")
    at_least("of these refused, with the setpoints", bench.last.refused - refused, 5, "")


def test_a_flood_of_bad_frames_ends_the_session(bench: Bench) -> None:
    bench.start()
    cycle = bench.cycle()
    noise = random.Random(1)
    for _ in range(40):
        bench.write(noise.randbytes(20).replace(b"\0", b"\1") + b"\0")
    within("40 bad frames at once -> at rest", bench.rest_after(cycle), REST_MS)
    bench.reach(State.SAFE)
    assert bench.last is not None
    assert bench.last.stop_reason is StopReason.BAD_FRAMES


def test_a_line_full_of_noise_neither_starts_nor_kills_anything(bench: Bench) -> None:
    bench.reach(State.SAFE)
    bench.emulator.command("figures clear")
    noise = random.Random(2)
    for _ in range(50):
        bench.write(noise.randbytes(1000))
        bench.drive_for(0.04)
    bench.drive_for(0.5)
    assert bench.last is not None
    assert bench.last.state is State.SAFE
    events = bench.emulator.events()
    assert [event.members["cause"] for event in events if event.name == "reset"] == ["power-on"]
    assert not any(given.felt for given in bench.given)
    within("longest turn under noise", bench.emulator.metrics().longest_feed_ms, 10)


def test_frames_of_an_earlier_boot_are_refused(bench: Bench) -> None:
    bench.start()
    old_boot_id = bench.link.boot_id
    assert old_boot_id is not None
    assert bench.last is not None
    nonce = bench.last.nonce
    reset = bench.hand("reset external")
    bench.setpoint = None
    bench.drive(lambda: bench.link.boot_id not in (None, old_boot_id), 5, "another boot id")
    bench.reach(State.SAFE)
    messages = [
        Lease(nonce, lease_proof(old_boot_id, nonce)),
        Arm(12345, nonce),
        replace(DRIVE, tag=7),
    ]
    for seq, message in enumerate(messages):
        bench.write(encode(WireFrame(message.kind, seq, old_boot_id, message.payload())))
    bench.drive(lambda: bench.last is not None and bench.last.refused >= 3, 2, "three refusals")
    assert bench.last is not None
    assert bench.last.state is State.SAFE
    felt = sum(1 for given in bench.given if given.felt and given.cycle > reset.cycle)
    within("felt after frames of an earlier boot", felt, 0, "times")


@pytest.mark.alone
@pytest.mark.usefixtures("_built")
def test_opening_the_port_again_resets_and_does_not_resume() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="chair-") as folder,
        Bench(Path(folder), live=True, reset_on_open=True) as bench,
    ):
        bench.start()
        bench.hang_up()
        bench.setpoint = None
        opened = bench.cycle()
        bench.open()
        reset = bench.reset_after(opened)
        assert reset.members["cause"] == "external"
        within("port opened again (DTR reset) -> at rest", bench.rest_after(reset.cycle), 1)
        bench.setpoint = DRIVE
        bench.reach(State.SAFE)
        bench.drive_for(1.0)
        assert not any(given.felt for given in bench.given if given.cycle > reset.cycle)


@pytest.mark.usefixtures("_built")
def test_a_chair_that_was_never_calibrated_gives_ten_percent_at_most() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="chair-") as folder,
        Bench(Path(folder), uncalibrated=True) as bench,
    ):
        bench.start(until_pct=5)
        bench.drive_for(6.0)
        strongest = max(strengths(bench.given))
        within("uncalibrated, full drive asked for", strongest, 10, "%")


def strengths(given: list[Given]) -> Iterator[float]:
    """Vibration and sound, in per cent."""
    for moment in given:
        yield moment.vibration_pct
        yield moment.sound_pct


def test_kinds_that_only_a_chair_sends_are_bad_frames(bench: Bench) -> None:
    bench.reach(State.SAFE)
    assert bench.link.boot_id is not None
    bench.write(encode(WireFrame(MessageKind.STATUS, 1, bench.link.boot_id, b"x" * 48)))
    bench.drive(lambda: bench.last is not None and bench.last.bad_frames == 1, 2, "a bad frame")
