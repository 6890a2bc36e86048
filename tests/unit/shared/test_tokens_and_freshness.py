"""Tokens are short-lived and single; ages take the older of two clocks."""

from calmloop.base.clock import ManualClock
from calmloop.base.freshness import Ages, Latest, Received
from calmloop.base.tokens import TokenIssuer
from calmloop.contract.messages.face import FaceState
from calmloop.contract.messages.stimulus import Setpoint


def test_a_token_is_good_once() -> None:
    issuer = TokenIssuer(ManualClock())
    token = issuer.current
    assert issuer.use(token) is None
    assert "used" in (issuer.use(token) or "")


def test_a_use_voids_every_outstanding_token() -> None:
    clock = ManualClock()
    issuer = TokenIssuer(clock)
    older = issuer.current
    clock.advance(2)
    assert issuer.renew_if_due()
    assert issuer.use(issuer.current) is None
    assert issuer.use(older) is not None


def test_a_token_is_renewed_after_2_s_and_valid_for_5() -> None:
    clock = ManualClock()
    issuer = TokenIssuer(clock)
    token = issuer.current
    clock.advance(1.9)
    assert not issuer.renew_if_due()
    clock.advance(3.0)
    assert issuer.renew_if_due()
    assert issuer.use(token) is None
    token = issuer.current
    clock.advance(5.1)
    assert issuer.use(token) is not None


def test_no_token_is_refused_with_the_next_step() -> None:
    assert "read the newest" in (TokenIssuer(ManualClock()).use(None) or "")


def test_age_is_the_older_of_receipt_and_this_hosts_sender() -> None:
    clock = ManualClock(start_s=100)
    ages = Ages(clock, boot_id="here")
    born_ns = clock.monotonic_ns()
    clock.advance(3)
    received_ns = clock.monotonic_ns()
    clock.advance(1)
    here = Setpoint(host_boot_id="here", at_ns=born_ns)
    elsewhere = Setpoint(host_boot_id="there", at_ns=born_ns)
    assert ages.age_s(Received(here, received_ns)) == 4
    assert ages.age_s(Received(elsewhere, received_ns)) == 1


def test_a_picture_is_as_old_as_its_moment_however_new_the_message() -> None:
    clock = ManualClock(start_s=100)
    ages = Ages(clock, boot_id="here")
    captured_ns = clock.monotonic_ns()
    clock.advance(3)
    now_ns = clock.monotonic_ns()

    def age_s(camera: str) -> float:
        state = FaceState(
            frame_seq=1,
            count=1,
            captured_ns=captured_ns,
            captured_on=camera,
            host_boot_id="here",
            at_ns=now_ns,
        )
        return ages.age_s(Received(state, now_ns))

    assert age_s("here") == 3
    assert age_s("there") == age_s("") == 0


def test_the_latest_is_held_only_while_fresh() -> None:
    clock = ManualClock()
    latest: Latest[Setpoint] = Latest(Ages(clock), max_age_s=0.5)
    assert latest.get() is None
    latest.put(Received(Setpoint(), clock.monotonic_ns()))
    assert latest.get() is not None
    clock.advance(0.6)
    assert latest.get() is None
    assert latest.age_s() == 0.6
