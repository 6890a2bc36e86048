"""A lease is given only while the whole chain is alive, and proves that the watchdog gave it."""

import json
from pathlib import Path

import pytest

from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.service import Heartbeat
from calmloop.contract.topics import Account
from calmloop.safety_watchdog.instances import STALE_S
from calmloop.safety_watchdog.lease import LEASE_CONSTANT, lease_proof
from tests.unit.safety_watchdog.harness import Harness, active_harness, ready_harness

REPOSITORY = Path(__file__).resolve().parents[3]
REQUIRED = (Account.SCENARIO_SELECTOR, Account.ACTUATOR_BRIDGE)
PERCEPTION = (Account.CAMERA, Account.FACE_DETECTOR, Account.EMOTION_CLASSIFIER)
PROMISED_S = 2.5
CHAIR_LEASE_S = 0.5
CHAIR_FALL_S = 0.3


def crc32c_bit_by_bit(data: bytes) -> int:
    """CRC-32C as RFC 3720, appendix B.4, defines it: reflected polynomial 0x82F63B78."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


@pytest.mark.parametrize(
    ("boot_id", "nonce"), [(0, 0), (1, 2), (0xDEADBEEF, 0x01020304), (0xFFFFFFFF, 0xFFFFFFFF)]
)
def test_the_proof_is_the_crc_over_the_constant_the_boot_id_and_the_nonce(
    boot_id: int, nonce: int
) -> None:
    data = b"calmloop" + boot_id.to_bytes(4, "little") + nonce.to_bytes(4, "little")

    assert lease_proof(boot_id, nonce) == crc32c_bit_by_bit(data)
    assert LEASE_CONSTANT == b"calmloop"


def test_each_report_of_a_safe_chair_is_answered_once_all_is_well() -> None:
    harness = ready_harness()

    assert harness.give_leases_for(1.0) == 10


def test_the_answer_carries_the_nonce_and_its_proof() -> None:
    harness = ready_harness()

    lease = harness.report_chair()

    assert lease is not None
    assert lease.proof == lease_proof(lease.boot_id, lease.nonce)
    assert lease.proof != lease.nonce


def test_a_nonce_is_answered_once() -> None:
    harness = ready_harness()
    report = harness.received(ChairState(mode=ChairMode.SAFE, boot_id=7, nonce=1234))

    assert harness.watchdog.receive_chair(report) is not None
    assert harness.watchdog.receive_chair(report) is None


def test_a_report_without_a_nonce_gets_no_answer() -> None:
    harness = ready_harness()

    assert (
        harness.watchdog.receive_chair(harness.received(ChairState(mode=ChairMode.DISCONNECTED)))
        is None
    )


def test_there_is_no_lease_before_the_first_reset() -> None:
    harness = Harness()

    assert harness.give_leases_for(5.0) == 0


@pytest.mark.parametrize("service", REQUIRED)
def test_a_required_service_that_falls_silent_ends_the_lease_within_its_promise(
    service: Account,
) -> None:
    harness = active_harness()
    harness.silent.add(service)
    fell_silent_s = harness.clock.monotonic_ns() / 1e9
    last_lease_s = fell_silent_s

    for _ in range(50):
        if harness.give_leases_for(0.1):
            last_lease_s = harness.clock.monotonic_ns() / 1e9

    assert last_lease_s - fell_silent_s <= STALE_S
    assert last_lease_s - fell_silent_s + CHAIR_LEASE_S + CHAIR_FALL_S <= PROMISED_S


@pytest.mark.parametrize("service", REQUIRED)
def test_a_required_service_that_says_it_is_not_well_ends_the_lease_at_once(
    service: Account,
) -> None:
    harness = ready_harness()
    harness.unhealthy[service] = "the chair"
    harness.beat(service)

    assert harness.report_chair() is None
    assert f"{service} waits for the chair" in harness.watchdog.withheld()


@pytest.mark.parametrize("service", PERCEPTION)
def test_perception_may_fail_without_ending_the_lease(service: Account) -> None:
    harness = ready_harness()
    harness.silent.add(service)

    assert harness.give_leases_for(20.0) == 200


def test_one_healthy_instance_is_enough() -> None:
    harness = ready_harness()
    sick = Heartbeat(service="actuator-bridge", instance="b", healthy=False)
    harness.watchdog.receive_heartbeat(
        harness.received(sick, service="actuator-bridge", instance="b")
    )

    assert harness.report_chair() is not None


def test_a_beat_counts_for_the_topic_it_came_on_not_for_what_it_says_it_is() -> None:
    harness = ready_harness()
    harness.silent.add(Account.ACTUATOR_BRIDGE)
    harness.play(2.0)
    false = Heartbeat(service="actuator-bridge", instance="a", healthy=True)
    harness.watchdog.receive_heartbeat(harness.received(false, service="camera", instance="a"))

    assert harness.report_chair() is None


def test_a_beat_from_a_queue_is_as_old_as_its_sender_says() -> None:
    harness = ready_harness()
    harness.silent.add(Account.ACTUATOR_BRIDGE)
    sent_ns = harness.clock.monotonic_ns()
    harness.play(2.0)
    queued = Heartbeat(
        service="actuator-bridge", instance="a", healthy=True, host_boot_id="here", at_ns=sent_ns
    )
    harness.watchdog.receive_heartbeat(
        harness.received(queued, service="actuator-bridge", instance="a"),
    )

    assert harness.report_chair() is None


def test_after_a_late_turn_a_lease_waits_for_fresh_beats() -> None:
    harness = ready_harness()
    harness.watchdog.discard()

    assert harness.report_chair() is None
    harness.beat(*REQUIRED)
    assert harness.report_chair() is not None


def test_memory_of_instances_is_bounded() -> None:
    harness = ready_harness()
    for number in range(1000):
        beat = Heartbeat(service="camera", instance=f"i{number}", healthy=True)
        harness.watchdog.receive_heartbeat(
            harness.received(beat, service="camera", instance=f"i{number}"),
        )

    assert len(harness.watchdog._heartbeats._beats["camera"]) <= 32


def test_the_proof_agrees_with_the_vectors_that_the_firmware_passes() -> None:
    vectors = json.loads((REPOSITORY / "firmware-bridge/vectors/lease.json").read_text())

    assert bytes.fromhex(vectors["constant"]) == LEASE_CONSTANT
    assert len(vectors["proofs"]) >= 5
    for vector in vectors["proofs"]:
        assert lease_proof(vector["boot_id"], vector["nonce"]) == vector["proof"]
