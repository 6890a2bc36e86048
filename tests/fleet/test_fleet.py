"""What a chair keeps is at the centre once, whatever is killed, cut or sent twice."""

import time

import pytest

from calmloop.contract.fleet_topics import ack_topic, up_topic
from calmloop.contract.messages.fleet import FleetBatch
from tests.fleet.centre import STORED_S, Centre, Chair, gapless
from tests.fleet.device import EPOCH, Device, batch
from tests.fleet.waiting import wait_until

pytestmark = [pytest.mark.fleet, pytest.mark.timeout(600)]
ROUNDS = 10
RATINGS = 10
REVOKED_S = 5.0
HELD_S = 5.0
FLOOD_BATCHES = 400


def test_each_event_is_there_once_whatever_is_killed_or_cut(centre: Centre, chair: Chair) -> None:
    for number in range(ROUNDS):
        chair.rate(RATINGS)
        if number % 3 == 1:
            chair.cable.pull()
        chair.kill_log()
        if number % 3 == 1:
            chair.rate(RATINGS)
            chair.cable.plug()
        if number % 2:
            centre.kill_worker()
        if number % 4 == 3:
            chair.kill_link()
        if number == ROUNDS // 2:
            centre.kill_broker(lambda: chair.rate(RATINGS))
    wait_until(lambda: chair.waiting() == 0, STORED_S)
    numbers = centre.numbers(chair.name)
    assert gapless(numbers)
    assert len({epoch for epoch, _, _ in numbers}) == 1
    assert centre.ratings(chair.name) == chair.entered


def test_what_is_sent_twice_late_or_in_part_is_there_once(centre: Centre) -> None:
    with Device(centre.broker.mqtt_port, centre.certificates, "chair-b") as device:
        assert device.until(lambda: device.connected)
        for first, last in ((1, 50), (1, 50), (1, 80), (20, 60), (81, 100), (1, 100)):
            device.send(first, last)
        assert device.until(lambda: device.acks()[-1:] == [100] and len(device.acks()) == 6)
    numbers = centre.numbers("chair-b")
    assert ([first for _, first, _ in numbers], gapless(numbers)) == (list(range(1, 101)), True)


def test_nonsense_stops_nobody(centre: Centre) -> None:
    with Device(centre.broker.mqtt_port, centre.certificates, "chair-b") as device:
        assert device.until(lambda: device.connected)
        for nonsense in ("", "{}", "[]", '{"epoch": "x"}', "\0", "x" * 100_000):
            device.publish(up_topic("chair-b"), nonsense)
        endless = batch([101], data={"a": 1.5}).model_dump_json().replace("1.5", "Infinity")
        device.publish(up_topic("chair-b"), endless)
        assert device.until(lambda: device.acks()[-1:] == [101])
        odd = batch([102], session="a\0b", data={"a": "\0"})
        device.publish(up_topic("chair-b"), odd.model_dump_json())
        assert device.until(lambda: device.acks()[-1:] == [102])
    refused = "SELECT seq, reason FROM fleet_refused WHERE chair = 'chair-b'"
    ((seq, reason),) = centre.database.ask(refused)
    assert (seq, "InvalidTextRepresentation" in reason) == (101, True)
    counts = "SELECT what, count FROM fleet_trouble WHERE chair = 'chair-b' ORDER BY what"
    told = [("refused", 1), ("unreadable", 6)]
    wait_until(lambda: centre.database.ask(counts) == told, STORED_S)


def test_what_the_database_refuses_is_set_aside_and_what_follows_is_stored(centre: Centre) -> None:
    with Device(centre.broker.mqtt_port, centre.certificates, "chair-b") as device:
        assert device.until(lambda: device.connected)
        items = batch(range(103, 112)).items
        bad = items[4].model_copy(update={"data": {"a": 1.5}})
        whole = FleetBatch(epoch=EPOCH, items=(*items[:4], bad, *items[5:]))
        text = whole.model_dump_json().replace("1.5", "Infinity")
        device.publish(up_topic("chair-b"), text)
        assert device.until(lambda: device.acks()[-1:] == [111])
    stored = [first for _, first, _ in centre.numbers("chair-b") if first > 102]
    assert stored == [103, 104, 105, 106, 108, 109, 110, 111]
    ((count,),) = centre.database.ask("SELECT count(*) FROM fleet_refused WHERE seq = 107")
    assert count == 1


def test_a_chair_that_sends_without_waiting_delays_no_other(centre: Centre) -> None:
    port, certificates = centre.broker.mqtt_port, centre.certificates
    with (
        Device(port, certificates, "chair-c") as flood,
        Device(port, certificates, "chair-b") as b,
    ):
        assert flood.until(lambda: flood.connected)
        assert b.until(lambda: b.connected)
        for first in range(1, FLOOD_BATCHES * 200, 200):
            flood.send(first, first + 199)
        began_s = time.monotonic()
        b.send(112, 112)
        assert b.until(lambda: b.acks()[-1:] == [112])
        assert time.monotonic() - began_s < HELD_S
    counted = "SELECT 1 FROM fleet_trouble WHERE chair = 'chair-c' AND what = 'deferred'"
    wait_until(lambda: bool(centre.database.ask(counted)), STORED_S)


def test_a_chair_writes_and_hears_as_itself_alone(centre: Centre) -> None:
    port, certificates = centre.broker.mqtt_port, centre.certificates
    with (
        Device(port, certificates, "chair-c") as device,
        Device(port, certificates, "chair-b") as b,
    ):
        assert device.until(lambda: device.connected)
        assert b.until(lambda: b.connected)
        device.publish(up_topic("chair-b"), batch([900]).model_dump_json())
        assert device.until(lambda: not device.connected)
        assert device.until(lambda: device.connected)
        device.subscribe(ack_topic("chair-b"))
        b.send(113, 113)
        assert b.until(lambda: b.acks()[-1:] == [113])
        assert ack_topic("chair-b") not in {topic for topic, _ in device.heard}
    assert centre.numbers("chair-b")[-1][2] == 113


def test_a_chair_that_is_taken_out_is_out_within_5_s_and_stays_out(centre: Centre) -> None:
    with Device(centre.broker.mqtt_port, centre.certificates, "chair-c") as device:
        assert device.until(lambda: device.connected)
        assert centre.command("revoke", "chair-c").returncode == 0
        assert device.until(lambda: not device.connected, REVOKED_S)
        assert device.until(lambda: device.refused)
        assert not device.connected
