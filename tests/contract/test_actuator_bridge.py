"""The bridge as a process: what it reports, how it drives the chair, and its port."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.broker import Broker
from tests.contract.bridge_scene import REJECTED, ROOT, STATE, STATUS, STRONG, Scene, envelope
from tests.processes import Client, start_service
from tests.unit.chair_link.posix_chair import PosixChair


@pytest.fixture
def scene(broker: Broker, tmp_path: Path) -> Iterator[Scene]:
    with Scene(broker, tmp_path) as running:
        yield running


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


# --- reporting ------------------------------------------------------------------------------


def test_reports_the_chair_ten_times_a_second_with_what_it_is(scene: Scene) -> None:
    body = scene.ready().state(mode="safe", arm_ready=True)
    assert body["firmware"] == "1.2.0"
    assert body["calibration"] == "simulated"
    assert body["inputs"]["supply_v"] == 12.0
    assert body["link"]["round_trip_ms"] < 100
    begin_s, before = time.monotonic(), len(scene.client.bodies(STATE))
    while time.monotonic() < begin_s + 2:
        scene.client.wait(0.1)
    rate_hz = (len(scene.client.bodies(STATE)) - before) / (time.monotonic() - begin_s)
    assert 9 <= rate_hz <= 12


def test_the_retained_status_has_no_nonce_and_follows_changes(scene: Scene) -> None:
    scene.ready()
    with Client(scene.broker) as newcomer:
        newcomer.subscribe(STATUS)
        status = newcomer.wait_for(STATUS, lambda body: body["mode"] == "safe")
        assert "nonce" not in status
        assert newcomer.received[0].retain
        scene.chair.hands("estop press")
        status = newcomer.wait_for(STATUS, lambda body: body["mode"] == "estop", 1)
        assert status["inputs"]["estop"]
    count = len(scene.client.bodies(STATUS))
    scene.client.wait_for(STATE, lambda body: body["mode"] == "estop")
    assert count <= 12, "on change, not at 10 Hz"


def test_reports_what_people_do_to_the_chair(scene: Scene) -> None:
    scene.ready()
    commands = ("seat off", "child press", "enclosure open", "ack press", "supply 11500")
    assert scene.chair.hands(*commands, "current 900") == ["ok"] * 6
    expected = {
        "estop": False,
        "ack": True,
        "seat": False,
        "enclosure_closed": False,
        "child_button": True,
        "supply_v": 11.5,
        "current_a": 0.9,
    }
    scene.client.wait_for(STATE, lambda body: body["inputs"] == expected, 2)


def test_a_fault_comes_with_its_name_and_remedy(scene: Scene) -> None:
    scene.ready()
    scene.chair.hands("current 9000")
    body = scene.state(mode="fault")
    assert body["fault"] == "over-current"
    assert "press ACK" in body["fault_remedy"]


# --- driving --------------------------------------------------------------------------------


def test_arms_once_for_one_start_and_reports_the_setpoints_it_applies(scene: Scene) -> None:
    scene.ready().active()
    body = scene.state(mode="active")
    assert body["arm"] == {"start_id": "start-1", "outcome": "accepted", "reason": ""}
    while len(scene.chain.sent_ns) < 50:
        scene.client.wait(0.1)
    first: dict[int, float] = {}
    for message in list(scene.client.received):
        if message.name == STATE:
            seq = message.body.get("setpoint_seq")
            if seq in scene.chain.sent_ns:
                first.setdefault(seq, message.at_s - scene.chain.sent_ns[seq] / 1e9)
    times_s = list(first.values())
    assert len(times_s) >= 30
    print(
        f"\nsetpoint -> ChairState that reports it: p50 {percentile(times_s, 0.5) * 1000:.0f} ms, "
        f"p95 {percentile(times_s, 0.95) * 1000:.0f} ms of {len(times_s)}"
    )
    assert percentile(times_s, 0.5) < 0.1


def test_works_over_tcp_as_in_compose(broker: Broker, tmp_path: Path) -> None:
    with Scene(broker, tmp_path, tcp=True) as scene:
        scene.ready().active()


def test_a_start_is_refused_twice_and_from_another_boot(scene: Scene) -> None:
    scene.ready()
    scene.arm("other-host", host_boot_id="another-boot")
    scene.client.wait_for(REJECTED, lambda body: "another boot" in body["reason"])
    scene.arm("start-1")
    scene.state(mode="armed")
    scene.arm("start-1")
    scene.client.wait_for(REJECTED, lambda body: "used already" in body["reason"])


def test_a_refused_arm_says_why(scene: Scene) -> None:
    scene.chain.leased = False
    scene.client.wait_for(
        STATE, lambda body: body["mode"] == "safe" and "lease" in body["arm_blocker"]
    )
    scene.arm("start-9")
    body = scene.client.wait_for(
        STATE, lambda body: body.get("arm", {}).get("outcome") == "refused"
    )
    assert "lease" in body["arm"]["reason"]
    scene.client.wait_for(REJECTED, lambda body: "lease" in body["reason"])


def test_a_retained_arm_is_refused(scene: Scene) -> None:
    scene.ready()
    scene.client.publish(f"{ROOT}/chair/arm", envelope(1) | {"start_id": "late"}, retain=True)
    scene.client.wait_for(REJECTED, lambda body: "retained" in body["reason"])
    scene.client.publish(f"{ROOT}/chair/arm", b"", retain=True)
    assert scene.state(since=scene.mark)["mode"] == "safe"


def test_setpoints_that_are_old_or_from_another_boot_keep_nothing_alive(scene: Scene) -> None:
    scene.ready().active()
    scene.chain.setpoint = None
    since_ns = time.monotonic_ns()
    for _ in range(10):
        scene.chain.publish("stimulus/setpoint", STRONG, at_ns=time.monotonic_ns() - 250_000_000)
        scene.chain.publish("stimulus/setpoint", STRONG, host_boot_id="another-boot")
        scene.client.wait(0.06)
    assert scene.silent_after_s(since_ns, "old and foreign setpoints only") <= 1.0


def test_garbage_on_every_topic_changes_nothing(scene: Scene) -> None:
    scene.ready()
    for path in ("stimulus/setpoint", "chair/arm", "lease"):
        for payload in (b"", b"\xff\xfe", b"{}", b"[]", b'{"seq": -1}', b"null", b"9" * 9000):
            scene.client.publish(f"{ROOT}/{path}", payload)
    scene.client.wait_for(REJECTED)
    body = scene.state(since=scene.mark)
    assert body["mode"] == "safe"
    assert scene.bridge.running
    scene.active()


# --- the port -------------------------------------------------------------------------------


def test_an_unplugged_chair_is_reported_and_found_again_but_nothing_resumes(
    scene: Scene, tmp_path: Path
) -> None:
    scene.ready().active()
    scene.chair.kill()
    body = scene.state(2.0, since=scene.mark, mode="disconnected")
    assert body["reason"]
    assert not body["arm_ready"]
    scene.chair = PosixChair(tmp_path / "chair")
    body = scene.state(10.0, since=scene.mark, mode="safe", identified=True)
    assert body["link"]["reopened"] >= 1
    scene.stays_silent(4.0)
    scene.active("start-2")


def test_a_port_that_never_was_is_reported(broker: Broker, tmp_path: Path) -> None:
    with (
        start_service(
            "actuator_bridge", broker, tmp_path, ACTUATOR_BRIDGE__PORT=str(tmp_path / "none")
        ),
        Client(broker) as client,
    ):
        client.subscribe(STATE)
        body = client.wait_for(STATE, lambda body: body["mode"] == "disconnected")
        assert "none" in body["reason"]


def test_a_silent_chair_is_not_taken_for_present(scene: Scene) -> None:
    scene.ready()
    scene.chair.signal(signal.SIGSTOP)
    body = scene.state(2.0, since=scene.mark, mode="disconnected")
    assert "silent" in body["reason"]
    scene.chair.signal(signal.SIGCONT)
    scene.state(2.0, since=scene.mark, mode="safe")


def test_another_calibration_than_expected_is_reported_and_not_armed(
    broker: Broker, tmp_path: Path
) -> None:
    with (
        PosixChair(tmp_path / "chair") as chair,
        start_service(
            "actuator_bridge",
            broker,
            tmp_path,
            ACTUATOR_BRIDGE__PORT=chair.address,
            ACTUATOR_BRIDGE__CALIBRATION_HASH="00000001",
        ),
        Client(broker) as client,
    ):
        client.subscribe(STATE)
        body = client.wait_for(STATE, lambda body: "calibration" in body["reason"])
        assert not body["identified"]
        assert not body["arm_ready"]


def test_a_wrong_setting_is_named_and_exits_2(broker: Broker, tmp_path: Path) -> None:
    bridge = start_service(
        "actuator_bridge", broker, tmp_path, ready=False, ACTUATOR_BRIDGE__PORT="COM7 maybe"
    )
    assert bridge.wait() == 2
    assert "port" in bridge.log.read_text()
