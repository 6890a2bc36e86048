"""A real microphone's way: PortAudio, ALSA and PulseAudio; a sink's monitor is the child."""

import wave
from pathlib import Path

import numpy as np
import pytest

from calmloop.contract import topics
from calmloop.voice_listener import simulated_voice
from tests.broker import Broker
from tests.processes import CHAIR, Client, start_service
from tests.sound.conftest import SoundServer

pytestmark = pytest.mark.sound
STATE = topics.VOICE_STATE.name(CHAIR)
SET = topics.VOICE_SET.name(CHAIR)


def recording(path: Path, seconds: float) -> Path:
    rng = np.random.default_rng(1)
    sound = np.zeros(0)
    while len(sound) < seconds * simulated_voice.RATE_HZ:
        sound = np.concatenate([sound, simulated_voice.cry(rng)])
    sound += 0.001 * rng.standard_normal(len(sound))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, simulated_voice.RATE_HZ, 0, "NONE", ""))
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    return path


def test_a_microphone_is_heard_muted_lost_and_found_again(
    broker: Broker,
    sound_server: SoundServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in sound_server.environment.items():
        monkeypatch.setenv(name, value)
    with start_service("voice_listener", broker, tmp_path / "log"), Client(broker) as client:
        client.subscribe(STATE)
        assert client.wait_for(STATE)["condition"] == "off"
        client.publish(SET, {"enabled": True})
        # A sink that plays nothing gives zeros, as a muted microphone does.
        dead = client.wait_for(STATE, lambda body: body["condition"] == "dead")
        assert "unmute" in dead["reason"]
        assert "level_db" not in dead

        player = sound_server.play(recording(tmp_path / "crying.wav", 30.0))
        heard = client.wait_for(STATE, lambda body: body.get("above_floor_db", 0.0) > 15.0)
        assert heard["source_kind"] == "live"
        assert heard["voiced_share"] >= 0.0
        assert 300.0 < client.wait_for(STATE, lambda body: "pitch_hz" in body)["pitch_hz"] < 600.0

        since = len(client.received)
        sound_server.mute(on=True)
        client.wait_for(STATE, lambda body: body["condition"] == "dead", since=since)
        sound_server.mute(on=False)
        client.wait_for(STATE, lambda body: body["condition"] == "listening", since=since)
        player.terminate()
        player.wait()

        since = len(client.received)
        sound_server.close()
        lost = client.wait_for(STATE, lambda body: body["condition"] == "lost", since=since)
        assert "level_db" not in lost
