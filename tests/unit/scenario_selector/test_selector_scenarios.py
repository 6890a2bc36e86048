"""Scenario files: what ships, what is refused, how a scenario plays and how one is chosen."""

import itertools
import random
from collections import Counter
from pathlib import Path

import pytest

from calmloop.base import strict_yaml
from calmloop.base.errors import ConfigurationError
from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.session import Channel, Phase
from calmloop.scenario_selector import scenario
from calmloop.scenario_selector.choice import Calm, Choice, Experience, History, choose
from calmloop.scenario_selector.limits import CROSSFADE_S
from calmloop.scenario_selector.player import Drive, Player, colour_at
from calmloop.scenario_selector.repertoire import Repertoire
from calmloop.scenario_selector.scenario import LEAST_COOL_SHARE, Colour, LightTrack, Programme
from tests.unit.scenario_selector.room import NEUTRAL, SAD, Room

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


def two_halves() -> Player:
    return Player(parse(GOOD, "two-halves.yaml"))


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
        assert green + blue >= LEAST_COOL_SHARE * red - 1e-9
    steps = [
        abs(a - b)
        for first, second in itertools.pairwise(colours)
        for a, b in zip(first, second, strict=True)
    ]
    assert max(steps) <= 2.5


# --- choosing -----------------------------------------------------------------------------------


def history(**means: tuple[int, float]) -> History:
    return History(
        experience={
            name.replace("_", "-"): Experience(sessions=sessions, reward=reward)
            for name, (sessions, reward) in means.items()
        }
    )


LIBRARY = [scenario.load()[name] for name in ("deep-hum", "night-sky", "ocean-waves")]


def picks(known: History, *, distressed: bool) -> Counter[str]:
    dice = random.Random(1)
    return Counter(
        choose(LIBRARY, known, dice, distressed=distressed).scenario.name for _ in range(300)
    )


def test_without_any_history_all_are_tried() -> None:
    assert min(picks(History(), distressed=False).values()) >= 60


def test_what_calmed_this_child_is_chosen_most_but_not_always() -> None:
    known = history(night_sky=(6, 5.5), ocean_waves=(6, 1.0), deep_hum=(1, 0.5))
    picked = picks(known, distressed=False)
    assert picked["night-sky"] >= 180
    assert picked["deep-hum"] >= 10


def test_after_distress_only_the_one_known_to_be_best_is_taken() -> None:
    known = history(ocean_waves=(4, 2.4), deep_hum=(9, 1.0))
    assert picks(known, distressed=True) == {"ocean-waves": 300}


def test_after_distress_without_history_the_gentlest_is_taken() -> None:
    assert picks(History(), distressed=True) == {"night-sky": 300}


def halted_in(name: str, known: History) -> History:
    return known.model_copy(update={"after_distress": True, "halted": name})


def test_the_scenario_that_was_halted_last_is_left_out_even_if_it_is_the_best() -> None:
    known = halted_in("deep-hum", history(deep_hum=(9, 8.0), ocean_waves=(4, 3.0)))
    choice = choose(LIBRARY, known, random.Random(1), distressed=True)
    assert choice.scenario.name == "ocean-waves"
    assert "'ocean-waves' is known to be best (mean 0.67 over 4 sessions)" in choice.reason
    assert "'deep-hum' was halted last and is left out" in choice.reason


def test_the_scenario_that_was_halted_last_is_taken_if_no_other_is_allowed() -> None:
    known = halted_in("deep-hum", history(deep_hum=(1, 0.0)))
    choice = choose(LIBRARY[:1], known, random.Random(1), distressed=True)
    assert choice.scenario.name == "deep-hum"
    assert "no other is allowed" in choice.reason


def test_after_distress_what_does_worse_than_an_untried_one_is_not_called_the_best() -> None:
    known = halted_in("ocean-waves", history(ocean_waves=(1, 0.0), deep_hum=(3, 0.5)))
    choice = choose(LIBRARY, known, random.Random(1), distressed=True)
    assert choice.scenario.name == "night-sky"
    assert "is the gentlest, since none is known to calm this child" in choice.reason


def test_where_all_do_badly_the_least_bad_is_taken_and_called_that() -> None:
    known = history(deep_hum=(4, 1.0), night_sky=(4, 0.0), ocean_waves=(4, 0.5))
    choice = choose(LIBRARY, known, random.Random(1), distressed=True)
    assert choice.scenario.name == "deep-hum"
    assert "did least badly" in choice.reason


def repertoire_of(first: scenario.Scenario, known: History) -> Repertoire:
    return Repertoire(LIBRARY[:2], Choice(first, "", ()), known, random.Random(1), min_dwell_s=0.0)


def test_a_session_after_distress_does_not_turn_to_what_was_halted() -> None:
    deep_hum, night_sky, _ = LIBRARY
    playing = repertoire_of(night_sky, halted_in("deep-hum", history(deep_hum=(9, 9.0))))
    for _ in range(5):
        assert not playing.reassess(Label.NEGATIVE)
    assert playing.name == night_sky.name
    playing = repertoire_of(night_sky, history(deep_hum=(9, 9.0)))
    assert [playing.reassess(Label.NEGATIVE) for _ in range(2)] == [False, True]
    assert playing.name == deep_hum.name


def test_what_troubles_the_child_is_not_chosen_again_at_its_end() -> None:
    deep_hum, night_sky, _ = LIBRARY
    playing = repertoire_of(deep_hum, history(deep_hum=(9, 9.0)))
    playing.fixed = True
    for _ in range(2):
        playing.reassess(Label.NEGATIVE)
    playing.fixed = False
    lasts_s = sum(phase.duration_s for phase in deep_hum.phases)
    turns = [playing.advance(1.0) for _ in range(round(lasts_s) + 1)]
    assert turns.count(True) == 1
    assert playing.name == night_sky.name


def test_a_choice_gives_its_reason_and_everyones_score() -> None:
    choice = choose(LIBRARY, history(deep_hum=(2, 2.0)), random.Random(3), distressed=False)
    assert choice.scenario.name in choice.reason
    assert {entry.scenario for entry in choice.scores} == {entry.name for entry in LIBRARY}
    assert choice.scenario.name == max(choice.scores, key=lambda entry: entry.score).scenario


def test_calm_is_rewarded_and_excitement_no_more_than_calm() -> None:
    calm, excited, upset = Calm(), Calm(), Calm()
    for _ in range(4):
        calm.count(Label.NEUTRAL)
        excited.count(Label.POSITIVE)
        upset.count(Label.NEGATIVE)
        upset.count(Label.UNKNOWN)
    assert calm.reward() == excited.reward() == 1.0
    assert upset.reward() == 0.0
    assert Calm().reward() is None


def test_a_caregivers_rating_counts_half_and_distress_outweighs_it() -> None:
    calm = Calm()
    calm.count(Label.NEUTRAL)
    assert calm.reward(rating=1) == 0.5
    assert calm.reward(rating=5) == 1.0
    calm.halt()
    assert calm.reward(rating=5) == 0.0


def test_another_scenario_comes_after_repeated_negative_cycles_but_not_too_soon(
    tmp_path: Path,
) -> None:
    room = Room(tmp_path)
    room.start_running()
    first = room.state.scenario
    room.show(SAD, 9)
    room.show(NEUTRAL, 30)
    assert room.state.scenario == first
    room.show(NEUTRAL, 90)
    room.show(SAD, 4)
    assert room.state.scenario != first
    assert "after distress" in room.state.choice
    room.expect(Phase.RUNNING)


def test_scores_are_published_at_each_reassessment(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.start_running()
    first = room.state.scores
    assert {entry.scenario for entry in first} == set(room.library)
    room.show(NEUTRAL, 5.2)
    assert room.state.scores != first
    assert {entry.scenario for entry in room.state.scores} == set(room.library)
