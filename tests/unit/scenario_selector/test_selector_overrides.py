"""A caregiver's override wins over the engine; what can raise an output needs someone present."""

from itertools import pairwise
from pathlib import Path

from calmloop.contract.messages.session import (
    Change,
    Channel,
    OverrideAction,
    OverrideState,
    Phase,
    SessionAction,
)
from tests.unit.scenario_selector.harness import (
    CRYING,
    HAPPY,
    NEUTRAL,
    SAD,
    START_PCT,
    UNKNOWN,
    Harness,
)


def test_less_lowers_at_once_without_a_token(harness: Harness) -> None:
    assert harness.override(OverrideAction.LESS) is None
    assert harness.intensity_pct == START_PCT - 10
    assert harness.state.change is Change.CAREGIVER


def test_less_in_a_pause_is_remembered_for_the_resumption(harness: Harness) -> None:
    harness.show(HAPPY, 100)
    harness.command(SessionAction.PAUSE)
    harness.wait(6)
    assert harness.override(OverrideAction.LESS) is None
    assert harness.state.change is Change.CAREGIVER
    assert harness.intensity_pct == 0.0
    harness.resume()
    harness.show(NEUTRAL, 6)
    assert harness.intensity_pct == START_PCT - 10


def test_less_during_the_fade_of_a_pause_raises_nothing_and_is_remembered(harness: Harness) -> None:
    harness.override(OverrideAction.LESS)
    harness.command(SessionAction.PAUSE)
    harness.show(NEUTRAL, 1)
    fading_pct = harness.intensity_pct
    assert harness.override(OverrideAction.LESS) is None
    assert harness.intensity_pct <= fading_pct
    harness.show(NEUTRAL, 6)
    harness.resume()
    harness.show(NEUTRAL, 6)
    assert harness.intensity_pct == 0.0
    assert harness.override(OverrideAction.MORE, token=harness.token) is None
    assert harness.intensity_pct == 5


def test_less_while_starting_lowers_the_start(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    assert harness.start() is None
    harness.expect(Phase.STARTING)
    assert harness.override(OverrideAction.LESS) is None
    harness.wait(1)
    harness.expect(Phase.BASELINE)
    assert harness.intensity_pct == START_PCT - 10


def test_a_caregivers_zero_outlives_a_pause_but_a_lost_faces_does_not(harness: Harness) -> None:
    harness.show(UNKNOWN, 30)
    harness.resume()
    harness.show(NEUTRAL, 6)
    assert harness.intensity_pct == START_PCT
    for _ in range(2):
        harness.override(OverrideAction.LESS)
    harness.command(SessionAction.PAUSE)
    harness.show(NEUTRAL, 6)
    harness.resume()
    harness.show(NEUTRAL, 6)
    assert harness.intensity_pct == 0.0


def test_resuming_in_the_midst_of_an_easing_does_not_jump(harness: Harness) -> None:
    harness.show(UNKNOWN, 20)
    harness.command(SessionAction.PAUSE)
    harness.show(NEUTRAL, 1)
    harness.resume()
    levels = []
    while harness.intensity_pct < START_PCT:
        levels.append(harness.intensity_pct)
        harness.show(NEUTRAL, 0.1)
    assert max(after - before for before, after in pairwise(levels)) < 1.0
    assert levels[0] < START_PCT / 2


def test_less_while_closing_is_accepted_and_hides_no_reason(harness: Harness) -> None:
    harness.command(SessionAction.FINISH)
    assert harness.override(OverrideAction.LESS) is None
    harness.show(NEUTRAL, 6)
    assert harness.state.reason == "finished by a caregiver"


def test_after_less_the_engine_leaves_it_down_for_30_s(harness: Harness) -> None:
    harness.override(OverrideAction.LESS)
    harness.show(HAPPY, 29)
    assert harness.intensity_pct == START_PCT - 10


def test_more_raises_one_small_step_with_a_token_only(harness: Harness) -> None:
    assert "no token" in str(harness.override(OverrideAction.MORE))
    assert harness.intensity_pct == START_PCT
    assert harness.override(OverrideAction.MORE, token=harness.token) is None
    assert harness.intensity_pct == START_PCT + 5


def test_after_more_the_engine_adds_no_step_of_its_own_for_30_s(harness: Harness) -> None:
    harness.override(OverrideAction.MORE, token=harness.token)
    harness.show(HAPPY, 29)
    assert harness.intensity_pct == START_PCT + 5
    harness.show(HAPPY, 5)
    assert harness.intensity_pct == START_PCT + 10


def test_more_needs_a_running_session(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    assert "running session" in str(harness.override(OverrideAction.MORE, token=harness.token))


def test_lowering_is_accepted_without_a_session_and_holds_for_the_next(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    assert harness.override(OverrideAction.LESS) is None
    assert harness.override(OverrideAction.CEILING, ceiling_pct=12) is None
    assert harness.override(OverrideAction.CHANNELS_OFF, channels=[Channel.SOUND]) is None
    harness.start_running()
    assert harness.intensity_pct == 12
    assert harness.setpoints[-1].sound.level_pct == 0.0
    assert harness.setpoints[-1].vibration.level_pct > 0.0


def test_a_lower_ceiling_cuts_at_once_and_holds(harness: Harness) -> None:
    harness.show(HAPPY, 100)
    assert harness.override(OverrideAction.CEILING, ceiling_pct=15) is None
    assert harness.intensity_pct == 15
    assert harness.state.change is Change.CEILING
    harness.show(HAPPY, 100)
    assert harness.intensity_pct == 15


def test_a_higher_ceiling_needs_a_token_and_never_exceeds_the_profiles(harness: Harness) -> None:
    harness.override(OverrideAction.CEILING, ceiling_pct=15)
    assert "no token" in str(harness.override(OverrideAction.CEILING, ceiling_pct=90))
    assert harness.state.ceiling_pct == 15
    assert harness.override(OverrideAction.CEILING, ceiling_pct=90, token=harness.token) is None
    assert harness.state.ceiling_pct == 60
    assert harness.intensity_pct == 15


def test_channels_go_off_at_once_and_only_a_release_brings_them_back(harness: Harness) -> None:
    harness.override(OverrideAction.CHANNELS_OFF, channels=[Channel.VIBRATION])
    harness.override(OverrideAction.CHANNELS_OFF, channels=[Channel.LIGHT])
    harness.show(NEUTRAL, 0.1)
    setpoint = harness.setpoints[-1]
    assert setpoint.vibration.level_pct == 0.0
    assert setpoint.light.blue_pct == 0.0
    assert harness.engine.overrides.channels_off == (Channel.LIGHT, Channel.VIBRATION)
    assert "no token" in str(harness.override(OverrideAction.RELEASE))
    assert harness.override(OverrideAction.RELEASE, token=harness.token) is None
    assert harness.engine.overrides == OverrideState()
    harness.show(NEUTRAL, 0.1)
    assert harness.setpoints[-1].light.blue_pct > 0.0


def test_hold_keeps_the_intensity_whatever_the_face_says(harness: Harness) -> None:
    assert harness.override(OverrideAction.HOLD) is None
    harness.show(HAPPY, 60)
    assert harness.intensity_pct == START_PCT
    harness.show(NEUTRAL, 10)
    harness.show(SAD, 6)
    assert harness.intensity_pct == START_PCT


def test_hold_does_not_keep_a_critical_event_from_halting(harness: Harness) -> None:
    harness.override(OverrideAction.HOLD)
    harness.show(CRYING, 20)
    assert harness.state.distress
    harness.expect(Phase.IDLE)


def test_hold_does_not_keep_a_lost_face_from_easing(harness: Harness) -> None:
    harness.override(OverrideAction.HOLD)
    harness.show(UNKNOWN, 30)
    harness.expect(Phase.PAUSED)
    assert harness.intensity_pct == 0.0


def test_what_was_sustained_during_a_hold_does_not_raise_after_it(harness: Harness) -> None:
    harness.override(OverrideAction.HOLD)
    harness.show(HAPPY, 60)
    harness.override(OverrideAction.RELEASE, token=harness.token)
    harness.show(HAPPY, 5)
    assert harness.intensity_pct == START_PCT


def test_skip_goes_to_the_next_phase_with_a_token(harness: Harness) -> None:
    before = harness.state.scenario_phase
    assert "no token" in str(harness.override(OverrideAction.SKIP))
    assert harness.override(OverrideAction.SKIP, token=harness.token) is None
    assert harness.state.scenario_phase != before


def test_a_named_scenario_plays_until_released(harness: Harness) -> None:
    assert "no token" in str(harness.override(OverrideAction.SCENARIO, scenario="night-sky"))
    assert (
        harness.override(OverrideAction.SCENARIO, scenario="night-sky", token=harness.token) is None
    )
    assert harness.state.scenario == "night-sky"
    assert harness.state.choice == "named by a caregiver"
    harness.show(NEUTRAL, 560)
    assert harness.state.scenario == "night-sky"


def test_an_unknown_scenario_is_refused_and_changes_nothing(harness: Harness) -> None:
    before = harness.state.scenario
    assert "unknown" in str(
        harness.override(OverrideAction.SCENARIO, scenario="disco", token=harness.token)
    )
    assert harness.state.scenario == before
    assert harness.engine.overrides.scenario is None
