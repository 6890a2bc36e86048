"""The level of each channel that upset a child caps it, in this session and in the next ones."""

import json
import random
from pathlib import Path

import pytest

from calmloop.contract.messages.learning import LearningAction
from calmloop.contract.messages.session import Change, Channel, OverrideAction, Phase, SessionAction
from calmloop.contract.messages.stimulus import Setpoint
from calmloop.scenario_selector.distress.signals import MODELS, Cue
from calmloop.scenario_selector.learning.trials import Learned
from calmloop.scenario_selector.levels import ChannelLevel, ChannelMemory
from calmloop.scenario_selector.limits import LEAST_CAP_PCT
from calmloop.scenario_selector.records import Folder, read_learned
from calmloop.scenario_selector.storage import DamagedError
from tests.unit.scenario_selector.harness import CRYING, HAPPY, NEUTRAL, STEP_S, Face, Harness

SADDER: Face = (CRYING[0], -0.8, 0.9)
UPSET_BODY = {Cue.HEART: 130.0, Cue.MOVEMENT: 1.5}
CALM_BODY = {cue: MODELS[cue].prior.mean for cue in UPSET_BODY}
UP_PCT = 5.0


@pytest.fixture
def harness(tmp_path: Path) -> Harness:
    return Harness(tmp_path)


def kept(harness: Harness) -> Learned:
    return Folder(harness.folder).learned("default")


def levels_of(setpoint: Setpoint) -> dict[Channel, float]:
    light = setpoint.light
    return {
        Channel.VIBRATION: setpoint.vibration.level_pct,
        Channel.SOUND: setpoint.sound.level_pct,
        Channel.LIGHT: max(light.red_pct, light.green_pct, light.blue_pct),
    }


def feel(harness: Harness, seconds: float, face: Face, body: dict[Cue, float]) -> None:
    for _ in range(round(seconds / STEP_S)):
        for cue, value in body.items():
            harness.engine.receive_signal(cue, value, harness.now_s)
        harness.show(face, STEP_S)


def upset_at_a_high_level(harness: Harness) -> dict[Channel, float]:
    """Raised by smiles, then upset by face, heart and movement: each channel just before."""
    harness.start_running()
    harness.show_until(HAPPY, Change.POSITIVE_SHIFT)
    before = levels_of(harness.setpoints[-1])
    while harness.state.change is not Change.NEGATIVE or "still" not in harness.state.reason:
        feel(harness, STEP_S, SADDER, UPSET_BODY)
    assert not harness.state.distress
    return before


def finish(harness: Harness) -> None:
    harness.command(SessionAction.FINISH)
    harness.show(NEUTRAL, 6.0)
    harness.expect(Phase.IDLE)


def give(harness: Harness, **upset_pct: float) -> None:
    levels = {Channel(name): ChannelLevel(upset_pct=pct) for name, pct in upset_pct.items()}
    harness.records.save_learned("default", Learned(levels=levels))


def test_what_upset_a_child_is_kept_by_channel_and_said_in_words(harness: Harness) -> None:
    before = upset_at_a_high_level(harness)
    feel(harness, 60.0, NEUTRAL, CALM_BODY)
    finish(harness)
    felt = {channel for channel, pct in before.items() if pct >= LEAST_CAP_PCT}
    levels = kept(harness).levels
    noted = {channel for channel, level in levels.items() if level.upset_pct is not None}
    assert noted == felt
    for channel in felt:
        assert levels[channel].upset_pct == pytest.approx(before[channel], abs=1.5)
        assert (levels[channel].cap_pct or 100.0) <= max(
            LEAST_CAP_PCT, before[channel] - UP_PCT + 1.5
        )
    said = {each.channel: each.text for each in harness.engine.lessons.state.levels}
    assert all("upset it, no calm session since: kept below" in said[on] for on in felt)


def test_a_stopped_session_teaches_what_upset_the_child(harness: Harness) -> None:
    upset_at_a_high_level(harness)
    harness.engine.stop("stop was pressed")
    assert any(level.upset_pct for level in kept(harness).levels.values())


def test_the_next_session_starts_below_it_and_a_calm_one_relaxes_it(harness: Harness) -> None:
    give(harness, light=14.0, vibration=11.0)
    harness.start_running()
    for setpoint in harness.setpoints:
        assert levels_of(setpoint)[Channel.LIGHT] <= 9.0 + 1e-6
        assert levels_of(setpoint)[Channel.VIBRATION] <= 6.0 + 1e-6
    finish(harness)
    light = kept(harness).levels[Channel.LIGHT]
    assert (light.upset_pct, light.calm_sessions, light.cap_pct) == (14.0, 1, 14.0)


def test_a_stopped_session_relaxes_nothing(harness: Harness) -> None:
    give(harness, light=14.0)
    harness.start_running()
    harness.engine.stop("stop was pressed")
    assert kept(harness).levels[Channel.LIGHT].cap_pct == 9.0


def test_forget_deletes_the_levels(harness: Harness) -> None:
    give(harness, light=14.0)
    assert harness.teach(LearningAction.FORGET, profile="default") is None
    assert kept(harness).levels == {}


def test_void_takes_back_what_the_halted_session_noted(harness: Harness) -> None:
    upset_at_a_high_level(harness)
    while not harness.state.distress:
        feel(harness, STEP_S, CRYING, UPSET_BODY)
    harness.show(NEUTRAL, 6.0)
    harness.expect(Phase.IDLE)
    assert any(level.upset_pct for level in kept(harness).levels.values())
    assert harness.teach(LearningAction.VOID, profile="default") is None
    assert not any(level.upset_pct for level in kept(harness).levels.values())


def test_void_leaves_what_was_known_before(harness: Harness) -> None:
    level = ChannelLevel(upset_pct=30.0).after_upset(20.0, "s1")
    assert level.cap_pct == 15.0
    assert level.voided("another") == level
    assert level.voided("s1").cap_pct == 25.0


def test_an_upset_never_loosens_what_was_kept() -> None:
    level = ChannelLevel(upset_pct=30.0)
    assert level.after_upset(90.0, "s1").cap_pct == level.cap_pct


def test_a_caregivers_step_up_is_felt_whatever_upset_the_child(harness: Harness) -> None:
    give(harness, vibration=11.0)
    harness.start_running()
    before = levels_of(harness.setpoints[-1])
    refusal = harness.override(OverrideAction.MORE, token=harness.token)
    assert refusal is None
    harness.show(NEUTRAL, 1.0)
    assert levels_of(harness.setpoints[-1])[Channel.VIBRATION] > before[Channel.VIBRATION]
    assert kept(harness).levels[Channel.VIBRATION].cap_pct == 6.0


def test_time_alone_lifts_no_cap_and_a_step_lifts_by_a_step_at_most() -> None:
    memory = ChannelMemory({Channel.SOUND: ChannelLevel(upset_pct=30.0)})
    memory.relax(3000.0)
    assert memory.caps == {Channel.SOUND: 25.0}
    memory.lift(UP_PCT)
    assert memory.caps == {Channel.SOUND: 30.0}


def test_a_step_lifts_no_more_than_time_relaxed() -> None:
    memory = ChannelMemory({Channel.SOUND: ChannelLevel(upset_pct=30.0)})
    memory.relax(150.0)
    memory.lift(UP_PCT)
    assert memory.caps == {Channel.SOUND: pytest.approx(27.5)}


def test_what_it_was_calm_at_for_a_minute_is_comfortable() -> None:
    memory = ChannelMemory({})
    memory.see({Channel.LIGHT: 40.0}, 30.0, calm=True)
    memory.see({Channel.LIGHT: 30.0}, 30.0, calm=True)
    memory.see({Channel.LIGHT: 90.0}, 59.0, calm=True)
    memory.see({Channel.LIGHT: 90.0}, 1.0, calm=False)
    assert memory.taught("s1", calm=True)[Channel.LIGHT].comfortable_pct == 30.0
    assert memory.taught("s1", calm=False) == {}


def test_a_damaged_level_is_refused(harness: Harness) -> None:
    give(harness, light=14.0)
    path = harness.folder / "learned" / "default.json"
    record = json.loads(path.read_text())
    record["levels"]["light"]["upset_pct"] = 140.0
    path.write_text(json.dumps(record))
    with pytest.raises(DamagedError, match="upset_pct"):
        read_learned(harness.folder, "default")


def play(harness: Harness, seed: int) -> list[dict[Channel, float]]:
    """A session in which anything happens; the same for one seed."""
    rng = random.Random(seed)
    harness.start_running()
    began = len(harness.setpoints)
    for _ in range(12):
        face = rng.choice((NEUTRAL, HAPPY, SADDER))
        body = UPSET_BODY if face == SADDER else CALM_BODY
        feel(harness, rng.uniform(1.0, 9.0), face, body)
        if rng.random() < 0.3:
            action = rng.choice((OverrideAction.MORE, OverrideAction.LESS))
            harness.override(action, token=harness.token)
    return [levels_of(setpoint) for setpoint in harness.setpoints[began:]]


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_ever_above_what_it_were_without_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = random.Random(seed)
    harness = Harness(tmp_path / "with")
    give(harness, **{on.value: rng.uniform(0.0, 14.0) for on in Channel})
    with_it = play(harness, seed)
    monkeypatch.setattr(ChannelMemory, "caps", {})
    without = play(Harness(tmp_path / "without"), seed)
    pairs = list(zip(with_it, without, strict=True))
    for low, high in pairs:
        assert all(low[on] <= high[on] + 1e-6 for on in Channel)
    assert any(low[on] < high[on] for low, high in pairs for on in Channel)
