"""What a page asks becomes what goes over the bus: only what raises needs a name and a token."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calmloop.caregiver_console.requests import (
    CommandRequest,
    HeldStates,
    RequestError,
    known_commands,
    order,
)
from calmloop.contract import topics
from calmloop.contract.messages.safety import StopState
from calmloop.contract.messages.session import Phase, SessionState

SESSION = SessionState(
    phase=Phase.RUNNING, start_token="start", child_token="child", ceiling_pct=40.0
)
HELD = HeldStates(SESSION, StopState(latched=True, reset_token="reset"))
GOOD: dict[str, dict[str, Any]] = {
    "start": {"notice": True},
    "dismiss": {"signal": "heart"},
    "answer": {"answer": "upset"},
    "scenario": {"scenario": "ocean-waves"},
    "channels": {"channels": ["light"]},
    "ceiling": {"ceiling_pct": 20},
    "acknowledge": {"kind": "distress"},
    "camera": {"enabled": False},
    "voice": {"enabled": False},
    "child-choose": {"scenario": "ocean-waves"},
    "rate": {"rating": 4},
    "profile": {"action": "show", "profile": "k7"},
    "pin": {"scenario": "ocean-waves"},
    "exclude": {"scenario": "ocean-waves"},
    "allow": {"scenario": "ocean-waves"},
}
ANYBODYS = {
    "pause", "finish", "forbid-child", "answer", "less", "hold", "channels", "ceiling", "camera",
    "voice", "child-less", "child-more", "child-choose",
}  # fmt: skip
COMMANDS = sorted(set(known_commands()) - {"stop", "present"})


def ask(command: str, held: HeldStates = HELD, **arguments: Any) -> Any:
    return order(CommandRequest(id="1", command=command, arguments=arguments), held, "Anna")


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_an_order_and_says_whether_a_name_is_needed(command: str) -> None:
    made = ask(command, **GOOD.get(command, {}))
    assert made.needs_login is (command not in ANYBODYS)
    token = getattr(made.message, "token", None)
    if made.topic in (topics.SESSION_SET, topics.OVERRIDE_SET):
        assert (token is not None) is made.needs_login


@pytest.mark.parametrize("command", COMMANDS)
def test_no_page_can_bring_a_token_of_its_own(command: str) -> None:
    with pytest.raises(RequestError, match="argument 'token' is unknown"):
        ask(command, **GOOD.get(command, {}), token="stolen")


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("ceiling", {"ceiling_pct": 40.1}),
        ("camera", {"enabled": True}),
        ("voice", {"enabled": True}),
        ("answer", {"answer": "usual"}),
        ("answer", {"answer": "child"}),
        ("finish", {"rating": 5}),
    ],
)
def test_the_same_command_needs_a_name_where_it_raises(
    command: str, arguments: dict[str, Any]
) -> None:
    assert ask(command, **arguments).needs_login


def test_a_ceiling_raises_when_the_present_one_is_not_known() -> None:
    assert ask("ceiling", HeldStates(), ceiling_pct=10).needs_login


def test_adaptive_needs_the_notice_and_manual_reads_no_face() -> None:
    with pytest.raises(RequestError, match="article 50"):
        ask("start")
    with pytest.raises(RequestError, match="article 50"):
        ask("start", notice="yes")
    assert ask("start", notice=True).reads_face
    assert not ask("start", mode="manual").reads_face


def test_a_child_asks_for_more_only_where_it_was_allowed() -> None:
    with pytest.raises(RequestError, match="has not allowed"):
        ask("child-more", HeldStates(SessionState(phase=Phase.RUNNING)))
    assert ask("child-more").message.token == "child"
    assert ask("child-less").message.token is None


def test_a_reset_where_nothing_is_latched_is_told_so() -> None:
    with pytest.raises(RequestError, match="nothing to reset"):
        ask("reset", HeldStates(SESSION, StopState(latched=False)))
    assert ask("arm").message.token == "reset"


ARGUMENTS = (
    *("notice", "rating", "signal", "answer", "scenario", "channels", "ceiling_pct"),
    *("kind", "enabled", "profile", "minutes", "mode", "x"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)


@settings(max_examples=50)
@given(
    command=st.sampled_from(COMMANDS),
    arguments=st.dictionaries(
        st.sampled_from(ARGUMENTS),
        JSON,
        max_size=4,
    ),
)
def test_whatever_it_is_given_it_is_an_order_or_refused(
    command: str, arguments: dict[str, Any]
) -> None:
    try:
        made = ask(command, **arguments)
    except RequestError as error:
        assert str(error)
    else:
        assert made.message.model_dump_json()


def test_no_text_of_a_profile_is_recorded() -> None:
    bounds = {"ceiling_pct": 30, "goals": "sleep", "notes": "likes rain"}
    asked = CommandRequest(
        id="1", command="profile", arguments={"action": "write", "profile": "k7", "bounds": bounds}
    )
    assert asked.recorded["bounds"] == {"ceiling_pct": 30}
    assert asked.recorded["child"] == "k7"
    assert asked.arguments["bounds"] == bounds
