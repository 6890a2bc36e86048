"""What pages are told: the newest, once, and nothing that was not heard lately."""

import json
from pathlib import Path

import pytest

from calmloop.base.clock import ManualClock
from calmloop.base.use_context import UseContext
from calmloop.caregiver_console.board import MAX_ENTRIES, Board
from calmloop.caregiver_console.face_rule import FaceRule, Ground, GroundKind
from calmloop.caregiver_console.missing import SeenStates, missing
from calmloop.caregiver_console.pages import PageShelf
from calmloop.contract import topics
from calmloop.contract.messages.camera import CameraCondition, CameraState
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.emotion import EmotionState, Label
from calmloop.contract.messages.face import FaceState
from calmloop.contract.messages.safety import StopState
from calmloop.contract.messages.service import ServiceStatus
from calmloop.contract.messages.session import Phase, SessionState

CHAIR = ChairState(mode=ChairMode.SAFE, nonce=5, identified=True, arm_ready=True)


def test_each_change_is_told_once_to_those_who_may_see_it() -> None:
    board = Board(ManualClock())
    board.put("chair/state", topics.CHAIR_STATE, CHAIR)
    board.put(
        "emotion/state",
        topics.EMOTION_STATE,
        EmotionState(label=Label.NEUTRAL, frame_seq=1, captured_ns=1, valence=0, confidence=1),
    )
    version, text = board.changes(0, known=False)
    assert set(json.loads(text)) == {"chair/state"}
    assert "nonce" not in text
    assert set(json.loads(board.changes(0, known=True)[1])) == {"chair/state", "emotion/state"}
    assert board.changes(version, known=False) == (version, "")


def test_what_was_not_heard_lately_becomes_null() -> None:
    clock = ManualClock()
    board = Board(clock)
    board.put("chair/state", topics.CHAIR_STATE, CHAIR)
    version, _ = board.changes(0, known=False)
    clock.advance(1.1)
    assert board.get("chair/state") is None
    assert json.loads(board.changes(version, known=False)[1]) == {"chair/state": None}


def test_a_flood_of_instances_takes_no_more_than_its_place() -> None:
    board = Board(ManualClock())
    for number in range(MAX_ENTRIES + 50):
        status = ServiceStatus(service="camera", instance=f"{number}", presence="online")
        board.put(f"service/camera/{number}/status", topics.SERVICE_STATUS, status)
    assert board.dropped == 50


def ready(**changed: object) -> SeenStates:
    seen = {
        "connected": True,
        "chair": CHAIR,
        "stop": StopState(latched=False),
        "session": SessionState(phase=Phase.IDLE),
        "camera": CameraState(condition=CameraCondition.STREAMING, enabled=True),
        "face": FaceState(count=1, frame_seq=1, captured_ns=1),
    }
    return SeenStates(**(seen | changed))  # type: ignore[arg-type]


def test_nothing_is_missing_where_all_is_there() -> None:
    assert missing(ready(), manual=False, face_refusal="") == []


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"connected": False}, "broker"),
        ({"chair": None}, "chair"),
        ({"chair": CHAIR.model_copy(update={"arm_ready": False})}, "chair"),
        ({"stop": StopState(latched=True, cause="pressed")}, "stop"),
        ({"stop": None}, "watchdog"),
        ({"session": None}, "selector"),
        ({"session": SessionState(phase=Phase.RUNNING)}, "session"),
        ({"camera": None}, "camera"),
        ({"face": None}, "face"),
        ({"session": SessionState(phase=Phase.IDLE, blocked={"adaptive": "no lease"})}, "start"),
    ],
)
def test_each_thing_that_is_missing_is_named_with_what_to_do(
    changed: dict[str, object], what: str
) -> None:
    (thing,) = missing(ready(**changed), manual=False, face_refusal="")
    assert thing.what == what
    assert thing.text
    assert thing.remedy


def test_manual_needs_no_camera_and_a_place_without_faces_needs_manual() -> None:
    assert missing(ready(camera=None, face=None), manual=True, face_refusal="") == []
    idle = SessionState(phase=Phase.IDLE, blocked={"adaptive": "no usable face"})
    assert missing(ready(session=idle), manual=True, face_refusal="") == []
    (thing,) = missing(ready(camera=None), manual=False, face_refusal="in education")
    assert thing.what == "context"


@pytest.mark.parametrize("context", UseContext)
def test_only_school_and_work_need_a_ground(context: UseContext, tmp_path: Path) -> None:
    rule = FaceRule(context, tmp_path)
    assert bool(rule.refusal) is (context in (UseContext.SCHOOL, UseContext.WORK))
    now = ManualClock().utc_now()
    rule.record(Ground(kind=GroundKind.SAFETY, text="epilepsy watch"), "Tom", now)
    assert FaceRule(context, tmp_path).refusal == ""
    rule.record(None, "Tom", now)
    assert FaceRule(context, tmp_path).ground is None


def test_a_damaged_ground_allows_nothing(tmp_path: Path) -> None:
    (tmp_path / "ground.json").write_text('{"kind": "none"}')
    assert FaceRule(UseContext.SCHOOL, tmp_path).refusal


def test_pages_are_those_of_the_folder_and_nothing_else(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (tmp_path / "secret.json").write_text("{}")
    (dist / "assets" / "a.js").write_text("1")
    (dist / "assets" / "link.js").symlink_to(tmp_path / "secret.json")
    shelf = PageShelf(dist)
    assert not shelf.built
    assert b"make setup" in shelf.find("/").body  # type: ignore[union-attr]
    (dist / "index.html").write_text("<p>hi")
    assert shelf.built
    assert shelf.find("/child") == shelf.find("/")
    script = shelf.find("/assets/a.js")
    assert script is not None
    assert script.lasting
    for path in ("/../secret.json", "/assets/../../secret.json", "/assets/link.js", "/assets"):
        assert shelf.find(path) is None
