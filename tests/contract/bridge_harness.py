"""A bridge as a process with a real broker and the real posix chair.

The test is the selector, the watchdog and the caregiver; stop times come from the chair's trace.
"""

import contextlib
import itertools
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from calmloop.base.clock import host_boot_id
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


class Harness:
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

    def __enter__(self) -> "Harness":
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

    def ready(self) -> "Harness":
        self.state(arm_ready=True, identified=True)
        return self

    def arm(self, start_id: str = "start-1", **changes: Any) -> None:
        self.chain.publish("chair/arm", {"start_id": start_id}, **changes)

    def active(self, start_id: str = "start-1") -> "Harness":
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
