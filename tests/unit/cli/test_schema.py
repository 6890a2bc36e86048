"""The schema says what the registry and the models say, and nothing they would refuse."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
from pydantic import ValidationError
from typer.testing import CliRunner

from calmloop.cli.schema import schema
from calmloop.contract import topics
from calmloop.contract.topics import TopicKind
from calmloop.schema.asyncapi import document, json_schemas, models

DOCUMENT = document()
SCHEMAS = json_schemas()

FRAME = {"frame_seq": 3, "captured_ns": 5}
CHAIR = {
    "mode": "active",
    "boot_id": 7,
    "identified": True,
    "applied": {"vibration_pct": 20, "light": {"red_pct": 3}},
    "arm": {"start_id": "s1", "outcome": "accepted"},
}
GOOD: dict[str, list[dict[str, Any]]] = {
    "FrameHeader": [{**FRAME, "width_px": 640, "height_px": 480}],
    "CameraSet": [{"enabled": False}],
    "CaregiverPresence": [{"idle_s": 12.5, "face_ground": True}, {}],
    "ProfileCommand": [
        {"action": "show", "profile": "k7"},
        {"action": "write", "profile": "k7", "bounds": {"ceiling_pct": 40}, "request": "r1"},
    ],
    "ProfilesState": [
        {"codes": ["k7"]},
        {"codes": ["k7"], "profile": "k7", "bounds": {"sensory": {"light": "avoiding"}}},
    ],
    "ScenarioListState": [
        {
            "scenarios": [
                {"name": "calm", "title": "Calm", "titles": {"lt": "Ramu"}, "minutes": 9}
            ],
            "contraindications": {"implant": "Pacemaker"},
        }
    ],
    "CameraState": [{"condition": "streaming", "enabled": True, "fps": 14.9}],
    "FaceHeader": [{**FRAME, "size_px": 0, "reason": "no_face"}],
    "FaceState": [
        {**FRAME, "count": 1, "box": {"x_px": 1, "y_px": 2, "width_px": 3, "height_px": 4}},
        {
            **FRAME,
            "count": 1,
            "track_id": "a-1",
            "presence": "here",
            "unseen_s": 2.5,
            "head_pose": {"yaw_deg": -3, "pitch_deg": 9, "roll_deg": 0},
            "mesh": {"eye_aspect_ratio": 0.31, "mouth_aspect_ratio": 0.08, "age_s": 0.13},
            "eyes_closed": False,
        },
    ],
    "MovementState": [
        {"log_energy": 0.4, "energy": 0.003, "noise": 0.001, "vibration": 0, "head_speed": 0.1},
        {"reason": "frozen", "age_s": 0.1},
    ],
    "VoiceSet": [{"enabled": True}],
    "VoiceState": [
        {"condition": "off", "enabled": False},
        {
            "condition": "listening",
            "enabled": True,
            "source_kind": "live",
            "level_db": -31.5,
            "above_floor_db": 28.9,
            "voiced_share": 0.72,
            "pitch_hz": 436.0,
            "crying": 0.91,
            "is_crying": True,
        },
    ],
    "EmotionState": [
        {**FRAME, "label": "unknown", "confidence": 0, "valence": 0, "reason": "ambiguous"}
    ],
    "HeartState": [
        {"source_kind": "live", "rate_bpm": 91.5, "rmssd_ms": 32, "artefact_share": 0.1},
        {"source_kind": "live", "reason": "no_contact", "contact": False, "battery_pct": 90},
    ],
    "BiosignalState": [
        {"source_kind": "recorded", "kind": "emg", "value": 0.2, "spread": 0.1, "quality": 1}
    ],
    "SessionCommand": [{"action": "start", "token": "t", "minutes": 10}, {"action": "pause"}],
    "SessionState": [{"phase": "running", "intensity_pct": 30, "change": "positive_shift"}],
    "OverrideCommand": [{"action": "less"}, {"action": "ceiling", "ceiling_pct": 40}],
    "OverrideState": [{"hold": True, "channels_off": ["light"]}],
    "ChildCommand": [{"action": "less"}, {"action": "choose", "scenario": "x", "token": "t"}],
    "LearningCommand": [
        {"action": "show"},
        {"action": "void"},
        {"action": "rate", "rating": 4, "profile": "k7"},
    ],
    "LearningState": [{"profile": "k7", "sessions": 9, "pinned": "night-sky"}],
    "Setpoint": [{"vibration": {"frequency_hz": 40, "level_pct": 30}, "ttl_ms": 400}],
    "SoundState": [
        {"condition": "silent", "reason": "the chair is safe"},
        {
            "condition": "playing",
            "track": "surf",
            "position_s": 12.5,
            "output_ns": 5,
            "length_s": 60.0,
            "output_kind": "live",
        },
    ],
    "LogState": [
        {"condition": "keeping", "sessions": 12, "events": 900, "size_bytes": 1_000_000},
        {"condition": "failing", "samples": "thinned", "unkept": 3, "trouble": "no room"},
    ],
    "ArmRequest": [{"start_id": "s1"}],
    "ChairState": [{**CHAIR, "nonce": 1}],
    "ChairStatus": [CHAIR],
    "Lease": [{"boot_id": 1, "nonce": 2, "proof": 3}],
    "StopState": [{"latched": True, "cause": "x", "blockers": ["y"]}],
    "ResetCommand": [{"token": "t"}],
    "Alarm": [{"kind": "distress", "active": True, "severity": "critical"}],
    "AlarmAck": [{}, {"by": "me"}],
    "ServiceStatus": [{"service": "camera", "instance": "a", "presence": "online"}],
    "Heartbeat": [{"service": "camera", "instance": "a", "healthy": True}],
    "HouseBirth": [{}],
    "HouseCommand": [{"action": "less"}, {"action": "camera_off"}],
    "HouseDevice": [{"device": {"identifiers": ["x"]}, "components": {"a": {"name": "A"}}}, {}],
    "HouseEvent": [{"event_type": "distress", "severity": "critical", "text": "look"}],
    "HouseState": [
        {"condition": "session", "alarms": ["distress"], "services": {"camera": True}},
    ],
    "RejectedMessage": [{"topic": "x", "reason": "y"}],
}
BAD: list[tuple[str, dict[str, Any]]] = [
    ("SessionCommand", {}),
    ("SessionCommand", {"action": "begin"}),
    ("SessionCommand", {"action": "start", "minutes": 31}),
    ("SessionCommand", {"action": "start", "tokne": "t"}),
    ("OverrideCommand", {"action": "ceiling", "ceiling_pct": 101}),
    ("ChildCommand", {"action": "lots"}),
    ("ChildCommand", {"action": "less", "steps": 3}),
    ("LearningCommand", {"action": "pni"}),
    ("LearningCommand", {"action": "rate", "rating": 6}),
    ("CameraSet", {"enabled": None}),
    ("HeartState", {"source_kind": "live", "rate_bpm": 300}),
    ("HeartState", {"source_kind": "live", "artefact_share": 1.1}),
    ("HeartState", {"source_kind": "live", "age_s": -1}),
    ("BiosignalState", {"source_kind": "live", "kind": "E M G"}),
    ("VoiceSet", {"enabled": True, "volume": 1}),
    ("VoiceState", {"condition": "listening", "enabled": True, "crying": 1.2}),
    ("VoiceState", {"condition": "heard", "enabled": True}),
    ("SoundState", {"condition": "loud"}),
    ("SoundState", {"condition": "playing", "position_s": -0.1}),
    ("LogState", {"condition": "lost"}),
    ("LogState", {"condition": "keeping", "events": -1}),
    ("Setpoint", {"ttl_ms": 501}),
    ("Setpoint", {"vibration": {"frequency_hz": 200}}),
    ("EmotionState", {"label": "sad", "confidence": 0.5, "valence": 0, **FRAME}),
    ("MovementState", {"energy": 1.5}),
    ("MovementState", {"reason": "asleep"}),
    ("Lease", {"boot_id": 1, "nonce": -1, "proof": 3}),
    ("ResetCommand", {"token": ""}),
    ("AlarmAck", {"by": "x" * 65}),
    ("HouseCommand", {"action": "more"}),
    ("HouseCommand", {"action": "less", "token": "t"}),
    ("HouseState", {"condition": "session", "intensity_pct": 101}),
]


def accepts(name: str, body: dict[str, Any]) -> bool:
    return bool(jsonschema.Draft202012Validator(SCHEMAS[name]).is_valid(body))


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolve(reference: str) -> Any:
    node: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        node = node[step]
    return node


def test_every_message_has_a_schema_and_an_example_here() -> None:
    assert set(SCHEMAS) == {model.__name__ for model in models()} == set(GOOD)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize(("name", "body"), [(n, b) for n, each in GOOD.items() for b in each])
def test_what_a_model_takes_and_sends_its_schema_takes(name: str, body: dict[str, Any]) -> None:
    model = next(m for m in models() if m.__name__ == name)
    sent = json.loads(model.model_validate(body).model_dump_json(exclude_none=True))

    assert accepts(name, body)
    assert accepts(name, sent)


@pytest.mark.parametrize(("name", "body"), BAD)
def test_what_a_model_refuses_its_schema_refuses(name: str, body: dict[str, Any]) -> None:
    model = next(m for m in models() if m.__name__ == name)
    with pytest.raises(ValidationError):
        model.model_validate(body)

    assert not accepts(name, body)


def test_every_reference_in_the_document_leads_somewhere() -> None:
    found = list(references(DOCUMENT))

    assert len(found) > 100
    assert all(resolve(reference) for reference in found)


def test_a_message_in_the_document_is_judged_as_by_its_own_schema() -> None:
    for name, bodies in GOOD.items():
        within = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
        validator = jsonschema.Draft202012Validator(within)
        assert all(validator.is_valid(body) for body in bodies)
        bad = [body for of, body in BAD if of == name]
        assert not any(validator.is_valid(body) for body in bad)


def test_every_topic_is_a_channel_with_both_operations() -> None:
    assert len(DOCUMENT["channels"]) == len(topics.REGISTRY)
    for topic in topics.REGISTRY:
        key = topic.path.replace("/", "_").replace("{", "").replace("}", "")
        channel = DOCUMENT["channels"][key]
        send, receive = (DOCUMENT["operations"][f"{verb}_{key}"] for verb in ("send", "receive"))
        own = f"calmloop/{{chair_id}}/{topic.path}"
        whole = topic.path.replace("{chair}", "{chair_id}")
        assert channel["address"] == (whole if topic.foreign else own)
        assert {tag["name"] for tag in send["tags"]} == topic.writers
        assert {tag["name"] for tag in receive["tags"]} == topic.readers
        assert send["bindings"]["mqtt"]["retain"] is topic.retained
        assert send["bindings"]["mqtt"].get("messageExpiryInterval") == topic.expiry_s


def test_pictures_are_bytes_with_a_header_beside_them() -> None:
    for topic in topics.REGISTRY:
        if topic.kind is TopicKind.IMAGE:
            message = DOCUMENT["components"]["messages"][topic.path.replace("/", "_")]
            header = message["headers"]["properties"]["header"]
            assert message["payload"]["format"] == "binary"
            assert resolve(header["x-content-schema"]["$ref"])["title"] == topic.model.__name__


def test_the_command_writes_a_document_and_a_schema_a_message(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(schema)
    printed = CliRunner().invoke(app, [])
    written = CliRunner().invoke(app, ["--out", str(tmp_path)])

    assert (printed.exit_code, written.exit_code) == (0, 0)
    assert json.loads(printed.stdout) == DOCUMENT
    assert json.loads((tmp_path / "asyncapi.json").read_text()) == DOCUMENT
    files = {path.stem: json.loads(path.read_text()) for path in (tmp_path / "schemas").iterdir()}
    assert files == SCHEMAS


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    app = typer.Typer()
    app.command()(schema)
    result = CliRunner().invoke(app, ["--out", str(tmp_path / "file" / "x")])

    assert result.exit_code == 2
    assert "--out" in result.output
