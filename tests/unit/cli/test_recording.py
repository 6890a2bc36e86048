"""Recordings hold numbers only, unless asked for pictures, and whole lines on a full disk."""

import json
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from calmloop.base.clock import ManualClock
from calmloop.bus.transport import RawMessage
from calmloop.caregiver import connection
from calmloop.cli.outputs import OutputError
from calmloop.contract import topics
from calmloop.contract.topics import TopicKind
from calmloop.recording.lines import Line, RecordingError, RecordingHead, written
from calmloop.recording.player import read
from calmloop.recording.recorder import Recorder, subscriptions
from tests.broker import Broker
from tests.unit.cli.recordings import CHAIR, EMOTION, FRAME, ROOT, Sender, calmloop, line, raw

# --- what is written -------------------------------------------------------------------------


def test_pictures_are_not_even_subscribed_to() -> None:
    images = {t.filter(CHAIR) for t in topics.REGISTRY if t.kind is TopicKind.IMAGE}
    filters = {s.filter for s in subscriptions(CHAIR, pictures=False)}

    assert images
    assert not filters & images
    assert all("#" not in filter_ for filter_ in filters)


def test_nothing_of_another_program_is_recorded() -> None:
    filters = {s.filter for s in subscriptions(CHAIR, pictures=True)}
    assert all(filter_.startswith(f"{ROOT}") for filter_ in filters)


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
    with pytest.raises(RecordingError, match="name another"), Recorder(path, CHAIR, ManualClock()):
        pass


def test_what_is_written_is_read_again_in_order_with_its_times(tmp_path: Path) -> None:
    path, clock = tmp_path / "r.jsonl", ManualClock()
    with Recorder(path, CHAIR, clock) as recorder:
        for _ in range(3):
            recorder.receive(raw("emotion/state", EMOTION))
            clock.advance(0.25)

    head, lines = read(path)
    assert (head.chair_id, head.pictures) == (CHAIR, False)
    assert [each.t_s for each in lines] == [0.0, 0.25, 0.5]


@pytest.mark.parametrize("text", ["", "{}", "hello\n", '{"format": "other", "v": 1}\n'])
def test_a_file_that_is_no_recording_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(text)

    with pytest.raises(RecordingError, match="is no recording"):
        read(path)


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    head = RecordingHead(chair_id=CHAIR, began="now").model_dump_json()
    path.write_text(f"{head}\n{line('x', None).model_dump_json()}\nbroken\n")

    with pytest.raises(RecordingError, match="line 3"):
        list(read(path)[1])


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
            recorder.receive(raw("emotion/state", EMOTION))

    assert path.read_bytes().endswith(b"\n")
    assert len(list(read(path)[1])) == sum(recorder.counts.values()) > 3


def test_a_disk_without_room_for_the_first_line_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    with files_of_at_most(10), pytest.raises(OutputError):
        Recorder(path, CHAIR, ManualClock()).__enter__()
    assert not path.exists()


def test_where_no_broker_answers_no_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CONNECT_S", 0.2)
    monkeypatch.setenv("CALMLOOP_MQTT__PORT", "1")
    result = calmloop("record", str(tmp_path / "r.jsonl"), "--seconds", "1")
    assert result.exit_code == 1
    assert not list(tmp_path.iterdir())
