"""A device by PortAudio: opened by name, asked for its clock, missed when it takes nothing more."""

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from calmloop.base.clock import ManualClock, monotonic_s
from calmloop.base.errors import DeviceError
from calmloop.sound_player.outputs.output import BLOCK_FRAMES, CHANNELS
from calmloop.sound_player.outputs.portaudio import BEGINS_S, SILENT_S, PortAudioOutput

BUFFER_S = 0.1
BLOCK = b"\1" * (BLOCK_FRAMES * CHANNELS * 4)
DEVICES = [
    {"name": "HDMI", "max_output_channels": 8},
    {"name": "Some microphone", "max_output_channels": 0},
    {"name": "USB Audio DAC", "max_output_channels": 2},
]


class PortAudioError(Exception):
    """As that of sounddevice."""


class FakeStream:
    """Keeps what it was opened with; a test is its thread."""

    def __init__(self, clock: ManualClock, device: Any, callback: Callable[..., None]) -> None:
        self.device = 2 if device == "USB" else 0
        self.active = False
        self.latency = BUFFER_S
        self._clock = clock
        self._callback = callback

    @property
    def time(self) -> float:
        """Its own clock, an hour off."""
        return monotonic_s(self._clock) + 3600.0

    def start(self) -> None:
        self.active = True

    def abort(self, ignore_errors: bool) -> None:
        self.active = False

    def close(self, ignore_errors: bool) -> None:
        self.active = False

    def ask(self, *, ahead_s: float = BUFFER_S, underflow: bool = False) -> bytes:
        out = bytearray(len(BLOCK))
        times = SimpleNamespace(currentTime=self.time, outputBufferDacTime=self.time + ahead_s)
        status = SimpleNamespace(output_underflow=underflow)
        self._callback(memoryview(out), BLOCK_FRAMES, times, status)
        return bytes(out)


class FakePortAudio:
    """What is used of the module."""

    PortAudioError = PortAudioError

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.devices = DEVICES
        self.listed = 0
        self.streams: list[FakeStream] = []
        self.asked: dict[str, Any] = {}

    def _terminate(self) -> None:
        pass

    def _initialize(self) -> None:
        self.listed += 1

    def query_devices(self, number: int | None = None) -> Any:
        return self.devices if number is None else self.devices[number]

    def RawOutputStream(self, **asked: Any) -> FakeStream:
        self.asked = asked
        if asked["device"] not in (None, "USB", 2):
            raise ValueError(f"No output device matching {asked['device']!r}\nmore")
        self.streams.append(FakeStream(self.clock, asked["device"], asked["callback"]))
        return self.streams[-1]


@pytest.fixture
def audio(monkeypatch: pytest.MonkeyPatch) -> FakePortAudio:
    fake = FakePortAudio(ManualClock())
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    return fake


def opened(
    audio: FakePortAudio, device: str = "USB"
) -> tuple[PortAudioOutput, FakeStream, list[int]]:
    output = PortAudioOutput(device, audio.clock, BUFFER_S)
    told: list[int] = []

    def render(output_ns: int) -> bytes:
        told.append(output_ns)
        return BLOCK

    output.open(render)
    return output, audio.streams[-1], told


def begun(stream: FakeStream) -> None:
    """What is asked for before a stream plays, and a block after it."""
    stream.ask(ahead_s=0.0)
    stream.ask()


def test_a_device_is_found_by_a_part_of_its_name_among_those_that_are_there_now(
    audio: FakePortAudio,
) -> None:
    output, stream, _ = opened(audio)
    assert output.origin == "USB Audio DAC"
    assert output.trouble() == ""
    assert (audio.asked["samplerate"], audio.asked["latency"]) == (48_000, 0.75 * BUFFER_S)
    assert audio.listed == 1
    assert stream.ask() == BLOCK
    opened(audio, "2")
    assert audio.asked["device"] == 2
    opened(audio, "")
    assert audio.asked["device"] is None


def test_one_that_is_not_there_is_told_with_those_that_are(audio: FakePortAudio) -> None:
    with pytest.raises(DeviceError) as caught:
        opened(audio, "Bluetooth")
    told = str(caught.value)
    assert "sound device Bluetooth cannot be opened" in told
    assert "No output device matching 'Bluetooth'" in told and "more" not in told
    assert told.endswith("there are HDMI, USB Audio DAC")
    audio.devices = []
    with pytest.raises(DeviceError, match="no output is there at all"):
        opened(audio, "Bluetooth")


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    output = PortAudioOutput("", ManualClock(), BUFFER_S)
    with pytest.raises(DeviceError, match="apt-get install libportaudio2"):
        output.open(lambda _: BLOCK)


def test_it_tells_when_a_block_is_at_the_output_by_this_host_s_clock(audio: FakePortAudio) -> None:
    _, stream, told = opened(audio)
    stream.ask(ahead_s=0.07)
    stream.ask(ahead_s=-5.0)
    stream.ask(ahead_s=30.0)
    now_s = monotonic_s(audio.clock)
    assert [ns / 1e9 - now_s for ns in told] == pytest.approx([0.07, BUFFER_S, BUFFER_S])


def test_what_ran_dry_is_counted_told_by_the_device_or_not(audio: FakePortAudio) -> None:
    output, stream, _ = opened(audio)
    for _ in range(10):
        audio.clock.advance(0.02)
        stream.ask()
    audio.clock.advance(0.11)
    stream.ask()
    assert output.underruns == 0
    audio.clock.advance(0.11)
    stream.ask(underflow=True)
    assert output.underruns == 1
    audio.clock.advance(0.13)
    stream.ask(ahead_s=0.008)
    assert output.underruns == 2


def test_what_a_device_tells_twice_is_one_gap(audio: FakePortAudio) -> None:
    output, stream, _ = opened(audio)
    begun(stream)
    audio.clock.advance(0.15)
    stream.ask(ahead_s=0.008, underflow=True)
    audio.clock.advance(0.001)
    stream.ask(ahead_s=0.028, underflow=True)
    assert output.underruns == 1
    audio.clock.advance(0.04)
    stream.ask(underflow=True)
    assert output.underruns == 2, "the next one counts again"


def test_one_that_asks_late_and_still_has_sound_has_not_run_dry(audio: FakePortAudio) -> None:
    """A sound server holds more than PortAudio's latency says: it is no gap, and must make none."""
    output, stream, _ = opened(audio)
    begun(stream)
    stream.ask(ahead_s=0.16)
    audio.clock.advance(0.17)
    stream.ask(ahead_s=0.16)
    assert output.underruns == 0
    audio.clock.advance(0.19)
    stream.ask(ahead_s=0.01)
    assert output.underruns == 1


def test_what_is_asked_before_a_device_plays_is_no_gap(audio: FakePortAudio) -> None:
    output, stream, _ = opened(audio)
    stream.ask(ahead_s=1e-6)
    audio.clock.advance(0.9)
    stream.ask()
    assert output.underruns == 0


def test_one_that_takes_nothing_more_is_missed(audio: FakePortAudio) -> None:
    output, stream, _ = opened(audio)
    for _ in range(4):
        stream.ask()
    audio.clock.advance(BEGINS_S - 0.1)
    assert output.trouble() == "", "a sound server takes its time to begin"
    stream.ask()
    audio.clock.advance(SILENT_S - 0.1)
    assert output.trouble() == ""
    audio.clock.advance(0.2)
    assert "USB Audio DAC takes no sound any more" in output.trouble()
    stream.ask()
    assert output.trouble() == ""
    stream.active = False
    assert "check its cable" in output.trouble()
    output.close()
    output.close()
    assert "is not open" in output.trouble()
