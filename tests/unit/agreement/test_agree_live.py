"""The classifier and its shadows, paired frame by frame as they come."""

import json
import math

import pytest
from typer.testing import CliRunner

from calmloop.agreement.live import LiveAgreement
from calmloop.base.shadow_pairs import KEPT_FRAMES
from calmloop.cli.main import app
from calmloop.contract import topics
from calmloop.contract.messages.emotion import EmotionState, Label
from calmloop.contract.topics import Account
from tests.broker import Broker
from tests.doubles import MemoryTransport, memory_bus


def state(frame: int, label: Label, model: str = "") -> EmotionState:
    confidence = 0.0 if label is Label.UNKNOWN else 0.9
    return EmotionState(
        frame_seq=frame,
        captured_ns=frame,
        label=label,
        confidence=confidence,
        valence=0.0,
        model=model,
    )


class Listener:
    """What both say, on a bus in memory."""

    def __init__(self) -> None:
        self.agreement = LiveAgreement()
        self._bus, transport = memory_bus(Account.CAREGIVER)
        self._transport: MemoryTransport = transport
        self.agreement.subscribe(self._bus)

    def obeyed(self, frame: int, label: Label) -> None:
        self._transport.send(topics.EMOTION_STATE, state(frame, label))
        self._bus.dispatch()

    def shadow(self, frame: int, label: Label, name: str = "large") -> None:
        self._transport.send(topics.EMOTION_SHADOW, state(frame, label, "large 2"), name=name)
        self._bus.dispatch()


def test_answers_are_paired_by_frame_in_whatever_order_they_come() -> None:
    heard = Listener()
    heard.obeyed(1, Label.NEUTRAL)
    heard.shadow(1, Label.NEUTRAL)
    heard.shadow(2, Label.UNKNOWN)
    heard.obeyed(2, Label.POSITIVE)
    heard.obeyed(3, Label.POSITIVE)
    heard.shadow(3, Label.POSITIVE)
    heard.shadow(4, Label.NEGATIVE)
    (row,) = heard.agreement.rows()
    assert (row.name, row.model, row.crops) == ("large", "large 2", 3)
    assert row.same == pytest.approx(2 / 3)
    assert row.unknown == (0, 1)
    assert 0 < row.kappa.value < 1


def test_each_shadow_is_compared_by_itself() -> None:
    heard = Listener()
    heard.shadow(1, Label.NEUTRAL, "a")
    heard.shadow(1, Label.POSITIVE, "b")
    heard.obeyed(1, Label.NEUTRAL)
    assert [(row.name, row.crops, row.same) for row in heard.agreement.rows()] == [
        ("a", 1, 1.0),
        ("b", 1, 0.0),
    ]


def test_a_shadow_beside_no_classifier_agrees_with_nothing() -> None:
    heard = Listener()
    for frame in range(3 * KEPT_FRAMES):
        heard.shadow(frame, Label.NEUTRAL)
    (row,) = heard.agreement.rows()
    assert row.crops == 0
    assert math.isnan(row.same)


def test_the_command_says_so_where_no_shadow_is_heard(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALMLOOP_MQTT__PORT", str(broker.port))
    result = CliRunner().invoke(app, ["agree", "--live", "--seconds", "1"])
    assert result.exit_code == 0, result.output
    assert "no shadow was heard for 1 s" in result.output
    plain = CliRunner().invoke(app, ["agree", "--live", "--seconds", "1", "--json"])
    assert json.loads(plain.output) == []


@pytest.mark.parametrize("arguments", [[], ["--live", "a.csv"]])
def test_either_files_or_live_is_named(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, ["agree", *arguments])
    assert result.exit_code == 2
    assert "name files, or --live" in result.output
