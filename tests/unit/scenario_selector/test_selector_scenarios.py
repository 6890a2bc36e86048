"""Scenario files: what ships, what is refused and how a scenario plays."""

import itertools
from pathlib import Path

import pytest

from calmloop.base import strict_yaml
from calmloop.base.errors import ConfigurationError
from calmloop.contract.messages.session import Channel
from calmloop.scenario_selector import scenario
from calmloop.scenario_selector.limits import CROSSFADE_S
from calmloop.scenario_selector.player import Drive, ScenarioPlayer, colour_at
from calmloop.scenario_selector.scenario import MIN_COOL_SHARE, Colour, LightTrack, Programme

FULL = Drive(intensity_pct=100.0, gain=1.0)

GOOD = """
title: Two halves
description: One after the other.
contraindications: [none known]
phases:
  - title: First
    duration_s: 60
    vibration: {frequency_hz: 40, level_pct: 40}
    sound: {track: one, level_pct: 60}
  - title: Second
    duration_s: 60
    vibration: {frequency_hz: 60, level_pct: 80}
    sound: {track: two, level_pct: 20}
    light: {level_pct: 50, colours: [{red_pct: 10, green_pct: 40, blue_pct: 20}]}
"""


def parse(text: str, place: str) -> scenario.Scenario:
    return scenario.parse(strict_yaml.parse(text.encode(), place))


# --- files ----------------------------------------------------------------------------------


def test_at_least_six_scenarios_ship_and_say_whom_they_are_not_for() -> None:
    shipped = scenario.load()
    assert len(shipped) >= 6
    for entry in shipped.values():
        assert entry.contraindications
        assert 300 <= entry.duration_s <= 1200


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("frequency_hz: 40", "frequency_hz: 25"), "phases.0.vibration.frequency_hz"),
        (("frequency_hz: 40", "frequency_hz: 90"), "less than or equal to 80"),
        (("level_pct: 60", "level_pct: 160"), "phases.0.sound.level_pct"),
        (("title: Two", "titel: Two"), "titel"),
        (("duration_s: 60", "duration_s: 1"), "phases.0.duration_s"),
        (("contraindications: [none known]", ""), "contraindications"),
        (("red_pct: 10, green_pct: 40", "red_pct: 90"), "colour 1 is saturated red"),
        (("track: one", "track: ../one"), "phases.0.sound.track"),
        (("duration_s: 60", "duration_s: 0"), "line 7: phases.0.duration_s"),
        (("duration_s: 60", "duration_s: true"), "line 7: phases.0.duration_s"),
        (("duration_s: 60", "duration_s: 1:00"), "line 7: phases.0.duration_s"),
        (("level_pct: 40", "level_pct: .nan"), "line 8: phases.0.vibration.level_pct"),
        (("level_pct: 40", "level_pct: -1"), "line 8: phases.0.vibration.level_pct"),
        (("level_pct: 40", "level_pct: 40, level_pct: 9"), "level_pct: the key stands twice"),
        (("{frequency_hz: 40", "{waveform: square, frequency_hz: 40"), "waveform"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_key(
    change: tuple[str, str], complaint: str
) -> None:
    text = GOOD.replace(*change, 1)
    with pytest.raises(ConfigurationError) as error:
        parse(text, "two-halves.yaml")
    assert "two-halves.yaml" in str(error.value)
    assert complaint in str(error.value)


@pytest.mark.parametrize("text", ["", "- a list", "title: [", "\0"])
def test_what_is_no_scenario_at_all_is_refused_with_the_files_name(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"odd\.yaml"):
        parse(text, "odd.yaml")


def test_own_scenarios_join_and_replace_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "two-halves.yaml").write_text(GOOD)
    (tmp_path / "night-sky.yaml").write_text(GOOD)
    (tmp_path / "notes.txt").write_text("no scenario")
    library = scenario.load(tmp_path)
    assert library["two-halves"].title == "Two halves"
    assert library["night-sky"].title == "Two halves"
    assert "ocean-waves" in library


def test_two_files_for_one_scenario_are_refused(tmp_path: Path) -> None:
    (tmp_path / "brook.yaml").write_text(GOOD)
    (tmp_path / "brook.yml").write_text(GOOD.replace("level_pct: 80", "level_pct: 100"))
    with pytest.raises(
        ConfigurationError, match=r"brook\.yml: name: 'brook' is that of .*yaml too"
    ):
        scenario.load(tmp_path)


def test_a_scenario_file_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "brook.yaml").symlink_to(tmp_path / "usb-stick" / "brook.yaml")
    with pytest.raises(ConfigurationError, match=r"scenarios_dir: .*brook\.yaml cannot be read"):
        scenario.load(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="scenarios_dir"):
        scenario.load(tmp_path / "nowhere")


# --- playing ----------------------------------------------------------------------------------


def two_halves() -> ScenarioPlayer:
    return ScenarioPlayer(parse(GOOD, "two-halves.yaml"))


def test_one_phase_follows_another_with_a_crossfade() -> None:
    player = two_halves()
    assert player.advance(59.9)
    assert player.stimulus(FULL).vibration.level_pct == 40
    assert player.advance(0.1)
    levels, sounds = [], []
    for _ in range(round(CROSSFADE_S / 0.1)):
        stimulus = player.stimulus(FULL)
        levels.append(stimulus.vibration.level_pct)
        sounds.append((stimulus.sound.track, stimulus.sound.level_pct))
        player.advance(0.1)
    assert levels[0] == 40
    assert player.stimulus(FULL).vibration.level_pct == 80
    steps = [b - a for a, b in itertools.pairwise(levels)]
    assert max(steps) <= 1.5
    assert min(level for _, level in sounds) <= 2.0
    assert sounds[0] == ("one", 60)
    assert player.stimulus(FULL).sound.track == "two"


def test_a_player_that_crosses_from_track_to_track_is_left_to_do_so() -> None:
    player = two_halves()
    player.crosses = True
    assert player.advance(60.0)
    player.crosses = False
    sounds = []
    for _ in range(round(CROSSFADE_S / 0.1)):
        sounds.append(player.stimulus(FULL).sound)
        player.advance(0.1)
    after = player.stimulus(FULL).sound
    levels = [sound.level_pct for sound in sounds]
    assert (levels[0], sounds[0].track) == (60, "one")
    assert levels == sorted(levels, reverse=after.level_pct < 60), "straight, and never lower"
    tracks = [sound.track for sound in sounds]
    assert tracks == sorted(tracks)
    assert tracks.count("one") * 0.1 == pytest.approx(1.0, abs=0.11), "its 2 s are in the midst"


def test_a_scenario_says_when_it_is_over() -> None:
    player = two_halves()
    assert player.advance(60)
    assert player.advance(59)
    assert not player.advance(2)


def test_nothing_but_the_light_moves_while_it_dwells() -> None:
    player = two_halves()
    player.advance(60)
    before = player.stimulus(FULL)
    player.dwell(30)
    assert player.stimulus(FULL).vibration == before.vibration


def test_a_gain_of_zero_and_channels_off_are_silent() -> None:
    player = two_halves()
    off = Drive(100.0, 1.0, frozenset(Channel))
    for drive in (Drive(100.0, 0.0), off):
        stimulus = player.stimulus(drive)
        assert stimulus.vibration.level_pct == 0.0
        assert stimulus.sound.level_pct == 0.0
        assert stimulus.light.green_pct == 0.0


@pytest.mark.parametrize("programme", list(Programme))
def test_no_colour_programme_shows_saturated_red_or_flickers(programme: Programme) -> None:
    track = LightTrack(
        programme=programme,
        colours=(
            Colour(red_pct=70, green_pct=31, blue_pct=0),
            Colour(red_pct=0, green_pct=20, blue_pct=90),
        ),
        period_s=8,
        level_pct=100,
    )
    colours = [colour_at(track, step * 0.1) for step in range(300)]
    for red, green, blue in colours:
        assert green + blue >= MIN_COOL_SHARE * red - 1e-9
    steps = [
        abs(a - b)
        for first, second in itertools.pairwise(colours)
        for a, b in zip(first, second, strict=True)
    ]
    assert max(steps) <= 2.5
