"""What a scenario is to a child, as numbers: the levels of its channels and their character."""

from collections.abc import Callable
from math import log2

from calmloop.scenario_selector.scenario import Colour, Scenario, ScenarioPhase

NAMES = ("vibration", "sound", "light", "frequency", "warmth", "tempo")
"""In the order of a vector. Each is about -1 to 1 over what scenarios can be."""

MIDDLE_LEVEL_PCT, HALF_RANGE_LEVEL_PCT = 40.0, 40.0
MIDDLE_HZ, HALF_RANGE_HZ = 45.0, 15.0
MIDDLE_PER_MIN, HALF_RANGE_OCTAVES = 8.0, 2.0
"""Swells of the sound, on a scale of octaves."""


def features_of(scenario: Scenario) -> tuple[float, ...]:
    """The features of a scenario, shape (6,), in the order of `NAMES`.

    Each is a mean over the scenario's length; frequency, warmth and tempo are weighted with the
    level at which they are felt.
    """
    vibration = _mean(scenario, _vibration_pct)
    sound = _mean(scenario, _sound_pct)
    light = _mean(scenario, _light_pct)
    hz = _mean(scenario, _hz, _vibration_pct, otherwise=MIDDLE_HZ)
    per_min = _mean(scenario, _per_min, _sound_pct, otherwise=MIDDLE_PER_MIN)
    return (
        (vibration - MIDDLE_LEVEL_PCT) / HALF_RANGE_LEVEL_PCT,
        (sound - MIDDLE_LEVEL_PCT) / HALF_RANGE_LEVEL_PCT,
        (light - MIDDLE_LEVEL_PCT) / HALF_RANGE_LEVEL_PCT,
        (hz - MIDDLE_HZ) / HALF_RANGE_HZ,
        _mean(scenario, _warmth, _light_pct),
        log2(per_min / MIDDLE_PER_MIN) / HALF_RANGE_OCTAVES,
    )


def strength_of(scenario: Scenario) -> float:
    """How much of everything there is, light included, 0 to 100: tells the gentlest of several."""
    return sum(_mean(scenario, level) for level in (_vibration_pct, _sound_pct, _light_pct)) / 3.0


Measure = Callable[[ScenarioPhase], float]


def _mean(
    scenario: Scenario, measure: Measure, weight: Measure | None = None, otherwise: float = 0.0
) -> float:
    weighted = [
        (measure(phase), phase.duration_s * (weight(phase) if weight else 1.0))
        for phase in scenario.phases
    ]
    whole = sum(share for _, share in weighted)
    return sum(value * share for value, share in weighted) / whole if whole else otherwise


def _vibration_pct(phase: ScenarioPhase) -> float:
    return phase.vibration.level_pct if phase.vibration else 0.0


def _sound_pct(phase: ScenarioPhase) -> float:
    return phase.sound.level_pct if phase.sound else 0.0


def _light_pct(phase: ScenarioPhase) -> float:
    return phase.light.level_pct if phase.light else 0.0


def _hz(phase: ScenarioPhase) -> float:
    return phase.vibration.frequency_hz if phase.vibration else MIDDLE_HZ


def _per_min(phase: ScenarioPhase) -> float:
    return phase.sound.swells_per_min if phase.sound else MIDDLE_PER_MIN


def _warmth(phase: ScenarioPhase) -> float:
    """Mean over the colours: 1 is red, -1 blue."""
    if phase.light is None:
        return 0.0
    return sum(_colour_warmth(colour) for colour in phase.light.colours) / len(phase.light.colours)


def _colour_warmth(colour: Colour) -> float:
    whole = colour.red_pct + colour.green_pct + colour.blue_pct
    return (colour.red_pct - colour.blue_pct) / whole if whole else 0.0
