"""The child's page: who allows it, what it offers, and what a choice does."""

import re
from pathlib import Path

import pytest

from calmloop.contract.messages.child import ChildAction
from calmloop.contract.messages.learning import LearningAction
from calmloop.contract.messages.session import (
    Change,
    OverrideAction,
    Phase,
    SessionAction,
)
from tests.unit.scenario_selector.childs_page import (
    STEP_DOWN_PCT,
    another,
    choose,
    more,
    offered,
    raised,
    refused,
)
from tests.unit.scenario_selector.harness import (
    ALL_TICKED,
    CRYING,
    NEUTRAL,
    START_PCT,
    Harness,
    write_profile,
)


@pytest.fixture
def token(harness: Harness) -> str:
    """Of the child's page, which a caregiver has allowed."""
    return harness.allow_child()


def test_a_caregiver_allows_the_page_with_the_start_token(harness: Harness) -> None:
    assert (harness.state.child_token, harness.state.offers) == ("", [])
    for wrong in (None, "0" * 16):
        refused(harness.command(SessionAction.ALLOW_CHILD, token=wrong), "token")
    assert harness.state.child_token == ""
    token = harness.allow_child()
    assert len(token) == 16
    assert harness.intensity_pct == START_PCT


def test_the_lines_of_the_readme_still_find_the_start_token(harness: Harness, token: str) -> None:
    """They take the last token of a state, whatever else stands there."""
    found = re.sub(r'.*_token":"([^"]*)".*', r"\1", harness.state.model_dump_json())
    assert found == harness.token != token


def test_two_or_three_scenarios_are_offered_the_present_one_first(harness: Harness) -> None:
    harness.allow_child()
    offers = harness.state.offers
    assert len(offers) == 3
    assert offers[0].scenario == harness.state.scenario
    assert all(offer.title == harness.library[offer.scenario].title for offer in offers)


def test_a_scenario_named_at_the_start_leaves_the_child_its_choice(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.start_running(scenario="ocean-waves")
    token = harness.allow_child()
    assert len(offered(harness)) == 3
    assert choose(harness, token, another(harness)) is None


def test_what_this_child_may_not_have_is_not_offered(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    known = sorted(harness.library)
    out = ", ".join(known[3:])
    write_profile(tmp_path, "c7", f"excluded_scenarios: [{out}]\n{ALL_TICKED}")
    harness.start_running(profile="c7")
    token = harness.allow_child()
    assert sorted(offered(harness)) == known[:3]
    out = another(harness)
    assert harness.teach(LearningAction.EXCLUDE, scenario=out) is None
    assert len(offered(harness)) == 2
    refused(choose(harness, token, out), "not offered")
    refused(choose(harness, token, known[4]), "not offered")
    harness.teach(LearningAction.EXCLUDE, scenario=another(harness))
    assert harness.state.offers == []


def test_what_nobody_ticked_off_for_this_child_is_not_offered(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    ticked = "cleared_contraindications: [seizures, implant, neck-and-back]\n"
    others = "excluded_scenarios: [breathe-along, wind-in-leaves]\n"
    write_profile(tmp_path, "c7", ticked + others)
    harness.start_running(profile="c7")
    token = harness.allow_child()
    assert sorted(offered(harness)) == ["forest-rain", "slow-train"]
    refused(choose(harness, token, "night-sky"), "not offered")


def test_what_ended_in_distress_last_is_not_offered(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.start_running(scenario="slow-train")
    harness.show(CRYING, 20)
    harness.wait(6)
    harness.expect(Phase.IDLE)
    harness.start_running()
    harness.allow_child()
    assert len(offered(harness)) == 3
    assert "slow-train" not in offered(harness)


def test_without_a_session_there_is_no_page(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    token = harness.token
    refused(harness.command(SessionAction.ALLOW_CHILD, token=token), "start one")
    assert harness.token == token, "the token is not used up"
    assert harness.command(SessionAction.FORBID_CHILD) is None


def test_a_caregiver_takes_it_back_without_a_token(harness: Harness, token: str) -> None:
    assert harness.command(SessionAction.FORBID_CHILD) is None
    assert (harness.state.child_token, harness.state.offers) == ("", [])
    refused(more(harness, token), "allow_child")
    assert more(harness, harness.allow_child()) is None


def test_the_token_is_void_after_the_session(harness: Harness, token: str) -> None:
    harness.command(SessionAction.FINISH)
    harness.show(NEUTRAL, 6)
    assert (harness.state.child_token, harness.state.offers) == ("", [])
    refused(more(harness, token), "needs a running session")
    harness.start_running()
    refused(more(harness, token), "allow_child")
    refused(choose(harness, token, "night-sky"), "allow_child")
    assert harness.intensity_pct == START_PCT


def test_a_choice_begins_at_the_level_of_a_start_at_most(harness: Harness, token: str) -> None:
    raised(harness)
    assert harness.intensity_pct == 50
    name = another(harness)
    assert choose(harness, token, name) is None
    assert harness.state.scenario == name
    assert harness.state.change is Change.CHILD
    assert harness.state.choice == "named by the child"
    refused(more(harness, token), "on its way down to the level of a start")
    seen = len(harness.states)
    harness.show(NEUTRAL, 8)
    assert harness.intensity_pct == START_PCT
    levels = [state.intensity_pct for state in harness.states[seen:]]
    assert levels == sorted(levels, reverse=True)


def test_a_choice_from_below_that_level_raises_nothing(harness: Harness, token: str) -> None:
    harness.child(ChildAction.LESS)
    name = another(harness)
    assert choose(harness, token, name) is None
    title = harness.library[name].title
    assert (harness.state.change, harness.state.reason) == (
        Change.CHILD,
        f"the child chose '{title}'",
    )
    harness.show(NEUTRAL, 30)
    assert harness.intensity_pct == START_PCT - STEP_DOWN_PCT


def test_a_choice_comes_once_in_30_s(harness: Harness, token: str) -> None:
    assert choose(harness, token, another(harness)) is None
    harness.show(NEUTRAL, 10)
    refused(choose(harness, token, another(harness)), "ask again in 20 s")
    harness.show(NEUTRAL, 20.5)
    assert choose(harness, token, another(harness)) is None


def test_what_plays_already_is_not_begun_again(harness: Harness, token: str) -> None:
    refused(choose(harness, token, harness.state.scenario), "plays already")


def test_a_scenario_that_a_caregiver_keeps_is_not_left(harness: Harness, token: str) -> None:
    assert (
        harness.override(OverrideAction.SCENARIO, scenario="night-sky", token=harness.token) is None
    )
    harness.show(NEUTRAL, 8)
    refused(choose(harness, token, another(harness)), "a caregiver keeps the present scenario")
    assert more(harness, token) is None
