"""The records of the hour: what is written, what a cut or a damage costs."""

import pytest

from calmloop.chair_link.messages import ArmBlock, Fault, State
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.hours import FULL, HOUR_S, LIMIT_S, MINUTE_S, drive, idle, start
from tests.unit.firmware_core.stored import (
    HOUR_AT,
    MINUTE_SIZE,
    MINUTES,
    minute,
    simulated_record,
    store,
)


def at(slot: int) -> int:
    return HOUR_AT + MINUTE_SIZE * (slot % MINUTES)


def record(image: bytearray, slot: int) -> bytes:
    return bytes(image[at(slot) :][:MINUTE_SIZE])


def image_of(seconds: list[int], *, newest: int = MINUTES - 1, seq: int = 200) -> bytearray:
    """A store with a whole hour; the last of `seconds` is the newest minute's, in slot `newest`."""
    image = store(calibration=simulated_record())
    for age, used_s in enumerate(reversed(seconds)):
        over_s = seconds[-age - 2] if age < MINUTES - 1 else 99
        slot = newest - age
        image[at(slot) : at(slot) + MINUTE_SIZE] = minute((seq - age) % 256, used_s, over_s)
    return image


def budget_s(image: bytearray) -> int:
    return int(CoreChair(image=image).view.session_budget_s)


def test_a_chair_that_does_nothing_writes_no_records() -> None:
    chair = CoreChair().ready()
    idle(chair, HOUR_S)
    assert chair.image[HOUR_AT:] == store()[HOUR_AT:]
    assert chair.writes == 1


def test_the_records_of_a_session_and_of_the_hour_after_it() -> None:
    chair = CoreChair().active()
    assert record(chair.image, 0) == minute(1, 60), "the minute is claimed when it begins"
    drive(chair, 90)
    assert record(chair.image, 1) == minute(2, 60, 56), "what it was stands in the next record"
    chair.stop()
    idle(chair, 60)
    assert record(chair.image, 2) == minute(3, 0, 34)
    idle(chair, 2 * HOUR_S)
    assert [record(chair.image, slot)[1] for slot in range(3, MINUTES)] == [0] * (MINUTES - 3)
    assert (chair.view.session_budget_s, budget_s(chair.image)) == (LIMIT_S, LIMIT_S)
    assert chair.writes == 1 + 1 + 62


def test_a_claim_that_came_to_nothing_is_given_back() -> None:
    chair = CoreChair().armed()
    chair.run(2)
    chair.stop()
    assert budget_s(chair.image) == LIMIT_S - MINUTE_S
    idle(chair, 60)
    assert budget_s(chair.image) == LIMIT_S


def test_a_new_hour_goes_on_behind_the_old_one_with_the_next_number() -> None:
    chair = CoreChair().active()
    for arm_id in range(8, 12):
        drive(chair, 70)
        before_s = chair.view.session_budget_s
        assert before_s - MINUTE_S <= budget_s(chair.image) <= before_s
        chair.stop()
        idle(chair, 67 * 60)
        assert budget_s(chair.image) == LIMIT_S
        start(chair, arm_id)


def cut(before: bytearray, after: bytearray, count: int) -> bytearray:
    """The store when the power goes as the byte `count` of a write is being written."""
    changed = [i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
    image = bytearray(before)
    for i in changed[:count]:
        image[i] = after[i]
    if count < len(changed):
        image[changed[count]] ^= 0x5A
    return image


@pytest.mark.parametrize("count", range(4))
def test_a_cut_in_a_claim_costs_a_minute_at_most(count: int) -> None:
    chair = CoreChair().active()
    drive(chair, 130)
    chair.stop()
    idle(chair, 60)
    before, left_s = bytearray(chair.image), chair.view.session_budget_s
    start(chair, 8)
    assert left_s - MINUTE_S <= budget_s(cut(before, chair.image, count)) <= left_s


@pytest.mark.parametrize("count", range(5))
@pytest.mark.parametrize("active_s", [30, 56])
def test_a_cut_at_the_turn_of_a_minute_costs_a_minute_at_most(active_s: int, count: int) -> None:
    chair = CoreChair().active()
    drive(chair, active_s)
    if active_s == 30:
        chair.stop()
    before, left_s = bytearray(chair.image), chair.view.session_budget_s
    while chair.image == before:
        chair.setpoint(**FULL)
        chair.run(10)
    chair.run(100)
    assert left_s - MINUTE_S <= budget_s(cut(before, chair.image, count)) <= left_s


@pytest.mark.parametrize("slot", range(MINUTES))
def test_a_damaged_record_costs_a_minute_at_most_and_gains_nothing(slot: int) -> None:
    image = image_of([10] * MINUTES)
    image[at(slot)] ^= 4
    left_s = LIMIT_S - 10 * MINUTES
    newest = MINUTES - 1
    assert budget_s(image) == (left_s - 50 if slot == newest else left_s)


def test_a_claim_that_was_cut_off_is_the_newest_record() -> None:
    """It has its number already, and so had begun; the clock goes on in it."""
    image = image_of([10] * MINUTES, newest=MINUTES - 1, seq=200)
    image[at(0) : at(0) + MINUTE_SIZE] = minute(201, 60, 10)
    image[at(0)] ^= 1
    chair = CoreChair(image=image)
    assert chair.view.session_budget_s == LIMIT_S - 60 * 10 - 60
    idle(chair, 61)
    assert record(chair.image, 1) == minute(202, 0, 60)
    assert chair.view.session_budget_s == LIMIT_S - 59 * 10 - 60


@pytest.mark.parametrize("slot", [1, 20, MINUTES - 3])
def test_two_damaged_records_in_a_row_count_as_a_minute_and_what_the_next_says(slot: int) -> None:
    image = image_of([10] * MINUTES)
    image[at(slot)] ^= 4
    image[at(slot + 1)] ^= 4
    assert budget_s(image) == LIMIT_S - 10 * (MINUTES - 1) - 60


@pytest.mark.parametrize("newest", [0, 1, 30, MINUTES - 1])
def test_each_record_says_what_the_claim_before_it_came_to(newest: int) -> None:
    image = store()
    for age in range(MINUTES):
        slot = newest - age
        image[at(slot) : at(slot) + MINUTE_SIZE] = minute((200 - age) % 256, 60, 7)
    assert budget_s(image) == LIMIT_S - 60 - 7 * (MINUTES - 1)


def test_a_minute_that_was_just_beginning_has_not_begun() -> None:
    """The claim before it stands, and the clock goes on in that one."""
    image = store()
    image[at(4) : at(4) + MINUTE_SIZE] = minute(9, 60, 0)
    image[at(5) : at(5) + 2] = minute(10, 60, 60)[:2]
    chair = CoreChair(image=image)
    assert chair.view.session_budget_s == LIMIT_S - 60
    idle(chair, 61)
    assert record(chair.image, 5) == minute(10, 0, 60)


def test_the_last_second_of_the_hour_is_recorded_until_it_is_over() -> None:
    chair = CoreChair(image=image_of([0] * 60 + [1]))
    idle(chair, 62 * 60)
    assert (chair.view.session_budget_s, budget_s(chair.image)) == (LIMIT_S, LIMIT_S)
    assert chair.writes == 1 + 61


def test_the_first_record_of_all_that_was_cut_off_counts() -> None:
    image = store()
    image[at(0)] = 0x55
    assert budget_s(image) == LIMIT_S - MINUTE_S


@pytest.mark.parametrize("newest", [0, 1, 30, 59, 60])
@pytest.mark.parametrize("seq", [0, 30, 100, 127, 128, 255])
def test_the_newest_record_is_found_wherever_it_lies(newest: int, seq: int) -> None:
    """The minute after it is the oldest of the hour: it falls out first."""
    seconds = [25, *range(MINUTES - 1)]
    chair = CoreChair(image=image_of([s % 30 for s in seconds], newest=newest, seq=seq))
    used_s = sum(s % 30 for s in seconds)
    assert chair.view.session_budget_s == LIMIT_S - used_s
    idle(chair, 60)
    assert chair.view.session_budget_s == LIMIT_S - used_s + 25
    assert record(chair.image, newest + 1) == minute((seq + 1) % 256, 0, seconds[-1] % 30)


@pytest.mark.parametrize(("last_s", "left_s"), [(0, 0), (59, 1), (60, 0)])
def test_more_used_than_there_is_leaves_nothing(last_s: int, left_s: int) -> None:
    seconds = [0] * 30 + [60] * 30 + [last_s] if last_s != 59 else [0] * 31 + [60] * 29 + [59]
    assert budget_s(image_of(seconds)) == left_s


@pytest.mark.parametrize(("used_s", "can_arm"), [(195, True), (196, False)])
def test_a_minute_has_room_for_one_more_claim_or_must_end_first(used_s: int, can_arm: bool) -> None:
    chair = CoreChair(image=image_of([0] * 60 + [used_s])).ready()
    assert (chair.view.arm_block == ArmBlock.OK) == can_arm
    if can_arm:
        start(chair)
        assert record(chair.image, MINUTES - 1)[1] == 255
        assert chair.view.session_budget_s == LIMIT_S - used_s


def test_a_record_that_the_store_does_not_keep_is_a_fault() -> None:
    chair = CoreChair().ready()
    chair.bad_slots = {at(slot) for slot in range(MINUTES)}
    chair.arm()
    chair.run(3)
    assert (chair.state(), Fault(chair.view.fault)) == (State.FAULT, Fault.STORE)
    chair.acknowledge()
    assert chair.state() is State.SAFE
