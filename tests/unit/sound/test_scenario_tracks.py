"""Every scenario that ships plays a track that ships."""

from calmloop.scenario_selector import load_scenarios
from calmloop.soundscapes.catalogue import BY_NAME


def test_the_tracks_of_the_shipped_scenarios_are_soundscapes() -> None:
    phases = [phase for scenario in load_scenarios().values() for phase in scenario.phases]
    named = {phase.sound.track for phase in phases if phase.sound}
    assert named
    assert named <= set(BY_NAME)
