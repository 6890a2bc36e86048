"""What runs in a service's place in a demo, as it is typed."""

import sys

import pytest

from calmloop.base.errors import InputError
from calmloop.contract.topics import Account
from calmloop.demo.stack import stand_ins


def test_one_command_may_do_the_work_of_two_services() -> None:
    command = f"{sys.executable} -c 'pass  # a = b'"
    given = [f"face-detector={command}", "emotion-classifier="]
    assert stand_ins(given) == {Account.FACE_DETECTOR: command, Account.EMOTION_CLASSIFIER: ""}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("face-detector", "is not SERVICE=COMMAND with one of actuator-bridge"),
        ("face=true", "'face=true' is not SERVICE=COMMAND"),
        ("metrics-exporter=true", "is not SERVICE=COMMAND"),
        ("face-detector=/no/such/program run", "no program '/no/such/program' is here"),
        ("face-detector=sh -c 'x", "cannot be read .No closing quotation"),
    ],
)
def test_what_cannot_stand_in_is_named(given: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        stand_ins([given])
