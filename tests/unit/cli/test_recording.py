"""Recordings hold numbers only, unless asked for pictures; a replay starts nothing."""

import json
import resource
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from calmloop.base.clock import ManualClock, host_boot_id
from calmloop.bus.transport import RawMessage
from calmloop.caregiver import connection
from calmloop.cli.outputs import OutputError
from calmloop.cli.recording import record, replay
from calmloop.contract import topics
from calmloop.contract.messages.session import OverrideAction, SessionAction
from calmloop.contract.topics import TopicKind
from calmloop.recording.lines import BadRecording, Head, Line, written
from calmloop.recording.player import Due, Player, read
from calmloop.recording.recorder import Recorder, subscriptions
from tests.broker import Broker
from tests.processes import Client

CHAIR = "chair-1"
ROOT = f"calmloop/{CHAIR}"
FRAME = {"width_px": 640, "height_px": 480, "frame_seq": 1, "captured_ns": 5, "at_ns": 9}
EMOTION = {"label": "neutral", "confidence": 0.7, "valence": 0.1, "frame_seq": 1, "captured_ns": 5}

app = typer.Typer()
app.command()(record)
app.command()(replay)


def calmloop(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def raw(topic: str, body: object, **more: Any) -> RawMessage:
    return RawMessage(f"{ROOT}/{topic}", json.dumps(body).encode(), **more)


def line(topic: str, body: dict[str, Any] | None, t_s: float = 0.0) -> Line:
    return Line(t_s=t_s, topic=topic, body=body, size_bytes=0)


def planned(player: Player, *lines: Line) -> list[Due]:
    return list(player.plan(lines))


# --- what is written -------------------------------------------------------------------------


def test_pictures_are_not_even_subscribed_to() -> None:
    images = {t.filter(CHAIR) for t in topics.REGISTRY if t.kind is TopicKind.IMAGE}
    filters = {s.filter for s in subscriptions(CHAIR, pictures=False)}

    assert images
    assert not filters & images
    assert all("#" not in filter_ for filter_ in filters)


def test_a_picture_that_comes_all_the_same_is_not_written() -> None:
    frame = RawMessage(f"{ROOT}/camera/frame", b"JPEG", header=json.dumps(FRAME).encode())

    assert written(frame, CHAIR, 0.0, pictures=False) is None


def test_a_picture_in_the_wrong_place_is_not_written() -> None:
    smuggled = raw("emotion/state", {**EMOTION, "thumbnail": "aGVsbG8="})
    bare = RawMessage(f"{ROOT}/emotion/state", b"\xff\xd8JPEG")
    stop = RawMessage(f"{ROOT}/stop", b"\xff\xd8JPEG")

    texts = [
        made.model_dump_json()
        for made in (written(m, CHAIR, 0.0, pictures=False) for m in (smuggled, bare, stop))
        if made
    ]
    assert len(texts) == 3
    assert not any("aGVsbG8" in text or "JPEG" in text for text in texts)


def test_a_picture_that_was_asked_for_comes_back_byte_by_byte() -> None:
    data = bytes(range(256))
    frame = RawMessage(f"{ROOT}/camera/frame", data, header=json.dumps(FRAME).encode())

    made = written(frame, CHAIR, 0.0, pictures=True)

    assert made is not None
    assert Line.model_validate_json(made.model_dump_json()).picture == data


def test_a_file_is_for_its_owner_only_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    with Recorder(path, CHAIR, ManualClock()):
        pass

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(BadRecording, match="name another"), Recorder(path, CHAIR, ManualClock()):
        pass


def test_what_is_written_is_read_again_in_order_with_its_times(tmp_path: Path) -> None:
    path, clock = tmp_path / "r.jsonl", ManualClock()
    with Recorder(path, CHAIR, clock) as recorder:
        for _ in range(3):
            recorder.take(raw("emotion/state", EMOTION))
            clock.advance(0.25)

    head, lines = read(path)
    assert (head.chair_id, head.pictures) == (CHAIR, False)
    assert [each.t_s for each in lines] == [0.0, 0.25, 0.5]


@pytest.mark.parametrize("text", ["", "{}", "hello\n", '{"format": "other", "v": 1}\n'])
def test_a_file_that_is_no_recording_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(text)

    with pytest.raises(BadRecording, match="is no recording"):
        read(path)


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    head = Head(chair_id=CHAIR, began="now").model_dump_json()
    path.write_text(f"{head}\n{line('x', None).model_dump_json()}\nbroken\n")

    with pytest.raises(BadRecording, match="line 3"):
        list(read(path)[1])


# --- what is sent ----------------------------------------------------------------------------


def test_it_keeps_its_pace_or_twice_that() -> None:
    lines = [line("emotion/state", EMOTION, t) for t in (0.0, 1.0, 3.0)]

    assert [d.at_s for d in Player("x", ManualClock()).plan(lines)] == [0.0, 1.0, 3.0]
    assert [d.at_s for d in Player("x", ManualClock(), speed=2).plan(lines)] == [0.0, 0.5, 1.5]


def test_stamps_are_made_new_and_the_age_of_the_frame_is_kept() -> None:
    clock = ManualClock()
    body = {**EMOTION, "at_ns": 900_000_000, "captured_ns": 800_000_000, "host_boot_id": "there"}
    player = Player("x", clock)
    (due,) = planned(player, line("emotion/state", body))

    sent = json.loads(player.message(due).payload)
    assert sent["at_ns"] == clock.monotonic_ns()
    assert sent["at_ns"] - sent["captured_ns"] == 100_000_000
    assert sent["host_boot_id"] == host_boot_id()


def test_nothing_is_left_on_the_broker() -> None:
    player = Player("x", ManualClock())
    (due,) = planned(player, line("session/state", {"phase": "idle"}))

    assert not player.message(due).retain


STARTERS = [
    ("stimulus/setpoint", {"vibration": {"level_pct": 50}}),
    ("chair/arm", {"start_id": "s1"}),
    ("lease", {"boot_id": 1, "nonce": 1, "proof": 1}),
    ("stop/reset", {"token": "t"}),
    ("camera/set", {"enabled": True}),
    ("alarm/distress/ack", {}),
    *(("session/set", {"action": a, "token": "t"}) for a in (SessionAction.START, "resume")),
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
    player = Player("x", ManualClock(), with_commands=with_commands)

    assert planned(player, line(topic, body)) == []
    assert player.left_out.total() == 1


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("stop", None),
        ("session/set", {"action": "pause"}),
        ("session/set", {"action": "finish"}),
        ("override/set", {"action": "less"}),
        ("override/set", {"action": "hold"}),
    ],
)
def test_what_lowers_is_sent_only_when_asked_for(topic: str, body: dict[str, Any] | None) -> None:
    assert planned(Player("x", ManualClock()), line(topic, body)) == []
    assert len(planned(Player("x", ManualClock(), with_commands=True), line(topic, body))) == 1


def test_one_topic_alone_can_be_sent() -> None:
    player = Player("x", ManualClock(), only=["emotion/state"])
    lines = line("emotion/state", EMOTION), line("session/state", {"phase": "idle"})

    assert [due.topic.path for due in planned(player, *lines)] == ["emotion/state"]


# --- over a real broker ----------------------------------------------------------------------


class Sender:
    """Publishes pictures and emotions until the context ends."""

    def __init__(self, broker: Broker) -> None:
        self.client = Client(broker)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def __enter__(self) -> "Sender":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self.client.__exit__(None, None, None)

    def _send(self) -> None:
        while not self._ended.wait(0.05):
            self.client.publish(f"{ROOT}/camera/frame", b"PICTURE", header=FRAME, qos=0)
            self.client.publish(f"{ROOT}/emotion/state", EMOTION, qos=0)
            self.client.publish(f"{ROOT}/session/set", {"action": "pause"}, qos=0)


@pytest.fixture
def port(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Broker:
    monkeypatch.setenv("CALMLOOP_MQTT__PORT", str(broker.port))
    return broker


def test_a_recording_of_a_living_bus_holds_no_picture(port: Broker, tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    with Sender(port):
        result = calmloop("record", str(path), "--seconds", "1.5")

    assert result.exit_code == 0, result.output
    text = path.read_text()
    assert "PICTURE" not in text
    assert "UElDVFVSRQ" not in text
    assert text.count('"topic":"emotion/state"') > 5


def test_a_recording_with_pictures_says_so_in_plain_words(port: Broker, tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    with Sender(port):
        result = calmloop("record", str(path), "--seconds", "1.5", "--with-pictures-of-the-child")

    assert "pictures of the child are written" in result.output
    head, lines = read(path)
    assert head.pictures
    assert any(each.picture == b"PICTURE" for each in lines)


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
    head = Head(chair_id=CHAIR, began="now").model_dump_json()
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


# --- disks, tails and brokers that fail --------------------------------------------------------


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As on a disk that fills up, for this process."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_fills_up_keeps_whole_lines_and_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    recorder = Recorder(path, CHAIR, ManualClock())
    told = rf"{path} cannot be written.*\d+ messages are in it"
    with files_of_at_most(2000), pytest.raises(OutputError, match=told), recorder:
        for _ in range(100):
            recorder.take(raw("emotion/state", EMOTION))

    assert path.read_bytes().endswith(b"\n")
    assert len(list(read(path)[1])) == sum(recorder.counts.values()) > 3


def test_a_disk_without_room_for_the_first_line_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    with files_of_at_most(10), pytest.raises(OutputError):
        Recorder(path, CHAIR, ManualClock()).__enter__()
    assert not path.exists()


@pytest.mark.parametrize("tail", [b"\xff\xfe\n", bytes(4096), b'{"t_s": 0.1, "top'])
def test_a_tail_that_is_no_message_is_named_after_what_came_before(
    port: Broker, tmp_path: Path, tail: bytes
) -> None:
    path = tmp_path / "r.jsonl"
    head = Head(chair_id=CHAIR, began="now").model_dump_json()
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


def test_where_no_broker_answers_no_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CONNECT_S", 0.2)
    monkeypatch.setenv("CALMLOOP_MQTT__PORT", "1")
    result = calmloop("record", str(tmp_path / "r.jsonl"), "--seconds", "1")
    assert result.exit_code == 1
    assert not list(tmp_path.iterdir())
