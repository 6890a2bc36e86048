"""The firmware's real core, compiled for this machine and driven millisecond by millisecond."""

import ctypes
import os
import subprocess
from ctypes import POINTER, Structure, c_bool, c_size_t, c_uint8, c_uint16, c_uint32, c_void_p
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from calmloop.chair_link.frames import Frame, FrameReader, encode
from calmloop.chair_link.messages import (
    Ack,
    Arm,
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

FIRMWARE = Path(__file__).parents[3] / "firmware-bridge" / "firmware"
VECTORS = FIRMWARE.parent / "vectors"
STORE_SIZE = 96
WIRE_MAX = 62
POWER_ON, EXTERNAL, BROWN_OUT, WATCHDOG = 1, 2, 4, 8
RELEASED = Inputs.SEAT_OCCUPIED | Inputs.CONTACTOR_CLOSED
WRAP = 1 << 32
CAP_HASH = 0xBF7501D5
SIMULATED_HASH = 0xEAE3B307

VIEW_FIELDS = tuple(
    # The order of `struct host_view`.
    """
    state fault stop_reason arm_block identified lease_alive lease_left_ms lockout_ms
    session_left_s session_budget_s applied_tag arm_id nonce bad_frames refused
    amplifier_enabled vibration_ppm vibration_mhz sound_ppm red_ppm green_ppm blue_ppm
    """.split()  # noqa: SIM905 - a list of 22 literals would not be read
)


class CView(Structure):
    """`struct host_view`."""

    _fields_ = [(name, c_uint32) for name in VIEW_FIELDS]


class CFrame(Structure):
    """`struct frame`."""

    _fields_ = [
        ("version", c_uint8),
        ("type", c_uint8),
        ("seq", c_uint16),
        ("boot_id", c_uint32),
        ("size", c_uint8),
        ("payload", c_uint8 * 48),
    ]


class CLight(Structure):
    """`struct light`."""

    _fields_ = [("red_ppm", c_uint32), ("green_ppm", c_uint32), ("blue_ppm", c_uint32)]


class CGate(Structure):
    """`struct gate` and `struct gate_target`, which have the same fields."""

    _fields_ = [
        ("vibration_ppm", c_uint32),
        ("vibration_mhz", c_uint32),
        ("sound_ppm", c_uint32),
        ("light", CLight),
    ]


class CCalibration(Structure):
    """`struct calibration`."""

    _fields_ = [
        ("kind", c_uint32),
        ("hash", c_uint32),
        ("ceiling_permille", c_uint16 * 6),
        ("sound_ceiling_permille", c_uint16),
    ]


@cache
def library() -> ctypes.CDLL:
    """The core as a shared library with the undefined-behaviour sanitizer, built if it is stale.

    CALMLOOP_CHAIR_LIBRARY names another build, such as the one that counts coverage.
    """
    chosen = os.environ.get("CALMLOOP_CHAIR_LIBRARY")
    if chosen is None:
        subprocess.run(["make", "--quiet", "-C", FIRMWARE, "host"], check=True)
        chosen = str(FIRMWARE / "build" / "libchair.so")
    core = ctypes.CDLL(chosen)
    for name, result, arguments in (
        ("crc32c", c_uint32, [c_void_p, c_size_t]),
        ("cobs_encode", c_size_t, [c_void_p, c_size_t, c_void_p]),
        ("cobs_decode", c_size_t, [c_void_p, c_size_t, c_void_p]),
        ("frame_encode", c_size_t, [POINTER(CFrame), c_void_p]),
        ("frame_decode", c_uint32, [c_void_p, c_size_t, POINTER(CFrame)]),
        ("envelope_hash", c_uint32, []),
        ("lease_proof", c_uint32, [c_uint32, c_uint32]),
        ("fault_of_reset", c_uint32, [c_uint8]),
        ("calibration_none", None, [POINTER(CCalibration)]),
        ("calibration_read", c_bool, [POINTER(CCalibration), c_void_p]),
        ("calibration_simulated", None, [c_void_p]),
        ("calibration_vibration_ppm", c_uint32, [POINTER(CCalibration), c_uint32]),
        ("calibration_sound_ppm", c_uint32, [POINTER(CCalibration)]),
        ("gate_init", None, [POINTER(CGate)]),
        ("gate_cut", None, [POINTER(CGate)]),
        ("gate_step", None, [POINTER(CGate), POINTER(CGate), POINTER(CCalibration), c_uint32]),
        ("gate_project", CLight, [CLight]),
        ("gate_round_down", c_uint16, [c_uint32, c_uint16]),
        ("gate_round_up", c_uint16, [c_uint32, c_uint16]),
        ("host_new", c_void_p, [c_uint32, c_uint8, c_uint8, c_void_p, c_uint32]),
        ("host_free", None, [c_void_p]),
        ("host_tick", None, [c_void_p, c_uint8, c_uint16, c_uint16, c_uint32]),
        ("host_view", None, [c_void_p, c_uint32, POINTER(CView)]),
        ("host_take_store_write", c_uint8, [c_void_p, POINTER(c_uint8), c_void_p]),
        ("chair_receive", None, [c_void_p, c_void_p, c_size_t, c_uint32]),
        ("chair_transmit", c_size_t, [c_void_p, c_void_p, c_uint32]),
    ):
        function = getattr(core, name)
        function.restype, function.argtypes = result, arguments
    return core


def slot(generation: int, payload: bytes) -> bytes:
    """One slot of the store as PROTOCOL.md describes it."""
    body = generation.to_bytes(2, "little") + payload
    return body + crc(body).to_bytes(4, "little")


def crc(data: bytes) -> int:
    """CRC-32C by the firmware."""
    return int(library().crc32c(data, len(data)))


def simulated_record() -> bytes:
    """The calibration record of a simulated chair."""
    record = ctypes.create_string_buffer(15)
    library().calibration_simulated(record)
    return record.raw


def store(fault: int | None = None, calibration: bytes | None = None) -> bytearray:
    """A store with these records, erased where there is none."""
    image = bytearray(b"\xff" * STORE_SIZE)
    if fault is not None:
        image[0:7] = slot(1, bytes([fault]))
    if calibration is not None:
        image[32:53] = slot(1, calibration)
    return image


class CoreChair:
    """A chair that a test owns: its time, its buttons, its power and both ends of its line.

    Attributes:
        now_ms: The chair's clock; wraps as a uint32 does.
        leased: Every fresh nonce is answered at once, as a healthy watchdog does.
        heard: Everything the chair has sent, decoded, oldest first.
    """

    def __init__(
        self,
        *,
        boot_id: int = 0x1A2B3C4D,
        reset_flags: int = POWER_ON,
        self_test_ok: bool = True,
        image: bytearray | None = None,
        now_ms: int = 0,
    ) -> None:
        self.core = library()
        self.boot_id = boot_id
        self.now_ms = now_ms
        self.inputs = RELEASED
        self.current_ma = 150
        self.leased = False
        self.image = image if image is not None else store(calibration=simulated_record())
        self.heard: list[Message] = []
        self.wire = bytearray()
        self._reader = FrameReader()
        self._seq = 0
        self._chair = self.core.host_new(
            boot_id, reset_flags, self_test_ok, bytes(self.image), now_ms
        )

    def __del__(self) -> None:
        self.core.host_free(self._chair)

    # --- the hardware's side ---------------------------------------------------------------

    def turn(self) -> None:
        """One tick at the time that it is, and what the hardware does after it."""
        self.core.host_tick(self._chair, int(self.inputs), self.current_ma, 12000, self.now_ms)
        self._hear()
        self._store()

    def run(self, duration_ms: int, step_ms: int = 1) -> None:
        """Lets time pass, with a tick every `step_ms`."""
        for _ in range(duration_ms // step_ms):
            self.now_ms = (self.now_ms + step_ms) % WRAP
            self.turn()

    def run_until(self, state: State, within_ms: int) -> int:
        """Lets time pass until the chair is in `state`; returns the milliseconds it took."""
        for passed_ms in range(within_ms + 1):
            if self.state() is state:
                return passed_ms
            self.run(1)
        raise AssertionError(f"not {state.name} within {within_ms} ms, but {self.state().name}")

    def press(self, button: Inputs, duration_ms: int) -> None:
        """Holds a button (or a switch) down for a while, and lets go."""
        self.inputs |= button
        self.run(duration_ms)
        self.inputs &= ~button

    def acknowledge(self) -> None:
        """A person presses ACK the way that counts."""
        self.inputs &= ~Inputs.ACK_PRESSED
        self.run(60)
        self.press(Inputs.ACK_PRESSED, 60)
        self.run(1)

    def _hear(self) -> None:
        buffer = ctypes.create_string_buffer(WIRE_MAX)
        while size := self.core.chair_transmit(self._chair, buffer, self.now_ms):
            self.wire += buffer.raw[:size]
            for frame in self._reader.feed(buffer.raw[:size]):
                message = read_message(frame)
                self.heard.append(message)
                if isinstance(message, Status) and self.leased:
                    self.answer(message)

    def _store(self) -> None:
        at, data = c_uint8(), ctypes.create_string_buffer(21)
        size = self.core.host_take_store_write(self._chair, at, data)
        self.image[at.value : at.value + size] = data.raw[:size]

    # --- the host's side -------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Bytes arrive on the line now."""
        self.core.chair_receive(self._chair, data, len(data), self.now_ms)

    def send(self, message: Message, *, boot_id: int | None = None, version: int = 1) -> None:
        """A frame arrives on the line now."""
        boot = self.boot_id if boot_id is None else boot_id
        self.receive(encode(Frame(message.kind, self._seq, boot, message.payload(), version)))
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
    def view(self) -> SimpleNamespace:
        """Everything about the chair, now."""
        view = CView()
        self.core.host_view(self._chair, self.now_ms, view)
        return SimpleNamespace(**{name: int(getattr(view, name)) for name in VIEW_FIELDS})

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
