"""What the child itself asks for, with the very bodies that its page and its button bring."""

import json

from tests.contract.selector_harness import (
    CHILD,
    OVERRIDE,
    REJECTED,
    SET,
    SETPOINT,
    STATE,
    SelectorHarness,
)

FLOODS, TAPS = 60, 50


def test_a_caregiver_allows_the_page_and_the_child_asks_for_less_more_and_another(
    harness: SelectorHarness,
) -> None:
    client = harness.client
    harness.start(scenario="ocean-waves")
    running = harness.state(phase="running")
    assert (running["child_token"], running["offers"]) == ("", [])
    harness.expect_refusal("allow_child", CHILD, {"action": "more"})
    harness.expect_refusal("token", SET, {"action": "allow_child"})
    client.publish(SET, {"action": "allow_child", "token": harness.state()["start_token"]})
    allowed = client.wait_for(
        STATE, lambda body: bool(body["child_token"]), since=len(client.received)
    )
    token, offers = allowed["child_token"], allowed["offers"]
    assert offers[0] == {"scenario": "ocean-waves", "title": "Ocean waves"}
    assert [sorted(offer) for offer in offers] == [["scenario", "title"]] * 3

    client.publish(CHILD, {"action": "more", "token": token})
    raised = harness.state(change="child")
    assert (raised["intensity_pct"], raised["reason"]) == (25.0, "one step up by the child")
    harness.expect_refusal("30 s must lie between", CHILD, {"action": "more", "token": token})

    client.publish(CHILD, {"action": "less"})
    lowered = harness.state(reason="one step down by the child")
    assert lowered["intensity_pct"] == 15.0

    chosen = offers[1]["scenario"]
    client.publish(CHILD, {"action": "choose", "token": token, "scenario": chosen})
    assert harness.state(scenario=chosen)["choice"] == "named by the child"
    harness.expect_refusal(
        "not offered", CHILD, {"action": "choose", "token": token, "scenario": "x"}
    )
    harness.expect_refusal("offers", CHILD, {"action": "choose", "token": token})

    client.publish(SET, {"action": "forbid_child"})
    harness.state(child_token="", offers=[])
    harness.expect_refusal("allow_child", CHILD, {"action": "more", "token": token})


def test_the_second_button_lowers_once_however_long_it_is_held(harness: SelectorHarness) -> None:
    harness.start()
    harness.state(phase="running")
    harness.less_pressed = True
    assert harness.state(change="child")["intensity_pct"] == 10.0
    harness.let_pass(3.0)
    assert harness.state()["intensity_pct"] == 10.0
    harness.less_pressed = False


def test_a_retained_or_misspelt_command_of_the_child_is_refused(harness: SelectorHarness) -> None:
    harness.expect_refusal("retain", CHILD, {"action": "less"}, retain=True)
    harness.client.publish(CHILD, b"", retain=True)
    harness.expect_refusal("action", CHILD, {"action": "lots"})
    harness.expect_refusal("needs a running session", CHILD, {"action": "more", "token": "x"})


def test_a_flood_of_the_childs_page_delays_nobody(harness: SelectorHarness) -> None:
    client = harness.client
    harness.start()
    token = harness.state(phase="running")["start_token"]
    client.publish(SET, {"action": "allow_child", "token": token})
    allowed = client.wait_for(STATE, lambda b: bool(b["child_token"]), since=len(client.received))
    body = json.dumps({"action": "more", "token": allowed["child_token"]}).encode()
    began = len(client.received)
    for _ in range(FLOODS):
        before = len(client.received)
        for _ in range(TAPS):
            client.publish(CHILD, body, qos=0)
        # The chair played here hears and answers through the same client: at no time may what waits
        # there for it be more than the session goes on beside.
        client.wait_for(SETPOINT, lambda _: True, since=before)
    assert harness.state(since=began, change="child")["intensity_pct"] == 25.0
    client.wait_for(REJECTED, lambda b: b["topic"] == CHILD, since=began)
    client.publish(OVERRIDE, {"action": "less"})
    lowered = harness.state(since=began, change="caregiver")
    assert (lowered["phase"], lowered["intensity_pct"]) == ("running", 15.0)
    client.wait_for(SETPOINT, lambda _: True, since=len(client.received))
    client.publish(f"{CHILD.removesuffix('child/set')}stop", b"")
    assert harness.state(since=began, phase="idle")["change"] == "stopped"
