"""The flow that ships, in a real Node-RED, beside the real watchdog and the house's service."""

import json
from pathlib import Path

import pytest

from calmloop.contract import house_topics, topics
from calmloop.contract.messages.house import HouseAction
from calmloop.contract.topics import Account
from tests.broker import Broker
from tests.contract.watchdog_harness import watchdog_harness
from tests.node_red.node_red import FLOW, NodeRed
from tests.processes import CHAIR, Client, start_service

pytestmark = pytest.mark.node_red

STATE = house_topics.HOUSE_STATE.name(CHAIR)
SET = house_topics.HOUSE_SET.name(CHAIR)


def test_an_alarm_of_the_watchdog_reaches_the_notifier_in_words(
    broker: Broker, tmp_path: Path
) -> None:
    with (
        NodeRed(tmp_path / "node-red", broker) as node_red,
        start_service("home_assistant", broker, tmp_path / "house"),
        watchdog_harness(broker, tmp_path / "watchdog") as harness,
    ):
        harness.client.subscribe(STATE)
        harness.client.wait_for(STATE, lambda state: state["link"])
        harness.run_session()
        harness.others.session |= {"distress": True, "reason": "crying"}
        told = harness.client.wait_for(STATE, lambda state: "distress" in state["alarms"])
        node_red.wait_for_line(told["alarm_text"])
        assert f"topic: '{CHAIR}: critical'" in node_red.log


def test_the_lamps_go_down_with_a_session_and_up_after_it(broker: Broker, tmp_path: Path) -> None:
    def tell(condition: str) -> None:
        client.publish(STATE, {"condition": condition}, retain=True)

    with Client(broker) as client:
        tell("ready")
        with NodeRed(tmp_path / "node-red", broker) as node_red:
            for condition, brightness in (("session", 15), ("ready", 60)):
                tell(condition)
                node_red.wait_for_line(f"brightness_pct: {brightness}")
            assert node_red.log.count("brightness_pct") == 2


def test_the_stop_button_stops_the_chair(broker: Broker, tmp_path: Path) -> None:
    with (
        watchdog_harness(broker, tmp_path / "watchdog") as harness,
        NodeRed(tmp_path / "node-red", broker) as node_red,
    ):
        mark = harness.here
        node_red.press("calmloop-stop-button")
        harness.await_stop_state(True, since=mark)


def test_each_button_asks_for_what_it_says_and_asks_in_vain_after_a_while(
    broker: Broker, tmp_path: Path
) -> None:
    with Client(broker) as client, NodeRed(tmp_path / "node-red", broker) as node_red:
        client.subscribe(SET)
        for action in HouseAction:
            node_red.press(f"calmloop-{action.replace('_', '-')}-button")
            client.wait_for(SET, {"action": action.value}.__eq__)
        assert not any(message.retain for message in client.received)


def test_the_flow_keeps_to_what_the_account_house_may() -> None:
    nodes = json.loads(FLOW.read_text())
    heard = {node["topic"].replace("+", CHAIR) for node in nodes if node["type"] == "mqtt in"}
    assert heard == {STATE, house_topics.HOUSE_EVENT.name(CHAIR)}
    rules = [rule for node in nodes if node["type"] == "change" for rule in node["rules"]]
    asked = {rule["to"].split("'")[-2] for rule in rules if rule["p"] == "topic"}
    assert asked == {"/stop", "/house/set"}
    readers = (house_topics.HOUSE_STATE.readers, house_topics.HOUSE_EVENT.readers)
    writers = (house_topics.HOUSE_SET.writers, topics.STOP.writers)
    assert all(Account.HOUSE in accounts for accounts in (*readers, *writers))
    assert not any("credentials" in node for node in nodes)
