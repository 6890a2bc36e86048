"""Keeps each channel below what a child's profile allows, whatever plays."""

from dataclasses import replace

from calmloop.scenario_selector.player import Stimulus
from calmloop.scenario_selector.profiles import Profile


def capped(stimulus: Stimulus, profile: Profile) -> Stimulus:
    """The same, no channel above its level; light keeps its colour."""
    vibration, sound, light = stimulus.vibration, stimulus.sound, stimulus.light
    brightest_pct = max(light.red_pct, light.green_pct, light.blue_pct)
    share = min(1.0, profile.max_light_pct / brightest_pct) if brightest_pct else 1.0
    return replace(
        stimulus,
        vibration=vibration.model_copy(
            update={"level_pct": min(vibration.level_pct, profile.max_vibration_pct)}
        ),
        sound=sound.model_copy(update={"level_pct": min(sound.level_pct, profile.max_sound_pct)}),
        light=light.model_copy(
            update={
                "red_pct": light.red_pct * share,
                "green_pct": light.green_pct * share,
                "blue_pct": light.blue_pct * share,
            }
        ),
    )
