"""The microphone is a person's to switch on, and no sound leaves the voice listener."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import structlog

from calmloop.base.errors import DeviceError
from calmloop.contract import topics
from calmloop.contract.messages.voice import VoiceCondition, VoiceSet, VoiceState
from calmloop.contract.topics import Account, TopicKind
from calmloop.voice_listener.spectrum import Samples
from tests.doubles import CHAIR
from tests.unit.voice_listener.rig import Rig
from tests.unit.voice_listener.sounds import blocks, crying, noise, tone


def test_the_switch_is_kept_over_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "switch"
    for on in (True, False):
        rig = Rig(file)
        rig.switch(on=on)
        rig.service.close()
        again = Rig(file)
        for _ in range(6):
            again.turn()
        assert again.states[-1].enabled is on
        again.service.close()


@pytest.mark.parametrize("damage", [b"", b"maybe", b"\xff\x00"])
def test_a_damaged_switch_file_does_not_open_a_microphone(tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / "switch"
    file.write_bytes(damage)
    if damage.startswith(b"\xff"):
        with pytest.raises(DeviceError, match=r"voice_listener\.switch_file"):
            Rig(file)
        return
    rig = Rig(file)
    rig.turn(1.0)
    assert rig.states[-1].condition is VoiceCondition.OFF


def test_a_switch_that_cannot_be_remembered_is_said(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "missing" / "switch")
    rig.transport.send(topics.VOICE_SET, VoiceSet(enabled=True))
    rig.turn()
    rig.turn(1.0)
    assert rig.states[-1].reason.startswith("on, but not remembered: voice_listener.switch_file")
    assert not rig.turn().healthy
    rig.service.close()


def test_a_retained_command_does_not_switch_it_on() -> None:
    rig = Rig()
    body = VoiceSet(enabled=True).model_dump_json().encode()
    rig.transport.inject(topics.VOICE_SET.name(CHAIR), body, retain=True)
    rig.turn()
    rig.turn(1.0)
    assert rig.states[-1].condition is VoiceCondition.OFF
    assert rig.transport.messages(topics.REJECTED)
    rig.service.close()


def test_no_sound_leaves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written, no bytes of sound are in any message or log, nothing grows with it."""
    monkeypatch.chdir(tmp_path)
    structlog.reset_defaults()
    rig = Rig(tmp_path / "switch")
    rig.switch(on=True)
    heard = blocks(crying(6.0) + tone(300.0, 6.0) + noise(6.0))
    for block in [*heard, np.zeros(8000, np.float32), np.ones(8000, np.float32), heard[0]]:
        rig.hear(block)
    rig.source.fails = "lost"
    for _ in range(30):
        rig.turn()
    rig.service.close()
    assert [path.name for path in tmp_path.rglob("*")] == ["switch"]
    assert (tmp_path / "switch").read_text() == "on\n"

    logged = "".join(capfd.readouterr()).encode()
    texts = [m.payload + (m.header or b"") for m in rig.transport.published]
    assert logged
    for text in (logged, *texts):
        assert not any(piece in text for piece in pieces(heard))
    names = {m.name.removeprefix(f"calmloop/{CHAIR}/") for m in rig.transport.published}
    assert names == {"voice/state", "service/voice-listener/test/status"}
    assert max(map(len, texts)) < 1000
    assert not any(m.image for m in rig.transport.published)


def test_sound_is_on_no_topic() -> None:
    """What it writes is one figure or one short text a field: no list, no bytes, no picture."""
    written = [t for t in topics.REGISTRY if Account.VOICE_LISTENER in t.writers]
    assert topics.VOICE_STATE in written
    assert not any(topic.kind is TopicKind.IMAGE for topic in written)
    schema = VoiceState.model_json_schema()
    kinds = {option["type"] for field in schema["properties"].values() for option in plain(field)}
    assert kinds <= {"number", "integer", "boolean", "string", "null"}
    texts = [o for f in schema["properties"].values() for o in plain(f) if o["type"] == "string"]
    assert all(text["maxLength"] <= 300 for text in texts)


def plain(field: dict[str, Any]) -> list[dict[str, Any]]:
    """The types that a field may have; a choice among words is none of length."""
    options = field.get("anyOf", [field])
    return [option for option in options if "$ref" not in option]


def pieces(heard: list[Samples]) -> list[bytes]:
    """Eight samples from each block: as int16, as text, and in base64."""
    found = []
    for block in heard:
        raw = (np.clip(block, -1, 1) * 32767).astype("<i2")[2000:2024]
        found += [
            raw.tobytes()[:16],
            base64.b64encode(raw.tobytes())[4:20],
            ", ".join(str(value) for value in raw[:6].tolist()).encode(),
            ", ".join(f"{value:.4f}" for value in block[2000:2004].tolist()).encode(),
        ]
    return found
