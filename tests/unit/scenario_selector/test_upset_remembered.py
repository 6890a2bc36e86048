"""What upset a child is remembered once it lasts: two small steps down are too often nothing."""

from types import SimpleNamespace
from typing import Any

from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.session import Change
from calmloop.scenario_selector.control import Control
from calmloop.scenario_selector.distress.signals import Cue
from calmloop.scenario_selector.intensity import Intensity, Steps

CYCLE_S = 5.0
CEILING_PCT = 60.0


def test_it_takes_two_small_steps_and_a_whole_one() -> None:
    said = (Cue.HEART, Cue.MOVEMENT)
    upset: Any = SimpleNamespace(
        is_upset=True, is_agreed=True, is_upset_by_face=False, is_calm=False, speaking=said
    )
    seen: Any = SimpleNamespace(label=Label.NEUTRAL, evidence=None)
    intensity = Intensity(Steps(), CEILING_PCT)
    intensity.begin(Change.STARTED, "started")
    control, limits, levels = Control(CYCLE_S, 0.0), [], []
    for step in range(3):
        control.react(seen, upset, intensity, step * CYCLE_S, CYCLE_S)
        limits.append(intensity.limit_pct)
        levels.append(intensity.level_pct)
    assert levels == [18.0, 14.0, 4.0]
    assert limits == [CEILING_PCT, CEILING_PCT, 15.0]
