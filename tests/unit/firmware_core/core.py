"""The firmware's real core with a host at the other end of its line, millisecond by millisecond."""

from calmloop.chair_link.frames import FrameReader, WireFrame, encode
from calmloop.chair_link.messages import (
    Ack,
    Arm,
    Calibrate,
    Flags,
    Identify,
    Identity,
    Inputs,
    Lease,
    Message,
    Setpoint,
    State,
    Status,
    Stop,
    read_message,
)
from tests.unit.firmware_core.binding import CView
from tests.unit.firmware_core.hardware import RELEASED, CoreHardware

CAP_HASH = 0xBF7501D5
SIMULATED_HASH = 0x8ED8DFCB


class CoreChair(CoreHardware):
    """A chair that a test owns: its hardware and both ends of its line."""

    def _connect(self) -> None:
        self._heard: list[Message] = []
        self._unread = bytearray()
        self._reader = FrameReader()
        self._seq = 0

    def _hear(self, sent: bytes) -> None:
        super()._hear(sent)
        self._unread += sent

    def run_until(self, state: State, within_ms: int) -> int:
        """Lets time pass until the chair is in `state`; returns the milliseconds it took."""
        for passed_ms in range(within_ms + 1):
            if self.state() is state:
                return passed_ms
            self.run(1)
        raise AssertionError(f"not {state.name} within {within_ms} ms, but {self.state().name}")

    # --- the host's side -------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Bytes arrive on the line now."""
        self.core.chair_receive(self._chair, data, len(data), self.now_ms)

    def send(self, message: Message, *, boot_id: int | None = None, version: int = 1) -> None:
        """A message arrives on the line now."""
        self.send_raw(message.kind, message.payload(), boot_id=boot_id, version=version)

    def send_raw(
        self, kind: int, payload: bytes, *, boot_id: int | None = None, version: int = 1
    ) -> None:
        """A frame with any payload arrives on the line now."""
        boot = self.boot_id if boot_id is None else boot_id
        self.receive(encode(WireFrame(kind, self._seq, boot, payload, version)))
        self._seq = (self._seq + 1) % 65536

    def answer(self, status: Status) -> None:
        """The lease for a STATUS arrives now, if its nonce is new."""
        if Flags.FRESH_NONCE in status.flags:
            proof = self.core.lease_proof(self.boot_id, status.nonce)
            self.send(Lease(status.nonce, proof))

    def identify(self, **changes: int) -> None:
        """An IDENTIFY that fits, or differs in `changes`."""
        fields = {
            "protocol": 1,
            "firmware_major": 1,
            "cap_hash": CAP_HASH,
            "calibration_hash": SIMULATED_HASH,
        }
        self.send(Identify(**(fields | changes)))

    def arm(self, arm_id: int = 7, nonce: int | None = None) -> None:
        """An ARM with the newest nonce, or another."""
        self.send(Arm(arm_id, self.view.nonce if nonce is None else nonce))

    def setpoint(self, **changes: int) -> None:
        """A gentle setpoint, with `changes`."""
        fields = {
            "tag": 1,
            "vibration_dhz": 400,
            "vibration_permille": 500,
            "sound_permille": 500,
            "red_permille": 200,
            "green_permille": 200,
            "blue_permille": 200,
            "ttl_ms": 500,
        }
        self.send(Setpoint(**(fields | changes)))

    def calibrate(
        self,
        record: bytes,
        *,
        may_jump: bool = False,
        boot_id: int | None = None,
        version: int = 1,
    ) -> None:
        """A CALIBRATE arrives now."""
        self.send(Calibrate(may_jump, record), boot_id=boot_id, version=version)

    def stop(self, tag: int = 1) -> None:
        """A STOP arrives now."""
        self.send(Stop(1, tag))

    def drive(self, duration_ms: int, every_ms: int = 100, **changes: int) -> None:
        """Lets time pass with a setpoint every `every_ms`."""
        for _ in range(duration_ms // every_ms):
            self.setpoint(**changes)
            self.run(every_ms)

    # --- what a test looks at --------------------------------------------------------------

    @property
    def view(self) -> CView:
        """Everything about the chair, now."""
        view = CView()
        self.core.host_view(self._chair, self.now_ms, view)
        return view

    @property
    def heard(self) -> list[Message]:
        """Everything the chair has sent, decoded, oldest first."""
        if self._unread:
            frames = self._reader.feed(bytes(self._unread))
            self._unread.clear()
            self._heard += [read_message(frame) for frame in frames]
        return self._heard

    def state(self) -> State:
        return State(self.view.state)

    @property
    def felt(self) -> bool:
        """Whether vibration or sound is on."""
        view = self.view
        return bool(view.vibration_ppm or view.sound_ppm)

    @property
    def statuses(self) -> list[Status]:
        return [m for m in self.heard if isinstance(m, Status)]

    @property
    def identities(self) -> list[Identity]:
        return [m for m in self.heard if isinstance(m, Identity)]

    @property
    def acks(self) -> list[Ack]:
        return [m for m in self.heard if isinstance(m, Ack)]

    # --- ways into a state -----------------------------------------------------------------

    def boot(self) -> "CoreChair":
        """Out of BOOT."""
        self.run(2001)
        return self

    def ready(self) -> "CoreChair":
        """SAFE, with everything that ARM needs."""
        self.leased = True
        self.identify()
        self.boot()
        self.run(1200)
        return self

    def armed(self) -> "CoreChair":
        """ARMED."""
        self.ready().arm()
        self.run(1)
        return self

    def active(self, full_ms: int = 0) -> "CoreChair":
        """ACTIVE, after `full_ms` of setpoints."""
        self.armed().setpoint()
        self.run(1)
        self.drive(full_ms)
        return self

    def ramping_down(self) -> "CoreChair":
        """RAMPDOWN, from a vibration that takes a while to fall."""
        self.active(3000).stop()
        self.run(1)
        return self

    def faulty(self) -> "CoreChair":
        """FAULT, by an over-current that is gone."""
        self.ready()
        self.current_ma = 5000
        self.run(20)
        self.current_ma = 150
        self.run(1)
        return self

    def stopped_by_hand(self) -> "CoreChair":
        """ESTOP, with the red button released again."""
        self.ready()
        self.inputs = (self.inputs | Inputs.ESTOP_OPEN) & ~Inputs.CONTACTOR_CLOSED
        self.run(20)
        self.inputs = RELEASED
        self.run(60)
        return self
