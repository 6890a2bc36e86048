"""A lease lasts half a second from its nonce, also while time wraps."""

import pytest

from calmloop.chair_link.messages import Flags, Lease
from calmloop.chair_link.wire.numbers import LEASE_NONCES
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.events import at_any_time
from tests.unit.firmware_core.hardware import WRAP
from tests.unit.firmware_core.leases import lease_for, next_nonce


@at_any_time
def test_a_lease_lasts_half_a_second_from_its_nonce(start_ms: int) -> None:
    chair = CoreChair(now_ms=start_ms).boot()
    status = next_nonce(chair)
    chair.run(200)
    chair.send(lease_for(chair, status))
    assert chair.view.lease_left_ms == 300
    chair.run(299)
    assert chair.view.lease_alive
    chair.run(1)
    assert not chair.view.lease_alive


@at_any_time
@pytest.mark.parametrize("age_ms", range(495, 506))
def test_a_lease_is_refused_from_half_a_second_on(age_ms: int, start_ms: int) -> None:
    chair = CoreChair(now_ms=start_ms).boot()
    status = next_nonce(chair)
    chair.run(age_ms)
    chair.send(lease_for(chair, status))
    assert chair.view.lease_alive == (age_ms < 500)
    assert chair.view.refused == (age_ms >= 500)


def test_leases_that_waited_in_a_queue_buy_nothing() -> None:
    """All answers of a second, delivered together: alive until the newest nonce is 500 ms old."""
    chair = CoreChair().boot()
    answers = [lease_for(chair, next_nonce(chair)) for _ in range(10)]
    for answer in reversed(answers):
        chair.send(answer)
    assert chair.view.lease_left_ms == 500
    for answer in answers:
        chair.send(answer)
    assert chair.view.lease_left_ms == 500
    chair.run(500)
    assert not chair.view.lease_alive


def test_a_lease_is_never_shortened_by_an_older_one() -> None:
    chair = CoreChair().boot()
    old, new = next_nonce(chair), next_nonce(chair)
    chair.send(lease_for(chair, new))
    chair.send(lease_for(chair, old))
    assert chair.view.lease_left_ms == 500


@pytest.mark.parametrize("proof", ["echo", "zero", "other boot", "one bit"])
def test_a_wrong_proof_is_refused(proof: str) -> None:
    chair = CoreChair().boot()
    status = next_nonce(chair)
    right = lease_for(chair, status).proof
    wrong = {
        "echo": status.nonce,
        "zero": 0,
        "other boot": chair.core.lease_proof(chair.boot_id + 1, status.nonce),
        "one bit": right ^ 1,
    }[proof]
    chair.send(Lease(status.nonce, wrong))
    assert not chair.view.lease_alive
    assert chair.view.refused == 1


def test_only_the_last_eight_nonces_are_known() -> None:
    chair = CoreChair().boot()
    statuses = [next_nonce(chair) for _ in range(9)]
    chair.send(lease_for(chair, statuses[0]))
    assert chair.view.refused == 1
    chair.send(Lease(0, chair.core.lease_proof(chair.boot_id, 0)))
    assert chair.view.refused == 2


def test_nonces_are_fresh_ten_times_a_second_and_never_zero_or_repeated() -> None:
    chair = CoreChair()
    chair.run(10_000)
    nonces = [s.nonce for s in chair.statuses if Flags.FRESH_NONCE in s.flags]
    assert len(nonces) == 101
    assert len(set(nonces)) == 101
    assert 0 not in nonces


def test_a_nonce_that_was_never_given_buys_nothing() -> None:
    """Not even 0, which stands in the places of those still to come, just after a boot."""
    chair = CoreChair(now_ms=0)
    for refused in range(1, LEASE_NONCES + 1):
        chair.send(Lease(0, chair.core.lease_proof(chair.boot_id, 0)))
        assert not chair.view.lease_alive
        assert chair.view.refused == refused
        next_nonce(chair)


def test_a_lease_that_ended_does_not_come_back_when_time_wraps() -> None:
    chair = CoreChair().ready()
    chair.leased = False
    end_ms = chair.now_ms + chair.view.lease_left_ms
    chair.run(1000)
    chair.now_ms = (end_ms - 100) % WRAP
    chair.turn()
    assert not chair.view.lease_alive
    assert chair.view.lease_left_ms == 0


def xorshift32(number: int) -> int:
    """Marsaglia, Xorshift RNGs, 2003: its period is 2^32 - 1, so that no nonce repeats."""
    number ^= number << 13 & 0xFFFFFFFF
    number ^= number >> 17
    return number ^ (number << 5 & 0xFFFFFFFF)


def test_each_nonce_follows_from_the_one_before_with_the_longest_period() -> None:
    chair = CoreChair(boot_id=0x1A2B3C4C, entropy=0x2)
    expected = 0x1A2B3C4F
    for _ in range(50):
        expected = xorshift32(expected)
        assert next_nonce(chair).nonce == expected
