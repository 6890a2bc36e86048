"""What the bus says of the chair, in a layer that knows no wire, is what the wire says."""

import pytest
from pydantic import ValidationError

from calmloop.chair_link.wire.codes import State
from calmloop.chair_link.wire.numbers import (
    SETPOINT_TTL_MAX_MS,
    VIBRATION_DHZ_MAX,
    VIBRATION_DHZ_MIN,
)
from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.stimulus import SETPOINT_TTL_MS, Vibration


def test_states() -> None:
    modes = {mode.name for mode in ChairMode if mode is not ChairMode.DISCONNECTED}
    assert modes == {state.name for state in State}


def test_a_setpoint_lives_as_long() -> None:
    assert SETPOINT_TTL_MS == SETPOINT_TTL_MAX_MS


@pytest.mark.parametrize(
    ("end_dhz", "beyond_dhz"), [(VIBRATION_DHZ_MIN, -1), (VIBRATION_DHZ_MAX, 1)]
)
def test_frequencies(end_dhz: int, beyond_dhz: int) -> None:
    Vibration(frequency_hz=end_dhz / 10)
    with pytest.raises(ValidationError):
        Vibration(frequency_hz=(end_dhz + beyond_dhz) / 10)
