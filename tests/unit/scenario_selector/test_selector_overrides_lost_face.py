"""While the face is lost what could raise is refused, and what lowers is taken."""

from pathlib import Path
from typing import Any

import pytest

from calmloop.contract.messages.session import (
    Channel,
    Mode,
    OverrideAction,
    Phase,
)
from tests.unit.scenario_selector.harness import (
    NEUTRAL,
    START_PCT,
    UNKNOWN,
    Harness,
)

RAISING = [
    (OverrideAction.MORE, {}),
    (OverrideAction.SKIP, {}),
    (OverrideAction.SCENARIO, {"scenario": "night-sky"}),
    (OverrideAction.RELEASE, {}),
    (OverrideAction.CEILING, {"ceiling_pct": 50}),
]


@pytest.mark.parametrize("lost_s", [2, 12, 18])
def test_more_is_refused_while_the_face_is_lost(harness: Harness, lost_s: float) -> None:
    harness.show(UNKNOWN, lost_s)
    left_pct, token = harness.intensity_pct, harness.token
    assert "face is not seen" in str(harness.override(OverrideAction.MORE, token=token))
    assert harness.intensity_pct == left_pct
    harness.show(NEUTRAL, 2)
    left_pct = harness.intensity_pct
    assert harness.override(OverrideAction.MORE, token=token) is None
    assert harness.intensity_pct == left_pct + 5


def test_more_is_refused_while_perception_is_silent(harness: Harness) -> None:
    harness.wait(3)
    assert "face is not seen" in str(harness.override(OverrideAction.MORE, token=harness.token))
    assert harness.intensity_pct == START_PCT


@pytest.mark.parametrize(("action", "fields"), RAISING, ids=str)
def test_whatever_can_raise_is_refused_while_the_face_is_lost(
    harness: Harness, action: OverrideAction, fields: dict[str, Any]
) -> None:
    harness.override(OverrideAction.CEILING, ceiling_pct=40)
    harness.override(OverrideAction.CHANNELS_OFF, channels=[Channel.LIGHT])
    harness.show(UNKNOWN, 3)
    before, set_before, token = harness.state, harness.engine.overrides, harness.token
    assert "face is not seen" in str(harness.override(action, token=token, **fields))
    assert harness.engine.overrides == set_before
    assert (harness.state.scenario, harness.state.scenario_phase, harness.intensity_pct) == (
        before.scenario,
        before.scenario_phase,
        before.intensity_pct,
    )
    harness.show(NEUTRAL, 2)
    assert harness.override(action, token=token, **fields) is None, "the refusal must not use it up"


def test_whatever_lowers_is_taken_while_the_face_is_lost(harness: Harness) -> None:
    harness.show(UNKNOWN, 3)
    assert harness.override(OverrideAction.LESS) is None
    assert harness.override(OverrideAction.HOLD) is None
    assert harness.override(OverrideAction.CEILING, ceiling_pct=5) is None
    assert harness.override(OverrideAction.CHANNELS_OFF, channels=[Channel.SOUND]) is None
    assert harness.intensity_pct == 5


def test_nothing_rises_in_the_fade_after_a_lost_face_but_once_it_is_over_a_release_is_taken(
    harness: Harness,
) -> None:
    harness.override(OverrideAction.CHANNELS_OFF, channels=[Channel.LIGHT])
    while harness.phase is not Phase.PAUSED:
        harness.show(UNKNOWN, 0.1)
    assert "face is not seen" in str(harness.override(OverrideAction.RELEASE, token=harness.token))
    harness.show(UNKNOWN, 6)
    assert harness.override(OverrideAction.RELEASE, token=harness.token) is None


def test_by_hand_nobody_looks_for_a_face(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start(mode=Mode.MANUAL)
    harness.wait(20)
    assert harness.override(OverrideAction.MORE, token=harness.token) is None
    assert harness.override(OverrideAction.SKIP, token=harness.token) is None
    assert harness.override(OverrideAction.RELEASE, token=harness.token) is None
