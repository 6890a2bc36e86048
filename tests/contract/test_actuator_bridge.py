"""The bridge as a process, with a real broker and the real posix chair.

The test is the selector, the watchdog and the caregiver; stop times come from the chair's trace.
"""

import contextlib
import itertools
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from calmloop.clock import host_boot_id
from calmloop.safety_watchdog.lease import lease_proof
from tests.broker import Broker
from tests.processes import CHAIR, Client, ServiceProcess, start_service
from tests.unit.chair_link.posix_chair import PosixChair

ROOT = f"calmloop/{CHAIR}"
STATE, STATUS, REJECTED = f"{ROOT}/chair/state", f"{ROOT}/chair/status", f"{ROOT}/rejected"
SETPOINT_PERIOD_S = 0.06
STRONG = {
    "vibration": {"frequency_hz": 40.0, "level_pct": 100.0},
    "sound": {"level_pct": 100.0},
    "light": {"red_pct": 20.0, "green_pct": 20.0, "blue_pct": 20.0},
}


def envelope(seq: int, **changes: Any) -> dict[str, Any]:
    """What the bus stamps on a service's message."""
    stamp = {
        "source": "test/1",
        "seq": seq,
        "host_boot_id": host_boot_id(),
        "at_ns": time.monotonic_ns(),
    }
    return stamp | changes


class Chain(threading.Thread):
    """Answers nonces as the watchdog does, and sends setpoints as the selector does."""

    def __init__(self, client: Client) -> None:
        super().__init__(daemon=True)
        self._client = client
        self._ending = threading.Event()
        self._seq = itertools.count(1)
        self.leased = True
        self.setpoint: dict[str, Any] | None = None
        self.sent_ns: dict[int, int] = {}

    def run(self) -> None:
        answered, setpoint_due_s = 0, 0.0
        while not self._ending.is_set():
            states = self._client.bodies(STATE)
            if self.leased and states and states[-1].get("nonce") not in (answered, None):
                answered = states[-1]["nonce"]
                boot_id = states[-1]["boot_id"]
                lease = {"boot_id": boot_id, "nonce": answered}
                proof = {"proof": lease_proof(boot_id, answered)}
                self.publish("lease", lease | proof)
            if self.setpoint is not None and time.monotonic() >= setpoint_due_s:
                setpoint_due_s = time.monotonic() + SETPOINT_PERIOD_S
                self.publish("stimulus/setpoint", self.setpoint)
            self._client.wait(0.02)

    def publish(self, path: str, body: dict[str, Any], **changes: Any) -> int:
        """Publishes a service's message, stamped; returns its seq."""
        seq = next(self._seq)
        stamp = envelope(seq, **changes)
        if path == "stimulus/setpoint":
            self.sent_ns[seq] = stamp["at_ns"]
        # A broker that a test has killed takes nothing; that is the test's point.
        with contextlib.suppress(RuntimeError):
            self._client.publish(f"{ROOT}/{path}", stamp | body, qos=0)
        return seq

    def end(self) -> None:
        self._ending.set()
        self.join(5)


class Scene:
    """A broker, a chair, a bridge, and a test that plays everyone else."""

    def __init__(self, broker: Broker, folder: Path, *options: str, tcp: bool = False) -> None:
        self.broker, self.folder = broker, folder
        self.chair = PosixChair(folder / "chair", *options, tcp=tcp)
        self.client = Client(broker)
        for name in (STATE, STATUS, REJECTED):
            self.client.subscribe(name)
        self.bridge = self.start_bridge()
        self.chain = Chain(self.client)
        self.chain.start()

    def start_bridge(self) -> ServiceProcess:
        return start_service(
            "actuator_bridge",
            self.broker,
            self.folder,
            ACTUATOR_BRIDGE__PORT=self.chair.address,
        )

    def __enter__(self) -> "Scene":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.chain.end()
        self.bridge.terminate()
        self.client.__exit__(kind, error, trace)
        self.chair.end()

    @property
    def mark(self) -> int:
        """So many messages have come: `since` for those that follow."""
        return len(self.client.received)

    def state(self, timeout_s: float = 10.0, since: int = 0, **fields: Any) -> dict[str, Any]:
        """The first ChairState with these fields."""
        return self.client.wait_for(
            STATE,
            lambda body: all(body.get(key) == value for key, value in fields.items()),
            timeout_s,
            since=since,
        )

    def ready(self) -> "Scene":
        self.state(arm_ready=True, identified=True)
        return self

    def arm(self, start_id: str = "start-1", **changes: Any) -> None:
        self.chain.publish("chair/arm", {"start_id": start_id}, **changes)

    def active(self, start_id: str = "start-1") -> "Scene":
        since = self.mark
        self.chain.setpoint = None
        self.state(15.0, since=since, arm_ready=True)
        self.arm(start_id)
        self.state(since=since, mode="armed")
        self.chain.setpoint = STRONG
        self.client.wait_for(
            STATE, lambda body: body["applied"]["vibration_pct"] > 15, 10, since=since
        )
        return self

    def silent_after_s(self, since_ns: int, what: str) -> float:
        """Waits until the chair is in SAFE or ESTOP; prints and returns the time to zero."""
        deadline = time.monotonic() + 3
        while self.chair.outputs[-1].felt:
            assert time.monotonic() < deadline, f"{what}: still felt"
            time.sleep(0.01)
        silent_s = self.chair.silent_after_s(since_ns)
        print(f"\n{what} -> vibration and sound zero: {silent_s * 1000:.0f} ms")
        return silent_s

    def stays_silent(self, duration_s: float) -> None:
        """Everyone goes on talking; the chair stays at zero."""
        begin_ns = time.monotonic_ns()
        end_s = time.monotonic() + duration_s
        while time.monotonic() < end_s:
            self.client.wait(0.05)
        assert not any(o.felt for o in self.chair.outputs if o.at_ns > begin_ns)


@pytest.fixture
def scene(broker: Broker, tmp_path: Path) -> Iterator[Scene]:
    with Scene(broker, tmp_path) as running:
        yield running


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


# --- reporting ------------------------------------------------------------------------------


def test_reports_the_chair_ten_times_a_second_with_what_it_is(scene: Scene) -> None:
    body = scene.ready().state(mode="safe", arm_ready=True)
    assert body["firmware"] == "1.1.0"
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


# --- stopping -------------------------------------------------------------------------------


@pytest.mark.parametrize("payload", [b"", b"\xff\x00"])
def test_every_payload_stops_within_a_second(scene: Scene, payload: bytes) -> None:
    scene.ready().active()
    since_ns = time.monotonic_ns()
    scene.client.publish(f"{ROOT}/stop", payload)
    assert scene.silent_after_s(since_ns, f"R/stop {payload!r}") <= 1.0
    scene.stays_silent(1.0)


def test_a_retained_stop_stops_too(scene: Scene) -> None:
    scene.ready().active()
    since_ns = time.monotonic_ns()
    scene.client.publish(f"{ROOT}/stop", b"x", retain=True)
    assert scene.silent_after_s(since_ns, "retained R/stop") <= 1.0
    scene.client.publish(f"{ROOT}/stop", b"", retain=True)


@pytest.mark.parametrize("how", ["kill -9", "SIGSTOP", "SIGTERM"])
def test_zero_within_a_second_of_losing_the_bridge(scene: Scene, how: str) -> None:
    scene.ready().active()
    since_ns = time.monotonic_ns()
    if how == "kill -9":
        scene.bridge.kill()
    elif how == "SIGSTOP":
        scene.bridge.signal(signal.SIGSTOP)
    else:
        assert scene.bridge.terminate() == 0
    assert scene.silent_after_s(since_ns, f"{how} of the bridge") <= 1.0


def test_a_bridge_that_was_stopped_for_a_while_resumes_nothing(scene: Scene) -> None:
    """What waited behind SIGSTOP, setpoints and leases, is delivered at SIGCONT."""
    scene.ready().active()
    scene.bridge.signal(signal.SIGSTOP)
    scene.chair.wait_for("SAFE", 3)
    scene.bridge.signal(signal.SIGCONT)
    scene.stays_silent(2.0)


def test_a_bridge_that_was_restarted_resumes_nothing(scene: Scene) -> None:
    scene.ready().active()
    since_ns = time.monotonic_ns()
    scene.bridge.kill()
    scene.bridge = scene.start_bridge()
    assert scene.silent_after_s(since_ns, "restart of the bridge") <= 1.0
    scene.stays_silent(2.0)
    scene.active("start-2")


@pytest.mark.parametrize("what", ["setpoints", "leases"])
def test_zero_within_a_second_of_losing_setpoints_or_leases(scene: Scene, what: str) -> None:
    scene.ready().active()
    since_ns = time.monotonic_ns()
    if what == "setpoints":
        scene.chain.setpoint = None
    else:
        scene.chain.leased = False
    assert scene.silent_after_s(since_ns, f"no {what}") <= 1.0


@pytest.mark.parametrize("how", ["kill -9", "SIGSTOP"])
def test_zero_within_a_second_of_losing_the_broker(scene: Scene, how: str) -> None:
    scene.ready().active()
    since_ns = time.monotonic_ns()
    if how == "kill -9":
        scene.broker.signal(signal.SIGKILL)
    else:
        scene.broker.signal(signal.SIGSTOP)
    assert scene.silent_after_s(since_ns, f"{how} of the broker") <= 1.0
    if how == "SIGSTOP":
        scene.broker.signal(signal.SIGCONT)
        scene.stays_silent(2.0)


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
