"""Keeps each channel below what a child's profile allows and what upset it, whatever plays."""

from dataclasses import replace

from calmloop.contract.messages.session import Channel
from calmloop.scenario_selector.levels import Levels
from calmloop.scenario_selector.outputs import Stimulus
from calmloop.scenario_selector.profiles import Profile


def levels_of(stimulus: Stimulus) -> Levels:
    """What each channel is asked for, in percent; of light, its brightest colour."""
    light = stimulus.light
    return {
        Channel.VIBRATION: stimulus.vibration.level_pct,
        Channel.SOUND: stimulus.sound.level_pct,
        Channel.LIGHT: max(light.red_pct, light.green_pct, light.blue_pct),
    }


def capped(stimulus: Stimulus, profile: Profile, caps: Levels) -> Stimulus:
    """The same, no channel above the profile's level nor its cap; light keeps its colour."""
    allowed = {
        Channel.VIBRATION: profile.max_vibration_pct,
        Channel.SOUND: profile.max_sound_pct,
        Channel.LIGHT: profile.max_light_pct,
    }
    most = {on: min(pct, caps.get(on, pct)) for on, pct in allowed.items()}
    levels = levels_of(stimulus)
    if all(levels[on] <= pct for on, pct in most.items()):
        return stimulus
    vibration, sound, light = stimulus.vibration, stimulus.sound, stimulus.light
    brightest_pct = levels[Channel.LIGHT]
    share = min(1.0, most[Channel.LIGHT] / brightest_pct) if brightest_pct else 1.0
    return replace(
        stimulus,
        vibration=vibration.model_copy(
            update={"level_pct": min(vibration.level_pct, most[Channel.VIBRATION])}
        ),
        sound=sound.model_copy(update={"level_pct": min(sound.level_pct, most[Channel.SOUND])}),
        light=light.model_copy(
            update={
                "red_pct": light.red_pct * share,
                "green_pct": light.green_pct * share,
                "blue_pct": light.blue_pct * share,
            }
        ),
    )
