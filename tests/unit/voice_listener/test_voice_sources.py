"""Where sound comes from: a file at its own pace, the simulated child, and PortAudio's edge."""

import subprocess
import sys
import wave
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from calmloop.base.clock import ManualClock
from calmloop.base.errors import DeviceError
from calmloop.voice_listener.reader import VoiceReader, VoiceReading
from calmloop.voice_listener.resampling import Blocks
from calmloop.voice_listener.settings import VoiceListenerSection
from calmloop.voice_listener.sources.microphone import Microphone, MicrophoneSection
from calmloop.voice_listener.sources.simulated import SimulatedVoice, SimulatedVoiceSection
from calmloop.voice_listener.sources.sound_file import SoundFile


def wav(path: Path, frames: int, rate_hz: int = 8000, channels: int = 1, width: int = 2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate_hz, 0, "NONE", ""))
        counted = np.arange(frames * channels) % 30000
        file.writeframes(counted.astype("<i2" if width == 2 else "<u1").tobytes())
    return path


def played(path: Path, *, loop: bool = True) -> tuple[SoundFile, ManualClock]:
    clock = ManualClock()
    source = SoundFile(path, clock, loop=loop)
    source.open()
    return source, clock


def read(source: SoundFile) -> list[int] | None:
    data = source.read()
    return None if data is None else np.frombuffer(data, "<i2").tolist()


def test_a_file_is_played_by_the_clock_and_over_again(tmp_path: Path) -> None:
    source, clock = played(wav(tmp_path / "a.wav", 1000))
    assert read(source) == []
    clock.advance(0.1)
    assert read(source) == list(range(800))
    clock.advance(0.1)
    assert read(source) == [*range(800, 1000), *range(600)]
    clock.advance(60.0)
    assert read(source) == []
    clock.advance(0.01)
    assert read(source) == list(range(600, 680))


def test_a_file_that_is_played_once_ends(tmp_path: Path) -> None:
    source, clock = played(wav(tmp_path / "a.wav", 1000), loop=False)
    clock.advance(0.5)
    assert read(source) == list(range(1000))
    clock.advance(0.5)
    assert read(source) is None


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ({"frames": 0}, "0 frames"),
        ({"frames": 9, "width": 1}, "8 bit"),
        ({"frames": 9, "rate_hz": 11025}, "at 11025 Hz: save it as 16 bit PCM at one of 8000"),
    ],
)
def test_a_file_that_cannot_be_played_is_refused(
    tmp_path: Path, made: dict[str, int], why: str
) -> None:
    with pytest.raises(DeviceError, match=why):
        played(wav(tmp_path / "a.wav", **made))


@pytest.mark.parametrize("content", [None, b"", b"no sound at all", b"RIFF\x04\x00\x00\x00WAVE"])
def test_what_is_no_sound_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DeviceError, match="name a WAV file of 16 bit PCM"):
        played(path)


def test_the_simulated_child_is_heard_as_it_feels() -> None:
    def listened(valence: float) -> list[VoiceReading]:
        clock = ManualClock()
        source = SimulatedVoice(SimulatedVoiceSection(), clock)
        source.open()
        source.feel(valence, 0.0)
        reader, blocks = VoiceReader(None, live=True), Blocks(source.rate_hz, source.channels)
        readings = []
        for _ in range(300):
            clock.advance(0.1)
            readings += [reader.read(block) for block in blocks.put(source.read() or b"")]
        assert len(readings) == 60
        assert all(isinstance(reading, VoiceReading) for reading in readings)
        return [reading for reading in readings if isinstance(reading, VoiceReading)]

    upset, content = listened(-0.9), listened(0.0)
    assert np.mean([r.voiced_share for r in upset]) > 0.5
    assert np.mean([r.voiced_share for r in content]) < 0.3
    assert np.median([r.level_db for r in upset]) > -35.0
    assert np.median([r.level_db for r in content]) < -50.0


class PortAudioError(Exception):
    """As sounddevice's."""


class PlainMicrophone:
    """PortAudio with a microphone that takes 48 kHz only, and that can be unplugged."""

    PortAudioError = PortAudioError

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.present, self.aborted = True, 0
        self.listed = 0

    def _terminate(self) -> None: ...

    def _initialize(self) -> None:
        self.listed += 1

    def query_devices(self) -> list[dict[str, Any]]:
        there = {"name": "USB microphone", "max_input_channels": 1}
        return [{"name": "Speaker", "max_input_channels": 0}, *([there] if self.present else [])]

    def RawInputStream(self, **asked: Any) -> SimpleNamespace:
        self.asked.append(asked)
        if not self.present:
            raise PortAudioError("Error querying device -1")
        if asked["samplerate"] != 48000:
            raise PortAudioError("Invalid sample rate [PaErrorCode -9997]")
        return SimpleNamespace(
            start=lambda: None, read=self.read, abort=self.abort, close=self.abort
        )

    def read(self, frames: int) -> tuple[bytes, bool]:
        if not self.present:
            raise PortAudioError("Unanticipated host error [PaErrorCode -9999]: gone\nmore")
        return b"\x01\x00" * frames, False

    def abort(self, **_options: Any) -> None:
        self.aborted += 1


@pytest.fixture
def audio(monkeypatch: pytest.MonkeyPatch) -> PlainMicrophone:
    audio = PlainMicrophone()
    monkeypatch.setitem(sys.modules, "sounddevice", audio)
    return audio


def test_a_microphone_is_read_at_a_rate_that_it_has(audio: PlainMicrophone) -> None:
    source = Microphone(MicrophoneSection(device="USB"))
    source.open()
    assert [asked["samplerate"] for asked in audio.asked] == [16000, 48000]
    assert {asked["device"] for asked in audio.asked} == {"USB"}
    assert source.rate_hz == 48000
    assert len(source.read() or b"") == 2 * 4800
    source.close()
    source.close()
    assert audio.aborted == 2


@pytest.mark.parametrize(("named", "asked"), [("", None), ("2", 2), ("USB", "USB")])
def test_a_microphone_is_named_by_its_number_its_name_or_not(
    audio: PlainMicrophone, named: str, asked: object
) -> None:
    Microphone(MicrophoneSection(device=named)).open()
    assert audio.asked[-1]["device"] == asked


def test_a_microphone_that_is_away_is_said_with_those_that_are_there(
    audio: PlainMicrophone,
) -> None:
    source = Microphone(MicrophoneSection())
    source.open()
    audio.present = False
    with pytest.raises(DeviceError, match=r"is lost \(Unanticipated host error .*gone\): check"):
        source.read()
    source.close()
    with pytest.raises(DeviceError, match="no microphone is there at all"):
        source.open()
    audio.present = True
    source.open()
    assert audio.listed == 3, "a microphone that came later is looked for anew"


def test_without_portaudio_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(DeviceError, match="apt-get install libportaudio2"):
        Microphone(MicrophoneSection()).open()


def test_a_microphone_is_never_on_by_a_setting_alone() -> None:
    with pytest.raises(ValidationError, match="switched on by a person"):
        VoiceListenerSection(starts_enabled=True)
    section = VoiceListenerSection(starts_enabled=True, source="simulated")
    assert section.starts_enabled


def test_settings_are_read_where_numpy_and_portaudio_are_not_installed() -> None:
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['numpy', 'sounddevice', 'ai_edge_litert']));"
        "from calmloop.voice_listener.settings import Settings; print(Settings().voice_listener)"
    )
    run = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert "source='auto'" in run.stdout, run.stderr
