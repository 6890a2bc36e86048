"""A replay starts nothing, and leaves nothing on the broker."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from calmloop.base.clock import ManualClock, host_boot_id
from calmloop.contract.messages.session import OverrideAction, SessionAction
from calmloop.recording.lines import Line, RecordingHead
from calmloop.recording.player import Due, RecordingPlayer
from tests.broker import Broker
from tests.processes import Client
from tests.unit.cli.recordings import CHAIR, EMOTION, FRAME, ROOT, Sender, calmloop, line


def planned(player: RecordingPlayer, *lines: Line) -> list[Due]:
    return list(player.plan(lines))


def test_it_keeps_its_pace_or_twice_that() -> None:
    lines = [line("emotion/state", EMOTION, t) for t in (0.0, 1.0, 3.0)]

    assert [d.at_s for d in RecordingPlayer("x", ManualClock()).plan(lines)] == [0.0, 1.0, 3.0]
    assert [d.at_s for d in RecordingPlayer("x", ManualClock(), speed=2).plan(lines)] == [
        0.0,
        0.5,
        1.5,
    ]


def test_stamps_are_made_new_and_the_age_of_the_frame_is_kept() -> None:
    clock = ManualClock()
    body = {**EMOTION, "at_ns": 900_000_000, "captured_ns": 800_000_000, "host_boot_id": "there"}
    player = RecordingPlayer("x", clock)
    (due,) = planned(player, line("emotion/state", body))

    sent = json.loads(player.message(due).payload)
    assert sent["at_ns"] == clock.monotonic_ns()
    assert sent["at_ns"] - sent["captured_ns"] == 100_000_000
    assert sent["host_boot_id"] == host_boot_id()


@pytest.mark.parametrize("stamps", [{}, {"at_ns": 900}])
@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("camera/frame", {"camera_kind": "live", **FRAME}),
        ("camera/state", {"camera_kind": "live", "condition": "streaming", "enabled": True}),
        ("face/state", {"camera_kind": "live", "count": 0, "frame_seq": 1, "captured_ns": 5}),
        ("movement/state", {"camera_kind": "live"}),
        ("heart/state", {"source_kind": "live", "rate_bpm": 90}),
        ("biosignal/emg/state", {"source_kind": "live", "kind": "emg", "value": 0.1}),
        ("voice/state", {"source_kind": "live", "condition": "listening", "enabled": True}),
    ],
)
def test_no_signal_of_a_recording_passes_for_one_of_the_child_in_the_chair(
    topic: str, body: dict[str, Any], stamps: dict[str, int]
) -> None:
    player = RecordingPlayer("x", ManualClock())
    (due,) = planned(player, line(topic, {**body, **stamps}))
    message = player.message(due)
    sent = json.loads(message.header or message.payload)
    assert {sent[name] for name in ("camera_kind", "source_kind") if name in sent} == {"recorded"}


def test_nothing_is_left_on_the_broker() -> None:
    player = RecordingPlayer("x", ManualClock())
    (due,) = planned(player, line("session/state", {"phase": "idle"}))

    assert not player.message(due).retain


STARTERS = [
    ("stimulus/setpoint", {"vibration": {"level_pct": 50}}),
    ("chair/arm", {"start_id": "s1"}),
    ("lease", {"boot_id": 1, "nonce": 1, "proof": 1}),
    ("stop/reset", {"token": "t"}),
    ("camera/set", {"enabled": True}),
    ("alarm/distress/ack", {}),
    *(
        ("session/set", {"action": a, "token": "t"})
        for a in (SessionAction.START, "resume", "allow_child")
    ),
    *(("child/set", {"action": a, "token": "t", "scenario": "x"}) for a in ("more", "choose")),
    *(
        ("override/set", {"action": a, "token": "t", "ceiling_pct": 90, "scenario": "x"})
        for a in (OverrideAction.MORE, "release", "skip", "scenario", "ceiling")
    ),
]


@pytest.mark.parametrize("with_commands", [False, True])
@pytest.mark.parametrize(("topic", "body"), STARTERS)
def test_what_could_start_a_chair_or_needs_a_person_is_never_sent(
    topic: str, body: dict[str, Any], with_commands: bool
) -> None:
    player = RecordingPlayer("x", ManualClock(), with_commands=with_commands)

    assert planned(player, line(topic, body)) == []
    assert player.left_out.total() == 1


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("stop", None),
        ("session/set", {"action": "pause"}),
        ("session/set", {"action": "finish"}),
        ("session/set", {"action": "forbid_child"}),
        ("child/set", {"action": "less"}),
        ("override/set", {"action": "less"}),
        ("override/set", {"action": "hold"}),
    ],
)
def test_what_lowers_is_sent_only_when_asked_for(topic: str, body: dict[str, Any] | None) -> None:
    assert planned(RecordingPlayer("x", ManualClock()), line(topic, body)) == []
    assert (
        len(planned(RecordingPlayer("x", ManualClock(), with_commands=True), line(topic, body)))
        == 1
    )


def test_one_topic_alone_can_be_sent() -> None:
    player = RecordingPlayer("x", ManualClock(), only=["emotion/state"])
    lines = line("emotion/state", EMOTION), line("session/state", {"phase": "idle"})

    assert [due.topic.path for due in planned(player, *lines)] == ["emotion/state"]


def test_a_replay_reaches_others_under_its_own_chair_id(port: Broker, tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    with Sender(port):
        calmloop("record", str(path), "--seconds", "1.5")
    with Client(port) as listener:
        listener.subscribe("calmloop/#")
        result = calmloop("replay", str(path), "--speed", "20")
        emotion = listener.wait_for("calmloop/replay/emotion/state")

    assert result.exit_code == 0, result.output
    assert emotion["label"] == "neutral"
    assert {m.name.split("/")[1] for m in listener.received} == {"replay"}
    assert all("session/set" not in m.name for m in listener.received)
    assert "command" in result.output


@pytest.mark.parametrize("service", ["actuator-bridge", "safety-watchdog", "scenario-selector"])
def test_a_replay_among_living_services_is_refused(
    port: Broker, tmp_path: Path, service: str
) -> None:
    path = tmp_path / "r.jsonl"
    head = RecordingHead(chair_id=CHAIR, began="now").model_dump_json()
    path.write_text(f"{head}\n{line('emotion/state', EMOTION).model_dump_json()}\n")
    ended = threading.Event()

    def beat() -> None:
        with Client(port) as client:
            while not ended.wait(0.2):
                client.publish(f"{ROOT}/service/{service}/a/heartbeat", {"healthy": True})

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        result = calmloop("replay", str(path), "--as-chair", CHAIR)
    finally:
        ended.set()
        thread.join()

    assert result.exit_code == 1
    assert "are running" in result.output


def test_a_chair_id_with_a_slash_is_refused(port: Broker, tmp_path: Path) -> None:
    assert calmloop("replay", str(tmp_path / "r"), "--as-chair", "a/b").exit_code == 2


@pytest.mark.parametrize("tail", [b"\xff\xfe\n", bytes(4096), b'{"t_s": 0.1, "top'])
def test_a_tail_that_is_no_message_is_named_after_what_came_before(
    port: Broker, tmp_path: Path, tail: bytes
) -> None:
    path = tmp_path / "r.jsonl"
    head = RecordingHead(chair_id=CHAIR, began="now").model_dump_json()
    path.write_bytes(
        f"{head}\n{line('emotion/state', EMOTION).model_dump_json()}\n".encode() + tail
    )

    result = calmloop("replay", str(path))

    assert result.exit_code == 1
    assert f"{path}, line 3" in result.output.replace("\n", "")
    assert "what comes before it was replayed" in result.output.replace("\n", " ")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", bytes(5000), b"{}"])
def test_what_is_no_recording_at_all_is_wrong_input(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(content)
    assert calmloop("replay", str(path)).exit_code == 2
    assert calmloop("replay", str(tmp_path)).exit_code == 2
