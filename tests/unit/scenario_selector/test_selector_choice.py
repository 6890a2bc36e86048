"""What calmed this child is chosen most, and after distress only what is known to."""

import random
from collections import Counter
from pathlib import Path

from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.session import Phase
from calmloop.scenario_selector import scenario
from calmloop.scenario_selector.choice import Calm, Choice, Experience, History, choose
from calmloop.scenario_selector.repertoire import Repertoire
from tests.unit.scenario_selector.harness import NEUTRAL, SAD, Harness


def history(**means: tuple[int, float]) -> History:
    return History(
        experience={
            name.replace("_", "-"): Experience(sessions=sessions, reward=reward)
            for name, (sessions, reward) in means.items()
        }
    )


LIBRARY = [scenario.load()[name] for name in ("deep-hum", "night-sky", "ocean-waves")]


def picks(known: History, *, distressed: bool) -> Counter[str]:
    rng = random.Random(1)
    return Counter(
        choose(LIBRARY, known, rng, distressed=distressed).scenario.name for _ in range(300)
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
    harness = Harness(tmp_path)
    harness.start_running()
    first = harness.state.scenario
    harness.show(SAD, 9)
    harness.show(NEUTRAL, 30)
    assert harness.state.scenario == first
    harness.show(NEUTRAL, 90)
    harness.show(SAD, 4)
    assert harness.state.scenario != first
    assert "after distress" in harness.state.choice
    harness.expect(Phase.RUNNING)


def test_scores_are_published_at_each_reassessment(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.start_running()
    first = harness.state.scores
    assert {entry.scenario for entry in first} == set(harness.library)
    harness.show(NEUTRAL, 5.2)
    assert harness.state.scores != first
    assert {entry.scenario for entry in harness.state.scores} == set(harness.library)
