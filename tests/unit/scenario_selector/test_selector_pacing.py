"""What a scenario may say of tracks that move, and what it is refused for."""

import pytest

from calmloop.base import strict_yaml
from calmloop.base.errors import ConfigurationError
from calmloop.scenario_selector import load_scenarios
from calmloop.scenario_selector.scenario import Scenario, parse

HEAD = "title: T\ndescription: D.\ncontraindications: [none known]\nphases:\n"
LIGHT = "light: {level_pct: 40, paced: breath, colours: [{green_pct: 100}]}"
GLOWS = LIGHT.replace("paced: breath", "follows: sound")
SOUND = "sound: {track: surf, level_pct: 50}"
FOLLOWS = "vibration: {frequency_hz: 40, level_pct: 50, follows: sound}"
PACED = "vibration: {frequency_hz: 40, level_pct: 50, paced: breath}"
PACE = "pace: {from_per_min: 8, to_per_min: 5}"
OWN = PACE.replace("5}", "5, starts_at: child}")


def read(*lines: str) -> Scenario:
    phase = ["title: P", "duration_s: 60", *lines]
    body = "\n".join(("  - " if not place else "    ") + line for place, line in enumerate(phase))
    return parse(strict_yaml.parse((HEAD + body + "\n").encode(), "mine.yaml"))


def test_what_moves_is_read() -> None:
    assert read(FOLLOWS, SOUND).phases[0].vibration
    assert read(GLOWS, SOUND).phases[0].light
    pace = read(PACED, LIGHT, PACE).phases[0].pace
    assert pace is not None
    assert pace.starts_at is None
    assert [pace.per_min_at(share) for share in (-1.0, 0.0, 0.5, 1.0, 2.0)] == [8, 8, 6.5, 5, 5]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((FOLLOWS,), "follows: sound, and there is no sound: add one"),
        ((PACED,), "without `pace`: add from_per_min and to_per_min, 4 to 10"),
        ((SOUND, PACE), "`pace` has nothing to move"),
        ((FOLLOWS[:-1] + ", paced: breath}", SOUND, PACE), "moves with one of them"),
        ((LIGHT[:-1] + ", programme: breathe}", PACE), "two movements: make it steady or drift"),
        ((GLOWS,), "follows: sound, and there is no sound: add one"),
        ((GLOWS[:-1] + ", paced: breath}", SOUND, PACE), "moves with one of them"),
        ((GLOWS[:-1] + ", programme: breathe}", SOUND), "follows: sound and programme: breathe"),
        ((LIGHT, PACE.replace("8", "11")), "less than or equal to 10 (it is 11)"),
        ((LIGHT, PACE.replace("5", "3.9")), "greater than or equal to 4 (it is 3.9)"),
        ((LIGHT, "pace: {from_per_min: 6}"), "to_per_min: Field required"),
        ((FOLLOWS[:-1] + ", depth: 0.9}", SOUND), "less than or equal to 0.8 (it is 0.9)"),
        ((FOLLOWS.replace("sound", "heart"), SOUND), "Input should be 'sound' (it is 'heart')"),
        ((LIGHT, SOUND.replace("surf", "breathing"), PACE), "'breathing' breathes at 6: write 6"),
        ((LIGHT, SOUND.replace("surf", "breathing"), OWN), "at 6: leave starts_at out"),
        ((LIGHT, OWN.replace("child", "parent")), "Input should be 'child' (it is 'parent')"),
    ],
)
def test_what_cannot_move_so_is_refused(lines: tuple[str, ...], told: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(*lines)
    assert told in str(caught.value)
    assert "mine.yaml" in str(caught.value)


def test_a_pace_may_start_at_the_childs_own() -> None:
    pace = read(PACED, LIGHT, OWN).phases[0].pace
    assert pace is not None
    assert pace.starts_at == "child"
    plain = read(PACED, LIGHT, PACE).phases[0].pace
    assert plain is not None
    assert pace.steepest_per_s > plain.steepest_per_s, "as for the quickest that may come of it"


def test_some_that_ship_move() -> None:
    phases = [phase for one in load_scenarios().values() for phase in one.phases]
    assert any(phase.vibration and phase.vibration.follows for phase in phases)
    assert any(
        phase.vibration and phase.vibration.paced and phase.light and phase.light.paced
        for phase in phases
    )
