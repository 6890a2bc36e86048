"""What a chair keeps is at the centre once, whatever is killed, cut or sent twice."""

import pytest

from calmloop.contract.fleet_topics import ack_topic, up_topic
from tests.fleet.centre import STORED_S, Centre, Chair, gapless
from tests.fleet.device import Device, batch
from tests.fleet.waiting import wait_until

pytestmark = pytest.mark.fleet
ROUNDS = 10
RATINGS = 10
REVOKED_S = 5.0


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
            centre.restart_broker(lambda: chair.rate(RATINGS))
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
        odd = batch([101], session="a\0b", data={"a": "\0"})
        device.publish(up_topic("chair-b"), odd.model_dump_json())
        assert device.until(lambda: device.acks()[-1:] == [101])


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
        b.send(102, 102)
        assert b.until(lambda: b.acks()[-1:] == [102])
        assert ack_topic("chair-b") not in {topic for topic, _ in device.heard}
    assert centre.numbers("chair-b")[-1][2] == 102


def test_a_chair_that_is_taken_out_is_out_within_5_s_and_stays_out(centre: Centre) -> None:
    with Device(centre.broker.mqtt_port, centre.certificates, "chair-c") as device:
        assert device.until(lambda: device.connected)
        centre.broker.revoke("chair-c")
        assert device.until(lambda: not device.connected, REVOKED_S)
        assert device.until(lambda: device.refused)
        assert not device.connected
