"""What calmed this child is chosen most, and after distress only what is known to."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from calmloop.contract.messages.session import Phase
from calmloop.scenario_selector import scenario
from calmloop.scenario_selector.learning.choice import Choice, Chooser
from calmloop.scenario_selector.learning.features import features_of
from calmloop.scenario_selector.learning.outcome import Outcome, Remarks, distress_of
from calmloop.scenario_selector.learning.trials import Learned, Trial
from calmloop.scenario_selector.repertoire import Repertoire
from tests.unit.scenario_selector.harness import NEUTRAL, SAD, START_PCT, Harness

LIBRARY = [scenario.load()[name] for name in ("deep-hum", "night-sky", "ocean-waves")]
FEATURES = {one.name: features_of(one) for one in LIBRARY}
ENDED = datetime(2026, 1, 1, tzinfo=UTC)


def known(*brought: tuple[str, float], halted: str = "") -> Learned:
    """A child's sessions, oldest first: what played and how calm it became; then a halt."""
    rewards = [*brought, *([(halted, 0.5)] if halted else [])]
    return Learned(
        trials=[
            Trial(
                session_id=f"s{at}",
                ended=ENDED,
                scenario=name,
                features=FEATURES[name],
                arrival=0.0,
                calm=calm,
                halted=bool(halted) and at == len(brought),
            )
            for at, (name, calm) in enumerate(rewards)
        ]
    )


def chooser(learned: Learned, seed: int = 1, allowed: int = 3) -> Chooser:
    return Chooser(LIBRARY[:allowed], learned, random.Random(seed))


def picks(learned: Learned, *, distressed: bool = False) -> Counter[str]:
    choosing = chooser(learned)
    return Counter(choosing.choose(0.0, distressed=distressed).scenario.name for _ in range(300))


LIKES_NIGHT_SKY = known(*[("night-sky", 0.8)] * 3, *[("ocean-waves", 0.2)] * 4, ("deep-hum", 0.8))


def test_what_calmed_this_child_is_chosen_most_but_not_always() -> None:
    picked = picks(LIKES_NIGHT_SKY)
    assert picked["night-sky"] >= 180
    assert picked["deep-hum"] >= 5
    assert picked["ocean-waves"] == 0


def test_after_distress_only_the_one_that_is_likely_to_be_best_is_taken() -> None:
    assert picks(LIKES_NIGHT_SKY, distressed=True) == {"night-sky": 300}


def test_a_child_whom_nobody_knows_gets_the_gentlest() -> None:
    assert picks(Learned()) == picks(Learned(), distressed=True) == {"night-sky": 300}


def test_the_scenario_that_was_halted_last_is_left_out_even_if_it_is_the_best() -> None:
    learned = known(*[("deep-hum", 1.0)] * 9, *[("ocean-waves", 0.9)] * 4, halted="deep-hum")
    choice = chooser(learned).choose(0.0)
    assert choice.scenario.name == "ocean-waves"
    assert "'ocean-waves' is likely to do best" in choice.reason
    assert "'deep-hum' was halted last and is left out" in choice.reason


def test_the_scenario_that_was_halted_last_is_taken_if_no_other_is_allowed() -> None:
    choice = chooser(known(halted="deep-hum"), allowed=1).choose(0.0)
    assert choice.scenario.name == "deep-hum"
    assert "no other is allowed" in choice.reason


def test_after_distress_what_does_worse_than_an_untried_one_is_not_taken() -> None:
    learned = known(*[("deep-hum", 0.15)] * 3, halted="ocean-waves")
    assert chooser(learned).choose(0.0).scenario.name == "night-sky"


def test_where_all_do_badly_the_least_bad_is_taken() -> None:
    learned = known(
        *[("night-sky", 0.0)] * 4, *[("ocean-waves", 0.1)] * 4, *[("deep-hum", 0.3)] * 4
    )
    assert picks(learned, distressed=True) == {"deep-hum": 300}


def test_a_pin_gives_way_to_distress_in_what_is_pinned() -> None:
    learned = known(*[("night-sky", 0.9)] * 3, halted="ocean-waves")
    pinned = learned.model_copy(update={"pinned": "ocean-waves"})
    choice = chooser(pinned).choose(0.0)
    assert choice.scenario.name == "night-sky"
    assert "'ocean-waves' was halted last and is left out" in choice.reason
    calm = LIKES_NIGHT_SKY.model_copy(update={"pinned": "ocean-waves"})
    assert picks(calm) == picks(calm, distressed=True) == {"ocean-waves": 300}


def repertoire_of(first: scenario.Scenario, learned: Learned) -> Repertoire:
    choice = Choice(first, "", ())
    return Repertoire(LIBRARY[:2], choice, chooser(learned, allowed=2), min_dwell_s=0.0)


def trouble(playing: Repertoire, cycles: int) -> None:
    for _ in range(cycles):
        playing.reassess(upset=True)


def play_to_the_end(playing: Repertoire) -> int:
    """Seconds until another scenario began."""
    lasts_s = round(playing.player.left_s)
    for second in range(lasts_s + 60):
        announced = playing.announced
        if playing.advance(1.0):
            assert announced == playing.name
            return second + 1
    return -1


def test_a_session_after_distress_does_not_turn_to_what_was_halted() -> None:
    deep_hum, night_sky, _ = LIBRARY
    liked = [("deep-hum", 1.0)] * 9
    playing = repertoire_of(night_sky, known(*liked, halted="deep-hum"))
    trouble(playing, 5)
    assert play_to_the_end(playing) == -1
    assert playing.name == night_sky.name
    playing = repertoire_of(night_sky, known(*liked))
    trouble(playing, 2)
    assert playing.name == night_sky.name, "changed in its midst"
    assert play_to_the_end(playing) >= night_sky.duration_s
    assert playing.name == deep_hum.name


def test_what_was_halted_is_not_turned_to_at_the_end_of_what_troubles_the_child() -> None:
    _, night_sky, _ = LIBRARY
    playing = repertoire_of(night_sky, known(*[("deep-hum", 1.0)] * 9, halted="deep-hum"))
    trouble(playing, 2)
    for _ in range(round(night_sky.duration_s) + 1):
        playing.advance(1.0)
    assert playing.name == night_sky.name


def test_what_troubles_the_child_is_not_chosen_again_at_its_end() -> None:
    deep_hum, night_sky, _ = LIBRARY
    playing = repertoire_of(deep_hum, known(*[("deep-hum", 1.0)] * 9))
    playing.fixed = True
    trouble(playing, 2)
    playing.fixed = False
    lasts_s = sum(phase.duration_s for phase in deep_hum.phases)
    turns = [playing.advance(1.0) for _ in range(round(lasts_s) + 1)]
    assert turns.count(True) == 1
    assert playing.name == night_sky.name


def test_another_scenario_is_announced_for_30_s_and_begins_at_the_end() -> None:
    deep_hum, night_sky, _ = LIBRARY
    playing = repertoire_of(deep_hum, Learned())
    trouble(playing, 2)
    announced: list[str] = []
    while not playing.advance(1.0):
        announced.append(playing.announced)
    assert announced.index(night_sky.name) >= deep_hum.duration_s - 31
    assert announced.count(night_sky.name) >= 30
    assert playing.announced == ""


def test_trouble_shortly_before_the_end_is_announced_for_30_s_all_the_same() -> None:
    deep_hum, night_sky, _ = LIBRARY
    playing = repertoire_of(deep_hum, known(*[("deep-hum", 1.0)] * 9))
    while playing.player.left_s > 5.0:
        playing.advance(1.0)
    assert playing.announced == ""
    trouble(playing, 2)
    waited_s = play_to_the_end(playing)
    assert 30 <= waited_s <= 32
    assert playing.name == night_sky.name


def test_what_a_caregiver_holds_is_not_followed_by_another_unannounced() -> None:
    deep_hum, night_sky, _ = LIBRARY
    playing = repertoire_of(deep_hum, Learned())
    trouble(playing, 2)
    playing.fixed = True
    while playing.player.left_s > 5.0:
        playing.advance(1.0)
        assert playing.announced == ""
    playing.fixed = False
    assert playing.announced == night_sky.name
    assert 30 <= play_to_the_end(playing) <= 32


def test_a_choice_gives_its_reason_and_what_everyone_is_expected_to_bring() -> None:
    choice = chooser(LIKES_NIGHT_SKY, seed=3).choose(0.0)
    assert choice.scenario.name in choice.reason
    assert {entry.scenario: entry.sessions for entry in choice.scores} == {
        "deep-hum": 1,
        "night-sky": 3,
        "ocean-waves": 4,
    }
    for entry in choice.scores:
        assert entry.low is not None and entry.high is not None
        assert entry.low < entry.score < entry.high


def brought(valences: Sequence[float], *, intensity_pct: float = 20.0) -> float | None:
    """How calm a child became whose face read so, 60 s each."""
    outcome = Outcome()
    for valence in valences:
        for _ in range(60):
            outcome.see("night-sky", distress_of(valence), intensity_pct, 1.0)
    trials = outcome.trials("s1", ENDED, FEATURES, Remarks(), "night-sky")
    return trials[0].calm if trials else None


def test_calm_is_rewarded_and_excitement_no_more_than_calm() -> None:
    assert brought([0.0]) == brought([0.9]) == 1.0
    assert brought([-0.7]) == brought([-1.0]) == 0.0


def test_the_calm_that_was_reached_counts_more_than_the_state_on_arrival() -> None:
    soothed, upset = brought([-0.7, -0.35, 0.0, 0.0]), brought([0.0, 0.0, -0.35, -0.7])
    assert soothed is not None and upset is not None
    assert soothed > 0.7
    assert upset < 0.5


def test_calm_in_a_silent_chair_is_not_the_chairs() -> None:
    assert brought([0.0], intensity_pct=5.0) is None


def test_how_a_child_arrived_is_as_it_was_seen_else_as_a_caregiver_said() -> None:
    outcome = Outcome()
    assert [outcome.arrival(Remarks(before)) for before in (None, 1, 2, 3, 5)] == [0, 1, 0.5, 0, 0]
    for _ in range(30):
        outcome.arrive(distress_of(-0.35), 1.0)
    assert outcome.arrival(Remarks(1)) == pytest.approx(0.5)


@pytest.mark.slow
def test_a_frown_changes_no_scenario_in_its_midst_and_the_next_one_is_announced(
    tmp_path: Path,
) -> None:
    harness = Harness(tmp_path)
    harness.start_running(minutes=30)
    first = harness.state.scenario
    harness.show(SAD, 9)
    harness.show(NEUTRAL, 150)
    harness.show(SAD, 6)
    assert (harness.state.scenario, harness.state.next) == (first, "")
    harness.show(NEUTRAL, harness.library[first].duration_s)
    states = [state for state in harness.states if state.phase is Phase.RUNNING]
    changed = next(n for n, state in enumerate(states) if state.scenario != first)
    assert all(state.next == states[changed].scenario for state in states[changed - 299 : changed])
    assert "after distress" in states[changed].choice
    assert states[changed].intensity_pct <= START_PCT


def test_scores_are_published_at_each_reassessment(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.start_running()
    first = harness.state.scores
    assert {entry.scenario for entry in first} == set(harness.library)
    assert all(entry.low is not None and entry.low < entry.score for entry in first)
    assert all(entry.high is not None and entry.score < entry.high for entry in first)


def test_a_child_that_arrives_upset_is_expected_to_be_less_calm(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start(minutes=20)
    expected = harness.state.scores
    harness.show(SAD, 36.0)
    harness.expect(Phase.RUNNING)
    lower = {entry.scenario: entry.score for entry in harness.state.scores}
    assert all(lower[entry.scenario] < entry.score for entry in expected)
