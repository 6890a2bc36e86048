"""A service that answers input is well without any, and says what it waits for."""

from calmloop.base.clock import ManualClock
from calmloop.service.runtime import Health, InputHealth


def test_it_says_what_it_waits_for_once_no_input_has_come_for_2_s() -> None:
    clock = ManualClock()
    input_health = InputHealth(clock, "camera frames")

    clock.advance(2.0)
    assert input_health.health() == Health()
    clock.advance(0.1)
    assert input_health.health() == Health(waits_for="camera frames")
    input_health.receive(clock.monotonic_ns())
    assert input_health.health() == Health()
