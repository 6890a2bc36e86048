"""A watchdog with a chair, services and an engine that a test plays by hand, on its own clock."""

from typing import Any, TypeVar

from calmloop.base.clock import ManualClock
from calmloop.base.freshness import Ages, Received
from calmloop.contract.messages.base import ServiceMessage, SignalKind
from calmloop.contract.messages.camera import CameraCondition, CameraState
from calmloop.contract.messages.chair import ChairMode, ChairState, Inputs
from calmloop.contract.messages.face import FaceState
from calmloop.contract.messages.safety import Alarm, AlarmKind, Lease
from calmloop.contract.messages.service import Heartbeat
from calmloop.contract.messages.session import Phase, SessionState
from calmloop.contract.topics import SERVICES, Account
from calmloop.safety_watchdog.watchdog import Watchdog

MessageT = TypeVar("MessageT", bound=ServiceMessage)
STEP_S = 0.1
BEAT_EVERY = 5
CHAIR_BOOT_ID = 7
OTHERS = sorted(SERVICES - {Account.SAFETY_WATCHDOG})


class Harness:
    """Everyone is well and the chair is SAFE, until a test says otherwise.

    `play` moves time on in steps of 0.1 s; who is `silent` says nothing meanwhile.
    """

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.ages = Ages(self.clock, boot_id="here")
        self.watchdog = Watchdog(self.clock, self.ages)
        self.silent: set[str] = set()
        self.unhealthy: dict[Account, str] = {}
        self.chair: dict[str, Any] = {"mode": ChairMode.SAFE, "identified": True}
        self.inputs: dict[str, Any] = {}
        self.session: dict[str, Any] = {"phase": Phase.IDLE}
        self.faces = 1
        self.camera_kind: SignalKind | None = SignalKind.LIVE
        self.leases: list[Lease] = []
        self.alarms: dict[AlarmKind, Alarm] = {}
        self._nonce = 0
        self._step = 0

    def received(self, message: MessageT, **fields: str) -> Received[MessageT]:
        return Received(message, self.clock.monotonic_ns(), fields=fields)

    def play(self, seconds: float) -> None:
        """Lets time pass while those who are not silent go on as they are."""
        for _ in range(round(seconds / STEP_S)):
            self.clock.advance(STEP_S)
            if self._step % BEAT_EVERY == 0:
                self.beat(*OTHERS)
                if "engine" not in self.silent:
                    self.report_session()
            if "face" not in self.silent:
                self.watchdog.receive_face(
                    self.received(
                        FaceState(
                            count=self.faces,
                            frame_seq=1,
                            captured_ns=0,
                            camera_kind=self.camera_kind,
                        )
                    )
                )
            if "chair" not in self.silent:
                self.report_chair()
            self._step += 1
            self.turn()

    def turn(self) -> None:
        self.watchdog.review()
        self.alarms |= {alarm.kind: alarm for alarm in self.watchdog.pop_changed_alarms()}

    def beat(self, *services: Account) -> None:
        for service in services:
            if service not in self.silent:
                waits_for = self.unhealthy.get(service, "")
                beat = Heartbeat(
                    service=service,
                    instance="a",
                    healthy=service not in self.unhealthy,
                    waits_for=waits_for,
                )
                self.watchdog.receive_heartbeat(self.received(beat, service=service, instance="a"))

    def beat_as(self, service: Account, instance: str, run: str = "") -> str | None:
        """One heartbeat of another instance, or of another process under the same name."""
        beat = Heartbeat(service=service, instance=instance, run=run, healthy=True)
        return self.watchdog.receive_heartbeat(
            self.received(beat, service=service, instance=instance)
        )

    def odd_beat(self, body: dict[str, Any]) -> Received[Heartbeat]:
        """A heartbeat with whatever its sender says of itself."""
        beat = Heartbeat.model_validate(body)
        return self.received(beat, service=beat.service, instance=beat.instance)

    def camera_says(self, instance: str = "a", **fields: Any) -> None:
        """What a camera says of itself."""
        state = CameraState(
            condition=CameraCondition.STREAMING, enabled=True, source=f"camera/{instance}", **fields
        )
        self.watchdog.receive_camera(self.received(state))

    def report_session(self, **changes: Any) -> None:
        self.session |= changes
        self.watchdog.receive_session(self.received(SessionState(**self.session)))

    def report_chair(self, **changes: Any) -> Lease | None:
        """The chair's next report, with a fresh nonce; returns the lease it got."""
        self.chair |= changes
        self._nonce += 1
        state = ChairState(
            boot_id=CHAIR_BOOT_ID, nonce=self._nonce, inputs=Inputs(**self.inputs), **self.chair
        )
        lease = self.watchdog.receive_chair(self.received(state))
        if lease:
            self.leases.append(lease)
        return lease

    @property
    def token(self) -> str:
        return self.watchdog.stop_state().reset_token

    @property
    def latched(self) -> bool:
        return self.watchdog.latch.latched

    def reset(self) -> str | None:
        refused = self.watchdog.reset(self.token)
        self.turn()
        return refused

    def active_alarms(self) -> set[AlarmKind]:
        return {kind for kind, alarm in self.alarms.items() if alarm.active}

    def give_leases_for(self, seconds: float) -> int:
        """Plays on; how many leases were given meanwhile."""
        before = len(self.leases)
        self.play(seconds)
        return len(self.leases) - before


def ready_harness() -> Harness:
    """Everyone is well and the start-up stop was reset."""
    harness = Harness()
    harness.play(2.0)
    assert harness.reset() is None
    return harness


def active_harness() -> Harness:
    """A session runs and the chair is ACTIVE."""
    harness = ready_harness()
    harness.report_session(phase=Phase.RUNNING, session_id="s1")
    harness.report_chair(mode=ChairMode.ACTIVE)
    harness.play(2.0)
    assert not harness.latched
    return harness
