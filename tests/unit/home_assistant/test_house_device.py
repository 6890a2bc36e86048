"""How Home Assistant is told of the chair, and how it is taken away again."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from calmloop.base.languages import Language
from calmloop.contract import house_topics, topics
from calmloop.contract.messages.house import HouseAction, HouseCommand, HouseState
from calmloop.contract.messages.safety import AlarmKind
from calmloop.contract.topics import SERVICES, Account
from calmloop.home_assistant.words import WORDS
from tests.unit.home_assistant.house_rig import HouseRig


def components(rig: HouseRig) -> dict[str, dict[str, Any]]:
    found = rig.device.components
    assert found is not None
    return found


def fields_of(value: str) -> Iterator[str]:
    """The fields of house/state that a template names."""
    for part in value.split("value_json.")[1:]:
        yield part.split(".")[0].split(" ")[0].split(")")[0].rstrip("}|,")


def test_it_is_laid_down_once_for_whoever_comes_later(rig: HouseRig) -> None:
    name = f"homeassistant/device/calmloop-{rig.bus.chair_id}/config"
    for _ in range(5):
        rig.turn(1.0)
    (raw,) = [raw for raw in rig.transport.published if raw.name == name]
    assert raw.retain
    assert raw.qos == 1
    told = json.loads(raw.payload)
    assert set(told) == {"device", "origin", "availability", "components"}
    assert told["device"]["identifiers"] == [f"calmloop-{rig.bus.chair_id}"]
    assert told["origin"]["name"] == "Calmloop"


def test_every_part_has_an_id_of_its_own_and_a_name(rig: HouseRig) -> None:
    parts = components(rig)
    ids = [part["unique_id"] for part in parts.values()]
    assert len(set(ids)) == len(ids)
    assert all(rig.bus.chair_id in name for name in ids)
    assert all(part["name"] and part["platform"] for part in parts.values())
    names = [part["name"] for part in parts.values()]
    assert len(set(names)) == len(names)


def test_each_alarm_and_each_other_service_is_there(rig: HouseRig) -> None:
    parts = components(rig)
    assert {f"alarm_{kind.value}" for kind in AlarmKind} <= parts.keys()
    others = SERVICES - {Account.HOME_ASSISTANT}
    assert {f"service_{service.value}" for service in others} <= parts.keys()
    assert parts["alarm_began"]["event_types"] == [kind.value for kind in AlarmKind]


def test_buttons_lower_and_nothing_else(rig: HouseRig) -> None:
    buttons = {k: part for k, part in components(rig).items() if part["platform"] == "button"}
    assert buttons.keys() == {"stop", "less", "pause", "finish", "camera_off"}
    assert buttons["stop"]["command_topic"] == topics.STOP.name(rig.bus.chair_id)
    for action in HouseAction:
        pressed = buttons[action.value]
        assert pressed["command_topic"] == house_topics.HOUSE_SET.name(rig.bus.chair_id)
        sent = HouseCommand.model_validate_json(pressed["payload_press"])
        assert sent.action is action


def test_every_template_names_what_the_house_is_told(rig: HouseRig) -> None:
    for part in components(rig).values():
        for key in ("value_template", "json_attributes_template"):
            for field in fields_of(part.get(key, "")):
                assert field in HouseState.model_fields, part


def test_it_is_unavailable_while_the_service_is_gone(rig: HouseRig) -> None:
    availability = rig.device.availability
    assert availability is not None
    (told,) = availability
    name = topics.SERVICE_STATUS.name(
        rig.bus.chair_id, service="home-assistant", instance=rig.bus.instance
    )
    assert told["topic"] == name
    assert Account.HOUSE in topics.SERVICE_STATUS.readers


def test_what_is_shown_no_more_is_taken_away_with_all_that_was_shown() -> None:
    rig = HouseRig(shown=False)
    rig.turn(1.0)
    rig.turn(20.0)
    (raw,) = rig.transport.published[-1:]
    assert raw.name == house_topics.HOUSE_DEVICE.name(rig.bus.chair_id)
    assert (raw.payload, raw.retain) == (b"", True)
    assert rig.states == []


@pytest.mark.parametrize("language", Language)
def test_each_language_has_every_word(language: Language) -> None:
    words = WORDS[language]
    assert words.keys() == WORDS[Language.EN].keys()
    assert all(words.values())
    assert {f"alarm_{kind.value}" for kind in AlarmKind} <= words.keys()
    rig = HouseRig(language=language, name="Sessel im Ruheraum", area="Ruheraum")
    rig.turn()
    device = rig.device.device
    assert device is not None
    assert (device["name"], device["suggested_area"]) == ("Sessel im Ruheraum", "Ruheraum")
    names = {part["name"] for part in components(rig).values()}
    assert words["less"] in names


def test_the_house_reads_no_token_and_commands_what_lowers() -> None:
    reads = {topic.path for topic in topics.REGISTRY if Account.HOUSE in topic.readers}
    writes = {topic.path for topic in topics.REGISTRY if Account.HOUSE in topic.writers}
    assert reads == {
        "house/state",
        "house/event",
        "service/{service}/{instance}/status",
        "homeassistant/device/calmloop-{chair}/config",
    }
    assert writes == {"stop", "house/set", "homeassistant/status"}
    by_bridge = {t.path for t in topics.REGISTRY if Account.HOME_ASSISTANT in t.writers}
    assert by_bridge == {
        "house/state",
        "house/event",
        "homeassistant/device/calmloop-{chair}/config",
        "service/{service}/{instance}/status",
        "service/{service}/{instance}/heartbeat",
        "rejected",
    }
