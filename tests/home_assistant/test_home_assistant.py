"""The chair in a real Home Assistant: what is shown, what a tap does, and what outlives what."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from calmloop.contract.messages.camera import CameraCondition, CameraSet
from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.safety import AlarmKind
from calmloop.contract.messages.session import Phase
from calmloop.contract.topics import CAMERA_SET
from calmloop.demo.stack import CHAIR_ID
from calmloop.home_assistant.device import HouseCatalogue
from calmloop.home_assistant.settings import HomeAssistantSection
from tests.chromium import chromium
from tests.home_assistant.hass import UNTOLD
from tests.home_assistant.house import PREFIX, House, shipped

pytestmark = [pytest.mark.home_assistant, pytest.mark.timeout(240)]

SHOWN = HouseCatalogue(CHAIR_ID, "house", "0", HomeAssistantSection()).device().components or {}


def entities(house: House) -> dict[str, str]:
    """The chair's entities by their unique ids."""
    return {row["unique_id"]: row["entity_id"] for row in house.hass.entities()}


def test_the_chair_is_one_device_and_all_that_it_shows_is_there(house: House) -> None:
    (device,) = house.hass.devices()
    assert device["name"] == f"Calmloop {CHAIR_ID}"
    found = entities(house)
    assert found.keys() == {part["unique_id"] for part in SHOWN.values()}
    told = house.told()
    assert set(told) == set(found.values())
    silent = {
        name.removeprefix(f"binary_sensor.{PREFIX}_service_")
        for name, state in told.items()
        if state in UNTOLD and name.partition(".")[0] not in ("button", "event")
    }
    emotion = f"sensor.{PREFIX}_emotion"
    elsewhere = {"fleet_link", "metrics_exporter", "sound_player"}
    assert silent - {emotion} == elsewhere, "they do not run here"
    assert told[emotion] in list(Label), "unknown is a word of it, too"


def test_the_house_can_do_nothing_but_press_what_lowers(house: House) -> None:
    by_platform: dict[str, set[str]] = {}
    for name in entities(house).values():
        platform, _, short = name.partition(f".{PREFIX}_")
        by_platform.setdefault(platform, set()).add(short)
    assert by_platform.pop("button") == {"stop", "less", "pause", "finish_softly", "camera_off"}
    assert by_platform.keys() == {"sensor", "binary_sensor", "event"}, "which take no command"


def test_a_session_is_followed_lowered_paused_and_finished(house: House) -> None:
    house.session()
    tally = house.demo.tally

    def intensity() -> float:
        return tally.session.intensity_pct if tally.session else 0.0

    house.wait_until(lambda: intensity() > 0, "there is something to lower")
    before = intensity()
    house.press("less")
    house.wait_until(lambda: intensity() < before, "it is lowered")
    shown = f"sensor.{PREFIX}_intensity"
    house.wait_until(lambda: float(house.hass.state(shown)) < before, "and told so")
    house.press("pause")
    house.wait_until(lambda: house.condition() == "paused", "it pauses")
    assert tally.session is not None
    house.press("finish_softly")
    house.wait_until(lambda: tally.session and tally.session.phase is Phase.IDLE, "it ends")
    house.wait_until(lambda: house.condition() in ("ready", "waiting"), "and the house knows")


def test_a_stop_from_the_house_stops_the_chair(
    house: House, measured: Callable[[str], None]
) -> None:
    house.session()
    tally = house.demo.tally
    house.wait_until(lambda: tally.chair and tally.chair.applied.vibration_pct >= 3, "it moves")
    pressed_s = time.monotonic()
    house.press("stop")
    house.wait_until(house.at_rest, "the chair is at rest")
    measured(f"from a tap in Home Assistant to rest: {time.monotonic() - pressed_s:.2f} s")
    assert tally.chair is not None
    assert tally.chair.applied.vibration_pct == tally.chair.applied.sound_pct == 0
    house.wait_until(lambda: tally.stop and tally.stop.latched, "it is latched")
    house.wait_until(lambda: house.condition() == "stopped", "the house knows")


def test_the_automations_that_ship_go_off_and_only_then(house: House) -> None:
    def last(name: str) -> str:
        return str(house.hass.states()[f"automation.{name}"]["attributes"]["last_triggered"])

    dimmed = last("calmloop_session_dims_the_lights")
    house.session()
    house.wait_until(lambda: last("calmloop_session_dims_the_lights") != dimmed, "it is dimmed")
    before = house.hass.notifications()
    house.press("stop")
    house.wait_until(lambda: len(house.hass.notifications()) > len(before), "the phone rings")
    newest = house.hass.notifications()[-1]
    assert newest["title"] == f"Calmloop: {AlarmKind.STOP}"
    assert all(told["message"] for told in (newest, *before)), "each is of an alarm"


def test_the_view_that_ships_shows_what_is_there(house: House) -> None:
    named = set(re.findall(rf"\w+\.{PREFIX}\w+", shipped("dashboard.yaml")))
    assert len(named) > 10
    assert named <= set(house.told())


def test_the_view_is_drawn_without_a_complaint(house: House) -> None:
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1000, "height": 900})
        house.hass.open_view(page)
        for words in ("Now", "Stop", "Finish", "Alarm and health"):
            page.get_by_text(words, exact=True).first.wait_for(timeout=60_000)
        graph = page.locator("hui-history-graph-card", has_text="The last hour")
        graph.locator("canvas").first.wait_for()
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=Path(folder) / "home-assistant.png")
        assert page.locator("hui-error-card, hui-warning, ha-alert").count() == 0


def test_it_outlives_a_restart_of_each_side_without_doubles(house: House) -> None:
    before = entities(house)

    def as_before() -> bool:
        return house.is_told() and entities(house) == before

    house.hass.stop()
    house.hass.start()
    house.wait_until(house.hass.running, "Home Assistant is back")
    house.wait_until(as_before, "all is there again")

    house.kill_service()
    house.wait_until(lambda: not house.is_told(), "without the service nothing is told")
    house.start_service()
    house.wait_until(as_before, "the service is back")

    house.broker.stop()
    house.wait_until(lambda: not house.is_told(), "without the broker nothing is told")
    house.broker.start()
    house.wait_until(as_before, "the broker is back")
    assert len(house.hass.devices()) == 1

    house.hass.stop()
    house.hass.start()
    house.wait_until(house.hass.running, "Home Assistant is back after the broker forgot")
    house.wait_until(as_before, "all was laid down again")


def test_the_camera_goes_off_and_not_on_again(house: House) -> None:
    tally = house.demo.tally
    house.demo.observer.bus.publish(CAMERA_SET, CameraSet(enabled=True))
    shown = f"sensor.{PREFIX}_camera"
    house.wait_until(lambda: house.hass.state(shown) == "streaming", "it is on")
    house.press("camera_off")
    house.wait_until(
        lambda: tally.camera and tally.camera.condition is CameraCondition.OFF, "it is off"
    )
    house.wait_until(lambda: house.hass.state(shown) == "off", "and the house knows")


def test_what_is_shown_no_more_is_gone_with_all_that_it_showed(house: House) -> None:
    house.stop_service()
    house.start_service(HOME_ASSISTANT__SHOWN="false")
    house.wait_until(lambda: not house.told(), "nothing is shown")
    assert house.hass.entities() == house.hass.devices() == []
    house.stop_service()
    house.hass.stop()
    house.hass.start()
    house.wait_until(house.hass.running, "Home Assistant is back")
    assert house.told() == {}
    house.start_service()
    house.wait_until(house.is_told, "and it can be shown again")
