"""What went into a session, fed again at the same times, gives the same decisions."""

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from calmloop.base.clock import ManualClock
from calmloop.base.freshness import Ages
from calmloop.contract.messages.face import FaceState
from calmloop.contract.messages.learning import LearningAction
from calmloop.contract.messages.session import OverrideAction, SessionAction
from calmloop.scenario_selector.distress.signals import MODELS, Cue
from calmloop.scenario_selector.engine import Engine
from calmloop.scenario_selector.plan import Tuning
from calmloop.scenario_selector.records import Folder
from tests.unit.scenario_selector.harness import (
    CRYING,
    FAINTLY_HAPPY,
    HAPPY,
    NEUTRAL,
    SAD,
    STEP_S,
    UNKNOWN,
    Harness,
)
from tests.unit.scenario_selector.journal import Entry, Journal, methods, replay

FACES = (NEUTRAL, NEUTRAL, NEUTRAL, HAPPY, HAPPY, FAINTLY_HAPPY, SAD, UNKNOWN)
TRACKS = (*"a" * 12, "b")

COMMANDS: tuple[tuple[SessionAction | OverrideAction | LearningAction, dict[str, object]], ...] = (
    (OverrideAction.LESS, {}),
    (OverrideAction.MORE, {"token": True}),
    (OverrideAction.SKIP, {"token": True}),
    (OverrideAction.HOLD, {}),
    (OverrideAction.RELEASE, {"token": True}),
    (OverrideAction.CEILING, {"ceiling_pct": 40}),
    (SessionAction.ANSWER, {"upset": False, "token": True}),
    (SessionAction.ANSWER, {"child": True, "token": True}),
    (LearningAction.RATE, {"rating": 4}),
    (LearningAction.EXCLUDE, {"scenario": "deep-hum"}),
)


def live(harness: Harness, dice: random.Random, minutes: float) -> None:
    """A child of changing moods, signals that come and go, and a caregiver who presses buttons."""
    began_s = harness.now_s
    while harness.now_s - began_s < 60.0 * minutes:
        face = dice.choice(FACES)
        track = dice.choice(TRACKS)
        for _ in range(dice.randint(1, 60)):
            harness.engine.receive_face(harness.received(face_state(track)))
            for signal in dice.sample(sorted(set(Cue) - {Cue.FACE}), dice.randint(0, 5)):
                value = MODELS[signal].prior.mean + dice.gauss(0.0, MODELS[signal].prior.spread)
                harness.engine.receive_signal(signal, value, harness.now_s)
            harness.show(face, STEP_S)
        if dice.random() < 0.1:
            harness.command(SessionAction.PAUSE)
            harness.show(NEUTRAL, 8)
            harness.resume()
        elif dice.random() < 0.4:
            command(harness, dice)


def face_state(track: str) -> FaceState:
    return FaceState(frame_seq=1, captured_ns=1, count=1, track_id=track)


def command(harness: Harness, dice: random.Random) -> None:
    action, fields = dice.choice(COMMANDS)
    given = dict(fields)
    if given.pop("token", False):
        given["token"] = dice.choice((harness.token, harness.token, "stale"))
    if isinstance(action, SessionAction):
        harness.command(action, **given)
    elif isinstance(action, OverrideAction):
        harness.override(action, **given)
    else:
        harness.teach(action, **given)


def recorded(folder: Path, seed: int) -> list[Entry]:
    """Two sessions, the second of which ends in distress; the folder holds what was before them."""
    kept = folder / "kept"
    calm = Harness(kept)
    calm.start_running(minutes=2)
    calm.command(SessionAction.FINISH)
    calm.show(NEUTRAL, 6)
    shutil.copytree(kept, folder / "before")
    harness = Harness(kept)
    # Only what comes from now on is written down: the engine has heard half a second already.
    engine, _ = fresh(kept, harness.clock)
    harness.engine = engine
    journal = Journal(engine, harness.clock)
    dice = random.Random(seed)
    for _ in range(2):
        harness.wait(1.5)
        harness.start_running(minutes=8)
        live(harness, dice, 1.3)
        harness.show(CRYING, 30)
        harness.command(SessionAction.FINISH)
        harness.show(NEUTRAL, 6)
    return journal.entries


def fresh(folder: Path, clock: ManualClock) -> tuple[Engine, Folder]:
    records = Folder(folder)
    engine = Engine(
        clock=clock,
        ages=Ages(clock, boot_id="here"),
        library=Harness(folder).library,
        records=records,
        tuning=Tuning(),
        rng=random.Random(11),
    )
    return engine, records


def change(entry: Entry) -> str:
    return str(json.loads(entry.state)["change"])


def again(folder: Path, entries: list[Entry]) -> Iterator[tuple[Entry, Entry]]:
    clock = ManualClock(entries[0].at_ns / 1e9)
    engine, records = fresh(folder, clock)
    for pair in replay(entries, engine, clock):
        records.write_queued()
        yield pair


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Entry]]:
    """What was in the records before, and what happened from then on."""
    folder = tmp_path_factory.mktemp("recorded")
    return folder / "before", recorded(folder, seed=1)


def before(session: tuple[Path, list[Entry]], folder: Path) -> Path:
    """A copy of the records of before, to go on from."""
    return shutil.copytree(session[0], folder / "again")


@pytest.mark.slow
def test_a_replayed_session_gives_the_same_decisions(
    session: tuple[Path, list[Entry]], tmp_path: Path
) -> None:
    entries = session[1]
    for entry, replayed in again(before(session, tmp_path), entries):
        assert replayed == entry
    assert sum(entry.method == "pop_setpoint" and bool(entry.result) for entry in entries) > 1000
    changes = {change(entry) for entry in entries if entry.method == "turn"}
    assert "halted" in changes
    assert len(changes) >= 6, "too little happened to compare"


def test_without_some_readings_it_gives_others(
    session: tuple[Path, list[Entry]], tmp_path: Path
) -> None:
    """So the comparison can fail."""
    crying = next(index for index, entry in enumerate(session[1]) if change(entry) == "halted")
    entries = [
        entry
        for index, entry in enumerate(session[1])
        if entry.method != "receive_emotion" or not crying - 40 < index <= crying
    ]
    assert any(replayed != entry for entry, replayed in again(before(session, tmp_path), entries))


def test_a_journal_holds_every_way_in(tmp_path: Path) -> None:
    engine, _ = fresh(tmp_path, ManualClock())
    assert {"receive_emotion", "receive_signal", "handle_command", "turn", "stop"} <= set(
        methods(engine)
    )
    assert "receive_chair" in methods(engine.surroundings)
    assert "receive_face" in methods(engine.surroundings.perception)
